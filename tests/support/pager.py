"""The pages that operations get, and alarms that end without minutes of waiting."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, Self

from tests.support.shop import Shop
from tests.support.waiting import wait_for

PATIENCE_SECONDS: Final = 300

_PREFIX: Final = "grocery-local-"

#: What PutMetricAlarm takes of what DescribeAlarms answers.
_SETTINGS: Final = (
    "AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions",
    "InsufficientDataActions", "MetricName", "Namespace", "Statistic", "ExtendedStatistic",
    "Dimensions", "Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
    "ComparisonOperator", "TreatMissingData",
)  # fmt: skip
#: The shortest period that CloudWatch has, and one of it.
_SHORT: Final = {"Period": 10, "EvaluationPeriods": 1, "DatapointsToAlarm": 1}


class Pager:
    """The pages of a ``with`` block: how often each began and ended.

    All alarms are off when it begins: one that is on does not page again.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._cloudwatch = shop.deployment.client("cloudwatch")
        self._read = shop.pages()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._hastened: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        self._shop.silence_alarms()
        self._began = datetime.now(UTC)
        return self

    def __exit__(self, *_: object) -> None:
        """Alarms are as deployed again, and off."""
        for alarm in self._hastened.values():
            self._cloudwatch.put_metric_alarm(**alarm)
        self._shop.silence_alarms()

    def counts(self) -> Counter[tuple[str, str]]:
        """The numbers of pages by the alarm's name, without the stage's prefix, and its state."""
        for page in self._read():
            name = page["AlarmName"].removeprefix(_PREFIX)
            self._counts[name, page["NewStateValue"]] += 1
        return self._counts

    def begun(self, page: str) -> int:
        """How often the page began."""
        return self.counts()[page, "ALARM"]

    def wait_for(self, alarm: str, page: str | None = None) -> None:
        """Waits until an alarm is on and its page has come; without a page, its own."""
        wait_for(lambda: self._shop.alarm_state(alarm), "ALARM".__eq__, PATIENCE_SECONDS)
        wait_for(lambda: self.begun(page or alarm), bool, PATIENCE_SECONDS)

    def wait_for_end(self, page: str) -> None:
        """Waits until the page says that it is over, without the minutes that alarms look back."""

        def ended() -> int:
            self.hasten()
            return self.counts()[page, "OK"]

        wait_for(ended, bool, PATIENCE_SECONDS)

    def hasten(self) -> None:
        """Lets the alarms that are on now look at the last ten seconds alone.

        They evaluate their metrics as ever: what has ended leaves their periods sooner.
        """
        for alarm in self._alarms(StateValue="ALARM"):
            self._change(alarm, _SHORT)

    def divide_periods(self, factor: int) -> None:
        """Divides the periods of all alarms, down to the shortest that CloudWatch has."""
        for alarm in self._alarms():
            self._change(alarm, {"Period": _period(alarm["Period"] / factor)})

    def rung(self) -> set[str]:
        """The alarms that have begun, without the stage's prefix; pages are none of them."""
        history = self._cloudwatch.get_paginator("describe_alarm_history").paginate(
            AlarmTypes=["MetricAlarm"],
            HistoryItemType="StateUpdate",
            StartDate=self._began,
            EndDate=datetime.now(UTC),
        )
        return {
            each["AlarmName"].removeprefix(_PREFIX)
            for page in history
            for each in page["AlarmHistoryItems"]
            if each["HistorySummary"].endswith("to ALARM")
        }

    def _alarms(self, **those: Any) -> list[dict[str, Any]]:
        """The alarms that may be changed: silence begins the others, and does not end them."""
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmTypes=["MetricAlarm"], **those
        )
        return [
            alarm
            for page in pages
            for alarm in page["MetricAlarms"]
            if alarm["AlarmName"] not in self._hastened and alarm["TreatMissingData"] != "breaching"
        ]

    def _change(self, alarm: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        deployed = _settings_of(alarm)
        self._hastened[alarm["AlarmName"]] = deployed
        self._cloudwatch.put_metric_alarm(**deployed | settings)


@contextmanager
def period_of(shop: Shop, alarm: str, seconds: int) -> Iterator[None]:
    """For this block an alarm has another period; afterwards the one that it is deployed with.

    Args:
        shop: the stack.
        alarm: its name, without the stage's prefix.
        seconds: 10, 30, or whole minutes.
    """
    cloudwatch = shop.deployment.client("cloudwatch")
    (found,) = cloudwatch.describe_alarms(AlarmNames=[f"{_PREFIX}{alarm}"])["MetricAlarms"]
    deployed = _settings_of(found)
    cloudwatch.put_metric_alarm(**deployed | {"Period": seconds})
    try:
        yield
    finally:
        cloudwatch.put_metric_alarm(**deployed)


def _period(seconds: float) -> int:
    """The next longer period that CloudWatch has: 10 s, 30 s, or whole minutes."""
    return next((each for each in (10, 30) if seconds <= each), 60 * math.ceil(seconds / 60))


def _settings_of(alarm: Mapping[str, Any]) -> dict[str, Any]:
    return {name: alarm[name] for name in _SETTINGS if alarm.get(name) is not None}
