"""A first stage's key, alerts, catalog and staff, on the deployed stack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cdk.settings import Settings
from scripts.auth import sign_in
from scripts.bootstrap.stage import Given, stage_steps
from scripts.bootstrap.steps import Result, State, run
from scripts.cli.deployment import Deployment
from scripts.local.stack.seed import CATALOG
from tests.support.shop import Shop

pytestmark = pytest.mark.long

STAFF = "first.staff@example.com"


class Person:
    """Answers questions, and keeps what is shown once."""

    def __init__(self, key: str) -> None:
        self.asked: list[str] = []
        self.shown: list[str] = []
        self.given = Given(
            paystack_key=lambda: self._answer("key", key),
            alerts_email=lambda: self._answer("alerts", "alerts@example.com"),
            staff_email=lambda: self._answer("staff", STAFF),
            catalog=lambda: Path(self._answer("catalog", str(CATALOG))),
            show=self.shown.append,
        )

    def _answer(self, question: str, answer: str) -> str:
        self.asked.append(question)
        return answer


def emptied(shop: Shop) -> Deployment:
    """The deployment with an empty catalog, a topic and secrets of its own."""
    deployment = shop.deployment
    table: dict[str, Any] = {
        "TableName": "bootstrap-catalog",
        "KeySchema": [
            {"AttributeName": "kind", "KeyType": "HASH"},
            {"AttributeName": "id", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in ("kind", "id")
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }
    deployment.client("dynamodb").create_table(**table)
    topic = deployment.client("sns").create_topic(Name="bootstrap")["TopicArn"]
    for name, key in (("bootstrap", "secretKey"), ("bootstrap-canary", "password")):
        deployment.client("secretsmanager").create_secret(
            Name=name, SecretString=json.dumps({key: "placeholder"})
        )
    own = {
        "CatalogTable": "bootstrap-catalog",
        "OperationsTopicArn": topic,
        "PaystackSecretName": "bootstrap",
        "CanarySecretName": "bootstrap-canary",
    }
    return replace(deployment, outputs={**deployment.outputs, **own})


def carry_out(deployment: Deployment, person: Person, *, plan: bool) -> dict[str, Result]:
    steps = stage_steps(Settings.for_stage("dev", {}), deployment, person.given)
    return {each.name: each for each in run(steps, plan=plan, report=lambda _: None)}


@pytest.fixture
def without_staff(shop: Shop) -> Iterator[None]:
    """Accounts of staff that other tests have made leave the group meanwhile."""
    cognito, pool = shop.deployment.client("cognito-idp"), shop.deployment.output("UserPoolId")
    group: dict[str, Any] = {"UserPoolId": pool, "GroupName": "ops"}
    members = [each["Username"] for each in cognito.list_users_in_group(**group)["Users"]]
    for name in members:
        cognito.admin_remove_user_from_group(**group, Username=name)
    yield
    for name in members:
        cognito.admin_add_user_to_group(**group, Username=name)


@pytest.mark.usefixtures("without_staff")
def test_a_first_stage_is_made_ready_once(shop: Shop) -> None:
    deployment, person = emptied(shop), Person(shop.state.paystack_secret_key)

    plan = carry_out(deployment, person, plan=True)
    assert plan["The catalog"].finding.state is State.MISSING
    assert plan["The first member of staff"].finding.state is State.MISSING
    assert person.asked == []

    wrong = carry_out(deployment, Person("sk_live_0123"), plan=False)
    assert wrong["PayStack's key"].finding.state is State.REFUSED
    assert "sk_test_" in wrong["PayStack's key"].finding.text

    done = carry_out(deployment, person, plan=False)
    assert [name for name, each in done.items() if each.acted] == [
        "PayStack's key", "Operations' alerts", "The catalog", "The first member of staff",
        "The canary's account",
    ]  # fmt: skip
    assert deployment.output("WebhookUrl") in done["PayStack's webhook"].finding.text
    assert "Transaction Receipts" in done["PayStack's receipts"].finding.text
    assert done["PayStack's session timeout"].finding.state is State.READY
    assert done["The sender's address"].finding.state is State.READY

    again = carry_out(deployment, person, plan=False)
    assert [name for name, each in again.items() if each.acted] == []
    assert len(person.asked) == 4

    (text,) = person.shown
    password = text.split("password ")[1].split(" ")[0]
    secret = text.split("key ")[1].split(".")[0]
    assert sign_in(deployment.user_pool, STAFF, password, secret).id_token
