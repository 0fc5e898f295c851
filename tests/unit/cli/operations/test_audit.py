"""Operators' actions are audited before they are done."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from orderflow.clock import iso
from orderflow.orders.store import OrderStore
from orderflow.platform.audit import AuditEntry
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.deployment import Deployment
from scripts.cli.operations.audit import COMMAND_LINE, AuditTrail
from scripts.cli.orders.views import audit_table
from tests.support.factories import an_order, an_order_id, client_error, stored
from tests.support.screen import rendered
from tests.unit.cli.conftest import (
    ACTOR,
    AUDIT_LOG_GROUP,
    URLS,
    Audited,
    MakeDeployment,
    Orders,
)
from tests.unit.conftest import FailCalls


def test_an_action_is_audited_before_it_is_done(operated: Deployment, audited: Audited) -> None:
    with AuditTrail(operated).act("resume", "order-1", "PayStack is back"):
        assert audited() == [("resume", "order-1", "PayStack is back")]

    assert len(audited()) == 1


def test_a_failed_action_is_audited_as_failed(operated: Deployment, audited: Audited) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        AuditTrail(operated).act("resume", "order-1", "PayStack is back"),
    ):
        raise ZeroDivisionError("a secret")

    assert audited() == [
        ("resume", "order-1", "PayStack is back"),
        ("resume failed", "order-1", "ZeroDivisionError"),
    ]


def test_an_entry_has_actor_action_and_time_in_a_stream_per_day_and_actor(
    operated: Deployment,
) -> None:
    trail = AuditTrail(operated)
    for order_id in ("order-1", "order-2"):
        with trail.act("restart", order_id, "It failed.", name=f"{order_id}.2"):
            pass
    with AuditTrail(operated).act("restart", "order-3", "It failed."):
        pass  # another run of the command finds the stream

    logs = boto3.client("logs")
    streams = logs.describe_log_streams(logGroupName=AUDIT_LOG_GROUP)["logStreams"]
    today = f"{datetime.now(UTC):%Y/%m/%d}"
    assert [each["logStreamName"] for each in streams] == [f"{today}/assumed-role/operators/kemi"]
    events = logs.filter_log_events(logGroupName=AUDIT_LOG_GROUP)["events"]
    lines = [json.loads(event["message"]) for event in events]
    assert len(lines) == 3
    assert {name: lines[0][name] for name in ("actor", "action", "subject", "details")} == {
        "actor": ACTOR,
        "action": "restart",
        "subject": "order-1",
        "details": {"name": "order-1.2"},
    }
    assert datetime.now(UTC) - datetime.fromisoformat(lines[0]["at"]) < timedelta(minutes=1)


@pytest.mark.parametrize("operation", ["CreateLogStream", "PutLogEvents"])
@pytest.mark.parametrize(
    ("error", "named"),
    [
        (client_error("AccessDeniedException"), "AccessDeniedException"),
        (EndpointConnectionError(endpoint_url="x"), "EndpointConnectionError"),
    ],
)
def test_an_action_that_cannot_be_audited_is_not_done(
    operated: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    fail_calls: FailCalls,
    operation: str,
    error: Exception,
    named: str,
) -> None:
    logs = boto3.client("logs")
    fail_calls(logs, operation, error)
    monkeypatch.setattr(Deployment, "client", lambda *_: logs)

    with pytest.raises(CommandError, match=f"{named}.*nothing is done unaudited") as refusal:
        _do(operated)

    assert refusal.value.code is ExitCode.UNAVAILABLE


def test_an_entry_that_cloudwatch_rejects_is_an_error(
    operated: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs: Any = boto3.client("logs")
    rejected = {"rejectedLogEventsInfo": {"tooOldLogEventEndIndex": 1}}
    monkeypatch.setattr(logs, "put_log_events", lambda **_: rejected)
    monkeypatch.setattr(Deployment, "client", lambda *_: logs)

    with pytest.raises(CommandError, match="is this machine's clock right"):
        _do(operated)


def _do(deployment: Deployment) -> None:
    with AuditTrail(deployment).act("resume", "order-1", "PayStack is back"):
        raise AssertionError("must not be done")


def test_the_actions_error_is_raised_even_if_it_cannot_be_audited(
    operated: Deployment, monkeypatch: pytest.MonkeyPatch, fail_calls: FailCalls
) -> None:
    logs = boto3.client("logs")
    monkeypatch.setattr(Deployment, "client", lambda *_: logs)
    trail = AuditTrail(operated)

    def act() -> None:
        with trail.act("resume", "order-1", "why"):
            fail_calls(logs, "PutLogEvents", client_error("AccessDeniedException"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()


def test_a_stage_without_an_audit_log_is_reported_with_the_remedy(
    make_deployment: MakeDeployment,
) -> None:
    with pytest.raises(CommandError, match="Deploying it again brings that"):
        AuditTrail(make_deployment(outputs={}))
    with pytest.raises(CommandError, match="`orders local up --redeploy` brings that"):
        AuditTrail(make_deployment(outputs={}, urls=URLS))


def test_on_aws_the_actor_is_the_callers_arn(deployment: Deployment, account: None) -> None:
    assert AuditTrail(deployment).actor.startswith("arn:aws:sts::123456789012:")


def test_locally_the_actor_is_this_machines_user(
    make_deployment: MakeDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "kemi")
    assert AuditTrail(make_deployment(urls=URLS)).actor == "kemi"

    def nameless() -> str:
        raise KeyError("no such uid")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert AuditTrail(make_deployment(urls=URLS)).actor.startswith("uid ")


def test_actions_are_shown_with_time_reason_and_actor(orders: Orders, operated: Deployment) -> None:
    order_id = an_order_id()
    with AuditTrail(operated).act("breaker FORCED_CLOSED", "paystack", "A [quota] is raised."):
        pass
    with AuditTrail(operated).act("restart", order_id, "The execution is FAILED: KeyError."):
        pass

    shown = orders("audit").stdout
    table = rendered(audit_table([*AuditTrail(operated).entries(datetime.fromtimestamp(0, UTC))]))

    for part in (
        f"{datetime.now(UTC):%Y-%m-%d}",
        "breaker FORCED_CLOSED",
        "A [quota] is raised.",
        order_id,
        "by assumed-role/operators/kemi",
    ):
        assert part in shown
        assert part in table
    answer = json.loads(orders("audit", "--since", "5m", "--json").stdout)
    assert [(each["subject"], each["actor"]) for each in answer] == [
        ("paystack", ACTOR),
        (order_id, ACTOR),
    ]


def test_earlier_actions_are_not_shown(orders: Orders, operated: Deployment) -> None:
    early = datetime.now(UTC) - timedelta(hours=25)
    entry = AuditEntry(
        actor=ACTOR, action="resume", subject="o", reason="r", at=iso(early), source=COMMAND_LINE
    )
    AuditTrail(operated).write(entry)

    assert orders("audit", "--json").stdout == "[]\n"
    assert "resume" in orders("audit", "--since", "26h").stdout


def test_a_message_is_shown_when_there_are_no_actions(orders: Orders, operated: Deployment) -> None:
    result = orders("audit")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "There are no actions" in result.stderr
    assert orders("audit", "--json").stdout == "[]\n"


def test_operators_see_their_acts_and_with_all_those_of_others(
    orders: Orders, operated: Deployment
) -> None:
    trail = AuditTrail(operated)
    for source, role in (("203.0.113.7", "customer"), ("203.0.113.8", "operator")):
        entry = AuditEntry(
            actor=role, action="a", subject="o", reason="", source=source, details={"role": role}
        )
        trail.write(entry)

    assert [each["actor"] for each in json.loads(orders("audit", "--json").stdout)] == ["operator"]
    assert len(json.loads(orders("audit", "--all", "--json").stdout)) == 2


def test_a_line_that_was_delivered_twice_is_shown_once(
    orders: Orders, operated: Deployment
) -> None:
    entry = AuditEntry(actor=ACTOR, action="a", subject="o", reason="", source=COMMAND_LINE)
    for _ in range(2):
        AuditTrail(operated).write(entry)

    assert len(json.loads(orders("audit", "--json").stdout)) == 1


def test_an_orders_story_is_its_lines_and_its_history_by_time(
    orders: Orders, operated: Deployment, store: OrderStore
) -> None:
    order = stored(store, an_order())
    with AuditTrail(operated).act("cancel", order.order_id, "You asked us to."):
        pass
    with AuditTrail(operated).act("cancel", "another-order", "No."):
        pass

    story = json.loads(orders("audit", order.order_id, "--json").stdout)

    assert {each["subject"] for each in story} == {order.order_id}
    assert [each["at"] for each in story] == sorted(each["at"] for each in story)
    assert "cancel" in {each["action"] for each in story}
    history = [each["action"] for each in story if each["source"] == "order's history"]
    assert history == [f"became {change.status}" for change in order.history]


def test_the_trail_shows_who_called_aws_from_where(
    orders: Orders, operated: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def event(name: str, secret: str) -> dict[str, Any]:
        content = {
            "userIdentity": {"arn": ACTOR},
            "sourceIPAddress": "203.0.113.9",
            "errorCode": "AccessDenied",
            "requestParameters": {"secretId": secret},
        }
        return {
            "EventId": name,
            "EventTime": datetime.now(UTC),
            "EventSource": "secretsmanager.amazonaws.com",
            "EventName": name,
            "Resources": [{"ResourceName": secret}],
            "CloudTrailEvent": json.dumps(content),
        }

    class Pages:
        def paginate(self, **_: Any) -> list[dict[str, Any]]:
            return [
                {"Events": [event("GetSecretValue", "paystack")]},
                {"Events": [event("DescribeSecret", "of order-1")]},
            ]

    class CloudTrail:
        def get_paginator(self, name: str) -> Pages:
            assert name == "lookup_events"
            return Pages()

    monkeypatch.setattr(Deployment, "client", lambda *_: CloudTrail())

    found = json.loads(orders("audit", "--trail", "--json").stdout)
    assert {each["action"] for each in found} == {
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
    }
    first = next(each for each in found if "GetSecret" in each["action"])
    assert (first["actor"], first["source"], first["subject"], first["reason"]) == (
        ACTOR,
        "203.0.113.9",
        "paystack",
        "AccessDenied",
    )
    (of_order,) = json.loads(orders("audit", "order-1", "--trail", "--json").stdout)
    assert of_order["action"] == "secretsmanager:DescribeSecret"
