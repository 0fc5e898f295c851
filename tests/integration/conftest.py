"""One local stack for all integration tests: the real CDK app, deployed into emulated AWS."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from scripts.local.stack.lifecycle import LocalStack
from tests.support.shop import Shop

pytest.register_assert_rewrite("tests.support.orders_behaviour")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORDERS_LOCAL_DIR", str(tmp_path_factory.mktemp("stacks")))
        patch.setenv("ORDERS_LOCAL_NAME", f"test-{uuid.uuid4().hex[:8]}")
        # Retries keep their number and order; their waits are a hundredth as long.
        patch.setenv("SFN_WAIT_SCALE", os.environ.get("SFN_WAIT_SCALE", "0.01"))
        with LocalStack() as state:
            yield Shop(state)


@pytest.fixture(autouse=True)
def healthy_providers(shop: Shop) -> Iterator[None]:
    """Clears all faults and closes all breakers after each test."""
    yield
    shop.clear_faults()
    for provider in ("bedrock", "paystack"):
        shop.close_breaker(provider)
