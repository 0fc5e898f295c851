"""The demo shop's server: sessions, origins and security headers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest
from starlette.testclient import TestClient

from scripts.auth import Challenge, SignInError, Step, Tokens
from scripts.demo_shop.accounts import Answer, Credentials, Request
from scripts.demo_shop.app import PAGE, DemoShop
from scripts.demo_shop.sessions import MARGIN, Sessions
from scripts.demo_shop.sign_in_words import in_words

URL = "http://127.0.0.1:8080"
GRAPHQL = "http://127.0.0.1:4/graphql"
RELEASE = "1.2.0+<b>"
ADA = {"email": "ada@example.com", "password": "right"}
CHALLENGE = {"step": "SOFTWARE_TOKEN_MFA", "email": "ada@example.com", "session": "s" * 20}
CODE = CHALLENGE | {"answer": "123456"}
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EXPIRES = NOW + timedelta(hours=1)
SESSION = {
    "idToken": "id", "expiresAt": EXPIRES.isoformat(), "secondsLeft": 3600, "graphqlUrl": GRAPHQL,
}  # fmt: skip


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def tokens(number: int = 1) -> Tokens:
    return Tokens(
        id_token="id" if number == 1 else f"id-{number}",
        access_token="access",
        expires_at=NOW + number * timedelta(hours=1),
        refresh_token=f"refresh-{number}",
    )


class Accounts:
    """Ada's account, in memory."""

    def __init__(self) -> None:
        self.changes: list[Any] = []
        self.signed_out: list[str] = []
        self.renewals = 0
        self.renews = True

    def begin(self, credentials: Credentials) -> Tokens | Challenge:
        if credentials.password.get_secret_value() != ADA["password"]:
            raise SignInError("Sign-in refused: Incorrect password.", "NotAuthorizedException")
        return Challenge(Step.CODE, credentials.email, CHALLENGE["session"])

    def answer(self, answer: Answer) -> Tokens | Challenge:
        if answer.answer.get_secret_value() != CODE["answer"]:
            raise SignInError("Sign-in refused: Invalid code.", "CodeMismatchException")
        return tokens()

    def change(self, request: Request) -> None:
        self.changes.append(request)

    def refresh(self, refresh_token: str) -> Tokens:
        assert refresh_token == f"refresh-{self.renewals + 1}"
        if not self.renews:
            raise SignInError("Sign-in refused: Refresh token has been rotated out.")
        self.renewals += 1
        return tokens(self.renewals + 1)

    def sign_out(self, refresh_token: str) -> None:
        self.signed_out.append(refresh_token)


def page() -> str:
    """The page with the release at its foot."""
    return (PAGE / "index.html").read_text("utf-8").replace("{release}", "1.2.0+&lt;b&gt;")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


@pytest.fixture
def browser(clock: Clock, accounts: Accounts) -> Iterator[TestClient]:
    shop = DemoShop(GRAPHQL, accounts, Sessions(accounts.refresh, clock), RELEASE)
    with TestClient(shop.app(), URL, headers={"origin": URL}) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/orders", "/no/such/page"])
def test_the_foot_of_every_page_names_the_release_as_text(browser: TestClient, path: str) -> None:
    foot = browser.get(path).text.partition("<footer>")[2]

    assert "Release 1.2.0+&lt;b&gt;." in foot
    assert "{" not in foot


def test_a_password_leads_to_the_challenge_and_opens_no_session(browser: TestClient) -> None:
    assert browser.post("/session", json=ADA).json() == {"challenge": CHALLENGE | {"secret": ""}}
    assert browser.get("/session").status_code == 204


def test_a_session_is_kept_after_a_reload(browser: TestClient) -> None:
    assert browser.post("/session/step", json=CODE).json() == SESSION
    assert browser.get("/session").json() == SESSION


def test_the_cookie_is_http_only_and_same_site(browser: TestClient) -> None:
    (cookie,) = browser.post("/session/step", json=CODE).headers.get_list("set-cookie")

    assert cookie.startswith("demo_shop_8080=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "id" not in cookie.partition("=")[2].partition(";")[0].split(".")


@pytest.mark.parametrize(
    ("path", "content", "message", "field"),
    [
        (
            "/session",
            ADA | {"password": "wrong"},
            "The e-mail address or the password is not right. Please check both.",
            "password",
        ),
        (
            "/session/step",
            CODE | {"answer": "654321"},
            "This code is not right. Please look again and type it once more.",
            "code",
        ),
    ],
)
def test_a_refused_sign_in_states_the_reason_and_the_field_and_opens_no_session(
    browser: TestClient, path: str, content: dict[str, str], message: str, field: str
) -> None:
    refused = browser.post(path, json=content)

    assert (refused.status_code, refused.json()["message"]) == (401, message)
    assert refused.json()["field"] == field
    assert refused.json()["code"].endswith("Exception")
    assert browser.get("/session").status_code == 204


@pytest.mark.parametrize(
    "operation",
    ["InitiateAuth", "RespondToAuthChallenge", "SignUp", "ConfirmSignUp", "ForgotPassword",
     "ConfirmForgotPassword", "ResendConfirmationCode", "VerifySoftwareToken"],
)  # fmt: skip
@pytest.mark.parametrize("first_step", [True, False])
def test_every_error_of_cognito_has_words_that_are_not_cognitos(
    operation: str, first_step: bool
) -> None:
    model = botocore.session.get_session().get_service_model("cognito-idp")
    for shape in model.operation_model(operation).error_shapes:
        message = in_words(shape.name, first_step=first_step).message
        assert message.endswith(".")
        assert "Exception" not in message
        assert "Cognito" not in message


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/session", {}),
        ("/session", ADA | {"email": "x" * 255}),
        ("/session", ADA | {"password": None}),
        ("/session", [ADA]),
        ("/session", "ada"),
        ("/session/step", CODE | {"answer": ""}),
        ("/session/step", CODE | {"step": "SMS_MFA"}),
        ("/session/step", CHALLENGE),
        ("/account", ADA),
        ("/account", ADA | {"action": "delete"}),
        ("/account", {"action": "confirm", "email": "ada@example.com"}),
    ],
)
def test_a_malformed_request_is_refused_without_quoting_it(
    browser: TestClient, path: str, content: Any
) -> None:
    refused = browser.post(path, json=content)

    assert refused.status_code == 400
    assert refused.json() == {"message": "Please fill in all fields."}


@pytest.mark.parametrize(
    "content",
    [
        ADA | {"action": "sign-up"},
        {"action": "confirm", "email": "ada@example.com", "code": "123456"},
        {"action": "send-code", "email": "ada@example.com"},
        {"action": "forgot-password", "email": "ada@example.com"},
        ADA | {"action": "reset-password", "code": "123456"},
    ],
    ids=lambda content: str(content["action"]),
)
def test_an_account_is_changed_as_the_page_asks(
    browser: TestClient, accounts: Accounts, content: dict[str, str]
) -> None:
    assert browser.post("/account", json=content).status_code == 204
    (change,) = accounts.changes
    assert change.action == content["action"]


def test_a_sign_out_ends_the_session_for_the_old_cookie(
    browser: TestClient, accounts: Accounts
) -> None:
    browser.post("/session/step", json=CODE)
    old = dict(browser.cookies)

    assert browser.delete("/session").status_code == 204
    assert not browser.cookies
    assert accounts.signed_out == ["refresh-1"]
    browser.cookies.update(old)
    assert browser.get("/session").status_code == 204


def test_a_session_is_renewed_before_its_token_expires(
    browser: TestClient, clock: Clock, accounts: Accounts
) -> None:
    browser.post("/session/step", json=CODE)
    clock.now = EXPIRES - MARGIN

    assert browser.get("/session").json()["idToken"] == "id-2"
    assert browser.get("/session").json()["idToken"] == "id-2"
    clock.now = EXPIRES + timedelta(hours=1)
    assert browser.get("/session").json()["idToken"] == "id-3"
    assert accounts.renewals == 2


def test_a_session_that_is_not_renewed_ends_with_its_token(
    browser: TestClient, clock: Clock, accounts: Accounts
) -> None:
    accounts.renews = False
    browser.post("/session/step", json=CODE)
    clock.now = EXPIRES - timedelta(seconds=1)
    assert browser.get("/session").json()["idToken"] == "id"
    clock.now = EXPIRES

    assert browser.get("/session").status_code == 204


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8081", "https://evil.example", "null"])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_pages_of_other_origins_neither_sign_in_nor_out(
    browser: TestClient, origin: str, method: str
) -> None:
    browser.post("/session/step", json=CODE)
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
    assert browser.get(path).text == page()


@pytest.mark.parametrize("path", ["/nowhere", "/orders/1/2", "/favicon.ico"])
def test_another_address_gets_the_page_with_the_status_not_found(
    browser: TestClient, path: str
) -> None:
    answer = browser.get(path)

    assert answer.status_code == 404
    assert answer.text == page()


def test_scripts_and_styles_of_the_page_stay_below_100_kb() -> None:
    files = [each for each in PAGE.iterdir() if each.suffix in {".js", ".css"}]

    assert sum(each.stat().st_size for each in files) < 100_000


def test_the_page_has_no_inline_scripts_or_styles() -> None:
    html = (PAGE / "index.html").read_text("utf-8")

    assert "<style" not in html
    assert " style=" not in html
    assert html.count("<script") == html.count('<script type="module" src="/page/app.js">') == 1
