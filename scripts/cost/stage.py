"""Reads what orders of a stage used, from the stage itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cdk.settings import Settings
from orderflow.orders.model import Order
from scripts.cli.deployment import Deployment
from scripts.cli.orders.execution import read_progress
from scripts.cost.counting import OrderFacts, calls_for, usage_by_order
from scripts.cost.invocations import LogLine, custom_metrics, invocations
from scripts.cost.requests import read_requests
from scripts.cost.usage import Usage
from scripts.local.stack.state import Home
from scripts.log_groups import events, group_names

#: What an order causes may follow its last change by so long: batches of streams and of logs.
_AFTER: Final = timedelta(seconds=30)
_BEFORE: Final = timedelta(seconds=5)


@dataclass(frozen=True)
class Counted:
    """What orders used.

    Attributes:
        by_order: of each order, by its id.
        rest: what was used meanwhile and for none of them, such as schedules.
        calls: of an order, by ``service:operation``.
        custom_metrics: how many metrics the functions wrote, each name and dimension once.
        is_complete: whether requests were recorded; on AWS only executions and logs are read.
    """

    by_order: dict[str, Usage]
    rest: Usage
    calls: dict[str, float]
    custom_metrics: int
    is_complete: bool

    @property
    def mean(self) -> Usage:
        """Of one order, on average."""
        return Usage.total(self.by_order.values()).scaled(1 / max(1, len(self.by_order)))


def count(deployment: Deployment, orders: Sequence[Order], recorded: Path | None = None) -> Counted:
    """Counts what these orders used of AWS.

    Args:
        deployment: their stage.
        orders: at least one.
        recorded: the emulator's record of requests; the local stack's own by default.

    On AWS nothing records the requests of functions to services: there it counts the executions'
    transitions and the functions' reports, and :attr:`Counted.is_complete` is False.
    """
    sfn = deployment.client("stepfunctions")
    since = min(order.created_at for order in orders) - _BEFORE
    until = max(order.updated_at for order in orders) + _AFTER
    facts = [_facts(sfn, order) for order in orders]
    lines = _log_lines(deployment, since, until)
    requests = (
        read_requests(recorded or Home().requests, since.timestamp(), until.timestamp())
        if deployment.urls
        else []
    )
    runs = invocations(lines)
    by_order, rest = usage_by_order(facts, requests, runs)
    return Counted(
        by_order,
        rest,
        calls_for(frozenset(by_order), requests),
        custom_metrics(runs),
        is_complete=bool(requests),
    )


def newest_since(deployment: Deployment, since: timedelta, limit: int) -> list[Order]:
    """The orders that were created in this time, at most so many, the newest first."""
    begin = datetime.now(UTC) - since
    return [each for each in deployment.orders.newest(None, limit) if each.created_at >= begin]


def _facts(sfn: Any, order: Order) -> OrderFacts:
    progress = read_progress(sfn, order.execution_arn) if order.execution_arn else None
    use = order.model_use
    return OrderFacts(
        order.order_id,
        progress,
        (order.updated_at - order.created_at).total_seconds(),
        use.input_tokens if use else 0,
        use.output_tokens if use else 0,
    )


def _log_lines(deployment: Deployment, since: datetime, until: datetime) -> Iterator[LogLine]:
    logs = deployment.client("logs")
    path = Settings.for_stage(deployment.stage, {}).path
    for group in group_names(logs, f"{path}/"):
        if group != f"{path}/audit":  # what functions write there is counted as their requests
            for event in events(logs, group, since, until):
                yield LogLine(group, event["logStreamName"], event["message"])
