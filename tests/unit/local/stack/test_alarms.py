"""Alarms are evaluated over their periods, with their gaps, as CloudWatch evaluates them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ministack.services import cloudwatch

from scripts.local.cloudwatch import alarms, service_metrics

NOW = 1_000_000.0


class Scene:
    """One alarm, and the states that it has gone through."""

    def __init__(self, **properties: Any) -> None:
        self.states: list[str] = []
        self.alarm = {
            "AlarmName": "late",
            "Namespace": "GroceryOrders",
            "MetricName": "Late",
            "Dimensions": [{"Name": "service", "Value": "api"}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 2.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "StateValue": "OK",
            **properties,
        }

    def put(self, *values: float, ago: float = 0, service: str = "api") -> None:
        dimensions = {"service": service}
        for value in values:
            cloudwatch._store_datum(
                "GroceryOrders", "Late", dimensions, NOW - ago, "Count", value, None, None, None
            )

    def state(self, after: float = 0) -> str:
        alarms.evaluate(self.alarm, lambda: NOW + after)
        return str(self.alarm["StateValue"])


@pytest.fixture(autouse=True)
def no_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    cloudwatch.reset()
    monkeypatch.setattr(cloudwatch, "_dispatch_alarm_actions", lambda *_: None)


def test_an_alarm_begins_at_its_threshold_and_ends_when_the_period_has_passed() -> None:
    scene = Scene()
    scene.put(1)
    assert scene.state() == "OK"
    scene.put(1)
    assert scene.state() == "ALARM"
    assert scene.state(after=299) == "ALARM"
    assert scene.state(after=300) == "OK"


def test_values_of_other_dimensions_do_not_count() -> None:
    scene = Scene()
    scene.put(5, service="webhook")
    assert scene.state() == "OK"


def test_all_periods_must_reach_the_threshold_unless_fewer_are_enough() -> None:
    every, some = Scene(EvaluationPeriods=3), Scene(EvaluationPeriods=3, DatapointsToAlarm=1)
    every.put(2, ago=600)
    every.put(2, ago=300)
    assert (every.state(), some.state()) == ("OK", "ALARM")
    every.put(2)
    assert every.state() == "ALARM"
    assert some.state(after=899) == "ALARM"
    assert some.state(after=900) == "OK"


@pytest.mark.parametrize(
    ("treatment", "state"),
    [("breaching", "ALARM"), ("notBreaching", "OK"), ("missing", "INSUFFICIENT_DATA"),
     ("ignore", "ALARM")],
)  # fmt: skip
def test_a_period_without_values_is_treated_as_the_alarm_says(treatment: str, state: str) -> None:
    assert Scene(TreatMissingData=treatment, StateValue="ALARM").state() == state


def test_the_average_of_late_and_timely_events_is_the_part_that_is_late() -> None:
    scene = Scene(Statistic="Average", Threshold=0.144)
    scene.put(*[0] * 6, 1)
    assert scene.state() == "OK"  # one of seven: 14.3 %
    scene.put(1)
    assert scene.state() == "ALARM"


def test_alarms_that_are_off_are_evaluated_when_values_have_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[str] = []
    monkeypatch.setattr(alarms, "evaluate", lambda alarm: looked.append(alarm["StateValue"]))
    scene, seen = Scene(), dict[str, int]()
    for _ in range(3):
        alarms.evaluate_changed([scene.alarm], seen)
    scene.put(1)
    alarms.evaluate_changed([scene.alarm], seen)
    assert looked == ["OK"] * 2
    scene.alarm["StateValue"] = "ALARM"
    alarms.evaluate_changed([scene.alarm], seen)
    assert looked[2:] == ["ALARM"]


@pytest.mark.parametrize("counts", [None, [3.0, 1.0, 2.0]], ids=["alone", "counted"])
@pytest.mark.parametrize(
    ("statistic", "alone", "counted"),
    [("Sum", 6, 11), ("Average", 2, 11 / 6), ("Maximum", 3, 3), ("Minimum", 1, 1),
     ("SampleCount", 3, 6), ("p50", 2, 1.5)],
)  # fmt: skip
def test_a_statistic_counts_each_value_as_often_as_it_was_seen(
    statistic: str, alone: float, counted: float, counts: list[float] | None
) -> None:
    value = alone if counts is None else counted
    for threshold, state in ((value - 0.01, "ALARM"), (value + 0.01, "OK")):
        cloudwatch.reset()
        scene = Scene(Statistic=statistic, Threshold=threshold)
        cloudwatch._store_datum(
            "GroceryOrders", "Late", {"service": "api"}, NOW, "Count", None, [1.0, 2.0, 3.0],
            counts, None,
        )  # fmt: skip
        assert scene.state() == state


def test_an_alarm_is_looked_at_once_for_all_values_that_have_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[str] = []
    monkeypatch.setattr(
        cloudwatch, "_evaluate_alarm", lambda alarm: looked.append(alarm["AlarmName"])
    )
    soon, late, lost = alarms.Soon(), Scene().alarm, Scene(AlarmName="lost").alarm
    for alarm in (late, lost, late, late):
        soon.evaluate(alarm)
    assert looked == []
    soon.evaluate_waiting()
    assert sorted(looked) == ["late", "lost"]
    soon.evaluate(late)
    soon.evaluate_waiting()
    assert looked.count("late") == 2


def _value(namespace: str, metric: str, **dimensions: str) -> list[float]:
    key = namespace, metric, cloudwatch._dims_key(dimensions)
    return [each["Value"] for each in cloudwatch._metrics.get(key) or []]


def test_a_queue_is_measured_until_it_is_empty() -> None:
    empty: set[str] = set()
    messages = [{"visible_at": NOW, "sent_at": NOW - 60}, {"visible_at": NOW + 9, "sent_at": NOW}]
    for content in (messages, [], []):
        service_metrics.measure_queues([{"name": "q", "messages": content}], empty, NOW)
    assert _value("AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName="q") == [1, 0]
    assert _value("AWS/SQS", "ApproximateAgeOfOldestMessage", QueueName="q") == [60, 0]


def test_executions_are_counted_by_how_they_end() -> None:
    reported: list[Any] = []
    report = service_metrics.counting(reported.append)
    for status in ("RUNNING", "FAILED", "SUCCEEDED", "FAILED"):
        report({"status": status, "stateMachineArn": "machine"})
    assert len(reported) == 4
    assert _value("AWS/States", "ExecutionsFailed", StateMachineArn="machine") == [1, 1]


@pytest.mark.parametrize(
    ("status", "metrics"),
    [
        (200, {"UrlRequestCount"}),
        (303, {"UrlRequestCount"}),
        (413, {"UrlRequestCount", "Url4xxCount"}),
        (502, {"UrlRequestCount", "Url5xxCount"}),
    ],
)
def test_requests_to_function_urls_are_counted_by_their_answers(
    monkeypatch: pytest.MonkeyPatch, status: int, metrics: set[str]
) -> None:
    name = f"function-{status}"
    target = ("123456789012", "eu-west-1", name, "live", {})
    monkeypatch.setattr(service_metrics.lambda_svc, "resolve_function_url", lambda _: target)

    async def serve(*_: Any) -> Any:
        return status, {}, b""

    answer = asyncio.run(service_metrics.counting_urls(serve)("an-id", "GET", "/", {}, b"", {}))

    assert answer == (status, {}, b"")
    for each in ("UrlRequestCount", "Url4xxCount", "Url5xxCount"):
        assert _value("AWS/Lambda", each, FunctionName=name) == [1] * (each in metrics)
