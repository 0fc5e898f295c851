"""Audit lines for the changes of status that no function makes, from the table's stream.

The state machine writes some statuses into the table itself (ParkOrder, CompleteOrder, ...). So
could anybody with the right to: such a change, which the history does not show, has a line, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orderflow.platform.audit import AuditEntry, Outcome, record

#: The actor of a change of status that is not in the order's history.
UNKNOWN: Final = "unknown"

#: States sign as ``EXECUTION/STATE``; functions and operators, who audit themselves, have no slash.
_STATE: Final = "/"


def audit_direct_writes(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Write the lines for one record of the stream; the same lines each time.

    Args:
        before: the order's item as it was; empty where there was none.
        after: as it is since then; empty where it was deleted.
    """
    if not after:
        return
    seen = len(before.get("history", ()))
    history: Sequence[Mapping[str, Any]] = after.get("history", ())
    for number, change in enumerate(history[seen:], seen):
        if _STATE in str(change.get("by", "")):
            record(_entry(after, number, change))
    if len(history) <= seen and before.get("status") != after.get("status"):
        record(_entry(after, f"v{after.get('version')}", {"by": UNKNOWN, **after}))


def _entry(order: Mapping[str, Any], key: int | str, change: Mapping[str, Any]) -> AuditEntry:
    execution, _, state = str(change["by"]).rpartition(_STATE)
    at = change.get("at", order.get("updatedAt"))
    return AuditEntry(
        id=f"{order['orderId']}/{key}",
        **({"at": at} if at else {}),
        actor=state,
        action="order status write",
        subject=str(order["orderId"]),
        source=f"execution {execution}" if execution else "orders table",
        outcome=Outcome.SUCCEEDED,
        # The history's reasons are for the customer, and say nothing personal.
        reason=str(change.get("reason") or ""),
        correlation_id=execution or None,
        details={"status": str(change["status"])},
    )
