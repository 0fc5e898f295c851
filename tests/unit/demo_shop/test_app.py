"""The demo shop's server: sessions, origins and security headers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from scripts.auth import SignInError, Tokens
from scripts.demo_shop.app import PAGE, DemoShop
from scripts.demo_shop.sessions import Sessions

URL = "http://127.0.0.1:8080"
GRAPHQL = "http://127.0.0.1:4/graphql"
ADA = {"email": "ada@example.com", "password": "right", "code": "123456"}
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EXPIRES = NOW + timedelta(hours=1)
SESSION = {"idToken": "id", "expiresAt": EXPIRES.isoformat(), "graphqlUrl": GRAPHQL}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def sign_in(email: str, password: str, code: str) -> Tokens:
    if {"email": email, "password": password, "code": code} != ADA:
        raise SignInError("Sign-in refused: Invalid code.")
    return Tokens("id", "access", EXPIRES)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def browser(clock: Clock) -> Iterator[TestClient]:
    shop = DemoShop(GRAPHQL, sign_in, Sessions(clock))
    with TestClient(shop.app(), URL, headers={"origin": URL}) as client:
        yield client


def test_a_session_is_kept_after_a_reload(browser: TestClient) -> None:
    assert browser.post("/session", json=ADA).json() == SESSION
    assert browser.get("/session").json() == SESSION


def test_the_cookie_is_http_only_and_same_site(browser: TestClient) -> None:
    (cookie,) = browser.post("/session", json=ADA).headers.get_list("set-cookie")

    assert cookie.startswith("demo_shop_8080=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "id" not in cookie.partition("=")[2].partition(";")[0].split(".")


def test_a_refused_sign_in_states_the_reason_and_opens_no_session(browser: TestClient) -> None:
    refused = browser.post("/session", json=ADA | {"code": "654321"})

    assert (refused.status_code, refused.json()) == (
        401,
        {"message": "Sign-in refused: Invalid code."},
    )
    assert browser.get("/session").status_code == 204


@pytest.mark.parametrize(
    "content",
    [{}, ADA | {"code": ""}, ADA | {"email": "x" * 255}, ADA | {"password": None}, [ADA], "ada"],
    ids=["nothing", "no code", "a long address", "no password", "a list", "text"],
)
def test_a_malformed_sign_in_is_refused_without_quoting_it(
    browser: TestClient, content: Any
) -> None:
    refused = browser.post("/session", json=content)

    assert refused.status_code == 400
    assert refused.json() == {"message": "Please fill in all three fields."}


def test_a_sign_out_ends_the_session_for_the_old_cookie(browser: TestClient) -> None:
    browser.post("/session", json=ADA)
    old = dict(browser.cookies)

    assert browser.delete("/session").status_code == 204
    assert not browser.cookies
    browser.cookies.update(old)
    assert browser.get("/session").status_code == 204


def test_a_session_ends_with_its_token(browser: TestClient, clock: Clock) -> None:
    browser.post("/session", json=ADA)
    clock.now = EXPIRES

    assert browser.get("/session").status_code == 204


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8081", "https://evil.example", "null"])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_pages_of_other_origins_neither_sign_in_nor_out(
    browser: TestClient, origin: str, method: str
) -> None:
    browser.post("/session", json=ADA)
    forged = browser.request(method, "/session", json=ADA, headers={"origin": origin})

    assert forged.status_code == 403
    assert "access-control-allow-origin" not in forged.headers
    assert browser.get("/session").json() == SESSION


def test_a_request_without_an_origin_is_refused(browser: TestClient) -> None:
    del browser.headers["origin"]

    assert browser.post("/session", json=ADA).status_code == 403


def test_other_host_names_are_refused(browser: TestClient) -> None:
    assert browser.get("/session", headers={"host": "evil.example:8080"}).status_code == 400


@pytest.mark.parametrize("path", ["/", "/orders", "/orders/76302e01", "/page/app.js", "/nowhere"])
def test_the_policy_allows_only_own_scripts_and_calls_to_shop_and_api(
    browser: TestClient, path: str
) -> None:
    headers = browser.get(path).headers
    policy = dict(
        each.strip().split(" ", 1) for each in headers["content-security-policy"].split(";")
    )

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == "'self' http://127.0.0.1:4 ws://127.0.0.1:4"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/orders", "/orders/76302e01"])
def test_each_address_of_the_page_serves_the_page(browser: TestClient, path: str) -> None:
    assert browser.get(path).text == (PAGE / "index.html").read_text("utf-8")


def test_the_page_has_no_inline_scripts_or_styles() -> None:
    html = (PAGE / "index.html").read_text("utf-8")

    assert "<style" not in html
    assert " style=" not in html
    assert html.count("<script") == html.count('<script type="module" src="/page/app.js">') == 1
