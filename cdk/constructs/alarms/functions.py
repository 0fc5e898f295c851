"""Alarms on every function: errors, throttles, durations near the timeout, late streams."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk.constructs.alarms.alarm import AlarmProps, OperationsAlarm, metric
from cdk.constructs.alarms.incident import Incident
from cdk.constructs.functions.function import OrdersFunction
from cdk.settings import Settings

RUNBOOK = "service-degraded.md"

ERRORS = 10
"""Failed calls of a function in five minutes. Retries are normal: an order makes up to six calls of
a provider before it is parked, and five failures open the breaker, which pages by itself."""

THROTTLES = 10
"""Calls in five minutes that found no free concurrency; callers retry them."""

NEAR_THE_TIMEOUT = 0.9
"""The part of its timeout that a call may take."""

LATE_STREAM_MS = 60_000
"""The age of the oldest record that a function is given from a stream."""

OTHERS_ALARM = {
    ("collect_audit", "Errors"),
    ("payment_return", "Throttles"),
    ("payment_webhook", "Throttles"),
}
"""These have alarms of other incidents: of the audit, and of floods."""

STREAM_READERS = ("publish_order_updates", "recover_orders", "send_status_emails")


class FunctionAlarms(Construct):
    """The alarms of functions; those of a stream's readers look at their streams, too."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        settings: Settings,
        functions: Sequence[OrdersFunction],
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        for function in functions:
            self._add(function)

    def _add(self, function: OrdersFunction) -> None:
        folder, deployed = function.folder, function.deployed_name
        for name, statistic, threshold, what in (
            ("Errors", "Sum", ERRORS, f"Calls of {folder} fail."),
            ("Throttles", "Sum", THROTTLES, f"Calls of {folder} find no concurrency."),
            (
                "Duration",
                "Maximum",
                NEAR_THE_TIMEOUT * 1000 * function.timeout_seconds,
                f"A call of {folder} takes nearly all its time.",
            ),
            ("IteratorAge", "Maximum", LATE_STREAM_MS, f"{folder} is a minute behind its stream."),
        ):
            if (folder, name) in OTHERS_ALARM or (
                name == "IteratorAge" and folder not in STREAM_READERS
            ):
                continue
            of = metric("AWS/Lambda", name, statistic, FunctionName=deployed)
            title = folder.title().replace("_", "")
            self._alarm(f"{title}{name}", of, threshold, what)

    def _alarm(self, name: str, of: cloudwatch.IMetric, threshold: float, what: str) -> None:
        OperationsAlarm(
            self,
            self._settings,
            AlarmProps(
                name, of, what, RUNBOOK, incident=Incident.SERVICE_DEGRADED, threshold=threshold
            ),
        )
