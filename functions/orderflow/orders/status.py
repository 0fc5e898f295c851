"""The statuses of an order, and which may follow which."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class OrderStatus(StrEnum):
    """The status of an order. The names are public: GraphQL, e-mails and dashboards use them."""

    PENDING_MATCHING = "PENDING_MATCHING"
    MATCHED = "MATCHED"
    AWAITING_REVIEW = "AWAITING_REVIEW"
    PAYMENT_INITIATED = "PAYMENT_INITIATED"
    PAYMENT_DELAYED = "PAYMENT_DELAYED"
    PAYMENT_COMPLETED = "PAYMENT_COMPLETED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    FAILED = "FAILED"


_S = OrderStatus


_PARKED_AFTER: Final = frozenset(
    {_S.PENDING_MATCHING, _S.MATCHED, _S.PAYMENT_DELAYED, _S.NEEDS_ATTENTION, _S.FAILED}
)


#: For each status, those that an order may come from. A status that an order starts in has none.
PREDECESSORS: Final[dict[OrderStatus, frozenset[OrderStatus]]] = {
    # Only where the first step failed and is run again.
    _S.PENDING_MATCHING: frozenset({_S.FAILED}),
    # After a parked status where nothing could be looked up at first.
    # After a review where the customer has confirmed the order.
    _S.MATCHED: frozenset(
        {
            _S.PENDING_MATCHING,
            _S.AWAITING_REVIEW,
            _S.PAYMENT_DELAYED,
            _S.NEEDS_ATTENTION,
            _S.FAILED,
        }
    ),
    # After itself where the workflow waits anew.
    _S.AWAITING_REVIEW: frozenset({_S.MATCHED, _S.AWAITING_REVIEW, _S.FAILED}),
    # After itself where an expired link is replaced.
    _S.PAYMENT_INITIATED: frozenset(
        {_S.MATCHED, _S.PAYMENT_INITIATED, _S.PAYMENT_DELAYED, _S.NEEDS_ATTENTION, _S.FAILED}
    ),
    _S.PAYMENT_DELAYED: _PARKED_AFTER,
    _S.PAYMENT_COMPLETED: frozenset({_S.PAYMENT_INITIATED, _S.FAILED}),
    _S.EXPIRED: frozenset({_S.AWAITING_REVIEW, _S.PAYMENT_INITIATED, _S.FAILED}),
    _S.CANCELLED: frozenset(
        {
            _S.PENDING_MATCHING,
            _S.MATCHED,
            _S.AWAITING_REVIEW,
            _S.PAYMENT_INITIATED,
            _S.PAYMENT_DELAYED,
            _S.NEEDS_ATTENTION,
            _S.FAILED,
        }
    ),
    _S.REJECTED: frozenset(
        {
            _S.PENDING_MATCHING,
            _S.MATCHED,
            _S.AWAITING_REVIEW,
            _S.PAYMENT_DELAYED,
            _S.NEEDS_ATTENTION,
            _S.FAILED,
        }
    ),
    _S.NEEDS_ATTENTION: _PARKED_AFTER,
    # After itself where an order that was replayed fails again.
    _S.FAILED: frozenset(
        {
            _S.PENDING_MATCHING,
            _S.MATCHED,
            _S.AWAITING_REVIEW,
            _S.PAYMENT_INITIATED,
            _S.PAYMENT_DELAYED,
            _S.NEEDS_ATTENTION,
            _S.FAILED,
        }
    ),
}


#: Statuses of an order that waits for a provider to come back.
PARKED: Final = (_S.PAYMENT_DELAYED, _S.NEEDS_ATTENTION)


#: Statuses that nothing follows: the order has ended.
CLOSED: Final = frozenset({_S.PAYMENT_COMPLETED, _S.EXPIRED, _S.CANCELLED, _S.REJECTED})
