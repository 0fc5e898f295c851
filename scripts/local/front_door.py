"""The door in front of the emulated AppSync API: lets in whom AppSync would let in.

The emulator runs resolvers but verifies no bearer token and enforces no field directive. Here
``POST /graphql`` does both, validates the request against the deployed schema, and forwards it;
requests, answers and refusals look as they do at AppSync.

Callers who sign with SigV4 pass the directives as IAM principals (``@aws_iam``). The emulator
verifies their signature (``AUTH=true``), so they sign for the API's own host name, and their
request is forwarded byte for byte or not at all.

``PUT /_admin/api`` (:class:`Api`) says which API stands behind the door.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

import httpx
from graphql import GraphQLError, print_ast
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scripts.local.api import Api
from scripts.local.faults import health, invalid_request
from scripts.local.field_rules import FieldRules
from scripts.local.graphql_request import (
    GraphqlRequest,
    InvalidQueryError,
    RefusedError,
    read_body,
)
from scripts.local.tokens import Caller, TokenRefusedError, TokenVerifier

_TIMEOUT_SECONDS: Final = 30.0
_NOT_FORWARDED: Final = frozenset({"host", "content-length", "connection", "accept-encoding"})
_SIGV4: Final = "AWS4-HMAC-SHA256"


class Gate:
    """Admits requests to one API and answers them.

    Raises:
        GraphQLError: if the API's schema can't be read.
    """

    def __init__(self, api: Api, emulator: httpx.AsyncClient) -> None:
        self.api = api
        self._emulator = emulator
        self._rules = FieldRules(api.schema_text)
        self._verifier = TokenVerifier(api.issuer, api.client_ids, self._fetch_keys)

    async def answer(self, request: Request) -> Response:
        """The API's answer.

        Raises:
            RefusedError: if the request is refused as a whole.
            InvalidQueryError: if its query does not fit the schema.
        """
        caller = await self._identify(request.headers)
        body = await read_body(request)
        graphql = GraphqlRequest.read(body, self._rules.schema)
        redacted = self._rules.redact(graphql.document, caller)
        if redacted is None:
            return _passed_on(await self._forward(request.headers, body))
        if caller.iam:
            raise RefusedError.unauthorized("Permission denied")
        short = {"query": print_ast(redacted), "variables": graphql.variables}
        answer = await self._forward(request.headers, json.dumps(short).encode())
        if not answer.is_success:
            return _passed_on(answer)
        return JSONResponse(
            self._rules.complete(graphql.document, caller, graphql.variables, answer.json())
        )

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

    async def _forward(self, headers: Headers, body: bytes) -> httpx.Response:
        kept = {name: value for name, value in headers.items() if name not in _NOT_FORWARDED}
        return await self._emulator.post(
            "/graphql", content=body, headers={**kept, "host": self.api.host}
        )

    async def _fetch_keys(self) -> dict[str, Any]:
        response = await self._emulator.get(f"/{self.api.user_pool_id}/.well-known/jwks.json")
        response.raise_for_status()
        return dict(response.json())


class FrontDoor:
    """Serves one API at a time.

    Args:
        emulator: base URL of the AWS emulator.
        transport: how requests travel there; the network, unless a test says otherwise.
    """

    def __init__(self, emulator: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._emulator = httpx.AsyncClient(
            base_url=emulator, transport=transport, timeout=_TIMEOUT_SECONDS, trust_env=False
        )
        self._gate: Gate | None = None

    def app(self) -> Starlette:
        """The ASGI app to serve."""
        return Starlette(
            routes=[
                Route("/graphql", self._graphql, methods=["POST"]),
                Route("/_admin/api", self._set_api, methods=["PUT"]),
                Route("/_admin/health", health),
            ],
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with self._emulator:
            yield

    async def _set_api(self, request: Request) -> Response:
        try:
            api = Api.model_validate_json(await request.body())
            self._gate = Gate(api, self._emulator)
        except ValidationError as error:
            return invalid_request(error)
        except GraphQLError as error:
            return JSONResponse({"error": f"Unreadable schema: {error}"}, HTTPStatus.BAD_REQUEST)
        return JSONResponse({"host": api.host})

    async def _graphql(self, request: Request) -> Response:
        try:
            return await self._admit(request)
        except (RefusedError, InvalidQueryError) as refusal:
            return refusal.response()

    async def _admit(self, request: Request) -> Response:
        if self._gate is None:
            raise RefusedError.unavailable("No API has been deployed behind this address yet.")
        try:
            return await self._gate.answer(request)
        except httpx.HTTPError as error:
            raise RefusedError.unavailable(
                f"The AWS emulator does not answer ({type(error).__name__})."
            ) from error


def _passed_on(answer: httpx.Response) -> Response:
    return Response(
        answer.content, answer.status_code, media_type=answer.headers.get("content-type")
    )
