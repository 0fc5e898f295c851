"""How CloudWatch evaluates metric alarms, for MiniStack, whose alarms know one period and no gaps.

An alarm looks at its last periods. Each has a datapoint, the statistic of its values, that reaches
the threshold or does not; a period without values counts as ``TreatMissingData`` says. The alarm is
on when ``DatapointsToAlarm`` of them reach it (all of them by default):
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html

Here the periods end now; CloudWatch aligns them to the clock. Math of metrics is not evaluated.
"""

from __future__ import annotations

import operator
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import fsum
from statistics import fmean
from typing import Any, Final

from ministack.services import cloudwatch  # type: ignore[import-untyped]

#: Alarms are looked at this often, and when values of theirs come in.
EVERY_SECONDS: Final = 2.0

#: Between two looks for values that come in: each takes the longer the more values there are.
PAUSE_SECONDS: Final = 0.5

#: Alarms that look back for longer are looked at as time goes by alone: they have many values.
LONG_SECONDS: Final = 900

#: Values that come in later than so many seconds after their time may be missed.
_LATE_SECONDS: Final = 60

REACHES: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}

_OF_VALUES: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    "Average": fmean,
    "Maximum": max,
    "Minimum": min,
    "SampleCount": len,
    "Sum": fsum,
}

Alarm = dict[str, Any]
Point = Mapping[str, Any]
Clock = Callable[[], float]


def install() -> None:
    """Replaces MiniStack's evaluation, and evaluates as time goes by."""
    seen: dict[str, int] = {}
    cloudwatch._evaluate_alarm = evaluate
    cloudwatch._evaluate_all_alarms = lambda: evaluate_changed([*cloudwatch._alarms.values()], seen)
    for work in (_evaluate_forever, SOON.evaluate_forever):
        threading.Thread(target=work, name="alarms", daemon=True).start()


def evaluate(alarm: Alarm, clock: Clock = time.time) -> None:
    """Evaluate an alarm; a change of its state runs its actions and concerns its composites."""
    state = _state(alarm, clock())
    before = alarm["StateValue"]
    if state is None or state == before:
        return
    reason = f"Threshold crossed: {alarm['MetricName']} is {state}, at {alarm['Threshold']}."
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(clock()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _state(alarm: Alarm, now: float) -> str | None:
    """The state; None keeps the present one."""
    reached = [*map(_reached(alarm), _periods(alarm, now))]
    known = [each for each in reached if each is not None]
    if not known:
        return None if alarm.get("TreatMissingData") == "ignore" else "INSUFFICIENT_DATA"
    needed = alarm.get("DatapointsToAlarm") or len(reached)
    return "ALARM" if sum(known) >= needed else "OK"


def _reached(alarm: Alarm) -> Callable[[Sequence[Point]], bool | None]:
    missing = {"breaching": True, "notBreaching": False}.get(alarm.get("TreatMissingData", ""))
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    reaches = REACHES[alarm["ComparisonOperator"]]

    def reached(points: Sequence[Point]) -> bool | None:
        if not points:
            return missing
        value = _statistic(points, statistic)
        return missing if value is None else reaches(value, alarm["Threshold"])

    return reached


def _statistic(points: Sequence[Point], name: str) -> float | None:
    """A statistic of values; that of values which stand alone in a fifth of MiniStack's time."""
    of_values = _OF_VALUES.get(name)
    if of_values is None or any("_stat" in each or each.get("Count", 1) != 1 for each in points):
        value: float | None = cloudwatch._stat_value(cloudwatch._calc_stats(points), name, points)
        return value
    return float(of_values([each["Value"] for each in points]))


def _periods(alarm: Alarm, now: float) -> list[list[Point]]:
    """The values of each period, the latest first."""
    length, number = alarm["Period"], alarm["EvaluationPeriods"]
    periods: list[list[Point]] = [[] for _ in range(number)]
    for point in reversed(cloudwatch._metrics.get(_key(alarm)) or []):
        age = now - point["Timestamp"]
        if age >= number * length + _LATE_SECONDS:
            break
        if age < number * length:
            periods[max(0, int(age // length))].append(point)
    return periods


def looks_far_back(alarm: Alarm) -> bool:
    """Whether each evaluation has many values to look at."""
    return bool(alarm["Period"] * alarm["EvaluationPeriods"] > LONG_SECONDS)


def _key(alarm: Alarm) -> tuple[str, str, Any]:
    dimensions = cloudwatch._dims_from_list(alarm.get("Dimensions") or [])
    return alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions)


def _evaluate_forever() -> None:
    while True:
        time.sleep(EVERY_SECONDS)
        cloudwatch._evaluate_all_alarms()


def evaluate_changed(alarms: Iterable[Alarm], seen: dict[str, int]) -> None:
    """Evaluate the alarms that are on, that have got values, or that miss them.

    Args:
        alarms: all alarms.
        seen: the number of values of each alarm at the last call; is brought up to date.
    """
    for alarm in alarms:
        number = len(cloudwatch._metrics.get(_key(alarm)) or [])
        changed = seen.get(alarm["AlarmName"]) != number
        seen[alarm["AlarmName"]] = number
        if changed or alarm["StateValue"] == "ALARM" or alarm["TreatMissingData"] == "breaching":
            evaluate(alarm)


class Soon:
    """Alarms that values have come for. However many come, each alarm is looked at once a pause.

    Safe for use by several threads.

    Args:
        pause: in seconds.
    """

    def __init__(self, pause: float = PAUSE_SECONDS) -> None:
        self._pause = pause
        self._waiting: dict[str, Alarm] = {}
        self._asked = threading.Event()

    def evaluate(self, alarm: Alarm) -> None:
        """Look at an alarm soon."""
        self._waiting[alarm["AlarmName"]] = alarm
        self._asked.set()

    def evaluate_waiting(self) -> None:
        """Look at those that wait."""
        self._asked.clear()
        while self._waiting:
            cloudwatch._evaluate_alarm(self._waiting.popitem()[1])

    def evaluate_forever(self) -> None:
        """Look at alarms as they come, and rest in between."""
        while True:
            self._asked.wait()
            self.evaluate_waiting()
            time.sleep(self._pause)


SOON: Final = Soon()
