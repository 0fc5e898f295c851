"""The admin API of the local stand-ins for providers."""

from __future__ import annotations

import json
from typing import Any

import httpx

from scripts.cli.console import CommandError, ExitCode


def admin(base_url: str, method: str, resource: str, body: dict[str, Any] | None = None) -> Any:
    """A call of a stand-in's admin API.

    Raises:
        CommandError: if it refuses the call.
    """
    answer = httpx.request(
        method, f"{base_url}/_admin/{resource}", json=body, timeout=10, trust_env=False
    )
    if answer.is_error:
        raise CommandError(f"The stand-in refuses this: {_in_words(answer.text)}", ExitCode.REFUSED)
    return answer.json()


def _in_words(text: str) -> str:
    """The message of an answer of PayStack's; of another text, the text."""
    try:
        content = json.loads(text)
    except ValueError:
        return text
    message = content.get("message") if isinstance(content, dict) else None
    return str(message or text)
