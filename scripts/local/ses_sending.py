"""Pausing an account's e-mails, for MiniStack's SES, which sends always.

``PutAccountSendingAttributes`` pauses and resumes; while it is paused, ``SendEmail`` is refused
with ``SendingPausedException``, and ``GetAccount`` says so.
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutAccountSendingAttributes.html
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ministack.services import ses_v2  # type: ignore[import-untyped]

_PREFIX: Final = "/v2/email"
_REFUSED: Final = "Email sending is disabled."

Response = tuple[int, Mapping[str, str], bytes]
Handler = Callable[..., Awaitable[Response]]


def install() -> None:
    """Lets MiniStack's SES be paused."""
    ses_v2.handle_request = Sending(ses_v2.handle_request)


class Sending:
    """Answers the requests that pausing concerns; passes the others on.

    Args:
        handle: MiniStack's handler of SES's requests.
    """

    def __init__(self, handle: Handler) -> None:
        self._handle = handle
        self._is_enabled = True

    async def __call__(
        self, method: str, path: str, headers: Any, body: bytes, query_params: Any
    ) -> Response:
        """Answer a request."""
        match method, path.rstrip("/").removeprefix(_PREFIX):
            case "PUT", "/account/sending":
                self._is_enabled = bool(json.loads(body or b"{}").get("SendingEnabled", False))
                return _answer(200, {})
            case "POST", "/outbound-emails" if not self._is_enabled:
                refusal = {"__type": "SendingPausedException", "message": _REFUSED}
                return _answer(400, refusal, {"x-amzn-errortype": "SendingPausedException"})
            case "GET", "/account":
                status, given, content = await self._handle(
                    method, path, headers, body, query_params
                )
                account = json.loads(content) | {"SendingEnabled": self._is_enabled}
                return status, given, json.dumps(account).encode()
        return await self._handle(method, path, headers, body, query_params)


def _answer(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    kind = {"Content-Type": "application/json"}
    return status, {**kind, **(headers or {})}, json.dumps(content).encode()
