"""Alarms on orders: failed executions, providers that are out, orders that wait or stand still."""

from dataclasses import replace

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk.alarm_names import BEDROCK_REFUSES, METRICS_NAMESPACE
from cdk.constructs.alarms.alarm import (
    PERIOD,
    AlarmProps,
    OperationsAlarm,
    counted,
    function_metric,
    metric,
)
from cdk.constructs.alarms.incident import Incident
from cdk.constructs.workflow import workflow_name
from cdk.settings import Settings
from orderflow.breakers.events import COUNTED_AS, OUT_METRIC, REFUSED_METRIC, STATE_METRICS
from orderflow.breakers.providers import ProviderName
from orderflow.breakers.state import State

RECONCILER = "reconcile_orders"

OUT_PERIOD = cdk.Duration.minutes(1)
"""A value begins or ends the alarm within two minutes. The next one may be a quarter of an hour
away, so that without a value the alarm stays as it is."""

MANY_PARKED = 10

PARKED_TOO_LONG_SECONDS = 30 * 60

OPEN_TOO_LONG = 6
"""Runs of the reconciler that find a breaker open: half an hour."""

RECENT_PERIODS = 12
"""Five minutes each: within an hour of its cause a symptom does not page. The orders of an outage
count as late when they get their links, after it."""


class OrderAlarms(Construct):
    """The alarms on orders.

    Attributes:
        machine: the ARN of the state machine.
        recent_causes: begin with a cause of an incident, and stay for an hour after it.
    """

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, operations: sns.ITopic
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self.machine = cdk.Stack.of(self).format_arn(
            service="states",
            resource="stateMachine",
            resource_name=workflow_name(settings),
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        self.recent_causes: list[OperationsAlarm] = []
        self._executions()
        for provider in ProviderName:
            self._breaker(provider)
        self._waiting_orders()
        self._refused(
            AlarmProps(
                BEDROCK_REFUSES,
                _of_provider(ProviderName.BEDROCK, REFUSED_METRIC),
                "Amazon Bedrock refuses our requests: lists are matched by name, until we act.",
                "provider-outage.md",
                incident=Incident.PROVIDER_OUT,
            )
        )
        self._refused(
            AlarmProps(
                "EmailRefused",
                _of_provider("ses", REFUSED_METRIC),
                "Amazon SES refuses our requests: customers get no e-mail, until we act.",
                "provider-outage.md",
                pages=operations,
            )
        )
        self._alarm(
            AlarmProps(
                "FailedRefunds",
                function_metric("RefundsFailed", "payment_webhook"),
                "PayStack could not give money back.",
                "refunds.md",
                pages=operations,
            )
        )

    def _executions(self) -> None:
        for name, what in (
            ("ExecutionsFailed", "An execution of an order failed."),
            ("ExecutionsTimedOut", "An execution of an order ran out of time."),
        ):
            self._cause(
                AlarmProps(
                    name,
                    counted("AWS/States", name, StateMachineArn=self.machine),
                    what,
                    "failed-executions.md",
                    incident=Incident.ORDERS_FAIL,
                )
            )
        self._alarm(
            AlarmProps(
                "OrdersStuck",
                self._found("OrdersStuck"),
                "Orders stand still, and the reconciler can't repair them.",
                "failed-executions.md",
                incident=Incident.ORDERS_FAIL,
            )
        )

    def _breaker(self, provider: ProviderName) -> None:
        title = provider.title()
        out = AlarmProps(
            f"{title}Out",
            _of_provider(provider, OUT_METRIC, OUT_PERIOD, "Maximum"),
            f"{provider.display_name} is out: its breaker opened again, and has not closed since.",
            "provider-outage.md",
            incident=Incident.PROVIDER_OUT,
            missing=cloudwatch.TreatMissingData.IGNORE,
        )
        # Openings may be more than an hour apart: the provider may ask for such a pause.
        self.recent_causes.append(self._alarm(out))
        # One opening keeps symptoms quiet; only a second one pages.
        self._recent(
            AlarmProps(
                out.name,
                _of_provider(provider, STATE_METRICS[State.OPEN]),
                f"{provider.display_name} was out: its breaker opened.",
                out.runbook,
            )
        )

    def _refused(self, props: AlarmProps) -> None:
        """One page for as long as a provider refuses us: an hour without a refusal ends it.

        Refusals come with orders, which may be minutes apart. Its symptoms page no more.
        """
        lasting = replace(props, periods=RECENT_PERIODS, reached_in=1)
        self.recent_causes.append(self._alarm(lasting))

    def _waiting_orders(self) -> None:
        for name, threshold, what, runbook, periods in (
            ("OrdersParked", MANY_PARKED, "Many orders are parked.", "parked-orders.md", 1),
            (
                "ParkedOrdersAge",
                PARKED_TOO_LONG_SECONDS,
                "An order has been parked for half an hour.",
                "parked-orders.md",
                1,
            ),
            (
                "BreakersOpen",
                1,
                "Orders have waited for an open breaker for half an hour.",
                "stuck-breaker.md",
                OPEN_TOO_LONG,
            ),
        ):
            self._alarm(
                AlarmProps(
                    name,
                    self._found(name),
                    what,
                    runbook,
                    incident=Incident.PROVIDER_OUT,
                    threshold=threshold,
                    periods=periods,
                )
            )

    def _found(self, name: str) -> cloudwatch.Metric:
        """What the reconciler finds, as of its last run."""
        return function_metric(name, RECONCILER, "Maximum")

    def _cause(self, props: AlarmProps) -> None:
        self._alarm(props)
        self._recent(props)

    def _recent(self, props: AlarmProps) -> None:
        self.recent_causes.append(
            self._alarm(
                replace(
                    props,
                    name=f"{props.name}Lately",
                    what=f"{props.what} This was within the last hour.",
                    incident=None,
                    periods=RECENT_PERIODS,
                    reached_in=1,
                )
            )
        )

    def _alarm(self, props: AlarmProps) -> OperationsAlarm:
        return OperationsAlarm(self, self._settings, props)


def _of_provider(
    provider: str, name: str, period: cdk.Duration = PERIOD, statistic: str = "Sum"
) -> cloudwatch.Metric:
    """What functions measure of a provider, together."""
    dimensions = {"provider": provider, "service": COUNTED_AS}
    return metric(METRICS_NAMESPACE, name, statistic, period, **dimensions)


def queue_age(settings: Settings, scope: Construct, queue_name: str) -> OperationsAlarm:
    """An alarm on messages of the parked orders' queue that wait far beyond their longest delay."""
    age = metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", QueueName=queue_name)
    return OperationsAlarm(
        scope,
        settings,
        AlarmProps(
            "ParkedOrdersQueueAge",
            age,
            "Timers of parked orders are not handled in time.",
            "parked-orders.md",
            incident=Incident.SERVICE_DEGRADED,
            threshold=PARKED_TOO_LONG_SECONDS,
        ),
    )
