"""Who did what to an order: the audit's entries about it, and its own history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from orderflow.clock import iso, utc_now
from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.orders.store import RETENTION
from orderflow.platform.audit import AuditEntry
from scripts.cli.deployment import Deployment
from scripts.cli.operations.audit import AuditTrail

#: The source of entries that come from the order's own record.
HISTORY: Final = "order's history"

#: An act is written before the order exists (its submission), or after its last change (a refusal).
_MARGIN: Final = timedelta(days=1)


def order_story(deployment: Deployment, order_id: str, since: datetime | None) -> list[AuditEntry]:
    """The audit's entries about an order, and its own history, the oldest first.

    The audit is read from the order's life alone: from a day before it was created to a day after
    its last change.

    Args:
        deployment: the stage.
        order_id: the whole id.
        since: none of the audit's that are older.
    """
    try:
        order = deployment.orders.get(order_id)
    except OrderNotFoundError:  # it has expired, or was never stored
        order = None
    return story_of(deployment, order_id, order, since)


def story_of(
    deployment: Deployment, order_id: str, order: Order | None, since: datetime | None = None
) -> list[AuditEntry]:
    """:func:`order_story`, of an order that is read already; None where there is none."""
    trail = AuditTrail(deployment)
    if order is None:
        begin = since or utc_now() - RETENTION
        return sorted(trail.entries(begin, order_id), key=_time)
    begin = since or order.created_at - _MARGIN
    entries = trail.entries(begin, order_id, until=order.updated_at + _MARGIN)
    return sorted([*entries, *_history(order)], key=_time)


def _history(order: Order) -> Iterator[AuditEntry]:
    for number, change in enumerate(order.history):
        yield AuditEntry(
            id=f"{order.order_id}/history/{number}",
            at=iso(change.at),
            actor=change.by,
            action=f"became {change.status}",
            subject=order.order_id,
            source=HISTORY,
            reason=change.reason or "",
            correlation_id=None,
        )


def _time(entry: AuditEntry) -> datetime:
    return datetime.fromisoformat(entry.at)
