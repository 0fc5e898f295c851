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

    def get_paginator(self, _: str) -> CloudWatch:
        return self

    def paginate(self, **request: Any) -> list[dict[str, Any]]:
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


def test_older_things_are_left_out(orders: Orders, history: CloudWatch) -> None:
    history.add("grocery-dev-PaystackOut", "OK to ALARM")
    assert json.loads(orders("incident", "--since", "5m", "--json").stdout) == []
    assert "Nothing happened" in orders("incident", "--since", "5m").stderr


def test_the_timeline_is_a_table_for_people(orders: Orders, history: CloudWatch) -> None:
    history.add("grocery-dev-ProviderOut", "OK to ALARM", 0, "CompositeAlarm")
    result = orders("incident")
    assert result.exit_code == 0
    assert "ProviderOut" in result.stdout
