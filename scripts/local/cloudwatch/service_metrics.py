"""The metrics that SQS and Step Functions write to CloudWatch, for MiniStack, which has none.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ministack.services import cloudwatch, sqs, stepfunctions  # type: ignore[import-untyped]

#: SQS writes its metrics once a minute; here the wait is for people.
EVERY_SECONDS: Final = 2.0

_ENDINGS: Final = {
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
    "SUCCEEDED": "ExecutionsSucceeded",
}


def install() -> None:
    """Replaces MiniStack's report of an execution's end, and looks at the queues from now on."""
    stepfunctions._emit_execution_status_event = counting(
        stepfunctions._emit_execution_status_event
    )
    threading.Thread(target=_measure_forever, name="queues", daemon=True).start()


def counting(report: Callable[[Any], None]) -> Callable[[Any], None]:
    """``report``, which also counts executions by how they ended."""

    def report_and_count(execution: Any) -> None:
        report(execution)
        name = _ENDINGS.get(execution["status"])
        if name is not None:
            machine = {"StateMachineArn": execution["stateMachineArn"]}
            cloudwatch.record_metric("AWS/States", name, 1, "Count", machine)

    return report_and_count


def _measure_forever() -> None:
    empty: set[str] = set()
    while True:
        time.sleep(EVERY_SECONDS)
        measure_queues([*sqs._queues.values()], empty, time.time())


def measure_queues(queues: Sequence[Mapping[str, Any]], empty: set[str], now: float) -> None:
    """Measure each queue, an empty one once.

    Args:
        queues: MiniStack's queues.
        empty: the names of those that were empty at the last call; is brought up to date.
        now: the time, in epoch seconds.
    """
    for queue in queues:
        name = queue["name"]
        messages = [*queue["messages"]]
        if not messages and name in empty:
            continue
        (empty.discard if messages else empty.add)(name)
        visible = sum(each["visible_at"] <= now for each in messages)
        oldest = max((now - each["sent_at"] for each in messages), default=0)
        dimensions = {"QueueName": name}
        for metric, value, unit in (
            ("ApproximateNumberOfMessagesVisible", visible, "Count"),
            ("ApproximateAgeOfOldestMessage", oldest, "Seconds"),
        ):
            cloudwatch.record_metric("AWS/SQS", metric, value, unit, dimensions)
