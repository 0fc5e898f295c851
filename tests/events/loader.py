"""Reads the event files beside this module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def load_event(name: str, **changes: Any) -> dict[str, Any]:
    """``<name>.json``, with top-level entries replaced as told."""
    path = Path(__file__).with_name(f"{name}.json")
    event: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return event | changes
