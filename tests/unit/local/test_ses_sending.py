"""An account's e-mails can be paused, as SES pauses them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from scripts.local.ses_sending import Sending

seen: list[tuple[str, str]] = []


async def handle(method: str, path: str, *_: Any) -> Any:
    seen.append((method, path))
    return 200, {"Content-Type": "application/json"}, b'{"SendingEnabled": true, "Max": 14}'


def ask(sending: Sending, method: str, path: str, body: Any = None) -> tuple[int, Any, Any]:
    content = json.dumps(body or {}).encode()
    status, headers, answer = asyncio.run(sending(method, f"/v2/email{path}", {}, content, {}))
    return status, headers, json.loads(answer)


def pause(sending: Sending, *, enabled: bool) -> None:
    status, _, _ = ask(sending, "PUT", "/account/sending", {"SendingEnabled": enabled})
    assert status == 200


def test_paused_emails_are_refused_until_they_are_resumed() -> None:
    sending = Sending(handle)
    seen.clear()

    pause(sending, enabled=False)
    status, headers, answer = ask(sending, "POST", "/outbound-emails")
    pause(sending, enabled=True)
    resumed, _, _ = ask(sending, "POST", "/outbound-emails")

    assert (status, answer["__type"]) == (400, "SendingPausedException")
    assert headers["x-amzn-errortype"] == "SendingPausedException"
    assert resumed == 200
    assert seen == [("POST", "/v2/email/outbound-emails")]


def test_the_account_says_whether_it_is_paused() -> None:
    sending = Sending(handle)
    assert ask(sending, "GET", "/account")[2] == {"SendingEnabled": True, "Max": 14}

    pause(sending, enabled=False)

    assert ask(sending, "GET", "/account/")[2] == {"SendingEnabled": False, "Max": 14}


def test_other_requests_are_passed_on_while_paused() -> None:
    sending = Sending(handle)
    pause(sending, enabled=False)

    assert ask(sending, "GET", "/identities")[0] == 200
