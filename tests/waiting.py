"""Waiting for a condition: how long that takes decides nothing but the patience."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 60


def wait_for(read: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    """Read until the condition holds; returns what was read last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not good(value := read()):
        assert time.monotonic() < deadline, f"gave up waiting; last seen: {value}"
        time.sleep(0.02)
    return value
