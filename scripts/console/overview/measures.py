"""Counts by the minute, from CloudWatch: their number does not depend on that of the orders."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from cdk.alarm_names import METRICS_NAMESPACE
from orderflow.clock import iso
from scripts.console.stage import ConsoleStage

MINUTES: Final = 60

#: What is plotted: its name on the page, the metric, and the function that counts it.
_COUNTED: Final = {
    "accepted": ("OrdersAccepted", "api"),
    "links": ("PaymentLinksReady", "create_payment_link"),
    "paid": ("PaymentsConfirmed", "verify_payment"),
    "failed": ("FailuresRecorded", "record_failures"),
}
_RESUMED: Final = "OrdersResumed"

Series = dict[str, list[float]]


def counts_by_minute(stage: ConsoleStage, now: datetime) -> dict[str, Any]:
    """The counts of the last hour: ``minutes`` (their starts), and a list for each series."""
    end = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    starts = [end - timedelta(minutes=MINUTES - number) for number in range(MINUTES)]
    cloudwatch = stage.client("cloudwatch")
    metrics = [
        *(
            (series, name, [{"Name": "service", "Value": function}])
            for series, (name, function) in _COUNTED.items()
        ),
        *(("resumed", _RESUMED, dimensions) for dimensions in _dimensions(cloudwatch, _RESUMED)),
    ]
    answer = cloudwatch.get_metric_data(
        StartTime=starts[0],
        EndTime=end,
        MetricDataQueries=[
            _query(f"m{number}", name, dimensions)
            for number, (_, name, dimensions) in enumerate(metrics)
        ],
    )
    series: Series = {name: [0.0] * MINUTES for name in (*_COUNTED, "resumed")}
    for result in answer["MetricDataResults"]:
        name = metrics[int(result["Id"].removeprefix("m"))][0]
        for at, value in zip(result["Timestamps"], result["Values"], strict=True):
            place = int((at - starts[0]).total_seconds() // 60)
            if 0 <= place < MINUTES:
                series[name][place] += value
    return {"minutes": [iso(start) for start in starts], "series": series}


def _dimensions(cloudwatch: Any, name: str) -> list[list[dict[str, str]]]:
    found = cloudwatch.list_metrics(Namespace=METRICS_NAMESPACE, MetricName=name)["Metrics"]
    return [each["Dimensions"] for each in found]


def _query(key: str, name: str, dimensions: list[dict[str, str]]) -> dict[str, Any]:
    metric = {"Namespace": METRICS_NAMESPACE, "MetricName": name, "Dimensions": dimensions}
    return {"Id": key, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}


def recent_rate(series: list[float]) -> float:
    """How many a minute, over the last three minutes that have begun."""
    last = series[-3:]
    return sum(last) / len(last)
