"""``orders canary``: the account that it gets, and a run by hand."""

from __future__ import annotations

import io
import json
from typing import Any

import boto3
import pytest

from orderflow.canary.account import CanaryAccount
from orderflow.orders.access import CANARY_GROUP
from scripts import canary
from scripts.cli.deployment import Deployment
from scripts.cli.health import canary as command
from tests.unit.cli.conftest import Audited, MakeDeployment, Orders

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:grocery-dev-run-canary:live"
SECRET = "grocery/dev/canary"
ADDRESS = "success+canary-dev@simulator.amazonses.com"
PASSED = {"passed": True, "seconds": 4.3, "orderId": "o-1", "failedStep": None, "problem": ""}
MISSED = {**PASSED, "passed": False, "failedStep": "link", "problem": "JourneyError: no link"}


class Cognito:
    """A user pool as boto3's client shows it; it notes what it is asked, in its sequence."""

    class exceptions:  # noqa: N801 - boto3's name
        class UserNotFoundException(Exception): ...  # noqa: N818 - Cognito's names

        class UsernameExistsException(Exception): ...  # noqa: N818

    def __init__(self) -> None:
        self.has_account = False
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def call(**given: Any) -> None:
            assert given["Username"] == ADDRESS
            self.asked.append(name)
            if name == "admin_add_user_to_group":
                assert given["GroupName"] == CANARY_GROUP
            if name == "admin_delete_user" and not self.has_account:
                raise self.exceptions.UserNotFoundException

        return call


class Function:
    """The function as boto3's Lambda client shows it."""

    def __init__(self, answer: dict[str, Any], **more: Any) -> None:
        self._answer, self._more = answer, more

    def invoke(self, **given: Any) -> dict[str, Any]:
        assert given["FunctionName"] == FUNCTION
        return {"Payload": io.BytesIO(json.dumps(self._answer).encode()), **self._more}


@pytest.fixture
def cognito(
    operated: Deployment, monkeypatch: pytest.MonkeyPatch, make_deployment: MakeDeployment
) -> Cognito:
    found = Cognito()
    others = Deployment.client
    outputs = {**operated.outputs, "CanarySecretName": SECRET, "CanaryFunction": FUNCTION}
    stage = make_deployment(outputs=outputs)

    def client(deployment: Deployment, service: str) -> Any:
        return found if service == "cognito-idp" else others(deployment, service)

    def enrol(_: Any, email: str, password: str) -> tuple[str, None]:
        # The group comes first: tokens name those of their moment.
        assert found.asked[-1] == "admin_add_user_to_group"
        assert (email, len(password) > 12) == (ADDRESS, True)
        return "JBSWY3DPEHPK3PXP" * 2, None

    monkeypatch.setattr(Deployment, "client", client)
    monkeypatch.setattr(canary, "enrol", enrol)
    monkeypatch.setattr(command, "connect", lambda _: stage)
    boto3.client("secretsmanager").create_secret(Name=SECRET, SecretString='{"password": "x"}')
    return found


def kept() -> str:
    answer = boto3.client("secretsmanager").get_secret_value(SecretId=SECRET)
    return answer["SecretString"]


@pytest.mark.parametrize("has_account", [False, True])
def test_it_gets_a_new_account_that_nobody_sees(
    cognito: Cognito, orders: Orders, audited: Audited, has_account: bool
) -> None:
    cognito.has_account = has_account

    result = orders("canary", "set-up", "--reason", "A new stage.")

    assert result.exit_code == 0
    account = CanaryAccount.model_validate_json(kept())
    assert account.email == ADDRESS
    for secret in (account.password, account.totp_secret):
        assert secret.get_secret_value() not in result.output
    assert cognito.asked[0] == "admin_delete_user"
    assert ("canary set-up", "dev", "A new stage.") in audited()


def test_each_set_up_has_another_password(cognito: Cognito, orders: Orders) -> None:
    passwords = set()
    for _ in range(2):
        orders("canary", "set-up", "--reason", "Again.")
        passwords.add(json.loads(kept())["password"])

    assert len(passwords) == 2


@pytest.mark.parametrize(("answer", "code", "says"), [(PASSED, 0, "4.3 s"), (MISSED, 1, "link")])
def test_a_run_says_what_came_of_it(
    cognito: Cognito,
    orders: Orders,
    monkeypatch: pytest.MonkeyPatch,
    answer: dict[str, Any],
    code: int,
    says: str,
) -> None:
    monkeypatch.setattr(Deployment, "patient_client", lambda *_: Function(answer))

    result = orders("canary", "run")

    assert (result.exit_code, says in result.output) == (code, True)
    assert json.loads(orders("canary", "run", "--json").stdout) == answer


def test_a_function_that_fails_is_no_run(
    cognito: Cognito, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Function({"errorType": "KeyError"}, FunctionError="Unhandled")
    monkeypatch.setattr(Deployment, "patient_client", lambda *_: failed)

    result = orders("canary", "run")

    assert (result.exit_code, "KeyError" in result.output) == (3, True)
