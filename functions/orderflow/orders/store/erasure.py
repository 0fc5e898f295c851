"""Takes the customer's personal data off an order that has ended; what was sold and paid stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from orderflow.clock import iso
from orderflow.orders.lines import MatchedLine
from orderflow.orders.model import Order
from orderflow.orders.status import CLOSED
from orderflow.orders.store.table import OrdersTable, to_item

#: In the place of a text that a stored order must have.
ERASED: Final = ""

_CLOSED: Final = {f":{status}": str(status) for status in sorted(CLOSED)}


def is_erased(order: Order) -> bool:
    """Whether :meth:`Erasure.erase` was here: every order had an address to send its link to."""
    return order.customer_email == ERASED


def may_be_erased(order: Order) -> bool:
    """Whether nothing needs the customer's data any more: the order has ended, and owes nothing."""
    return order.is_closed and not order.due_refunds


class Erasure(OrdersTable):
    """Erases in the ``orders`` table."""

    def erase(self, order: Order) -> bool:
        """Erase name, address, list, and all words of people; doing so again changes nothing.

        The reason that an operator gave for a refund stays: it belongs to the books.

        Returns:
            Whether it is done; not if the order goes on or a refund is due, also since it was read.
        """
        if not may_be_erased(order):
            return False
        wish, values = order.cancel_requested, {}
        if wish is not None:
            values[":wish"] = to_item(wish.model_copy(update={"reason": ERASED}))
        changed = self._change(
            order.order_id,
            "SET customerEmail = :erased, groceryList = :erased, requested = :none, "
            "unmatched = :none, #lines = :lines, history = :history, erasedAt = :now"
            f"{', cancelRequested = :wish' * len(values)} "
            "REMOVE customerName, paymentLink, statusReason",
            f"#status IN ({', '.join(_CLOSED)}) AND attribute_not_exists(refundState)",
            {
                **_CLOSED,
                ":erased": ERASED,
                ":none": [],
                **values,
                ":lines": [_sold(line) for line in order.lines],
                ":history": [
                    to_item(each.model_copy(update={"reason": None})) for each in order.history
                ],
                ":now": iso(self._clock()),
            },
            names={"#status": "status", "#lines": "lines"},
        )
        return changed is not None


def _sold(line: MatchedLine) -> Mapping[str, Any]:
    """The line as a receipt shows it, without the customer's words."""
    return to_item(
        line.model_copy(
            update={
                "text": line.name,
                "notes": [],
                "packing": "",
                "price_note": None,
                "price_note_kobo": None,
                "alternatives": [],
            }
        )
    )
