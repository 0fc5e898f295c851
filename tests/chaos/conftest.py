"""A local stack for faults.

Short by default, with waits, cooldowns and outages of seconds; ``CHAOS=full`` (``make chaos``) runs
more orders against the real delays of the workflow and the breakers.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator

import pytest

from scripts.local.stack.lifecycle import LocalStack
from tests.chaos.scale import SCALE
from tests.support.shop import Shop

Report = Callable[[str], None]


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    """Figures for readers, printed also if the tests pass."""

    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n    {text}", end="", flush=True)

    return say


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORDERS_LOCAL_DIR", str(tmp_path_factory.mktemp("stacks")))
        patch.setenv("ORDERS_LOCAL_NAME", f"chaos-{uuid.uuid4().hex[:8]}")
        patch.setenv("ORDERS_LOCAL_PARKING_DELAY_SECONDS", str(SCALE.parking_seconds))
        patch.setenv("SFN_WAIT_SCALE", os.environ.get("SFN_WAIT_SCALE", str(SCALE.waits)))
        if SCALE.workers is not None:
            patch.setenv("LAMBDA_ACCOUNT_CONCURRENCY", str(SCALE.workers))
        with LocalStack() as state:
            shop = Shop(state)
            # Before any function has read it.
            for provider in ("bedrock", "paystack"):
                shop.set_policy(provider, **SCALE.policy)
            shop.set_recovery(**SCALE.recovery)
            shop.awaiting_payment("2 packs of spagetti")  # one worker of each function is warm
            yield shop


@pytest.fixture(autouse=True)
def healthy_again(shop: Shop) -> Iterator[None]:
    """Each test starts with healthy providers and closed breakers."""
    yield
    shop.clear_faults()
    for provider in ("bedrock", "paystack"):
        shop.close_breaker(provider)
