"""A proxy of the emulator's DynamoDB that injects faults and changes nothing else.

The local stage's functions call DynamoDB here (``AWS_ENDPOINT_URL_DYNAMODB``). These
calls bypass the proxy: the state machine's direct integrations, streams, and the command line. A
fault (:mod:`scripts.local.stand_ins.faults`) affects only writes unless it names other operations;
all operations are counted under DynamoDB's names.
"""

from http import HTTPMethod, HTTPStatus
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from scripts.local.stand_ins.faults import Fault, FaultInjector, FaultMiddleware, Mode, admin_routes
from scripts.local.stand_ins.forwarding import Forwarder

WRITES: Final = frozenset(
    {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
)

_MODELLED: Final = "com.amazonaws.dynamodb.v20120810"
_INVALID: Final = "com.amazon.coral.validate"


class DynamodbProxy:
    """Forwards requests and answers byte for byte.

    Args:
        emulator: base URL of the AWS emulator.
        injector: injects faults into the calls.
        transport: the HTTP transport to the emulator; the network by default.
    """

    def __init__(
        self,
        emulator: str,
        injector: FaultInjector | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._injector = injector or FaultInjector(default_operations=WRITES)
        self._forwarder = Forwarder(emulator, transport)

    def app(self) -> Starlette:
        """The ASGI app to serve."""
        app = Starlette(
            routes=[
                *admin_routes(self._injector),
                Route("/{path:path}", self._forward, methods=[*HTTPMethod]),
            ],
            lifespan=self._forwarder.lifespan,
        )
        app.add_middleware(
            FaultMiddleware,
            injector=self._injector,
            operation_of=operation_of,
            error_answer=error_answer,
        )
        return app

    async def _forward(self, request: Request) -> Response:
        try:
            return await self._forwarder.forward(request)
        except httpx.HTTPError as error:
            return _unavailable(f"The AWS emulator does not answer ({type(error).__name__}).")


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
