"""The console's server: its key, hosts, origins, errors and sign-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import jwt
import pytest
from starlette.testclient import TestClient

from orderflow.orders.status import OrderStatus
from scripts.auth import Challenge, SignInError, Step, Tokens
from scripts.cli.console import CommandError, ExitCode
from scripts.console.app import PAGE, Console
from scripts.console.operators import Operators
from scripts.console.stage import Reads
from scripts.demo_shop.accounts import Answer, Credentials, Request
from scripts.demo_shop.sessions import Sessions

URL = "http://127.0.0.1:8080"
KEY = "the-key-of-this-run"
OWN = {"Authorization": f"Bearer {KEY}"}
KEMI = {"email": "kemi@example.com", "password": "right"}
SESSION = "s" * 20
CODE = {"step": Step.CODE, "email": KEMI["email"], "session": SESSION, "answer": "123456"}
ACT = {"act": "resume", "orderIds": ["o"], "reason": "why"}


def tokens(*groups: str) -> Tokens:
    claims = {"sub": "kemi-sub", "email": KEMI["email"], "cognito:groups": groups}
    return Tokens(
        id_token=jwt.encode(claims, "k" * 32, "HS256"),
        access_token="access",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
        refresh_token="refresh",
    )


class Accounts:
    """Kemi's account, in memory."""

    def __init__(self) -> None:
        self.groups: tuple[str, ...] = ("ops",)
        self.signed_out: list[str] = []

    def begin(self, credentials: Credentials) -> Tokens | Challenge:
        if credentials.password.get_secret_value() != KEMI["password"]:
            raise SignInError("Sign-in refused: Incorrect password.", "NotAuthorizedException")
        return Challenge(Step.CODE, credentials.email, SESSION)

    def answer(self, _: Answer) -> Tokens | Challenge:
        return tokens(*self.groups)

    def change(self, _: Request) -> None:
        raise NotImplementedError

    def refresh(self, _: str) -> Tokens:
        raise SignInError("refused")

    def sign_out(self, refresh_token: str) -> None:
        self.signed_out.append(refresh_token)


class Views:
    """Views that answer what a test sets."""

    def __init__(self, operators: Operators) -> None:
        self.operators = operators
        self.acts: list[Any] = []
        self.answer: Callable[[], dict[str, Any]] = lambda: {"headline": "All is well."}

    def now(self, _: Reads) -> dict[str, Any]:
        return self.answer()

    search = order = paystack = traces = run = logs = plan = now

    def session(self) -> dict[str, Any]:
        operator = self.operators.current()
        return {"operator": operator and {"mayAct": operator.may_act}}

    def act(self, request: Any) -> dict[str, Any]:
        self.acts.append((request, self.operators.required()))
        return {"done": "1 resumed."}


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


@pytest.fixture
def views(accounts: Accounts) -> Views:
    return Views(Operators(accounts, Sessions(accounts.refresh)))


@pytest.fixture
def browser(views: Views) -> TestClient:
    return TestClient(Console(views, KEY).app(), URL)  # type: ignore[arg-type]


def sign_in(browser: TestClient) -> None:
    answer = browser.post("/api/session", json=KEMI, headers=OWN).json()
    assert answer["challenge"]["step"] == Step.CODE
    browser.post("/api/session/step", json=CODE, headers=OWN)


def test_a_runbook_is_served_as_text(browser: TestClient) -> None:
    page = browser.get("/runbooks/provider-outage.md")

    assert page.text.startswith("# A provider is out")
    assert page.headers["Content-Type"] == "text/plain; charset=utf-8"
    for name in ("no-such-page.md", "..%2Fconsole.md"):
        assert browser.get(f"/runbooks/{name}").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("path", ["/", "/search", "/orders/o", "/runs/o", "/page/app.js"])
def test_the_page_itself_holds_no_secrets_and_needs_no_key(browser: TestClient, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == HTTPStatus.OK
    assert KEY not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/now"), ("GET", "/api/search"), ("GET", "/api/orders/o"),
        ("GET", "/api/orders/o/paystack"), ("GET", "/api/runs/o"), ("GET", "/api/runs/o/logs"),
        ("GET", "/api/session"), ("POST", "/api/session"), ("DELETE", "/api/session"),
        ("POST", "/api/session/step"), ("POST", "/api/acts/plan"), ("POST", "/api/acts"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"},
     OWN | {"Origin": "http://127.0.0.1:9"}, OWN | {"Origin": "null"}],
)  # fmt: skip
def test_without_the_key_or_from_another_page_nothing_is_answered(
    browser: TestClient, method: str, path: str, headers: dict[str, str], views: Views
) -> None:
    answer = browser.request(method, path, headers=headers, json=ACT if method == "POST" else None)

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "orders console" in answer.json()["message"]
    assert views.acts == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example"])
def test_another_host_name_is_refused(browser: TestClient, host: str) -> None:
    answer = browser.get("/api/now", headers=OWN | {"Host": host})

    assert answer.status_code == HTTPStatus.BAD_REQUEST


def test_a_view_says_how_much_it_read(browser: TestClient) -> None:
    answer = browser.get("/api/now", headers=OWN | {"Origin": URL}).json()

    assert answer["headline"] == "All is well."
    assert {"requests", "records", "seconds", "limits", "unread"} == answer["reads"].keys()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CommandError("There is no order.", ExitCode.NOT_FOUND), HTTPStatus.NOT_FOUND),
        (CommandError("Not so.", ExitCode.REFUSED), HTTPStatus.BAD_REQUEST),
        (CommandError("Busy.", ExitCode.UNAVAILABLE), HTTPStatus.SERVICE_UNAVAILABLE),
    ],
)
def test_an_expected_error_is_explained(
    browser: TestClient, views: Views, error: CommandError, status: HTTPStatus
) -> None:
    def fail() -> dict[str, Any]:
        raise error

    views.answer = fail

    answer = browser.get("/api/now", headers=OWN)

    assert (answer.status_code, answer.json()) == (status, {"message": str(error)})


def test_acts_need_an_operator_who_is_signed_in(browser: TestClient, views: Views) -> None:
    refused = browser.post("/api/acts", json=ACT, headers=OWN)
    assert refused.status_code == HTTPStatus.UNAUTHORIZED

    sign_in(browser)

    assert browser.post("/api/acts", json=ACT, headers=OWN).json() == {"done": "1 resumed."}
    ((_, operator),) = views.acts
    assert (operator.sub, operator.may_act) == ("kemi-sub", True)


def test_an_account_outside_the_group_may_only_look(
    browser: TestClient, accounts: Accounts
) -> None:
    accounts.groups = ("others",)
    sign_in(browser)

    assert browser.get("/api/session", headers=OWN).json() == {"operator": {"mayAct": False}}
    refused = browser.post("/api/acts", json=ACT, headers=OWN)
    assert refused.status_code == HTTPStatus.UNAUTHORIZED
    assert "group ops" in refused.json()["message"]


def test_signing_out_revokes_the_tokens(browser: TestClient, accounts: Accounts) -> None:
    sign_in(browser)

    browser.delete("/api/session", headers=OWN)

    assert accounts.signed_out == ["refresh"]
    assert browser.get("/api/session", headers=OWN).json() == {"operator": None}


def test_a_wrong_password_is_refused_with_the_reason(browser: TestClient) -> None:
    answer = browser.post("/api/session", json=KEMI | {"password": "wrong"}, headers=OWN)

    assert "Incorrect password" in answer.json()["message"]
    assert answer.status_code >= HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("wish", [{}, {"act": "steal"}, ACT | {"more": 1}, ACT | {"amount": 0}])
def test_a_malformed_act_is_refused(
    browser: TestClient, views: Views, wish: dict[str, Any]
) -> None:
    sign_in(browser)

    answer = browser.post("/api/acts", json=wish, headers=OWN)

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert views.acts == []


def test_every_module_of_the_page_is_imported_from_where_it_is() -> None:
    for module in PAGE.glob("*.js"):
        for line in module.read_text(encoding="utf-8").splitlines():
            if line.startswith("import "):
                path = line.rpartition('"./')[2].rstrip('";')
                assert '"/shop/dom.js"' in line or (PAGE / path).exists(), line


@pytest.mark.parametrize("module", ["words.js", "view_search.js"])
def test_the_page_knows_every_status(module: str) -> None:
    text = (PAGE / module).read_text(encoding="utf-8")

    assert [status for status in OrderStatus if status not in text] == []
