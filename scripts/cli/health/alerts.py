"""``orders alerts``: the alarms, what operations were sent, and a test page."""

from __future__ import annotations

import typer

from cdk.alarm_names import METRICS_NAMESPACE, TEST_PAGE, TEST_PAGES_METRIC
from scripts.cli.console import out
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.groups import ShowByDefault
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Reason, Stage
from scripts.cli.orders.messages import show_alerts

app = typer.Typer(
    cls=ShowByDefault,
    help="Alarms and what operations were sent; shows them if no command is named.",
)
app.command("show")(show_alerts)


@app.command("test")
def send_test_page(*, reason: Reason, stage: Stage = LOCAL) -> None:
    """Send a test page: an alarm of its own begins and ends, and goes the way of every page."""
    deployment = connect(stage)
    with AuditTrail(deployment).act("test page", deployment.stage, reason):
        deployment.client("cloudwatch").put_metric_data(
            Namespace=METRICS_NAMESPACE,
            MetricData=[{"MetricName": TEST_PAGES_METRIC, "Unit": "Count", "Value": 1}],
        )
    out.print(
        f"The alarm {TEST_PAGE} begins within two minutes, and ends some minutes later. "
        "`orders incident` shows both; the pager shows whom they reach."
    )
