"""The view *Now* in the form of the page, from the parts that could be read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from cdk.alarm_names import BEDROCK_REFUSES
from orderflow.breakers.providers import ProviderName
from orderflow.clock import iso, to_epoch_ms
from orderflow.orders.model import Order
from orderflow.orders.status import CLOSED, PARKED, OrderStatus
from scripts.console.emails import missed_emails
from scripts.console.overview import parts
from scripts.console.overview.breaker_history import (
    WINDOW,
    Change,
    back_since,
    began_earlier,
    out_since,
)
from scripts.console.overview.measures import recent_rate
from scripts.console.overview.problem import Facts, Outage, plural
from scripts.console.overview.problems import headline, problems
from scripts.console.overview.stuck import Look
from scripts.console.stage import Reads
from scripts.inspection.alarms import Alarm
from scripts.inspection.breakers import is_open, lets_through, openings
from scripts.inspection.causes import Kind
from scripts.inspection.order_ids import SHORT
from scripts.inspection.orders import Count
from scripts.inspection.reading import MAX_ORDERS
from scripts.inspection.stuck_orders import (
    STUCK,
    StuckGroup,
    StuckOrder,
    grouped,
    is_undecided,
)

_UNPAID: Final = OrderStatus.PAYMENT_INITIATED


class Shown:
    """What was read.

    Args:
        found: the parts by their names; those that could not be read are missing.
        now: the time.
    """

    def __init__(self, found: dict[str, Any], now: datetime) -> None:
        self._found = found
        self._now = now
        self._looks: dict[OrderStatus, Look] = {
            each: found[parts.stuck(each)] for each in STUCK if parts.stuck(each) in found
        }
        self._unpaid: list[Order] | None = found.get(parts.WAITING)
        self._outages = [*self._each_outage()]
        self._counts = [*self._each_count()]
        self._alarms: list[Alarm] | None = found.get(parts.ALARMS)
        self._groups = self._group()
        self._parked = [each for each in self._groups if each.cause.kind is Kind.PARKED]
        self._problems = problems(self._facts())

    def _each_count(self) -> Iterable[Count]:
        """Of stuck orders the look knows the number, if there are not too many."""
        for status in OrderStatus:
            look = self._looks.get(status)
            if look is not None and look.number is not None:
                yield Count(status, look.number, is_complete=True)
            elif parts.count(status) in self._found:
                yield self._found[parts.count(status)]

    def _each_outage(self) -> Iterable[tuple[Outage, list[Change]]]:
        for provider in ProviderName:
            item = self._found.get(parts.breaker(provider))
            changes = self._found.get(parts.history(provider), [])
            if item is not None:
                outage = Outage(
                    item,
                    out_since=out_since(item, changes),
                    began_earlier=began_earlier(item, changes),
                    back_since=back_since(item, changes),
                )
                yield outage, changes

    def _group(self) -> list[StuckGroup]:
        stuck = [order for look in self._looks.values() for order in look.orders]
        undecided = [each for each in self._unpaid or () if is_undecided(each, self._now)]
        breakers = {outage.item.provider: outage.item for outage, _ in self._outages}
        found = map(StuckOrder.of, [*stuck, *undecided])
        return grouped(found, breakers.get, self._now, self._unread)

    @property
    def _unread(self) -> list[str]:
        """The statuses that may have more orders than were read."""
        unread = [
            str(each)
            for each in STUCK
            if (look := self._looks.get(each)) is None or not look.is_complete or look.unreadable
        ]
        is_read = self._unpaid is not None and len(self._unpaid) <= MAX_ORDERS
        return unread if is_read else [*unread, str(_UNPAID)]

    def _facts(self) -> Facts:
        refused_at = self._found.get(parts.REFUSED)
        recovery = self._found.get(parts.RECOVERY)
        return Facts(
            groups=self._groups,
            outages=[outage for outage, _ in self._outages],
            now=self._now,
            missed=missed_emails(self._unpaid or (), refused_at, self._now),
            dead_letters=[each for name, each in self._found.items() if parts.is_letters(name)],
            deployed_at=self._found.get(parts.DEPLOYED),
            resume_rate=recovery.resume_rate_per_second if recovery else None,
            unread=self._unread,
            parked_for_each_read=self._parked_for_each_read(),
            pages=[each for each in self._alarms or () if each.is_on and each.pages],
            refused_since=next(
                (
                    each.since
                    for each in self._alarms or ()
                    if each.is_on and each.name.endswith(f"-{BEDROCK_REFUSES}")
                ),
                None,
            ),
        )

    def as_json(self, reads: Reads) -> dict[str, Any]:
        """For the page; None stands for what could not be read. ``reads`` gets the limits."""
        reads.limits += self._limits()
        return {
            "at": iso(self._now),
            "headline": headline(
                self._problems, self._on_the_way(), [each.what for each in reads.unread]
            ),
            "problems": [problem.as_json() for problem in self._problems],
            "statuses": [_status(each) for each in self._counts],
            "waiting": self._waiting(),
            "perMinute": self._found.get(parts.COUNTS),
            "breakers": [self._breaker(outage, changes) for outage, changes in self._outages],
            "queues": [
                {"name": parts.queue_in(name), **each}
                for name, each in self._found.items()
                if parts.is_queue(name)
            ],
            "alarms": None
            if self._alarms is None
            else [alarm.as_json() for alarm in self._alarms if alarm.is_on],
            "alarmsInAll": len(self._alarms or ()),
            "recovery": self._recovery(),
        }

    def _limits(self) -> Iterable[str]:
        for status, look in self._looks.items():
            if not look.is_complete:
                yield f"of {status} the newest {len(look.orders):,} orders were read"
            if look.unreadable:
                ids = ", ".join(each[:SHORT] for each in look.unreadable)
                yield f"stored orders that can't be read: {ids}"
        if self._unpaid is not None and len(self._unpaid) > MAX_ORDERS:
            yield f"of {_UNPAID} the newest {MAX_ORDERS} orders were read"

    def _on_the_way(self) -> str:
        """How many orders are open; empty if that is not known."""
        on_the_way = [each for each in self._counts if each.status not in CLOSED]
        if len(on_the_way) < len(OrderStatus) - len(CLOSED):
            return ""
        more = "more than " if any(not each.is_complete for each in on_the_way) else ""
        return f"{more}{plural(sum(each.number for each in on_the_way), 'order')}"

    def _waiting(self) -> dict[str, Any] | None:
        if not self._looks:
            return None
        orders = [each.order for group in self._groups for each in group.orders]
        oldest = min((group.since for group in self._groups), default=None)
        return {
            "orders": len(orders),
            "customers": len({order.customer_id for order in orders}),
            "kobo": sum(order.total_kobo for order in orders),
            "oldest": iso(oldest) if oldest else None,
            "more": any(str(each) in self._unread for each in STUCK),
        }

    def _breaker(self, outage: Outage, changes: list[Change]) -> dict[str, Any]:
        item, ms = outage.item, to_epoch_ms(self._now)
        return {
            "provider": item.provider,
            "state": item.state_in_force,
            "mode": item.mode,
            "isOpen": is_open(item, ms),
            "letsThrough": lets_through(item, ms),
            "nextProbeAt": item.next_probe_at if not item.admits_all else None,
            "openings": openings(item),
            "failures": item.failures,
            "reason": item.shown_reason,
            "outSince": iso(outage.out_since) if outage.out_since else None,
            "outEarlier": outage.began_earlier,
            "from": iso(self._now - WINDOW),
            "changes": [change.as_json() for change in changes],
        }

    def _parked_for_each_read(self) -> float:
        """All of them are counted, and the newest read."""
        read = sum(len(self._looks[each].orders) for each in PARKED if each in self._looks)
        return max(self._parked_orders / read, 1) if read else 1

    @property
    def _parked_orders(self) -> int:
        """How many there are, as far as they were counted."""
        return sum(each.number for each in self._counts if each.status in PARKED)

    def _recovery(self) -> dict[str, Any] | None:
        settings, counts = self._found.get(parts.RECOVERY), self._found.get(parts.COUNTS)
        if settings is None or not self._looks:
            return None
        resuming = [each for each in self._parked if each.breaker and each.breaker.admits_all]
        left = round(_orders_of(resuming) * self._parked_for_each_read())
        rate: float = settings.resume_rate_per_second
        resumed = counts["series"]["resumed"] if counts else None
        counted = [each for each in self._counts if each.status in PARKED and each.is_complete]
        return {
            "parked": self._parked_orders,
            "more": len(counted) < len(PARKED),
            "left": left,
            "perMinute": round(recent_rate(resumed), 1) if resumed else None,
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
