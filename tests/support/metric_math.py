"""Alarms on math of metrics, evaluated as AWS documents it: the emulator has no math of metrics.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html for
DIFF and FILL, and that the latest period of a metric that comes late is filled, too, and the page
alarm-evaluation.html there. What AWS does not document is taken at its worst: a sum with a missing
value is missing.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from scripts.local.cloudwatch.alarms import REACHES

#: A value for each period, the oldest first; None where there is none.
Series = Sequence[float | None]


def values(expression: str, metrics: Mapping[str, Series]) -> Series:
    """The values of an expression, of its metrics' values by their ids."""
    return _values(ast.parse(expression, mode="eval").body, metrics)


def _values(node: ast.expr, metrics: Mapping[str, Series]) -> Series:
    match node:
        case ast.Name(id=name):
            return metrics[name]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            pairs = zip(_values(left, metrics), _values(right, metrics), strict=True)
            return [None if a is None or b is None else a + b for a, b in pairs]
        case ast.Call(func=ast.Name(id="FILL"), args=[series, ast.Constant(value=value)]):
            return [value if each is None else each for each in _values(series, metrics)]
        case ast.Call(func=ast.Name(id="DIFF"), args=[series]):
            found = _values(series, metrics)
            steps = pairwise(found)
            return [None, *(None if a is None or b is None else b - a for a, b in steps)]
    raise NotImplementedError(ast.unparse(node))


class MathAlarm:
    """An alarm of a template, whose metrics get values period by period.

    Args:
        alarm: its properties.
    """

    def __init__(self, alarm: Mapping[str, Any]) -> None:
        self._alarm = alarm
        (expression,) = [each for each in alarm["Metrics"] if "Expression" in each]
        self.expression: str = expression["Expression"]
        self.metrics = {
            each["Id"]: each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each
        }

    def is_on(self, *periods: Mapping[str, float]) -> bool:
        """Whether it is on after these periods: each has the values of some metrics, by id."""
        history = ({}, *periods)
        series = {name: [each.get(name) for each in history] for name in self.metrics}
        looked_at = values(self.expression, series)[-self._alarm["EvaluationPeriods"] :]
        reaches = REACHES[self._alarm["ComparisonOperator"]]
        assert self._alarm["TreatMissingData"] == "notBreaching"
        reached = sum(
            each is not None and reaches(each, self._alarm["Threshold"]) for each in looked_at
        )
        needed = self._alarm.get("DatapointsToAlarm", self._alarm["EvaluationPeriods"])
        return reached >= int(needed)
