"""The metrics of SQS, Step Functions and function URLs, for MiniStack, which has none.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-monitoring.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from ministack.services import (  # type: ignore[import-untyped]
    cloudwatch,
    lambda_svc,
    sqs,
    stepfunctions,
)

#: SQS writes its metrics once a minute; here the wait is for people.
EVERY_SECONDS: Final = 2.0

_ENDINGS: Final = {
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
    "SUCCEEDED": "ExecutionsSucceeded",
}


#: What is counted of an answer beside the request, by the first digit of its status.
_FAMILIES: Final[Mapping[int, tuple[str, ...]]] = {4: ("Url4xxCount",), 5: ("Url5xxCount",)}

Serve = Callable[..., Awaitable[Any]]


def install() -> None:
    """Counts executions by their end and requests to function URLs, and measures the queues."""
    stepfunctions._emit_execution_status_event = counting(
        stepfunctions._emit_execution_status_event
    )
    lambda_svc.handle_function_url_request = counting_urls(lambda_svc.handle_function_url_request)
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


def counting_urls(serve: Serve) -> Serve:
    """``serve``, which also counts the requests to function URLs by their answers."""

    async def serve_and_count(url_id: str, *arguments: Any, **options: Any) -> Any:
        answer = await serve(url_id, *arguments, **options)
        target = lambda_svc.resolve_function_url(url_id)
        if target is not None:
            _, _, name, _, _ = target
            for metric in ("UrlRequestCount", *_FAMILIES.get(answer[0] // 100, ())):
                cloudwatch.record_metric("AWS/Lambda", metric, 1, "Count", {"FunctionName": name})
        return answer

    return serve_and_count


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
