"""The view *Now*: what goes on in a stage, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from orderflow.breakers.providers import ProviderName
from orderflow.clock import iso, to_epoch_ms, utc_now
from orderflow.orders.model import Order
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.recovery.settings import RecoverySettings
from scripts.console.emails import last_refusal, missed_emails
from scripts.console.overview.breaker_history import (
    WINDOW,
    BreakerHistory,
    Change,
    back_since,
    out_since,
)
from scripts.console.overview.dead_letters import dead_letters, depth, queues
from scripts.console.overview.measures import counts_by_minute, recent_rate
from scripts.console.overview.problem import Facts, Outage
from scripts.console.overview.problems import headline, problems
from scripts.console.stage import ConsoleStage, Parallel, Reads
from scripts.inspection.alarms import alarms
from scripts.inspection.breakers import is_open, lets_through
from scripts.inspection.causes import Kind
from scripts.inspection.orders import Count
from scripts.inspection.reading import MAX_ORDERS
from scripts.inspection.stuck_orders import StuckGroup, StuckOrders, stuck_orders


class Now:
    """Reads the view.

    Args:
        stage: the stage.
        parallel: runs its reads.
    """

    def __init__(self, stage: ConsoleStage, parallel: Parallel) -> None:
        self._stage = stage
        self._parallel = parallel
        self._history = BreakerHistory(stage)
        self._queues = queues(stage)

    def view(self, reads: Reads) -> dict[str, Any]:
        """The stage as it is now."""
        now = utc_now()
        found = self._parallel.run(
            stuck=lambda: stuck_orders(
                self._stage.orders, self._stage.breakers, now, limit=MAX_ORDERS
            ),
            waiting=partial(self._newest, OrderStatus.PAYMENT_INITIATED),
            refused=partial(last_refusal, self._stage),
            counts=partial(counts_by_minute, self._stage, now),
            alarms=partial(alarms, self._stage),
            recovery=self._recovery_settings,
            **{f"queue {name}": partial(depth, self._stage, name) for name in self._queues},
            **{f"breaker {each}": partial(self._breaker, each, now) for each in ProviderName},
            **{f"count {each}": partial(self._count, each, now) for each in OrderStatus},
        )
        found["deployed"] = self._deployed_at(found["stuck"])
        found["dead letters"] = dead_letters(
            self._stage, {name: found[f"queue {name}"] for name in self._queues}
        )
        return _Shown(found, now).as_json(reads)

    def _newest(self, status: OrderStatus) -> list[Order]:
        return self._stage.orders.newest(status, MAX_ORDERS)

    def _breaker(self, provider: ProviderName, now: datetime) -> tuple[Outage, list[Change]]:
        item = self._stage.breakers.read(provider)
        changes = self._history.changes(provider, now)
        return Outage(item, out_since(item, changes), back_since(item, changes)), changes

    def _count(self, status: OrderStatus, now: datetime) -> Count:
        """Orders of one status, from the index; of those that have ended, the last hour's."""
        since = now - WINDOW if status in CLOSED else None
        return Count(status, *self._stage.orders.count(status, since, None))

    def _recovery_settings(self) -> RecoverySettings:
        name = self._stage.output("RecoveryParameter")
        answer = self._stage.client("ssm").get_parameter(Name=name)
        return RecoverySettings.model_validate_json(answer["Parameter"]["Value"])

    def _deployed_at(self, stuck: StuckOrders) -> datetime | None:
        """When the definition was deployed that the latest failed execution ran."""
        failed = [group for group in stuck.groups if group.cause.kind is Kind.FAILED]
        arns = [each.order.execution_arn for group in failed for each in group.orders]
        arn = next(filter(None, reversed(arns)), None)
        if arn is None:
            return None
        sfn = self._stage.client("stepfunctions")
        try:
            answer = sfn.describe_state_machine_for_execution(executionArn=arn)
        except sfn.exceptions.ExecutionDoesNotExist:
            return None
        deployed: datetime = answer["updateDate"]
        return deployed


class _Shown:
    """What was read, in the form of the page."""

    def __init__(self, found: dict[str, Any], now: datetime) -> None:
        self._found = found
        self._now = now
        self._stuck: StuckOrders = found["stuck"]
        self._parked = [each for each in self._stuck.groups if each.cause.kind is Kind.PARKED]
        self._breakers: list[tuple[Outage, list[Change]]] = [
            found[f"breaker {each}"] for each in ProviderName
        ]
        self._counts: list[Count] = [found[f"count {each}"] for each in OrderStatus]
        self._queues = {
            name.removeprefix("queue "): each
            for name, each in found.items()
            if name.startswith("queue ")
        }
        self._problems = problems(
            Facts(
                groups=self._stuck.groups,
                outages=[outage for outage, _ in self._breakers],
                now=now,
                missed=missed_emails(found["waiting"], found["refused"], now),
                dead_letters=found["dead letters"],
                deployed_at=found["deployed"],
                resume_rate=found["recovery"].resume_rate_per_second,
                unread=self._stuck.reading.unread,
                parked_for_each_read=self._parked_for_each_read(),
                pages=[each for each in found["alarms"] if each.is_on and each.pages],
            )
        )

    def as_json(self, reads: Reads) -> dict[str, Any]:
        if self._stuck.reading.unread:
            unread = ", ".join(self._stuck.reading.unread)
            reads.limits.append(f"of {unread} the newest {MAX_ORDERS} orders were read")
        open_counts = [each for each in self._counts if each.status not in CLOSED]
        return {
            "at": iso(self._now),
            "headline": headline(
                self._problems,
                sum(each.number for each in open_counts),
                any(not each.is_complete for each in open_counts),
            ),
            "problems": [problem.as_json() for problem in self._problems],
            "statuses": [_status(each) for each in self._counts],
            "waiting": self._waiting(),
            "perMinute": self._found["counts"],
            "breakers": [self._breaker(outage, changes) for outage, changes in self._breakers],
            "queues": [{"name": name, **found} for name, found in self._queues.items()],
            "alarms": [alarm.as_json() for alarm in self._found["alarms"] if alarm.is_on],
            "alarmsInAll": len(self._found["alarms"]),
            "recovery": self._recovery(),
        }

    def _waiting(self) -> dict[str, Any]:
        groups = self._stuck.groups
        orders = [each.order for group in groups for each in group.orders]
        return {
            "orders": len(orders),
            "customers": len({order.customer_id for order in orders}),
            "kobo": sum(order.total_kobo for order in orders),
            "oldest": iso(min(group.since for group in groups)) if groups else None,
            "more": bool(self._stuck.reading.unread),
        }

    def _breaker(self, outage: Outage, changes: list[Change]) -> dict[str, Any]:
        item, ms = outage.item, to_epoch_ms(self._now)
        return {
            "provider": item.provider,
            "state": item.state,
            "mode": item.mode,
            "isOpen": is_open(item, ms),
            "letsThrough": lets_through(item, ms),
            "nextProbeAt": item.next_probe_at if not item.admits_all else None,
            "openings": item.opens,
            "failures": item.failures,
            "reason": item.shown_reason,
            "outSince": iso(outage.out_since) if outage.out_since else None,
            "from": iso(self._now - WINDOW),
            "changes": [change.as_json() for change in changes],
        }

    def _parked_for_each_read(self) -> float:
        """All of them are counted, and the newest read."""
        read = _orders_of(self._parked)
        counted: int = self._found[f"count {OrderStatus.PAYMENT_DELAYED}"].number
        return max(counted / read, 1) if read else 1

    def _recovery(self) -> dict[str, Any]:
        resuming = [each for each in self._parked if each.breaker and each.breaker.admits_all]
        left = round(_orders_of(resuming) * self._parked_for_each_read())
        rate: float = self._found["recovery"].resume_rate_per_second
        resumed = self._found["counts"]["series"]["resumed"]
        return {
            "parked": _orders_of(self._parked),
            "left": left,
            "perMinute": round(recent_rate(resumed), 1),
            "limitPerSecond": rate,
            "endsInSeconds": round(max(left / rate, 1)) if left else None,
        }


def _orders_of(groups: Iterable[StuckGroup]) -> int:
    return sum(len(group.orders) for group in groups)


def _status(found: Count) -> dict[str, Any]:
    """A status for the page; ``more`` where not all its orders were counted."""
    return {
        "status": found.status,
        "count": found.number,
        "more": not found.is_complete,
        "isOpen": found.status not in CLOSED,
    }
