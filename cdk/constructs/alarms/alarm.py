"""An alarm as this project deploys all of them, and the metrics that alarms look at."""

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk.alarm_names import METRICS_NAMESPACE, alarm_name
from cdk.constructs.alarms.incident import Incident
from cdk.settings import Settings

PERIOD = cdk.Duration.minutes(5)


def described(what: str, runbook: str) -> str:
    """An alarm's description: what has happened, and the runbook."""
    return f"{what} See the runbook {runbook}."


def operations_topic(scope: Construct, settings: Settings) -> sns.ITopic:
    """The topic of operations, by its name, for stacks that do not make it."""
    arn = cdk.Stack.of(scope).format_arn(
        service="sns",
        resource=operations_topic_name(settings),
        arn_format=cdk.ArnFormat.NO_RESOURCE_NAME,
    )
    return sns.Topic.from_topic_arn(scope, "OperationsTopic", arn)


def operations_topic_name(settings: Settings) -> str:
    """The name of the topic of operations."""
    return f"{settings.prefix}-operations"


@dataclass(frozen=True)
class AlarmProps:
    """One alarm.

    Attributes:
        name: in words without spaces; the stage's prefix comes before it.
        metric: one metric, or an expression, with its statistic and period.
        what: what has happened, as a sentence.
        runbook: the runbook's file, in docs/runbooks.
        pages: the topic that the alarm pages itself, for what is an incident of its own.
        incident: pages instead of the alarm, together with others. Neither this nor ``pages``: the
            alarm is only a part of others' rules.
        threshold: the alarm begins when the metric reaches it.
        periods: so many periods are looked at.
        reached_in: so many of them must reach the threshold; None for all.
        missing: how a period without data counts; as one below the threshold by default.
    """

    name: str
    metric: cloudwatch.IMetric
    what: str
    runbook: str
    pages: sns.ITopic | None = None
    incident: Incident | None = None
    threshold: float = 1
    periods: int = 1
    reached_in: int | None = None
    missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING


class OperationsAlarm(cloudwatch.Alarm):
    """An alarm that names its runbook.

    Attributes:
        full_name: the alarm's name.
        incident: pages for it, together with others; None where it pages itself, or never.
    """

    def __init__(self, scope: Construct, settings: Settings, props: AlarmProps) -> None:
        extra: dict[str, Any] = (
            {"datapoints_to_alarm": props.reached_in} if props.reached_in else {}
        )
        super().__init__(
            scope,
            props.name,
            alarm_name=alarm_name(settings, props.name),
            alarm_description=described(props.what, props.runbook),
            metric=props.metric,
            threshold=props.threshold,
            evaluation_periods=props.periods,
            comparison_operator=(cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD),
            treat_missing_data=props.missing,
            **extra,
        )
        self.full_name = alarm_name(settings, props.name)
        self.incident = props.incident
        if props.pages is not None:
            self.add_alarm_action(actions.SnsAction(props.pages))
            self.add_ok_action(actions.SnsAction(props.pages))


def counted(
    namespace: str, name: str, period: cdk.Duration = PERIOD, **dimensions: str
) -> cloudwatch.Metric:
    """What is counted under a name with these dimensions, summed over a period."""
    return metric(namespace, name, "Sum", period, **dimensions)


def metric(
    namespace: str, name: str, statistic: str, period: cdk.Duration = PERIOD, **dimensions: str
) -> cloudwatch.Metric:
    """A statistic (``Sum``, ``Average``, ``Maximum`` ...) of a metric over a period."""
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=statistic,
        period=period,
    )


def function_metric(
    name: str, function: str, statistic: str = "Sum", period: cdk.Duration = PERIOD
) -> cloudwatch.Metric:
    """What a function measures itself.

    Args:
        name: the metric's.
        function: the function's folder.
        statistic: of the values in a period.
        period: by default five minutes.
    """
    return metric(METRICS_NAMESPACE, name, statistic, period, service=function)
