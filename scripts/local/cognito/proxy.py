"""A proxy of the emulator's Cognito user pools.

The emulator issues tokens without a second factor, even if the pool requires one, and its refresh
tokens are not rotated. The proxy does both as AWS documents them, and passes everything else on
byte for byte. Tokens that the emulator issued past the proxy are not :meth:`known
<IssuedTokens.knows>`, so the API's front door refuses them.

A web ACL (:mod:`scripts.local.waf.guard`) judges each request before anything else does.

``PUT /_admin/clients/ID`` sets an app client's properties (:class:`AppClient`).
"""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPMethod, HTTPStatus
from typing import Any, Final

import httpx
import jwt
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scripts.local.cognito.clients import AppClient, AppClients
from scripts.local.cognito.emulated import SERVICE, EmulatedCognito
from scripts.local.cognito.errors import MEDIA_TYPE, CognitoError, blocked, invalid_parameter
from scripts.local.cognito.mfa import MfaSignIn, pool_of
from scripts.local.cognito.refresh_tokens import RefreshTokens
from scripts.local.cognito.software_tokens import Clock
from scripts.local.stack.processes import EMULATOR_ROOT
from scripts.local.stand_ins.faults import health, invalid_request
from scripts.local.stand_ins.forwarding import Forwarder
from scripts.local.waf.guard import Guard
from scripts.local.waf.web_acl import Action

_REFRESH_FLOWS: Final = {"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"}

Content = dict[str, Any]
_Operation = Callable[[Request, Content], Awaitable[Content]]


class IssuedTokens:
    """The sign-ins that passed the proxy, by the claim ``origin_jti`` of their tokens."""

    def __init__(self) -> None:
        self._origins: set[str] = set()

    def add(self, access_token: str) -> None:
        """Notes a token's sign-in."""
        claims = jwt.decode(access_token, options={"verify_signature": False})
        self._origins.add(str(claims.get("origin_jti")))

    def knows(self, claims: Mapping[str, Any]) -> bool:
        """Whether the token with these claims was issued through the proxy."""
        return claims.get("origin_jti") in self._origins


class CognitoProxy:
    """Cognito, with a second factor and rotating refresh tokens.

    Args:
        emulator: base URL of the AWS emulator.
        issued: notes the sign-ins.
        transport: the HTTP transport to the emulator; the network by default.
        clock: the time, in epoch seconds.
        guard: the web ACL before the user pool.
    """

    def __init__(
        self,
        emulator: str,
        issued: IssuedTokens | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock = time.time,
        guard: Guard | None = None,
    ) -> None:
        self._guard = guard or Guard()
        self._forwarder = Forwarder(emulator, transport)
        self._cognito = EmulatedCognito(emulator, self._forwarder)
        self._issued = issued or IssuedTokens()
        self._clients = AppClients()
        self._mfa = MfaSignIn(self._cognito, self._clients, clock)
        self._refresh = RefreshTokens(self._clients, clock)
        self._operations: Mapping[str, _Operation] = {
            "InitiateAuth": self._initiate,
            "AdminInitiateAuth": self._initiate,
            "RespondToAuthChallenge": self._respond,
            "AdminRespondToAuthChallenge": self._respond,
            "GetTokensFromRefreshToken": self._get_tokens,
            "RevokeToken": self._revoke,
            "AssociateSoftwareToken": lambda _, content: self._mfa.associate(content),
            "VerifySoftwareToken": lambda _, content: self._mfa.verify(content),
            "SetUserMFAPreference": lambda _, content: self._mfa.set_preference(content),
            "AdminSetUserMFAPreference": _as_root(self._mfa.admin_set_preference),
            "AdminDeleteSoftwareToken": _as_root(self._mfa.admin_delete),
            "GetUser": self._describe,
            "AdminGetUser": self._describe,
        }

    def app(self) -> Starlette:
        """The ASGI app to serve."""
        return Starlette(
            routes=[
                Route("/_admin/health", health),
                Route("/_admin/clients/{client_id}", self._set_client, methods=["PUT"]),
                *self._guard.routes,
                Route("/{path:path}", self._answer, methods=[*HTTPMethod]),
            ],
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        async with self._forwarder.lifespan(app), self._guard.publishing():
            yield

    async def _set_client(self, request: Request) -> Response:
        try:
            client = AppClient.model_validate_json(await request.body())
        except ValidationError as error:
            return invalid_request(error)
        self._clients.set(request.path_params["client_id"], client)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _answer(self, request: Request) -> Response:
        try:
            # Cognito shows WAF no names or passwords, so no body either.
            if self._guard.judge(request, b"").action is Action.BLOCK:
                raise blocked()
            service, _, action = request.headers.get("x-amz-target", "").rpartition(".")
            operation = self._operations.get(action) if service == SERVICE else None
            if operation is None:
                return await self._forwarder.forward(request)
            content = await operation(request, _read(await request.body()))
        except CognitoError as error:
            return error.response()
        except httpx.HTTPError as error:
            return CognitoError(
                "InternalErrorException",
                f"The AWS emulator does not answer ({type(error).__name__}).",
                HTTPStatus.INTERNAL_SERVER_ERROR,
            ).response()
        return JSONResponse(content, media_type=MEDIA_TYPE)

    async def _initiate(self, request: Request, content: Content) -> Content:
        client_id = _client_id(content)
        if content.get("AuthFlow") in _REFRESH_FLOWS:
            if self._refresh.rotates(client_id):
                raise invalid_parameter("REFRESH_TOKEN_AUTH flow not enabled for this client")
            return await self._cognito.repeat(request)
        return await self._proceed(client_id, await self._cognito.repeat(request))

    async def _respond(self, request: Request, content: Content) -> Content:
        client_id = _client_id(content)
        match content.get("ChallengeName"):
            case "SOFTWARE_TOKEN_MFA":
                return self._deliver(client_id, await self._mfa.answer_code(content))
            case "MFA_SETUP":
                return self._deliver(client_id, await self._mfa.answer_setup(content))
            case "NEW_PASSWORD_REQUIRED":
                self._mfa.check_new_password(content)
                answer = await self._cognito.repeat(request)
                self._mfa.use(content)
                return await self._proceed(client_id, answer)
            case _:
                return await self._proceed(client_id, await self._cognito.repeat(request))

    async def _proceed(self, client_id: str, answer: Content) -> Content:
        return self._deliver(client_id, await self._mfa.after_password(client_id, answer))

    def _deliver(self, client_id: str, answer: Content) -> Content:
        """The answer with the client's own refresh token, if it has tokens and rotates them."""
        result = answer.get("AuthenticationResult")
        if result is None:
            return answer
        self._issued.add(result["AccessToken"])
        if self._refresh.rotates(client_id):
            result["RefreshToken"] = self._refresh.issue(client_id, result["RefreshToken"])
        return answer

    async def _get_tokens(self, request: Request, content: Content) -> Content:
        client_id = _client_id(content)
        if not self._refresh.rotates(client_id):
            return await self._cognito.repeat(request)
        token = str(content.get("RefreshToken", ""))
        emulated = self._refresh.redeem(client_id, token)
        answer = await self._cognito.ask(
            "GetTokensFromRefreshToken", content | {"RefreshToken": emulated}
        )
        answer["AuthenticationResult"]["RefreshToken"] = self._refresh.rotate(token)
        return answer

    async def _revoke(self, _: Request, content: Content) -> Content:
        token = self._refresh.revoke(str(content.get("Token", "")))
        return await self._cognito.ask("RevokeToken", content | {"Token": token})

    async def _describe(self, request: Request, content: Content) -> Content:
        answer = await self._cognito.repeat(request)
        pool_id = content.get("UserPoolId") or pool_of(content["AccessToken"])
        return self._mfa.described(pool_id, answer)


def _as_root(operation: Callable[[Content], Awaitable[Content]]) -> _Operation:
    """An operation that the emulator lacks, for callers with the emulator's root credentials."""

    async def answer(request: Request, content: Content) -> Content:
        if f"Credential={EMULATOR_ROOT}/" not in request.headers.get("authorization", ""):
            raise CognitoError("AccessDeniedException", "The caller may not do that.")
        return await operation(content)

    return answer


def _read(body: bytes) -> Content:
    try:
        content = json.loads(body)
    except ValueError as error:
        raise CognitoError("SerializationException", "Invalid JSON") from error
    if not isinstance(content, dict):
        raise CognitoError("SerializationException", "Not a JSON object")
    return content


def _client_id(content: Content) -> str:
    return str(content.get("ClientId", ""))
