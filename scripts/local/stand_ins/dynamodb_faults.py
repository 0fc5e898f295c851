"""The emulator's DynamoDB as functions call it: faults can be injected, and nothing else changes.

It is a port of its own (``AWS_ENDPOINT_URL_DYNAMODB``), served by the emulator's process: a proxy
took as much processor time for each request as the emulator itself. These calls do not come here:
the state machine's direct integrations, streams, and the command line. A fault
(:mod:`scripts.local.stand_ins.faults`) affects only writes unless it names other operations; all
operations are counted under DynamoDB's names.
"""

from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from scripts.local.stand_ins.faults import Fault, FaultInjector, FaultMiddleware, Mode, admin_routes

#: The variable with the port, for the emulator's process.
PORT_VARIABLE: Final = "ORDERS_DYNAMODB_PORT"

WRITES: Final = frozenset(
    {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
)

_MODELLED: Final = "com.amazonaws.dynamodb.v20120810"
_INVALID: Final = "com.amazon.coral.validate"
_ADMIN: Final = "/_admin/"


class DynamodbFaults:
    """An ASGI app: the emulator's, whose calls of DynamoDB may meet faults, and their admin API.

    Args:
        emulator: the emulator's app.
        injector: injects faults into the calls.
    """

    def __init__(self, emulator: ASGIApp, injector: FaultInjector | None = None) -> None:
        injector = injector or FaultInjector(default_operations=WRITES)
        self._admin = Starlette(routes=admin_routes(injector))
        self._calls = FaultMiddleware(emulator, injector, operation_of, error_answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_admin = str(scope.get("path", "")).startswith(_ADMIN)
        await (self._admin if is_admin else self._calls)(scope, receive, send)


def operation_of(scope: Scope) -> str | None:
    """``PutItem`` for the target ``DynamoDB_20120810.PutItem``; None without a target."""
    target = Headers(scope=scope).get("x-amz-target", "")
    return target.rpartition(".")[2] or None


def error_answer(fault: Fault) -> Response:
    """DynamoDB's error for an injected fault."""
    match fault.mode:
        case Mode.THROTTLE:
            name = f"{_MODELLED}#ProvisionedThroughputExceededException"
            return _error(name, HTTPStatus.BAD_REQUEST, "The level of throughput is exceeded.")
        case Mode.BAD_REQUEST:
            name = f"{_INVALID}#ValidationException"
            return _error(name, HTTPStatus.BAD_REQUEST, "The request is invalid.")
        case _:
            return _unavailable("The request could not be served.")


def _unavailable(message: str) -> Response:
    return _error(f"{_MODELLED}#InternalServerError", HTTPStatus.INTERNAL_SERVER_ERROR, message)


def _error(name: str, status: HTTPStatus, message: str) -> Response:
    body = {"__type": name, "message": message}
    return JSONResponse(body, status, media_type="application/x-amz-json-1.0")
