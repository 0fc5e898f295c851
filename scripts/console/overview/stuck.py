"""Stuck orders as the console looks at them again and again: each look reads what has changed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Final

from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from scripts.console.stage import ConsoleStage
from scripts.inspection.reading import MAX_ORDERS

#: So many orders of one status are looked at, the newest.
MOST_STUCK: Final = 2000

#: So many of them a look reads: the first one answers at once, the next ones soon know all.
FIRST_READ: Final = MAX_ORDERS
NEXT_READ: Final = 1000


@dataclass(frozen=True)
class Look:
    """The orders of one status.

    Attributes:
        orders: those that can be read.
        unreadable: the ids of the others.
        number: how many there are by the index; None where that is more than are looked at.
        is_complete: whether these are all; the next look may know more.
    """

    orders: list[Order]
    unreadable: list[str]
    number: int | None
    is_complete: bool


class StuckStatus:
    """The orders of one status; those that are as they were at the last look are not read again.

    The index says when each order was last changed, in some 100 bytes; an order has some kilobytes.

    Args:
        stage: the stage.
        status: the status.
    """

    def __init__(self, stage: ConsoleStage, status: OrderStatus) -> None:
        self._stage = stage
        self._status = status
        #: By id: when the index said that the order was changed, and the order, or its id alone.
        self._known: dict[str, tuple[str, Order | str]] = {}
        self._has_looked = False

    def look(self, most: int = MOST_STUCK) -> Look:
        """At the newest orders; at most ``most``.

        Raises:
            StoreUnavailable: DynamoDB throttled, failed or could not be reached.
        """
        # One more tells that there are more.
        entries = self._stage.orders.changed(self._status, most + 1)
        wanted = dict(islice(entries.items(), most))
        known = {key: seen for key, seen in self._known.items() if wanted.get(key) == seen[0]}
        unread = [key for key in wanted if key not in known]
        at_once = NEXT_READ if self._has_looked else FIRST_READ
        # Kept as it is read: a look that takes too long is gone on with by the next.
        self._known, self._has_looked = known, True
        for each in self._stage.orders.read(unread[:at_once]):
            key = each if isinstance(each, str) else each.order_id
            known[key] = wanted[key], each
        found = [known[key][1] for key in wanted if key in known]
        return Look(
            # The index follows the table: an order with another status now is left out.
            [each for each in found if isinstance(each, Order) and each.status is self._status],
            [each for each in found if isinstance(each, str)],
            len(entries) if len(entries) <= most else None,
            len(entries) <= most and len(unread) <= at_once,
        )
