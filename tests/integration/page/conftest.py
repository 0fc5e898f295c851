"""The demo shop's page, with an API that the test plays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import faultless_page
from tests.support.page_scene import ScriptedApi, ScriptedShop, scripted_shop


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with faultless_page(browser) as page:
        yield page


@pytest.fixture(scope="package")
def scene() -> Iterator[ScriptedShop]:
    with scripted_shop() as shop:
        yield shop


@pytest.fixture
def api(page: Page, scene: ScriptedShop) -> ScriptedApi:
    """A customer's page, signed in, whose API the test plays."""
    scene.accounts.refusals.clear()
    scene.accounts.lifetime = timedelta(hours=1)
    scene.sign_in(page)
    return ScriptedApi(page)
