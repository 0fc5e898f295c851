"""Local stacks for tests, each with its own name, settings and speed of time."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.local.stack.lifecycle import LocalStack
from scripts.local.time_factor import VARIABLE
from tests.support.shop import Shop


@contextmanager
def running_shop(
    folder: Path, name: str, *, time_factor: float, waits: float = 1, **variables: str
) -> Iterator[Shop]:
    """A new stack for the length of a ``with`` block.

    Args:
        folder: for its files.
        name: the start of its name.
        time_factor: what the durations of customers, providers and banks are divided by.
        waits: what Step Functions' waits and pauses between retries are multiplied with, unless the
            environment says otherwise. Timeouts stay as they are.
        variables: more of its environment.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORDERS_LOCAL_DIR", str(folder))
        patch.setenv("ORDERS_LOCAL_NAME", f"{name}-{uuid.uuid4().hex[:8]}")
        patch.setenv(VARIABLE, str(time_factor))
        patch.setenv("SFN_WAIT_SCALE", os.environ.get("SFN_WAIT_SCALE", str(waits)))
        for variable, value in variables.items():
            patch.setenv(variable, value)
        with LocalStack() as state:
            yield Shop(state)


def make_healthy(shop: Shop) -> None:
    """Clears all faults and closes all breakers."""
    shop.clear_faults()
    for provider in ("bedrock", "paystack"):
        shop.close_breaker(provider)
