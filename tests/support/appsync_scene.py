"""A front door with a fake emulator: tokens, an API and its authorization."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from graphql import build_schema, graphql_sync

from scripts.local.appsync.emulator_api import Answer, EmulatorUnreachableError

REGION, POOL, CLIENT = "eu-west-1", "eu-west-1_abc", "client1"
HOST = f"api1.appsync-api.{REGION}.amazonaws.com"
#: Parameters are created at collection, long before the last test runs.
TOKEN_LIFE_SECONDS = 24 * 3600
KEYS = {name: rsa.generate_private_key(65537, 2048) for name in ("ours", "theirs")}


def token(
    key: str = "ours", algorithm: str = "RS256", groups: Sequence[str] = (), **changes: Any
) -> str:
    """A token, by default a valid one of the pool."""
    rate_limiter = {
        "sub": "user1",
        "iss": f"https://cognito-idp.{REGION}.amazonaws.com/{POOL}",
        "token_use": "id",
        "aud": CLIENT,
        "iat": int(time.time()),
        "exp": int(time.time()) + TOKEN_LIFE_SECONDS,
        "cognito:groups": list(groups),
        **changes,
    }
    rate_limiter = {name: value for name, value in rate_limiter.items() if value is not None}
    signing_key = KEYS[key] if algorithm == "RS256" else "x" * 32
    return jwt.encode(rate_limiter, signing_key, algorithm, headers={"kid": "k1"})


def api(schema: str, **more: Any) -> dict[str, Any]:
    """The description of the API for the front door."""
    return {
        "apiId": "api1",
        "region": REGION,
        "userPoolId": POOL,
        "clientIds": [CLIENT],
        "schemaText": schema,
        **more,
    }


class Emulator:
    """A fake AWS emulator that serves the pool's keys and an API with these answers."""

    def __init__(self, schema: str, root: dict[str, Any]) -> None:
        self.requests: list[httpx.Request] = []
        self.down = False
        self.key_fetches = 0
        self.root = root
        self._schema = build_schema(schema, assume_valid_sdl=True)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("refused")
        if request.url.path == f"/{POOL}/.well-known/jwks.json":
            self.key_fetches += 1
            public = jwt.algorithms.RSAAlgorithm.to_jwk(KEYS["ours"].public_key(), as_dict=True)
            return httpx.Response(200, json={"keys": [{**public, "kid": "k1", "alg": "RS256"}]})
        self.requests.append(request)
        return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The requests to the API."""
        body = json.loads(request.content)
        result = graphql_sync(
            self._schema,
            body["query"],
            self.root,
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
        )
        assert not result.errors, result.errors
        return httpx.Response(200, json={"data": result.data})


class Connected:
    """Takes the place of the front door's connections to the emulator.

    Args:
        emulator: answers requests; :class:`httpx.ConnectError` where it can't be reached.
    """

    def __init__(self, emulator: Callable[[httpx.Request], httpx.Response]) -> None:
        self._emulator = emulator

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    async def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """The emulator's answer."""
        request = httpx.Request(method, f"http://aws.test{path}", headers=headers, content=body)
        try:
            answer = self._emulator(request)
        except httpx.ConnectError as error:
            raise EmulatorUnreachableError(type(error).__name__) from error
        return Answer(answer.status_code, answer.content, answer.headers.get("content-type"))
