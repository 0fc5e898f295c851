"""Recording payments, declines, refunds and disputes, each with one conditional write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from typing_extensions import override

from orderflow.clock import iso
from orderflow.errors import StoreUnavailable
from orderflow.orders.model import Order
from orderflow.orders.money_records import Decline, Payment, RefundDue, UnconfirmedPayment
from orderflow.orders.ports import OrderPayments
from orderflow.orders.store.queries import StoredQueries
from orderflow.orders.store.table import (
    IS_OPEN,
    LINK_CHECK_DUE,
    OPEN,
    REFUND_DUE,
    REVERSAL_OPEN,
    to_item,
)

#: The order still holds the payment that the caller saw, and it is not confirmed.
_HOLDS_PAYMENT: Final = (
    "payment.#reference = :reference AND attribute_not_exists(payment.verifiedAt)"
)

#: A reserved word of DynamoDB.
_REFERENCE: Final = {"#reference": "reference"}

#: The latest unconfirmed payments that an order keeps. The audit log keeps them all.
_UNCONFIRMED_PAYMENTS_KEPT: Final = 20


class StoredPayments(StoredQueries, OrderPayments):
    """None of these writes changes the order's status."""

    @override
    def record_payment(self, order_id: str, payment: Payment) -> tuple[Order, bool]:
        # A link that was replaced may be paid, too: then its checks go on.
        is_only_link = payment.reference.endswith("-1")
        first = self._change(
            order_id,
            # The version grows with all that customers see of an order.
            "SET payment = :payment, updatedAt = :now, version = version + :one "
            "ADD paymentReports :one" + " REMOVE linkCheckState, linkCheckAt" * is_only_link,
            f"{IS_OPEN} AND attribute_not_exists(payment)",
            {**OPEN, ":payment": to_item(payment), ":now": iso(self._clock()), ":one": 1},
            names={"#status": "status"},
        )
        if first is not None:
            return first, True
        again = self._change(
            order_id,
            "ADD paymentReports :one",
            _HOLDS_PAYMENT,
            {":reference": payment.reference, ":one": 1},
            names=_REFERENCE,
        )
        return again or self.get(order_id), False

    @override
    def confirm_payment(self, order_id: str, payment: Payment) -> Order | None:
        return self._change(
            order_id,
            "SET payment = :payment, updatedAt = :now REMOVE taskToken",
            _HOLDS_PAYMENT,
            {
                ":payment": to_item(payment),
                ":reference": payment.reference,
                ":now": iso(self._clock()),
            },
            names=_REFERENCE,
        )

    @override
    def drop_payment(self, seen: Order, unconfirmed: UnconfirmedPayment) -> Order | None:
        return self._change(
            seen.order_id,
            "SET denials = :denials, updatedAt = :now, version = version + :one, "
            "linkCheckState = :due, linkCheckAt = :now "
            "REMOVE payment, taskToken",
            f"{_HOLDS_PAYMENT} AND paymentReports = :seen",
            {
                ":denials": _unconfirmed_items([*seen.unconfirmed_payments, unconfirmed]),
                ":reference": unconfirmed.payment.reference,
                ":seen": seen.payment_reports,
                ":now": iso(self._clock()),
                ":one": 1,
                ":due": LINK_CHECK_DUE,
            },
            names=_REFERENCE,
        )

    @override
    def record_unconfirmed_payments(
        self, order: Order, unconfirmed_payments: Sequence[UnconfirmedPayment]
    ) -> None:
        self._write(
            order.order_id,
            "SET denials = :denials",
            "denials = :seen",
            {
                ":denials": _unconfirmed_items(unconfirmed_payments),
                ":seen": _unconfirmed_items(order.unconfirmed_payments),
            },
        )

    @override
    def record_decline(self, order_id: str, decline: Decline) -> bool:
        return self._write(
            order_id,
            "SET declined = :declined",
            "paymentReference = :reference AND attribute_not_exists(payment)",
            {":declined": to_item(decline), ":reference": decline.reference},
        )

    @override
    def record_link_check(self, order_id: str, checks: int, next_at: datetime | None) -> None:
        may_be_paid = "(attribute_not_exists(payment) OR paymentAttempts > :one)"
        if next_at is None:
            update, values = "SET linkChecks = :checks REMOVE linkCheckState, linkCheckAt", {}
        else:
            update = "SET linkChecks = :checks, linkCheckAt = :at, linkCheckState = :due"
            values = {":at": iso(next_at), ":due": LINK_CHECK_DUE}
        condition = f"attribute_exists(orderId) AND {may_be_paid}"
        self._write(order_id, update, condition, {":checks": checks, ":one": 1, **values})

    @override
    def record_refunds(self, order: Order, refunds: Sequence[RefundDue]) -> Order:
        return self.record_reversals(order, order.model_copy(update={"refunds_due": [*refunds]}))

    @override
    def record_reversals(self, seen: Order, changed: Order) -> Order:
        is_news = changed.refund_state is not seen.refund_state
        places, values, removals = _places(changed)
        if is_news:
            # The version grows with all that customers see of an order.
            places += ["version = version + :one", "updatedAt = :now"]
            values |= {":one": 1, ":now": iso(self._clock())}
        revision = seen.refunds_revision
        # Orders that were written before refunds existed have no revision.
        unseen = "" if revision else " OR attribute_not_exists(refundsRevision)"
        lists = ("refundsDue", "refunds", "disputes")
        written = self._change(
            seen.order_id,
            f"SET {', '.join(f'{name} = :{name}' for name in lists)}, "
            f"refundsRevision = :next{''.join(f', {place}' for place in places)}"
            + (f" REMOVE {', '.join(removals)}" if removals else ""),
            f"attribute_exists(orderId) AND (refundsRevision = :seen{unseen})",
            {
                ":refundsDue": [to_item(each) for each in changed.refunds_due],
                ":refunds": [to_item(each) for each in changed.refunds],
                ":disputes": [to_item(each) for each in changed.disputes],
                ":next": revision + 1,
                ":seen": revision,
                **values,
            },
        )
        if written is None:
            raise StoreUnavailable("The order's refunds were changed meanwhile.")
        return written


def _places(order: Order) -> tuple[list[str], dict[str, Any], list[str]]:
    """The order's places in the sparse indexes: assignments, their values, and removals."""
    due = min((each.at for each in order.due_refunds), default=None)
    places: list[str] = []
    values: dict[str, Any] = {}
    removals: list[str] = []
    for state, at, key, moment in (
        ("refundState", "refundDueAt", REFUND_DUE, due),
        ("reversalState", "reversalCheckAt", REVERSAL_OPEN, order.reversal_check_at),
    ):
        if moment is None:
            removals += [state, at]
            continue
        places += [f"{state} = :{state}", f"{at} = :{at}"]
        values |= {f":{state}": key, f":{at}": iso(moment)}
    return places, values, removals


def _unconfirmed_items(unconfirmed_payments: Sequence[UnconfirmedPayment]) -> list[dict[str, Any]]:
    return [
        to_item(unconfirmed) for unconfirmed in unconfirmed_payments[-_UNCONFIRMED_PAYMENTS_KEPT:]
    ]
