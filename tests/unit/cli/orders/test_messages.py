"""``orders mail`` and ``orders alerts``: what customers and operations were sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import httpx
import pytest

from orderflow.orders.store import OrderStore
from scripts.cli.deployment import Deployment
from scripts.cli.orders import messages
from scripts.inspection.alarms import AlarmChange
from tests.support.factories import an_order, stored
from tests.unit.cli.conftest import URLS, MakeDeployment, Orders

MAIL: dict[str, Any] = {
    "To": ["ada@mail.example"],
    "Subject": "Your [grocery] order",
    "BodyText": "Pay here.",
    "Timestamp": 1769860800.25,  # 2026-01-31T12:00:00Z
}


def an_alert(subject: str, at: int) -> dict[str, Any]:
    body = {"Subject": subject, "Message": "Look at it."}
    return {"Body": json.dumps(body), "SentTimestamp": at}


@pytest.fixture
def inspected(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the emulator holds, by the last part of the path."""
    held: dict[str, Any] = {"ses": {"messages": {}}, "sqs": {"messages": {}}}

    def get(url: str, **_: Any) -> httpx.Response:
        kind = url.partition("/_ministack/")[2].partition("/")[0]
        return httpx.Response(200, json=held[kind], request=httpx.Request("GET", url))

    monkeypatch.setattr("scripts.inspection.mailbox.httpx.get", get)
    return held


@pytest.fixture
def here(
    operated: Deployment, make_deployment: MakeDeployment, monkeypatch: pytest.MonkeyPatch
) -> Deployment:
    """The local stage, with the tables in memory."""
    local = make_deployment(stage="local", urls=URLS)
    local.__dict__["orders"] = operated.orders
    monkeypatch.setattr(messages, "connect", lambda _: local)
    return local


def test_mail_is_shown_the_newest_first(
    orders: Orders, here: Deployment, inspected: dict[str, Any]
) -> None:
    later = MAIL | {"Subject": "Paid", "Timestamp": MAIL["Timestamp"] + 3600}
    inspected["ses"]["messages"] = {"000000000000": [MAIL, later]}

    shown = orders("mail").stdout.splitlines()

    assert shown == [
        "2026-01-31 13:00:00  ada@mail.example  Paid",
        "2026-01-31 12:00:00  ada@mail.example  Your [grocery] order",
    ]
    assert "Pay here." in orders("mail", "--text").stdout
    assert [each["subject"] for each in json.loads(orders("mail", "--json").stdout)] == [
        "Paid",
        "Your [grocery] order",
    ]


def test_mail_of_one_order_names_it(
    orders: Orders, here: Deployment, inspected: dict[str, Any], store: OrderStore
) -> None:
    order = stored(store, an_order())
    about = MAIL | {"Subject": "Yours", "BodyText": f"Order {order.order_id}"}
    inspected["ses"]["messages"] = {"000000000000": [MAIL, about]}

    (mail,) = json.loads(orders("mail", order.order_id[:8], "--json").stdout)

    assert mail["subject"] == "Yours"


def test_no_mail_is_a_message(orders: Orders, here: Deployment, inspected: dict[str, Any]) -> None:
    assert "No e-mail was sent." in orders("mail").stderr


def test_on_aws_mail_is_not_kept(orders: Orders, operated: Deployment) -> None:
    result = orders("mail", "--stage", "dev")

    assert result.exit_code == 2
    assert "SES keeps no e-mails" in result.stderr


def put_alarm(name: str, state: str) -> None:
    cloudwatch = boto3.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name, AlarmDescription="Look at [it].", MetricName="m", Namespace="n",
        Period=60, Statistic="Sum", Threshold=1, EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="Too many.")


def test_alarms_that_are_on_and_messages_are_shown(
    orders: Orders, here: Deployment, inspected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_alarm("grocery-local-on", "ALARM")
    put_alarm("grocery-local-off", "OK")
    put_alarm("another-on", "ALARM")
    queue = {"http://q/operations-mailbox": [an_alert("Old", 1), an_alert("New", 4_000_000_000)]}
    inspected["sqs"]["messages"] = {"000000000000": {"eu-west-1": queue}}
    monkeypatch.setattr(messages, "alarm_changes", lambda *_: iter(()))

    result = orders("alerts")
    content = json.loads(orders("alerts", "--json").stdout)

    assert "ON grocery-local-on" in result.stdout
    assert "Look at [it]." in result.stdout
    assert "Too many." in result.stdout
    assert [each["name"] for each in content["alarms"]] == ["grocery-local-on"]
    assert [each["subject"] for each in content["alerts"]] == ["New"]
    assert "Old" not in result.stdout
    assert "another-on" not in result.stdout


def test_quiet_alarms_are_counted(
    orders: Orders, here: Deployment, inspected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_alarm("grocery-local-off", "OK")
    monkeypatch.setattr(messages, "alarm_changes", lambda *_: iter(()))

    assert "None of 1 alarms is on." in orders("alerts").stdout


def test_changes_beyond_the_last_hundred_are_said_to_exist(
    orders: Orders, here: Deployment, inspected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    change = AlarmChange(datetime.now(UTC), "grocery-local-on", "OK to ALARM")
    monkeypatch.setattr(messages, "alarm_changes", lambda *_: iter([change] * 100))

    assert "There is more: changes of alarms." in orders("alerts").stderr
