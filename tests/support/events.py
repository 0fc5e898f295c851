"""Reads the event files beside this module."""

from __future__ import annotations

import json
from typing import Any

from tests.support.paths import TESTS


def load_event(name: str, **changes: Any) -> dict[str, Any]:
    """``<name>.json``, with some top-level entries replaced."""
    path = TESTS / "events" / f"{name}.json"
    event: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return event | changes
