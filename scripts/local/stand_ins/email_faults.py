"""Faults of the emulator's SES: ``SendEmail`` can be made to fail, and nothing else changes.

The emulator's own port serves it, as functions call it. The admin API of the faults
(:mod:`scripts.local.stand_ins.faults`) is below :data:`PREFIX`.
"""

from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from scripts.local.stand_ins.faults import (
    Fault,
    FaultInjector,
    FaultMiddleware,
    Mode,
    admin_routes,
    by_path,
)

#: Where the admin API begins, below the emulator's address; no service of AWS has such a path.
PREFIX: Final = "/_email"

_SEND: Final = {"POST /v2/email/outbound-emails": "SendEmail"}


class EmailFaults:
    """An ASGI app: the emulator's, whose e-mails may meet faults, and their admin API.

    Args:
        emulator: the emulator's app.
        injector: injects faults into the calls.
    """

    def __init__(self, emulator: ASGIApp, injector: FaultInjector | None = None) -> None:
        injector = injector or FaultInjector()
        self._admin = Starlette(routes=[Mount(PREFIX, routes=admin_routes(injector))])
        self._calls = FaultMiddleware(emulator, injector, by_path(_SEND), error_answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_admin = str(scope.get("path", "")).startswith(f"{PREFIX}/")
        await (self._admin if is_admin else self._calls)(scope, receive, send)


def error_answer(fault: Fault) -> Response:
    """SES's error for an injected fault."""
    match fault.mode:
        case Mode.THROTTLE:
            return _error("TooManyRequestsException", HTTPStatus.TOO_MANY_REQUESTS)
        case Mode.BAD_REQUEST:
            return _error("BadRequestException", HTTPStatus.BAD_REQUEST)
        case Mode.ERROR:
            return _error("InternalFailure", HTTPStatus.INTERNAL_SERVER_ERROR)
        case _:
            return _error("ServiceUnavailable", HTTPStatus.SERVICE_UNAVAILABLE)


def _error(name: str, status: HTTPStatus) -> Response:
    body = {"__type": name, "message": "The request could not be served."}
    return JSONResponse(body, status, headers={"x-amzn-errortype": name})
