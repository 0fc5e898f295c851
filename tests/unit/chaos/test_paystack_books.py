"""The auditor finds each kind of difference between PayStack's books and ours, and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.clock import utc_now
from orderflow.orders.model import Order
from orderflow.orders.money_records import Refund, RefundDue, RefundReason, RefundStatus
from orderflow.orders.status import OrderStatus
from tests.chaos.paystack_books import differences
from tests.support.factories import a_payment, an_order

ORDER_ID = "5f6d1c1e-9a53-4d5b-8a43-0f4f5f0f7a11"
TOTAL = 240_100


@dataclass
class Books:
    """Both parties' books of one order."""

    order: Order
    transactions: list[dict[str, Any]] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)

    def differences(self) -> list[str]:
        return list(differences(self.order, self.transactions, self.refunds))

    def change(self, **changes: Any) -> None:
        self.order = self.order.model_copy(update=changes)


def reference(number: int = 1) -> str:
    return f"{ORDER_ID}-{number}"


def transaction(number: int = 1, paid: int = 0) -> dict[str, Any]:
    paid_at = "2026-01-31T12:00:00.000Z" if paid else None
    return {"reference": reference(number), "amountPaid": paid, "paidAt": paid_at}


def refund_due(number: int = 1, amount: int = TOTAL, **changes: Any) -> RefundDue:
    fields = {"currency": "NGN", "reason": RefundReason.ORDER_ENDED}
    now = utc_now()
    return RefundDue(
        reference=reference(number), amount=amount, at=now, paid_at=now, **fields | changes
    )


def refund(number: int = 1, status: str = "processed") -> dict[str, Any]:
    return {"transaction_reference": reference(number), "amount": TOTAL, "status": status}


def recorded(
    number: int = 1, amount: int = TOTAL, status: RefundStatus = RefundStatus.PROCESSED
) -> Refund:
    now = utc_now()
    return Refund(
        reference=reference(number),
        amount=amount,
        currency="NGN",
        status=status,
        at=now,
        updated_at=now,
    )


def unpaid() -> Books:
    return Books(an_order(order_id=ORDER_ID), [transaction()])


def completed(charged: int | None = None) -> Books:
    payment = a_payment(reference(), charged_kobo=charged)
    order = an_order(order_id=ORDER_ID, status=OrderStatus.PAYMENT_COMPLETED, payment=payment)
    return Books(order, [transaction(paid=charged or TOTAL)])


def paid_late() -> Books:
    due = [refund_due()]
    order = an_order(order_id=ORDER_ID, status=OrderStatus.EXPIRED, refunds_due=due)
    return Books(order, [transaction(paid=TOTAL)])


def given_back() -> Books:
    books = paid_late()
    books.change(refunds_due=[refund_due(settled_at=utc_now())])
    books.refunds.append(refund())
    return books


def given_back_by_staff() -> Books:
    books = completed()
    books.change(refunds=[recorded(amount=1_000), recorded(amount=TOTAL - 1_000)])
    books.refunds.append(refund())
    return books


AGREEING = [unpaid, completed, paid_late, given_back, given_back_by_staff]


@pytest.mark.parametrize("make", AGREEING)
def test_books_that_agree_have_no_difference(make: Callable[[], Books]) -> None:
    assert make().differences() == []


@given(st.integers(min_value=TOTAL, max_value=2 * TOTAL), st.lists(st.integers(2, 9), unique=True))
def test_fees_that_customers_bear_and_lost_links_make_no_difference(
    charged: int, lost: list[int]
) -> None:
    books = completed(charged)
    books.transactions += [transaction(number) for number in lost]

    assert books.differences() == []


def paid_there_and_not_here(books: Books) -> str:
    books.change(payment=None, refunds_due=[])
    books.transactions[0] = transaction(paid=TOTAL)
    return "is paid at PayStack, and not here"


def paid_here_and_not_there(books: Books) -> str:
    books.change(payment=a_payment(reference()))
    books.transactions[0] = transaction()
    return "is paid here, and not at PayStack"


def unknown_to_paystack(books: Books) -> str:
    books.change(payment=a_payment(reference(7)))
    return f"{reference(7)} is paid here, and not at PayStack"


def less_was_paid(books: Books) -> str:
    books.change(payment=a_payment(reference()), refunds_due=[])
    books.transactions[0] = transaction(paid=TOTAL - 1)
    return f"is {TOTAL - 1} kobo at PayStack, and {TOTAL} here"


def the_amount_to_give_back_differs(books: Books) -> str:
    books.change(payment=None, refunds_due=[refund_due(amount=TOTAL + 1)])
    books.transactions[0] = transaction(paid=TOTAL)
    return f"is {TOTAL} kobo at PayStack, and {TOTAL + 1} here"


def paid_twice(books: Books) -> str:
    books.change(payment=a_payment(reference()), refunds_due=[refund_due(2)])
    books.transactions[:] = [transaction(paid=TOTAL), transaction(2, paid=TOTAL)]
    return "paid 2 times at PayStack"


@pytest.mark.parametrize("status", ["pending", "processing", "processed", "needs-attention"])
def test_a_refund_of_which_only_paystack_knows_is_found(status: str) -> None:
    books = completed()
    books.refunds.append(refund(status=status))

    assert books.differences() == [
        f"{ORDER_ID}: {reference()} is refunded at PayStack, and not here"
    ]


def test_a_refund_that_failed_gave_nothing_back() -> None:
    books = completed()
    books.refunds.append(refund(status="failed"))

    assert books.differences() == []


@pytest.mark.parametrize("left", [[], [refund(status="failed")]], ids=["none", "failed"])
def test_a_refund_of_which_only_we_know_is_found(left: list[dict[str, Any]]) -> None:
    books = given_back()
    books.refunds[:] = left

    assert books.differences() == [
        f"{ORDER_ID}: {reference()} is refunded here, and not at PayStack"
    ]


def test_a_recorded_refund_of_which_paystack_does_not_know_is_found() -> None:
    books = completed()
    books.change(refunds=[recorded(status=RefundStatus.PENDING)])

    assert books.differences() == [
        f"{ORDER_ID}: {reference()} is refunded here, and not at PayStack"
    ]


@pytest.mark.parametrize("status", [RefundStatus.REQUESTED, RefundStatus.FAILED])
def test_a_recorded_refund_that_gave_nothing_back_makes_no_difference(status: RefundStatus) -> None:
    books = completed()
    books.change(refunds=[recorded(status=status)])

    assert books.differences() == []


def test_another_amount_that_went_back_is_found() -> None:
    books = given_back_by_staff()
    books.change(refunds=[recorded(amount=1_000)])

    assert books.differences() == [
        f"{ORDER_ID}: {TOTAL} kobo of {reference()} are refunded at PayStack, and 1000 here"
    ]


DIFFERENCES = [
    paid_there_and_not_here,
    paid_here_and_not_there,
    unknown_to_paystack,
    less_was_paid,
    the_amount_to_give_back_differs,
    paid_twice,
]


@pytest.mark.parametrize("make", AGREEING)
@pytest.mark.parametrize("spoil", DIFFERENCES)
def test_each_kind_of_difference_is_found(
    make: Callable[[], Books], spoil: Callable[[Books], str]
) -> None:
    books = make()
    wanted = spoil(books)

    found = books.differences()

    assert [each for each in found if wanted in each] != [], found
