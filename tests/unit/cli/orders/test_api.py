"""The client of the customers' API: cached tokens, messages and exit codes of refusals."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from scripts.auth import Tokens
from scripts.cli.console import CommandError, ExitCode, TryLaterError
from scripts.cli.deployment import Deployment
from scripts.cli.orders import api as module
from scripts.cli.orders.api import CustomerApi

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def sign_ins(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sign-ins, in order. Each returns a token for an hour."""
    seen: list[str] = []

    def sign_in(_: object, username: str, *__: object) -> Tokens:
        seen.append(username)
        return Tokens(
            id_token=f"token-{len(seen)}",
            access_token="access",
            expires_at=datetime.now(UTC) + timedelta(hours=1),
        )

    monkeypatch.setattr(module, "sign_in", sign_in)
    return seen


def api(deployment: Deployment, answer: Answer) -> CustomerApi:
    return CustomerApi(deployment, httpx.MockTransport(answer))


def found(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"data": {"getOrder": {"orderId": "7e1c"}}})


def refused(kind: str | None) -> Answer:
    error = {"message": "No.", "errorType": kind}
    return lambda _: httpx.Response(200, json={"data": None, "errors": [error]})


def test_a_call_sends_the_id_token_the_query_and_its_variables(
    deployment: Deployment, sign_ins: list[str]
) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return found(request)

    order = api(deployment, answer).get_order("7e1c")

    assert order == {"orderId": "7e1c"}
    (request,) = requests
    assert str(request.url) == deployment.graphql_url
    assert request.headers["authorization"] == "token-1"
    assert json.loads(request.content) == {
        "query": module.GET_ORDER,
        "variables": {"orderId": "7e1c"},
    }


def test_a_cached_token_is_reused_and_readable_only_by_its_owner(
    deployment: Deployment, sign_ins: list[str]
) -> None:
    for _ in range(2):
        command = api(deployment, found)
        command.get_order("a")
        command.get_order("b")

    assert sign_ins == [deployment.customer.email]
    assert deployment.token_cache is not None
    assert stat.S_IMODE(deployment.token_cache.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "cached",
    [
        "",
        "{",
        "{}",
        "[]",
        '{"id_token": "old", "expires_at": "soon"}',
        '{"id_token": "old", "expires_at": "2026-01-31T12:00:00"}',
        '{"id_token": "old", "expires_at": "2020-01-31T12:00:00Z"}',
    ],
)
def test_an_expired_or_invalid_cached_token_is_replaced(
    deployment: Deployment, sign_ins: list[str], cached: str
) -> None:
    assert deployment.token_cache is not None
    deployment.token_cache.write_text(cached)

    api(deployment, found).sign_in()

    assert sign_ins == [deployment.customer.email]
    assert "token-1" in deployment.token_cache.read_text()


@pytest.mark.parametrize(
    ("kind", "code", "message"),
    [
        ("InvalidOrder", ExitCode.REFUSED, "InvalidOrder: No."),
        ("IdempotencyKeyReused", ExitCode.REFUSED, "IdempotencyKeyReused: No."),
        ("OrderNotFound", ExitCode.NOT_FOUND, "OrderNotFound: No."),
        ("UnauthorizedException", ExitCode.UNAVAILABLE, "UnauthorizedException: No."),
        ("InternalError", ExitCode.FAILED, "InternalError: No."),
        (None, ExitCode.REFUSED, "Error: No."),
    ],
)
def test_a_graphql_error_is_reported_with_its_type(
    deployment: Deployment, sign_ins: list[str], kind: str | None, code: ExitCode, message: str
) -> None:
    with pytest.raises(CommandError) as e:
        api(deployment, refused(kind)).submit({})

    assert (str(e.value), e.value.code) == (message, code)


def test_an_answer_that_is_not_json_is_reported_with_its_status(
    deployment: Deployment, sign_ins: list[str]
) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(502, text="<html>Bad gateway</html>")

    with pytest.raises(CommandError, match=r"The API's answer \(HTTP 502\) is not JSON"):
        api(deployment, answer).get_order("7e1c")


def test_without_a_cache_each_command_signs_in(
    make_deployment: Callable[..., Deployment], sign_ins: list[str]
) -> None:
    deployment: Any = make_deployment(token_cache=None)

    for _ in range(2):
        api(deployment, found).sign_in()

    assert len(sign_ins) == 2


def test_a_refusal_for_now_says_when_to_try_again(
    deployment: Deployment, sign_ins: list[str]
) -> None:
    error = {"message": "Later.", "errorType": "Busy", "errorInfo": {"retryAfterSeconds": 5}}
    answer = {"data": None, "errors": [error]}

    with pytest.raises(TryLaterError, match=r"Busy: Later\.") as refusal:
        api(deployment, lambda _: httpx.Response(200, json=answer)).submit({})

    assert refusal.value.retry_after_seconds == 5
    assert refusal.value.code is ExitCode.UNAVAILABLE


def test_a_request_that_the_firewall_blocks_says_what_to_do(
    deployment: Deployment, sign_ins: list[str]
) -> None:
    errors = [{"errorType": "WAFForbiddenException", "message": "403 Forbidden"}]
    command = api(deployment, lambda _: httpx.Response(403, json={"errors": errors}))
    with pytest.raises(CommandError, match="orders waf test") as refusal:
        command.submit({"groceryList": "2 cups milk"})
    assert refusal.value.code is ExitCode.REFUSED
