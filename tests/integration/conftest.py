"""One local stack for all integration tests: the real CDK app, deployed into emulated AWS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.support.shop import Shop
from tests.support.stacks import make_healthy, running_shop

pytest.register_assert_rewrite("tests.support.orders_behaviour")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Nothing that waits for customers or providers ends by itself during a test.

    Retries keep their number and order; their waits are a hundredth as long.
    """
    folder = tmp_path_factory.mktemp("stacks")
    with running_shop(folder, "test", time_factor=1, waits=0.01) as shop:
        yield shop


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all pages: Playwright runs once in a process."""
    with chromium() as browser:
        yield browser


@pytest.fixture(autouse=True)
def healthy_providers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Clears all faults and closes all breakers after each test that uses the stack."""
    yield
    if "shop" in request.fixturenames:
        make_healthy(request.getfixturevalue("shop"))
