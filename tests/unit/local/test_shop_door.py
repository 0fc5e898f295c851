"""The address that leads customers to the demo shop."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from scripts.local.appsync.front_door import FrontDoor

PAGE = "http://127.0.0.1:5005/orders"


@pytest.fixture
def browser() -> TestClient:
    app = FrontDoor("http://127.0.0.1:9").app()
    return TestClient(app, "http://127.0.0.1:5004", follow_redirects=False)


def test_it_leads_to_the_shop_that_is_open(browser: TestClient) -> None:
    assert browser.put("/_admin/shop", json={"url": PAGE}).status_code == 200

    answer = browser.get("/shop")

    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)


def test_a_page_says_how_to_open_the_shop_while_none_is(browser: TestClient) -> None:
    assert "orders demo-shop" in browser.get("/shop").text

    browser.put("/_admin/shop", json={"url": PAGE})
    browser.delete("/_admin/shop")

    answer = browser.get("/shop")
    assert answer.status_code == 200
    assert "orders demo-shop" in answer.text


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "127.0.0.1:5005", "", None])
def test_it_leads_to_no_other_machine(browser: TestClient, url: str | None) -> None:
    assert browser.put("/_admin/shop", json={"url": url}).status_code == 400
    assert browser.get("/shop").status_code == 200
