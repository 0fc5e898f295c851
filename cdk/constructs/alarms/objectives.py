"""Service level objectives, and the alarms on how fast their error budgets burn.

Functions measure each event as 0 (in time) or 1 (late) under one name. The average of such a metric
is the part of events that are late, its sum their number, and its sample count that of all events:
no math of metrics is needed. An alarm on two windows follows Google's Site Reliability Workbook,
chapter 5 (multiwindow, multi-burn-rate alerts): the long window says that enough of the budget is
spent, the short one that it still burns.
"""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk.constructs.alarms.alarm import AlarmProps, OperationsAlarm, function_metric
from cdk.settings import Settings
from orderflow.platform import observability

RUNBOOK = "service-degraded.md"

LATE_EVENTS = 3
"""Late events in six hours: a single one out of few is no trend."""


@dataclass(frozen=True)
class Objective:
    """One objective.

    Attributes:
        name: in names of alarms.
        measured: what the function measures.
        function: the folder of the function that measures it.
        promise: the objective in words.
        events: what is measured, in words.
        were_late: what was wrong with those that are late, in words.
        target: the part of the events that must be in time.
    """

    name: str
    measured: observability.Objective
    function: str
    promise: str
    events: str
    were_late: str
    target: float = 0.99


OBJECTIVES = (
    Objective(
        "Links",
        observability.LINKS,
        "create_payment_link",
        "Payment links are made within 30 s of the order",
        "payment links",
        "were made more than 30 s after the order",
    ),
    Objective(
        "Updates",
        observability.UPDATES,
        "publish_order_updates",
        "Updates are published within 5 s of the change",
        "updates",
        "were published more than 5 s after the change",
    ),
    Objective(
        "Payments",
        observability.PAYMENTS,
        "verify_payment",
        "Payments are confirmed within 60 s",
        "payments",
        "took more than 60 s to be confirmed",
    ),
)


@dataclass(frozen=True)
class _Burn:
    """A pace: at ``rate`` times the budget, ``hours`` spend the same part of 30 days' budget."""

    name: str
    rate: float
    long: cdk.Duration
    short: cdk.Duration


BURNS = (
    _Burn("Fast", 14.4, cdk.Duration.hours(1), cdk.Duration.minutes(5)),
    _Burn("Slow", 6, cdk.Duration.hours(6), cdk.Duration.minutes(30)),
)


class ObjectiveAlarms(Construct):
    """The alarms of one objective.

    Attributes:
        rule: the rule of composite alarms that says that the budget burns too fast.
    """

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, objective: Objective
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self._objective = objective
        many = self._alarm(
            "LateMany",
            "Sum",
            cdk.Duration.hours(6),
            LATE_EVENTS,
            str(LATE_EVENTS),
        )
        burns = cloudwatch.AlarmRule.any_of(*map(self._burn, BURNS))
        self.rule = cloudwatch.AlarmRule.all_of(when(many), burns)

    def _burn(self, burn: _Burn) -> cloudwatch.IAlarmRule:
        late = round(burn.rate * (1 - self._objective.target), 6)
        both = (
            self._alarm(
                f"{burn.name}{size}",
                "Average",
                window,
                late,
                f"{late * 100:g} %",
            )
            for size, window in (("Long", burn.long), ("Short", burn.short))
        )
        return cloudwatch.AlarmRule.all_of(*map(when, both))

    def _alarm(
        self, name: str, statistic: str, window: cdk.Duration, threshold: float, least: str
    ) -> OperationsAlarm:
        """``least``: the threshold in words."""
        objective = self._objective
        last = window.to_human_string().removeprefix("1 ")
        return OperationsAlarm(
            self,
            self._settings,
            AlarmProps(
                f"{objective.name}{name}",
                function_metric(objective.measured.metric, objective.function, statistic, window),
                f"At least {least} of the {objective.events} of the last {last} "
                f"{objective.were_late}.",
                RUNBOOK,
                threshold=threshold,
            ),
        )


def when(alarm: OperationsAlarm) -> cloudwatch.IAlarmRule:
    """The rule that the alarm is on; by its name, which needs no export of its stack."""
    return cloudwatch.AlarmRule.from_string(f'ALARM("{alarm.full_name}")')
