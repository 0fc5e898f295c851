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
from typing import Any, Final

from ministack.services import cloudwatch  # type: ignore[import-untyped]

#: Alarms are looked at this often, beside each time that values of theirs come in.
EVERY_SECONDS: Final = 2.0

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

Alarm = dict[str, Any]
Point = Mapping[str, Any]
Clock = Callable[[], float]


def install() -> None:
    """Replaces MiniStack's evaluation, and evaluates as time goes by."""
    seen: dict[str, int] = {}
    cloudwatch._evaluate_alarm = evaluate
    cloudwatch._evaluate_all_alarms = lambda: evaluate_changed([*cloudwatch._alarms.values()], seen)
    threading.Thread(target=_evaluate_forever, name="alarms", daemon=True).start()


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
        value = cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points)
        return missing if value is None else reaches(value, alarm["Threshold"])

    return reached


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
