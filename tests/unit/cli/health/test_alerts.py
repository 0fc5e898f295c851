"""``orders alerts test``: what it sends, and that it is audited."""

from __future__ import annotations

import boto3
import pytest

from cdk.alarm_names import TEST_PAGES_METRIC
from scripts.cli.deployment import Deployment
from scripts.cli.health import alerts
from tests.unit.cli.conftest import Audited, Orders


@pytest.fixture(autouse=True)
def here(operated: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "connect", lambda _: operated)


def test_a_test_page_counts_the_metric_of_its_alarm_and_is_audited(
    orders: Orders, audited: Audited
) -> None:
    result = orders("alerts", "test", "--reason", "Kemi takes over")

    assert result.exit_code == 0
    assert "TestPage begins within two minutes" in result.stdout
    (metric,) = boto3.client("cloudwatch").list_metrics(MetricName=TEST_PAGES_METRIC)["Metrics"]
    assert (metric["Namespace"], metric["Dimensions"]) == ("GroceryOrders", [])
    assert audited() == [("test page", "dev", "Kemi takes over")]


def test_a_test_page_needs_a_reason(orders: Orders, audited: Audited) -> None:
    assert orders("alerts", "test").exit_code == 2
    assert audited() == []


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize(
    ("group", "commands"),
    [("alerts", ("show", "test")), ("breakers", ("show", "open", "close", "auto", "policy"))],
)
def test_the_help_of_a_group_names_all_its_commands(
    orders: Orders, group: str, commands: tuple[str, ...], option: str
) -> None:
    shown = orders(group, option).stdout

    assert "COMMAND" in shown
    for command in commands:
        assert f" {command} " in shown
