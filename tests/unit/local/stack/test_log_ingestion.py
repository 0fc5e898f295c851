"""Log events become metrics, ring alarms, and are delivered to subscribed functions."""

from __future__ import annotations

import base64
import gzip
import json
import queue
from dataclasses import dataclass, field
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudwatch, cloudwatch_logs, lambda_svc

from scripts.local.cloudwatch import alarms, log_ingestion

GROUP = "/grocery/local/api"
OTHER_GROUP = "/grocery/local/parse-order"
SUBSCRIPTION = {
    "filterName": "audit",
    "filterPattern": '{ $.message = "audit" }',
    "destinationArn": "arn:aws:lambda:eu-west-1:123456789012:function:collect:live",
}


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


@dataclass
class Subscriber:
    """A function that subscribed to a log's audit lines.

    Attributes:
        deliveries: what it got.
        fails: the number of deliveries whose invocation fails.
    """

    deliveries: queue.SimpleQueue[dict[str, Any]] = field(default_factory=queue.SimpleQueue)
    fails: int = 0

    def invoke(self, function: Any, event: dict[str, Any]) -> None:
        assert function == "the function"
        if self.fails:
            self.fails -= 1
            raise ValueError("not invoked")
        self.deliveries.put(json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"]))))

    def numbers(self) -> list[int]:
        """Those of the lines of its next delivery."""
        events = self.deliveries.get(timeout=10)["logEvents"]
        return [json.loads(each["message"])["number"] for each in events]


@pytest.fixture
def subscriber(monkeypatch: pytest.MonkeyPatch) -> Subscriber:
    made = Subscriber()
    monkeypatch.setattr(lambda_svc, "invoke_async_with_retry", made.invoke)
    monkeypatch.setattr(log_ingestion, "_function", lambda _: "the function")
    for group in (GROUP, OTHER_GROUP):
        monkeypatch.setitem(
            cloudwatch_logs._log_groups, group, {"subscriptionFilters": {"audit": SUBSCRIPTION}}
        )
    return made


def log_line(deliveries: log_ingestion.Deliveries, number: int, group: str = GROUP) -> None:
    lines = [json.dumps({"message": "audit", "number": number}), '{"message": "other"}']
    deliveries.add(group, "a-stream", [{"timestamp": 1, "message": each} for each in lines])


def test_events_that_match_are_delivered_together(subscriber: Subscriber) -> None:
    deliveries = log_ingestion.Deliveries(quiet=0.5, longest=600)

    for number in range(2):
        log_line(deliveries, number)

    delivery = subscriber.deliveries.get(timeout=10)
    assert (delivery["logGroup"], delivery["messageType"]) == (GROUP, "DATA_MESSAGE")
    numbers = [json.loads(each["message"])["number"] for each in delivery["logEvents"]]
    assert numbers == [0, 1]


def test_a_log_that_is_never_quiet_is_delivered_after_the_longest_time(
    subscriber: Subscriber,
) -> None:
    deliveries = log_ingestion.Deliveries(quiet=600, longest=0.2)

    log_line(deliveries, 0)
    assert subscriber.numbers() == [0]
    log_line(deliveries, 1)

    assert subscriber.numbers() == [1]


def test_each_log_waits_by_itself(subscriber: Subscriber) -> None:
    deliveries = log_ingestion.Deliveries(quiet=0.05, longest=600)

    for number, group in enumerate((GROUP, OTHER_GROUP)):
        log_line(deliveries, number, group)

    assert sorted([subscriber.numbers(), subscriber.numbers()]) == [[0], [1]]


def test_a_delivery_belongs_to_the_account_of_its_log(subscriber: Subscriber) -> None:
    deliveries = log_ingestion.Deliveries(quiet=0.05, longest=600)

    with request_scope("111122223333", "eu-west-1"):
        groups = cloudwatch_logs._log_groups
        groups[GROUP] = {"subscriptionFilters": {"audit": SUBSCRIPTION}}
        log_line(deliveries, 0)
        del groups[GROUP]

    assert subscriber.deliveries.get(timeout=10)["owner"] == "111122223333"


def test_a_delivery_that_fails_keeps_none_of_the_others_back(subscriber: Subscriber) -> None:
    deliveries = log_ingestion.Deliveries(quiet=0.05, longest=600)
    subscriber.fails = 1

    log_line(deliveries, 0)
    log_line(deliveries, 1, OTHER_GROUP)
    (one,) = subscriber.numbers()
    log_line(deliveries, 2)

    assert one in {0, 1}
    assert subscriber.numbers() == [2]
