"""The front door of the emulated AppSync API: authorizes requests as AppSync does.

The emulator runs resolvers but verifies no bearer token and enforces no field directive. Here
``POST /graphql`` does both, validates the request against the deployed schema, and forwards it;
requests, answers and refusals have AppSync's form. Subscriptions are served over a WebSocket
at ``/graphql`` (as at AppSync's own real-time address) and ``/graphql/realtime`` (as at custom
domains); they receive the mutations that pass through here. CORS allows every origin, because the
token authorizes the caller.

Callers who sign with SigV4 pass the directives as IAM principals (``@aws_iam``). The emulator
verifies their signature (``AUTH=true``), so they sign for the API's own host name, and their
request is forwarded byte for byte or not at all.

A web ACL (:mod:`scripts.local.waf.guard`) judges each request before anything else does.

``PUT /_admin/api`` (:class:`Api`) sets the API that is served. ``GET /shop`` leads to the demo shop
(:mod:`scripts.local.shop_door`).
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import Any, Final

from graphql import GraphQLError, OperationType, print_ast
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from scripts.local.appsync.api import Api
from scripts.local.appsync.emulator_api import (
    Answer,
    EmulatorApi,
    EmulatorUnreachableError,
    HttpEmulator,
)
from scripts.local.appsync.field_rules import FieldRules
from scripts.local.appsync.graphql_request import (
    GraphqlRequest,
    InvalidQueryError,
    RefusedError,
    check_length,
    read_body,
)
from scripts.local.appsync.metrics import Count, no_metrics
from scripts.local.appsync.realtime import KEEP_ALIVE_SECONDS, Connection, Deliver
from scripts.local.appsync.realtime_proxy import RealtimeProxy
from scripts.local.appsync.resolver_runner import ResolverRunner
from scripts.local.appsync.subscriptions import Subscription, Subscriptions
from scripts.local.appsync.tokens import Caller, IsKnown, TokenRefusedError, TokenVerifier
from scripts.local.appsync.traces import Tracing, no_traces
from scripts.local.shop_door import ShopDoor
from scripts.local.stand_ins.faults import health, invalid_request
from scripts.local.waf.guard import Guard
from scripts.local.waf.web_acl import Action

_NOT_FORWARDED: Final = frozenset({"host", "content-length", "connection", "accept-encoding"})
_SIGV4: Final = "AWS4-HMAC-SHA256"
_CORS: Final = Middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["POST"],
    allow_headers=["*"],
    expose_headers=["x-amzn-RequestId", "x-amzn-ErrorType"],
    max_age=172_800,
)


class ApiProxy:
    """Authorizes the requests to one API and forwards them to the emulator.

    Attributes:
        realtime: does the same for subscriptions.

    Raises:
        GraphQLError: if the API's schema is invalid.
    """

    def __init__(
        self,
        api: Api,
        emulator: EmulatorApi,
        subscriptions: Subscriptions,
        resolvers: ResolverRunner,
        is_known: IsKnown,
        trace: Tracing,
    ) -> None:
        self.api = api
        self._trace = trace
        self._emulator = emulator
        self._subscriptions = subscriptions
        self._rules = FieldRules(api.schema_text)
        self._verifier = TokenVerifier(api.issuer, api.client_ids, self._fetch_keys, is_known)
        self.realtime = RealtimeProxy(api, self._rules, self._identify, self._forward, resolvers)

    async def answer(self, request: Request, body: bytes) -> Response:
        """The API's answer.

        Raises:
            RefusedError: if the request is refused as a whole.
            InvalidQueryError: if its query is invalid for the schema.
        """
        caller = await self._identify(request.headers)
        graphql = GraphqlRequest.read(body, self._rules.schema)
        redacted = self._rules.redact(graphql.document, caller)
        if redacted is None:
            answer = await self._resolve(request.headers, body)
            if answer.is_success:
                self._publish(graphql, answer.json())
            return _as_response(answer)
        if caller.iam:
            raise RefusedError.unauthorized("Permission denied")
        remaining = {"query": print_ast(redacted), "variables": graphql.variables}
        answer = await self._resolve(request.headers, json.dumps(remaining).encode())
        if not answer.is_success:
            return _as_response(answer)
        completed = self._rules.complete(graphql.document, caller, graphql.variables, answer.json())
        self._publish(graphql, completed)
        return JSONResponse(completed)

    def _publish(self, request: GraphqlRequest, answer: Mapping[str, Any]) -> None:
        """Sends a mutation's answer to its subscribers, usually before its caller receives it."""
        if request.operation.operation is OperationType.MUTATION and answer.get("data"):
            self._subscriptions.publish(self._rules.schema, request, answer["data"])

    async def _identify(self, headers: Headers) -> Caller:
        authorization = headers.get("authorization", "")
        if not authorization:
            raise RefusedError.unauthorized("Missing authorization header")
        if authorization.startswith(_SIGV4):
            return Caller(iam=True)
        try:
            return await self._verifier.verify(authorization.removeprefix("Bearer ").strip())
        except TokenRefusedError as error:
            raise RefusedError.unauthorized(str(error)) from error

    async def _resolve(self, headers: Headers, body: bytes) -> Answer:
        with self._trace.request(self.api.host) as header:
            return await self._forward({**headers, "x-amzn-trace-id": header.to_header_str()}, body)

    async def _forward(
        self, headers: Mapping[str, str], body: bytes, path: str = "/graphql"
    ) -> Answer:
        kept = {name: value for name, value in headers.items() if name not in _NOT_FORWARDED}
        return await self._emulator.send("POST", path, {**kept, "host": self.api.host}, body)

    async def _fetch_keys(self) -> dict[str, Any]:
        path = f"/{self.api.user_pool_id}/.well-known/jwks.json"
        answer = await self._emulator.send("GET", path, {})
        if not answer.is_success:
            raise EmulatorUnreachableError(f"{answer.status_code} for {path}")
        return dict(answer.json())


class FrontDoor:
    """Serves one API at a time.

    Args:
        emulator: base URL of the AWS emulator, or what takes its place.
        keep_alive_seconds: the interval of keep-alive messages to subscribers.
        guard: the web ACL before the API.
        is_known: whether a token's sign-in passed the second factor; all did by default.
        count: counts answers, as AppSync does.
        trace: begins traces; none is recorded by default.
    """

    def __init__(
        self,
        emulator: str | EmulatorApi,
        keep_alive_seconds: float = KEEP_ALIVE_SECONDS,
        count: Count = no_metrics,
        guard: Guard | None = None,
        is_known: IsKnown = lambda _: True,
        trace: Tracing | None = None,
    ) -> None:
        self._count = count
        self._trace = trace or no_traces()
        self._guard = guard or Guard()
        self._emulator = HttpEmulator(emulator) if isinstance(emulator, str) else emulator
        self._proxy: ApiProxy | None = None
        self._subscriptions = Subscriptions()
        self._resolvers = ResolverRunner()
        self._keep_alive_seconds = keep_alive_seconds
        self._is_known = is_known

    def app(self) -> Starlette:
        """The ASGI app to serve."""
        return Starlette(
            routes=[
                # OPTIONS are browsers' preflight requests, which _CORS answers.
                Route("/graphql", self._graphql, methods=["POST", "OPTIONS"], middleware=[_CORS]),
                WebSocketRoute("/graphql", self._realtime),
                WebSocketRoute("/graphql/realtime", self._realtime),
                *ShopDoor().routes(),
                Route("/_admin/api", self._set_api, methods=["PUT"]),
                *self._guard.routes,
                Route("/_admin/health", health),
            ],
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with self._emulator, self._guard.publishing():
            yield
        self._resolvers.close()

    async def _set_api(self, request: Request) -> Response:
        try:
            api = Api.model_validate_json(await request.body())
            self._proxy = ApiProxy(
                api,
                self._emulator,
                self._subscriptions,
                self._resolvers,
                self._is_known,
                self._trace,
            )
        except ValidationError as error:
            return invalid_request(error)
        except GraphQLError as error:
            return JSONResponse({"error": f"Unreadable schema: {error}"}, HTTPStatus.BAD_REQUEST)
        return JSONResponse({"host": api.host})

    async def _graphql(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except (RefusedError, InvalidQueryError) as refusal:
            response = refusal.response()
            if self._proxy:
                self._count(self._proxy.api.host.partition(".")[0], response.status_code)
            return response

    async def _answer(self, request: Request) -> Response:
        body = await read_body(request)
        if self._guard.judge(request, body).action is Action.BLOCK:
            raise RefusedError.blocked()
        check_length(body)
        with _unavailable_without_emulator():
            return await self._deployed_api().answer(request, body)

    async def _realtime(self, socket: WebSocket) -> None:
        connection = Connection(socket, self, self._subscriptions, self._keep_alive_seconds)
        await connection.serve()

    async def connect(self, headers: Headers, body: bytes) -> None:
        """As :meth:`RealtimeProxy.connect`, of the API that is set."""
        with _unavailable_without_emulator():
            await self._deployed_api().realtime.connect(headers, body)

    async def subscribe(self, headers: Headers, data: bytes, deliver: Deliver) -> Subscription:
        """As :meth:`RealtimeProxy.subscribe`, of the API that is set."""
        with _unavailable_without_emulator():
            return await self._deployed_api().realtime.subscribe(headers, data, deliver)

    def _deployed_api(self) -> ApiProxy:
        if self._proxy is None:
            raise RefusedError.unavailable("No API has been deployed behind this address yet.")
        return self._proxy


@contextmanager
def _unavailable_without_emulator() -> Iterator[None]:
    try:
        yield
    except EmulatorUnreachableError as error:
        raise RefusedError.unavailable(f"The AWS emulator does not answer ({error}).") from error


def _as_response(answer: Answer) -> Response:
    return Response(answer.content, answer.status_code, media_type=answer.content_type)
