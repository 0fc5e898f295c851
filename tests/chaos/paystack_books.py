"""Compares PayStack's books with our records of the same orders, payment by payment.

PayStack's transactions come in the form of the stand-in's admin API, its refunds in the form of
PayStack's own list. All amounts are kobo.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from orderflow.orders.model import Order
from orderflow.orders.money_records import RefundStatus

Row = Mapping[str, Any]

#: A refund in this state gave nothing back.
_FAILED: Final = "failed"


def differences(order: Order, transactions: Sequence[Row], refunds: Sequence[Row]) -> Iterator[str]:
    """All that the two books say differently about one order.

    Args:
        order: our record.
        transactions: PayStack's transactions of the order, paid or not.
        refunds: PayStack's refunds of these transactions.
    """
    there = {each["reference"]: each["amountPaid"] for each in transactions if each["paidAt"]}
    here = _received(order)
    if len(there) > 1:
        yield f"{order.order_id}: paid {len(there)} times at PayStack"
    for reference in there.keys() - here.keys():
        yield f"{order.order_id}: {reference} is paid at PayStack, and not here"
    for reference in here.keys() - there.keys():
        yield f"{order.order_id}: {reference} is paid here, and not at PayStack"
    for reference in here.keys() & there.keys():
        if here[reference] != there[reference]:
            yield (
                f"{order.order_id}: {reference} is {there[reference]} kobo at PayStack, and "
                f"{here[reference]} here"
            )
    yield from _about_refunds(order, refunds)


def _received(order: Order) -> dict[str, int]:
    """The money that we know of, by reference: the payment, and payments no order can take."""
    received = {refund.reference: refund.amount for refund in order.refunds_due}
    if payment := order.payment:
        received[payment.reference] = payment.charged_kobo or payment.amount_kobo
    return received


def _about_refunds(order: Order, refunds: Sequence[Row]) -> Iterator[str]:
    there, here = Counter[str](), Counter[str]()
    for each in refunds:
        if each["status"] != _FAILED:
            there[each["transaction_reference"]] += int(each["amount"])
    for refund in order.refunds:
        if refund.is_under_way or refund.status is RefundStatus.PROCESSED:
            here[refund.reference] += refund.amount
    due = {refund.reference for refund in order.refunds_due}
    settled = {refund.reference for refund in order.refunds_due if refund.settled_at}
    for reference in there.keys() - here.keys() - due:
        yield f"{order.order_id}: {reference} is refunded at PayStack, and not here"
    for reference in (settled | here.keys()) - there.keys():
        yield f"{order.order_id}: {reference} is refunded here, and not at PayStack"
    for reference in there.keys() & here.keys():
        if there[reference] != here[reference]:
            yield (
                f"{order.order_id}: {there[reference]} kobo of {reference} are refunded at "
                f"PayStack, and {here[reference]} here"
            )
