"""The emulator's Cognito within the test's process, behind the proxy, and the apps of its users."""

from __future__ import annotations

import json
import time
from functools import cache
from typing import Any

import botocore.session
import pyotp
from botocore.model import OperationModel
from botocore.validate import validate_parameters
from ministack.services import cognito  # type: ignore[import-untyped]
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from scripts.local.cognito.software_tokens import STEP_SECONDS
from scripts.local.stack.processes import EMULATOR_ROOT

EMULATOR = "http://127.0.0.1:4566"
PASSWORD = "Correct-horse-9"


async def _answer(request: Request) -> Response:
    """The emulator's answer, without its network server."""
    status, headers, body = await cognito.handle_request(
        request.method, request.url.path, dict(request.headers), await request.body(), {}
    )
    return Response(body, status, headers)


def emulator_app() -> Starlette:
    """The emulator's Cognito as an ASGI app."""
    return Starlette(routes=[Route("/{path:path}", _answer, methods=["GET", "POST"])])


class RefusedError(AssertionError):
    """An operation's error, by its name."""


class Time:
    """The time of a test, in epoch seconds."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@cache
def user_pool(mfa: str) -> str:
    """A user pool of the emulator; each costs half a second, for its keys."""
    with TestClient(emulator_app()) as http:
        caller = Caller(http)
        created = caller.call("CreateUserPool", PoolName="p", UsernameAttributes=["email"])
        pool_id = str(created["UserPool"]["Id"])
        caller.call(
            "SetUserPoolMfaConfig",
            UserPoolId=pool_id,
            MfaConfiguration=mfa,
            SoftwareTokenMfaConfiguration={"Enabled": mfa != "OFF"},
        )
    return pool_id


@cache
def _operation(action: str) -> OperationModel:
    return botocore.session.get_session().get_service_model("cognito-idp").operation_model(action)


class Caller:
    """Calls operations; the service model judges requests, answers and errors."""

    def __init__(self, http: TestClient) -> None:
        self.http = http

    def call(self, action: str, *, root: bool = False, **content: Any) -> dict[str, Any]:
        """An operation's answer; ``root`` signs it as the emulator's root user."""
        operation = _operation(action)
        validate_parameters(content, operation.input_shape)
        headers = {"x-amz-target": f"AWSCognitoIdentityProviderService.{action}"}
        if root:
            headers["authorization"] = (
                f"AWS4-HMAC-SHA256 Credential={EMULATOR_ROOT}/20260101/x/y/aws4_request"
            )
        answer = self.http.post("/", content=json.dumps(content), headers=headers)
        body: dict[str, Any] = answer.json()
        if answer.is_error:
            assert body["__type"] in {shape.name for shape in operation.error_shapes}
            raise RefusedError(f"{body['__type']}: {body['message']}")
        # The emulator's own descriptions of users have more than AWS's.
        assert "User" in action or set(body) <= set(operation.output_shape.members)
        return body


class Authenticator:
    """A user's authenticator app."""

    def __init__(self, secret: str, clock: Time) -> None:
        self._codes = pyotp.TOTP(secret)
        self._clock = clock

    def code(self, steps: int = 0) -> str:
        """The code that it shows, or showed or will show so many steps away."""
        return self._codes.at(int(self._clock()) + steps * STEP_SECONDS)

    def wrong_code(self) -> str:
        """Six digits that it does not show within two steps."""
        shown = {self.code(step) for step in range(-2, 3)}
        return next(code for code in map("{:06}".format, range(10)) if code not in shown)
