"""``orders incident`` against a history in memory."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scripts.cli.deployment import Deployment
from scripts.cli.operations import audit, incident
from tests.unit.cli.conftest import Orders

BEGAN = datetime.now(UTC) - timedelta(minutes=30)


class CloudWatch:
    """Alarms' histories."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        #: The alarms' descriptions, by the names of those that page.
        self.paging: dict[str, str] = {}
        self._operation = ""

    def get_paginator(self, operation: str) -> CloudWatch:
        self._operation = operation
        return self

    def paginate(self, **request: Any) -> list[dict[str, Any]]:
        if self._operation == "describe_alarms":
            return [{"MetricAlarms": [_alarm(*each) for each in self.paging.items()]}]
        assert request["HistoryItemType"] == "StateUpdate"
        found = [
            each
            for each in self.items
            if each["AlarmType"] in request["AlarmTypes"]
            and each["Timestamp"] > request["StartDate"]
        ]
        return [{"AlarmHistoryItems": found}]

    def add(self, name: str, summary: str, minutes: int = 0, kind: str = "MetricAlarm") -> None:
        self.items.append(
            {
                "AlarmName": name,
                "AlarmType": kind,
                "HistorySummary": f"Alarm updated from {summary}",
                "Timestamp": BEGAN + timedelta(minutes=minutes),
            }
        )


def _alarm(name: str, description: str) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "AlarmDescription": description,
        "AlarmActions": ["arn"],
        "StateValue": "OK",
        "StateUpdatedTimestamp": BEGAN,
    }


@pytest.fixture
def history(operated: Deployment, monkeypatch: pytest.MonkeyPatch) -> CloudWatch:
    found = CloudWatch()
    before = Deployment.client

    def client(deployment: Deployment, service: str) -> Any:
        return found if service == "cloudwatch" else before(deployment, service)

    monkeypatch.setattr(Deployment, "client", client)
    monkeypatch.setattr(incident, "connect", lambda _: operated)
    return found


def test_pages_alarms_and_acts_are_told_in_their_sequence(
    orders: Orders, operated: Deployment, history: CloudWatch
) -> None:
    history.add("grocery-dev-ProviderOut", "OK to ALARM", 1, "CompositeAlarm")
    history.add("grocery-dev-PaystackOut", "OK to ALARM")
    history.add("grocery-prod-PaystackOut", "OK to ALARM")
    history.add("grocery-dev-OrdersStuck", "INSUFFICIENT_DATA to OK")
    with audit.AuditTrail(operated).act("open breaker", "paystack", "it answers nonsense"):
        pass

    told = json.loads(orders("incident", "--json").stdout)

    assert [(each["kind"], each["what"]) for each in told] == [
        ("alarm", "PaystackOut: Alarm updated from OK to ALARM"),
        ("page", "ProviderOut: Alarm updated from OK to ALARM"),
        ("act", "open breaker paystack: started"),
    ]
    assert "does not serve us" in told[1]["reason"]
    assert told[2]["reason"] == "it answers nonsense"


def test_an_alarm_that_pages_by_itself_is_a_page(orders: Orders, history: CloudWatch) -> None:
    history.paging["grocery-dev-FailedRefunds"] = "PayStack could not give money back."
    history.add("grocery-dev-FailedRefunds", "OK to ALARM")
    history.add("grocery-dev-ApiErrors", "OK to ALARM", 1)

    told = json.loads(orders("incident", "--json").stdout)

    assert [(each["kind"], each["reason"]) for each in told] == [
        ("page", "PayStack could not give money back."),
        ("alarm", ""),
    ]


def test_older_things_are_left_out(orders: Orders, history: CloudWatch) -> None:
    history.add("grocery-dev-PaystackOut", "OK to ALARM")
    assert json.loads(orders("incident", "--since", "5m", "--json").stdout) == []
    assert "Nothing happened" in orders("incident", "--since", "5m").stderr


def test_the_timeline_is_a_table_for_people(orders: Orders, history: CloudWatch) -> None:
    history.add("grocery-dev-ProviderOut", "OK to ALARM", 0, "CompositeAlarm")
    result = orders("incident")
    assert result.exit_code == 0
    assert "ProviderOut" in result.stdout
