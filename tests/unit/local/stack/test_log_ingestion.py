"""Log events become metrics, ring alarms, and are delivered to subscribed functions."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from typing import Any

import pytest
from ministack.services import cloudwatch, cloudwatch_logs, lambda_svc

from scripts.local.cloudwatch import alarms, log_ingestion

GROUP = "/grocery/local/api"


def embedded(name: str, value: Any, **dimensions: str) -> dict[str, Any]:
    content = {
        "_aws": {
            "Timestamp": int(log_ingestion.time.time() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": "GroceryOrders",
                    "Dimensions": [[*dimensions]],
                    "Metrics": [{"Name": name, "Unit": "Count"}],
                }
            ],
        },
        name: value,
        **dimensions,
    }
    return {"timestamp": 1, "message": json.dumps(content)}


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The alarms that rang, of two on the same metric of two functions."""
    names: list[str] = []
    cloudwatch.reset()
    for service in ("api", "webhook"):
        cloudwatch._alarms[service] = {
            "AlarmName": service,
            "Namespace": "GroceryOrders",
            "MetricName": "Forged",
            "Dimensions": [{"Name": "service", "Value": service}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 5,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "StateValue": "OK",
        }
    monkeypatch.setattr(
        cloudwatch, "_dispatch_alarm_actions", lambda alarm, *_: names.append(alarm["AlarmName"])
    )
    return names


def test_an_embedded_metric_rings_the_alarm_on_its_dimensions_alone(rung: list[str]) -> None:
    append = log_ingestion.measuring(lambda *_: None, alarms.evaluate)

    append({}, [embedded("Forged", [1.0, 3.0], service="api")])
    assert rung == []
    append({}, [embedded("Forged", 1, service="api"), {"timestamp": 1, "message": "a line"}])

    assert rung == ["api"]


@pytest.mark.parametrize(
    "message", ['"CloudWatchMetrics"', '{"_aws": {"x": "CloudWatchMetrics"}}', "[]", "text"]
)
def test_other_lines_are_no_metrics(rung: list[str], message: str) -> None:
    kept: list[Any] = []

    log_ingestion.measuring(lambda _, events: kept.extend(events))(
        {}, [{"timestamp": 1, "message": message}]
    )

    assert len(kept) == 1
    assert rung == []


def test_events_that_match_are_delivered_together(monkeypatch: pytest.MonkeyPatch) -> None:
    delivered: list[dict[str, Any]] = []
    done = threading.Event()

    def invoke(function: Any, event: dict[str, Any]) -> None:
        assert function == "the function"
        delivered.append(json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"]))))
        done.set()

    arn = "arn:aws:lambda:eu-west-1:123456789012:function:collect:live"
    subscription = {
        "filterName": "audit",
        "filterPattern": '{ $.message = "audit" }',
        "destinationArn": arn,
    }
    monkeypatch.setattr(lambda_svc, "invoke_async_with_retry", invoke)
    monkeypatch.setattr(log_ingestion, "_function", lambda _: "the function")
    monkeypatch.setitem(
        cloudwatch_logs._log_groups, GROUP, {"subscriptionFilters": {"audit": subscription}}
    )
    deliveries = log_ingestion.Deliveries(seconds=0.05)

    for number in range(2):
        lines = [json.dumps({"message": "audit", "number": number}), '{"message": "other"}']
        deliveries.add(GROUP, "a-stream", [{"timestamp": 1, "message": each} for each in lines])

    assert done.wait(10)
    (delivery,) = delivered
    assert (delivery["logGroup"], delivery["messageType"]) == (GROUP, "DATA_MESSAGE")
    numbers = [json.loads(each["message"])["number"] for each in delivery["logEvents"]]
    assert numbers == [0, 1]
