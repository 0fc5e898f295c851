"""The customer's review in the table ``orders``: conditional on the version that was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from orderflow.clock import iso
from orderflow.orders.lines import MatchedLine, UnmatchedLine, total_of
from orderflow.orders.model import Order
from orderflow.orders.ports import OrderReviews
from orderflow.orders.status import OrderStatus
from orderflow.orders.store.table import to_item
from orderflow.orders.store.transitions import StoredTransitions

#: So many of an order's latest edits are recognised when they are sent again.
EDITS_KEPT: Final = 20

_AS_SEEN: Final = "#status = :reviewing AND version = :seen"


class StoredReviews(StoredTransitions, OrderReviews):
    """Edits and confirmations of orders that are AWAITING_REVIEW."""

    @override
    def record_edit(
        self,
        seen: Order,
        lines: Sequence[MatchedLine],
        unmatched: Sequence[UnmatchedLine],
        edit: str,
    ) -> Order | None:
        return self._change(
            seen.order_id,
            "SET #lines = :lines, unmatched = :unmatched, totalKobo = :total, "
            "reviewEdits = :edits, updatedAt = :now, version = version + :one",
            _AS_SEEN,
            {
                ":lines": [to_item(line) for line in lines],
                ":unmatched": [to_item(line) for line in unmatched],
                ":total": total_of(lines),
                ":edits": [*(seen.review_edits or ()), edit][-EDITS_KEPT:],
                ":now": iso(self._clock()),
                ":one": 1,
                ":reviewing": str(OrderStatus.AWAITING_REVIEW),
                ":seen": seen.version,
            },
            names={"#status": "status", "#lines": "lines"},
        )

    @override
    def confirm_review(self, seen: Order) -> Order:
        return self._transition(
            seen.order_id,
            OrderStatus.MATCHED,
            {"confirmedVersion": seen.version},
            only_if=_AS_SEEN,
            values={":reviewing": str(OrderStatus.AWAITING_REVIEW), ":seen": seen.version},
        )
