"""Dashboards plot metrics that exist; the topic's subscribers get what they are for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import aws_cdk
import pytest
from pydantic import ValidationError

from cdk.alarm_names import TEST_PAGES_METRIC
from cdk.app import add_stacks
from cdk.constructs.foundation import CodeFor
from cdk.on_call import OnCall
from cdk.settings import Settings
from orderflow.orders.money_records import RefundStatus
from orderflow.returns.customer_returns import Outcome
from tests.support.templates import Templates, readable

FUNCTIONS = Path(__file__).parents[2] / "functions"


def plots(templates: Templates) -> dict[str, list[dict[str, Any]]]:
    """The widgets of each dashboard, by the dashboard's name."""
    found = {}
    for each in templates.properties("AWS::CloudWatch::Dashboard"):
        body = json.loads(readable(each["DashboardBody"]))
        found[each["DashboardName"]] = [widget["properties"] for widget in body["widgets"]]
    return found


def test_there_is_a_dashboard_for_each_subject(templates: Templates) -> None:
    subjects = {"orders", "providers", "api", "firewall", "queues", "cost"}
    assert plots(templates).keys() == {f"grocery-{templates.stage}-{each}" for each in subjects}


def test_every_plot_has_a_title_and_metrics(templates: Templates) -> None:
    for name, widgets in plots(templates).items():
        titles = [each["title"] for each in widgets]
        assert len(titles) == len(set(titles)), name
        assert all(each["metrics"] for each in widgets)


def test_our_metrics_on_dashboards_and_in_alarms_are_written_by_functions(
    templates: Templates,
) -> None:
    source = "".join(each.read_text() for each in FUNCTIONS.rglob("*.py"))
    written = set(re.findall(r'"([A-Z]\w+)"', source))
    written |= {f"Refunds{each.title().replace('-', '')}" for each in RefundStatus}
    written |= {f"Returns{each.name.title().replace('_', '')}" for each in Outcome}
    written |= {TEST_PAGES_METRIC}  # by the command that tests pages
    drawn = {
        metric[1]
        for widgets in plots(templates).values()
        for widget in widgets
        for metric in widget["metrics"]
        if metric[0] == "GroceryOrders"
    }
    alarmed = {
        each["MetricName"]
        for each in templates.properties("AWS::CloudWatch::Alarm")
        if each.get("Namespace") == "GroceryOrders"
    }
    assert drawn
    assert (drawn | alarmed) - written == set()


def test_pagers_get_pages_and_nothing_else(
    tmp_path: Path, context: dict[str, Any], stub_code: CodeFor
) -> None:
    on_call = OnCall(
        mailboxes=("operations@shop.example",),
        chat=("https://chat.example/hook",),
        pagers=("https://pager.example/integration/key",),
    )
    app = aws_cdk.App(outdir=str(tmp_path), context=context)
    add_stacks(
        app, Settings.for_stage("dev", {}).model_copy(update={"on_call": on_call}), stub_code
    )
    folder = Path(app.synth().directory)
    template = json.loads((folder / "grocery-dev-operations.template.json").read_text())

    found = {
        each["Properties"]["Endpoint"]: each["Properties"].get("FilterPolicy")
        for each in template["Resources"].values()
        if each["Type"] == "AWS::SNS::Subscription"
    }
    assert found == {
        "operations@shop.example": None,
        "https://chat.example/hook": None,
        "https://pager.example/integration/key": {"AlarmName": [{"exists": True}]},
    }


@pytest.mark.parametrize(
    "field", [{"pagers": ["http://pager.example/x"]}, {"mailboxes": ["nobody"]}, {"who": []}]
)
def test_a_malformed_subscriber_is_refused(field: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OnCall.model_validate(field)
