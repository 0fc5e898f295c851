"""run_canary, from the scheduled event to its metrics."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.canary.sign_in import SignedIn
from orderflow.canary.updates import Updates
from orderflow.errors import ConfigurationError
from orderflow.platform import aws
from orderflow.wiring import canary
from run_canary.handler import lambda_handler
from tests.support.canary_shop import ORDER, CanaryShop
from tests.support.events import load_event

SECRET = "grocery/test/canary"
ACCOUNT = {"email": "canary@example.com", "password": "Correct-horse-9", "totpSecret": "JBSWY3DP"}


@pytest.fixture(autouse=True)
def _environment(environment: pytest.MonkeyPatch) -> None:
    for name, value in {
        "CANARY_SECRET_NAME": SECRET,
        "USER_POOL_ID": "eu-west-1_AbCdEfGhI",
        "USER_POOL_CLIENT_ID": "1example23456789",
        "GRAPHQL_API_URL": "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql",
        "GRAPHQL_REALTIME_URL": "wss://abc.appsync-realtime-api.eu-west-1.amazonaws.com/graphql",
        "CANARY_LIST": "1 loaf bread",
        "CANARY_STOPS_BEFORE_LINK": "false",
        "CANARY_PATIENCE_SECONDS": "20",
    }.items():
        environment.setenv(name, value)


@pytest.fixture
def account(account: None) -> None:
    """The canary's account, where the function looks for it."""
    aws.secrets().client.create_secret(Name=SECRET, SecretString=json.dumps(ACCOUNT))


def _open(monkeypatch: pytest.MonkeyPatch, shop: CanaryShop) -> None:
    """A shop beyond the sign-in and the network."""

    def signed_in(_: Any, pool: Any, found: Any) -> SignedIn:
        assert pool.client_id == "1example23456789"
        assert found.as_secret() == ACCOUNT
        return SignedIn("a.token", "the-canary")

    monkeypatch.setattr(canary, "sign_in", signed_in)
    monkeypatch.setattr(canary, "GraphqlClient", lambda *_: shop)
    monkeypatch.setattr(canary, "follow", lambda *_: shop.customer().follow())


def _written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_run_that_passed_is_measured(
    context: LambdaContext, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _open(monkeypatch, CanaryShop())

    answer = lambda_handler(load_event("scheduled"), context)

    assert (answer["passed"], answer["orderId"]) == (True, ORDER)
    measured = next(line for line in _written(capsys) if "CanaryMissed" in line)
    assert measured["CanaryMissed"] == [0.0]
    assert measured["CanarySeconds"][0] >= 0


def test_a_run_that_missed_is_measured_and_logged_with_its_step(
    context: LambdaContext,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    _open(monkeypatch, CanaryShop("PAYMENT_DELAYED"))

    answer = lambda_handler(load_event("scheduled"), context)

    assert (answer["passed"], answer["failedStep"]) == (False, "update")
    lines = _written(capsys)
    assert next(line for line in lines if "CanaryMissed" in line)["CanaryMissed"] == [1.0]
    (logged,) = (each for each in caplog.records if each.message == "canary missed")
    assert vars(logged)["failedStep"] == "update"
    assert not any(secret in str(vars(logged)) for secret in ACCOUNT.values())


def test_without_an_account_it_misses_and_says_what_to_do(context: LambdaContext) -> None:
    aws.secrets().client.update_secret(SecretId=SECRET, SecretString='{"password": "placeholder"}')

    answer = lambda_handler(load_event("scheduled"), context)

    assert answer["failedStep"] == "sign-in"
    assert ConfigurationError.__name__ in answer["problem"]
    assert "orders canary set-up" in answer["problem"]
    assert "placeholder" not in answer["problem"]


def test_updates_of_the_shop_are_those_of_the_protocol() -> None:
    with CanaryShop().customer().follow() as updates:
        assert isinstance(updates, Updates)
