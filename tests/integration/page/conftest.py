"""One browser for all tests of the demo shop's page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import HOW_TO_GET_ONE, find_chromium, launched
from tests.support.page_scene import ScriptedApi, ScriptedShop, scripted_shop


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        pytest.skip(f"no Chromium was found: {HOW_TO_GET_ONE}")
    with launched(executable) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a new browser; a script error fails the test."""
    errors: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
    assert errors == []


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
