"""A local stack in divided time, and an operator who has the console and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from scripts.local.stack.state import PROJECT
from tests.support.browser import chromium, faultless_page
from tests.support.operator_page import OperatorPage, console
from tests.support.shop import Shop
from tests.support.stacks import make_healthy, running_shop

#: A breaker's first cooldown of a minute takes six seconds.
TIME_FACTOR = 10

#: Where the pictures go; docs/images holds those of the documentation.
PICTURES = Path(os.environ.get("INCIDENT_PICTURES", PROJECT / ".build" / "incidents"))

Picture = Callable[[str], None]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("stacks")
    with running_shop(folder, "incidents", time_factor=TIME_FACTOR, waits=0.1) as shop:
        shop.set_recovery(resumeRatePerSecond=1)  # slow enough to be watched
        shop.stop_reconciling()
        shop.awaiting(shop.customer.insist("2 packs of spagetti"))  # workers are warm
        yield shop


@pytest.fixture(autouse=True)
def healthy_again(shop: Shop) -> Iterator[None]:
    yield
    make_healthy(shop)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def url(shop: Shop, browser: Browser) -> Iterator[str]:
    with console() as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    viewport = {"width": 1100, "height": 760}
    with faultless_page(browser, reduced_motion="reduce", viewport=viewport) as page:
        yield page


@pytest.fixture
def operator(page: Page, url: str) -> OperatorPage:
    return OperatorPage(page, url)


@pytest.fixture
def picture(page: Page) -> Picture:
    """``picture("name")`` keeps what the operator sees."""
    PICTURES.mkdir(parents=True, exist_ok=True)

    def take(name: str) -> None:
        page.screenshot(path=PICTURES / f"incident-{name}.png", animations="disabled")

    return take
