"""The admin API of the local stand-ins for providers."""

from __future__ import annotations

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
        raise CommandError(f"The stand-in refuses this: {answer.text}", ExitCode.REFUSED)
    return answer.json()
