"""Calls of the emulator's own Cognito."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from starlette.requests import Request
from starlette.responses import Response

from scripts.local.cognito.errors import MEDIA_TYPE, CognitoError
from scripts.local.stack.processes import EMULATOR_ROOT
from scripts.local.stack.state import REGION
from scripts.local.stand_ins.forwarding import Forwarder

SERVICE: Final = "AWSCognitoIdentityProviderService"

_ROOT: Final = Credentials(EMULATOR_ROOT, EMULATOR_ROOT)


class EmulatedCognito:
    """The emulator's Cognito.

    Args:
        emulator: the emulator's base URL.
        forwarder: the connections to it.
    """

    def __init__(self, emulator: str, forwarder: Forwarder) -> None:
        self._emulator = emulator
        self._forwarder = forwarder

    async def repeat(self, request: Request) -> dict[str, Any]:
        """The content of the emulator's answer to a request as it was sent.

        Raises:
            CognitoError: the emulator refuses it.
        """
        return _content(await self._forwarder.forward(request))

    async def ask(self, action: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to an operation that takes no signature, such as ``GetUser``.

        Raises:
            CognitoError: the emulator refuses it.
        """
        headers = {"x-amz-target": f"{SERVICE}.{action}", "content-type": MEDIA_TYPE}
        return await self._send(headers, json.dumps(content).encode())

    async def ask_as_root(self, action: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to an operation that takes a signature, such as ``AdminGetUser``.

        Raises:
            CognitoError: the emulator refuses it.
        """
        body = json.dumps(content).encode()
        headers = {"x-amz-target": f"{SERVICE}.{action}", "content-type": MEDIA_TYPE}
        signed = AWSRequest("POST", f"{self._emulator}/", headers=headers, data=body)
        SigV4Auth(_ROOT, "cognito-idp", REGION).add_auth(signed)
        return await self._send(dict(signed.headers.items()), body)

    async def _send(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        return _content(await self._forwarder.send("POST", b"/", raw, body))


def _content(answer: Response) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(bytes(answer.body) or b"{}")
    if answer.status_code != HTTPStatus.OK:
        name = str(content.get("__type", "InternalErrorException")).rpartition("#")[2]
        message = str(content.get("message", content.get("Message", "")))
        raise CognitoError(name, message, HTTPStatus(answer.status_code))
    return content
