"""What CloudWatch does with log events when they come in, for MiniStack, which only keeps them.

- Metrics in the embedded metric format
  (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html)
  become metrics, and the alarms on them are evaluated (:mod:`scripts.local.cloudwatch.alarms`).
- Subscriptions deliver the events that match their patterns, those of a second together.
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
from typing import Any, Final

from ministack.services import (  # type: ignore[import-untyped]
    cloudwatch,
    cloudwatch_logs,
    lambda_svc,
)

from scripts.local.cloudwatch.alarms import SOON, Alarm, looks_far_back
from scripts.local.filter_patterns import PatternError, matches

#: Events of one log are delivered together when they come within so many seconds.
DELIVERY_SECONDS: Final = 1.0

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


class Deliveries:
    """Delivers log events to the functions that subscribed to their logs.

    Args:
        seconds: how long events wait for others of the same log.
    """

    def __init__(self, seconds: float = DELIVERY_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, str], list[Event]] = {}

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
        key = (group, subscription["filterName"])
        with self._lock:
            waiting = self._waiting.setdefault(key, [])
            waiting += events
            if len(waiting) > len(events):
                return  # an earlier event's timer delivers them, too
        # MiniStack keeps the account and region of a request in its context.
        run = contextvars.copy_context().run
        timer = threading.Timer(self._seconds, run, (self._deliver, stream, key, subscription))
        timer.daemon = True
        timer.start()

    def _deliver(self, stream: str, key: tuple[str, str], subscription: Mapping[str, Any]) -> None:
        with self._lock:
            events = self._waiting.pop(key)
        function = _function(subscription["destinationArn"])
        if function is None:
            log.warning("no function for the subscription %s of %s", key[1], key[0])
            return
        lambda_svc.invoke_async_with_retry(function, envelope(key[0], stream, key[1], events))


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
