"""Waits for a condition, with a generous time limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 180


def wait_for(
    read: Callable[[], Any], good: Callable[[Any], bool], patience: float = PATIENCE_SECONDS
) -> Any:
    """Read until the condition holds; returns the last value."""
    deadline = time.monotonic() + patience
    pause = 0.02
    while not good(value := read()):
        assert time.monotonic() < deadline, f"gave up waiting; last seen: {value}"
        time.sleep(pause)
        pause = min(pause * 1.2, 0.2)
    return value
