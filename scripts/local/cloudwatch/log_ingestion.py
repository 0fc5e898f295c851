"""What CloudWatch does with log events when they come in, for MiniStack, which only keeps them.

- Metrics in the embedded metric format
  (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html)
  become metrics, and the alarms on them are evaluated (:mod:`scripts.local.cloudwatch.alarms`).
- Subscriptions deliver the events that match their patterns. Those of a log go together, once it
  has been quiet for a second, or after five: while orders flow, to collect one by one what they
  log would take as much of the machine as a step of them.
"""

from __future__ import annotations

import base64
import contextvars
import gzip
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ministack.services import (  # type: ignore[import-untyped]
    cloudwatch,
    cloudwatch_logs,
    lambda_svc,
)

from scripts.local.cloudwatch.alarms import SOON, Alarm, looks_far_back
from scripts.local.filter_patterns import PatternError, matches

#: A log's events are delivered when no other has come for so many seconds ...
QUIET_SECONDS: Final = 1.0

#: ... and at the latest so many seconds after the first of them.
LONGEST_SECONDS: Final = 5.0

Event = Mapping[str, Any]

log = logging.getLogger("log_ingestion")


def install() -> None:
    """Replaces the parts of MiniStack that ingest log events."""
    cloudwatch_logs._append_log_events = measuring(cloudwatch_logs._append_log_events)
    cloudwatch_logs._fanout_to_subscription_filters = Deliveries().add


def measuring(
    append: Callable[[Any, Any], None], evaluate: Callable[[Alarm], None] = SOON.evaluate
) -> Callable[[Any, Any], None]:
    """``append``, which also turns embedded metrics into metrics.

    Args:
        append: stores the events of a stream.
        evaluate: has an alarm looked at whose metric has got values.
    """

    def append_and_measure(stream: Any, events: Sequence[Event]) -> None:
        append(stream, events)
        changed = {name for event in events for name in _measure(event)}
        for alarm in [*cloudwatch._alarms.values()] if changed else []:
            named = (alarm.get("Namespace"), alarm.get("MetricName"))
            if named in changed and not looks_far_back(alarm):
                evaluate(alarm)

    return append_and_measure


def _measure(event: Event) -> Iterator[tuple[str, str]]:
    """Stores an event's metrics; yields their namespaces and names."""
    message = event["message"]
    if '"CloudWatchMetrics"' not in message:
        return
    try:
        content = json.loads(message)
        directives = content["_aws"]["CloudWatchMetrics"]
    except (ValueError, KeyError, TypeError):
        return
    at = content["_aws"].get("Timestamp", event["timestamp"]) / 1000
    for directive in directives:
        for metric in directive["Metrics"]:
            value = content.get(metric["Name"])
            values = [float(each) for each in (value if isinstance(value, list) else [value])]
            for names in directive["Dimensions"]:
                cloudwatch._store_datum(
                    directive["Namespace"],
                    metric["Name"],
                    {name: str(content[name]) for name in names},
                    at,
                    metric.get("Unit", "None"),
                    None,
                    values,
                    None,
                    None,
                )
            yield directive["Namespace"], metric["Name"]


@dataclass
class _Batch:
    """Events of one log that wait for others.

    Attributes:
        deliver: delivers them.
        context: in which it is to be called.
        latest: when they are delivered at the latest, and ``due``: when, if no other comes
            (monotonic seconds).
    """

    deliver: Callable[[list[Event]], None]
    context: contextvars.Context
    latest: float
    due: float = 0.0
    events: list[Event] = field(default_factory=list)


class Deliveries:
    """Delivers log events to the functions that subscribed to their logs.

    Args:
        quiet: how long a log is quiet before its events are delivered, in seconds.
        longest: how long an event waits for others of its log at most, in seconds.
    """

    def __init__(self, quiet: float = QUIET_SECONDS, longest: float = LONGEST_SECONDS) -> None:
        self._quiet = quiet
        self._longest = longest
        self._changed = threading.Condition()
        self._waiting: dict[tuple[str, str], _Batch] = {}
        self._thread: threading.Thread | None = None

    def add(self, group: str, stream: str, events: Sequence[Event]) -> None:
        """Take events to deliver. Errors are logged: they must not stop the log."""
        subscriptions = (cloudwatch_logs._log_groups.get(group) or {}).get("subscriptionFilters")
        for name, subscription in [*(subscriptions or {}).items()]:
            try:
                pattern = subscription.get("filterPattern") or ""
                matching = [each for each in events if matches(pattern, each["message"])]
            except PatternError:
                log.exception("subscription %s of %s", name, group)
                continue
            if matching:
                self._wait(group, stream, subscription, matching)

    def _wait(
        self, group: str, stream: str, subscription: Mapping[str, Any], events: list[Event]
    ) -> None:
        name, now = subscription["filterName"], time.monotonic()
        with self._changed:
            batch = self._waiting.get((group, name))
            if batch is None:
                deliver = partial(_deliver, subscription["destinationArn"], group, stream, name)
                # MiniStack keeps the account and region of a request in its context.
                context = contextvars.copy_context()
                batch = _Batch(deliver, context, now + self._longest)
                self._waiting[group, name] = batch
                self._begin()
            batch.events += events
            batch.due = min(now + self._quiet, batch.latest)

    def _begin(self) -> None:
        self._changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._deliver_forever, name="log deliveries")
            self._thread.daemon = True
            self._thread.start()

    def _deliver_forever(self) -> None:
        while True:
            for batch in self._due():
                try:
                    batch.context.run(batch.deliver, batch.events)
                except Exception:  # the next ones are delivered all the same
                    log.exception("a delivery of %d events", len(batch.events))

    def _due(self) -> list[_Batch]:
        """Waits until batches are due; takes them."""
        with self._changed:
            while True:
                now = time.monotonic()
                due = [key for key, batch in self._waiting.items() if batch.due <= now]
                if due:
                    return [self._waiting.pop(key) for key in due]
                next_due = min((each.due for each in self._waiting.values()), default=None)
                self._changed.wait(None if next_due is None else next_due - now)


def _deliver(arn: str, group: str, stream: str, name: str, events: Sequence[Event]) -> None:
    function = _function(arn)
    if function is None:
        log.warning("no function for the subscription %s of %s", name, group)
        return
    lambda_svc.invoke_async_with_retry(function, envelope(group, stream, name, events))


def envelope(group: str, stream: str, name: str, events: Sequence[Event]) -> dict[str, Any]:
    """The event of a delivery, as a function gets it."""
    now = int(time.time() * 1000)
    content = {
        "messageType": "DATA_MESSAGE",
        "owner": cloudwatch_logs.get_account_id(),
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": [name],
        "logEvents": [
            {
                "id": each.get("eventId") or uuid.uuid4().hex,
                "timestamp": each.get("timestamp", now),
                "message": each["message"],
            }
            for each in events
        ],
    }
    zipped = gzip.compress(json.dumps(content).encode())
    return {"awslogs": {"data": base64.b64encode(zipped).decode()}}


def _function(arn: str) -> Any:
    name, qualifier = lambda_svc._resolve_name_and_qualifier(arn)
    return lambda_svc._get_func_record_for_qualifier(name, qualifier)[0]
