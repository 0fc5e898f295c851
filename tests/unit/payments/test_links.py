"""An order's link and the settling of what PayStack reports, with PayStack and time made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderflow.clock import iso, utc_now
from orderflow.errors import (
    DuplicateReferenceError,
    OrderAlreadyClosed,
    OrderNotFoundError,
    OrderToBeCancelled,
    PaymentRefused,
    PaymentUnsettled,
    StoreUnavailable,
    UnknownTransactionError,
)
from orderflow.orders.model import LINK_REUSE_MARGIN, LINK_VALIDITY, CancelRequest, Order
from orderflow.orders.money_records import RefundReason, RefundStatus
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.payments import links
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.links import MAX_REFERENCES_A_CALL, ReferencesUsedUpError
from orderflow.payments.paystack import Charge, PaymentLink, Transaction
from orderflow.payments.recording import PaymentRecorder, by_caller
from orderflow.payments.settlement import Settlement, settle
from tests.support.factories import (
    CUSTOMER_EMAIL,
    LINK,
    a_matched_order,
    a_payment,
    an_order,
    an_order_id,
    matched_line,
    stored,
)

S = OrderStatus


class Paystack:
    """Makes links, except for references that it knows already."""

    def __init__(self, *known: str) -> None:
        self.known = set(known)
        self.asked: list[dict[str, Any]] = []
        self.verified: list[str] = []
        self.finds: dict[str, Any] | Exception = {}

    def initialize(self, transaction: Transaction) -> PaymentLink:
        self.asked.append(transaction.model_dump())
        reference = transaction.reference
        if reference in self.known:
            raise DuplicateReferenceError(reference)
        self.known.add(reference)
        return PaymentLink(
            authorization_url=f"https://checkout.paystack.com/{reference}",
            access_code="access",
            reference=reference,
        )

    def verify(self, reference: str) -> Charge:
        """As PayStack shows a link that its customer did not pay, or did."""
        self.verified.append(reference)
        if isinstance(self.finds, Exception):
            raise self.finds
        fields = {"amount": 240_100, "currency": "NGN", "status": "abandoned"}
        return Charge(reference=reference, **fields | self.finds)

    @property
    def references(self) -> list[str]:
        return [each["reference"] for each in self.asked]


def ensure_payment_link(
    order_id: str,
    store: OrderStore,
    paystack: Paystack,
    callback_url: str | None = None,
    subjects: list[str] | None = None,
) -> Order:
    """The function under test, asking the same PayStack; alerts' subjects go to ``subjects``."""
    recorder = PaymentRecorder(store, Alerts(subjects), by_caller)
    inquiry = PaymentInquiry(store, paystack, recorder)
    return links.ensure_payment_link(order_id, store, paystack, inquiry, callback_url)


class Alerts:
    """Operations, whom nothing is expected to reach without a list for it."""

    def __init__(self, subjects: list[str] | None) -> None:
        self._subjects = subjects

    def publish(self, subject: str, message: str) -> None:
        if self._subjects is None:
            raise AssertionError(f"{subject}: {message}")
        self._subjects.append(subject)


def knowing(order: Order, *numbers: int) -> Paystack:
    return Paystack(*(f"{order.order_id}-{number}" for number in numbers))


def ending_in(delay: timedelta) -> str:
    return iso(datetime.now(UTC) + delay)


class TestNewLink:
    def test_paystack_is_asked_for_the_orders_total(self, store: OrderStore) -> None:
        order = stored(store, a_matched_order())
        paystack = Paystack()

        ensure_payment_link(order.order_id, store, paystack, "https://shop.example/paid")

        assert paystack.asked == [
            {
                "email": CUSTOMER_EMAIL,
                "amount_kobo": 240_100,
                "currency": "NGN",
                "reference": f"{order.order_id}-1",
                "metadata": {"orderId": order.order_id},
                "callback_url": "https://shop.example/paid",
            }
        ]

    def test_the_link_is_offered_for_24_hours_from_asking(self, store: OrderStore) -> None:
        order_id = stored(store, a_matched_order()).order_id
        before = utc_now()

        order = ensure_payment_link(order_id, store, Paystack())

        assert order.status is S.PAYMENT_INITIATED
        assert order.payment_link == f"https://checkout.paystack.com/{order_id}-1"
        assert order.payment_reference == f"{order_id}-1"
        assert order.payment_attempts == 1
        assert order.payment_link_expires_at is not None
        earliest, latest = before + LINK_VALIDITY, utc_now() + LINK_VALIDITY
        assert earliest <= order.payment_link_expires_at <= latest
        assert order == store.get(order_id)

    @pytest.mark.parametrize("lost", [1, 2, MAX_REFERENCES_A_CALL - 1])
    def test_references_of_lost_answers_are_skipped(self, store: OrderStore, lost: int) -> None:
        order = stored(store, a_matched_order())
        paystack = knowing(order, *range(1, lost + 1))

        linked = ensure_payment_link(order.order_id, store, paystack)

        assert linked.payment_reference == f"{order.order_id}-{lost + 1}"
        assert linked.payment_attempts == lost + 1
        assert len(paystack.asked) == lost + 1

    def test_too_many_lost_answers_in_one_go_are_a_fault(self, store: OrderStore) -> None:
        order = stored(store, a_matched_order())
        paystack = knowing(order, 1, 2, 3, 4, 5)

        with pytest.raises(ReferencesUsedUpError, match="1 to 5"):
            ensure_payment_link(order.order_id, store, paystack)

        assert len(paystack.asked) == MAX_REFERENCES_A_CALL
        assert store.get(order.order_id) == order

    @pytest.mark.parametrize("status", [S.PAYMENT_DELAYED, S.NEEDS_ATTENTION, S.FAILED])
    def test_parked_and_failed_orders_get_their_link_too(
        self, store: OrderStore, status: OrderStatus
    ) -> None:
        order_id = stored(store, a_matched_order(status=status)).order_id

        assert ensure_payment_link(order_id, store, Paystack()).status is S.PAYMENT_INITIATED

    def test_paystacks_refusal_leaves_the_order_as_it_was(self, store: OrderStore) -> None:
        order = stored(store, a_matched_order())

        class Refusing(Paystack):
            def initialize(self, _: Transaction) -> PaymentLink:
                raise PaymentRefused("Invalid amount")

        with pytest.raises(PaymentRefused, match="Invalid amount"):
            ensure_payment_link(order.order_id, store, Refusing())

        assert store.get(order.order_id) == order

    @pytest.mark.parametrize("status", sorted(CLOSED))
    def test_an_order_that_has_ended_gets_none(
        self, store: OrderStore, status: OrderStatus
    ) -> None:
        order = stored(store, an_order(status=status))
        paystack = Paystack()

        with pytest.raises(OrderAlreadyClosed, match=status):
            ensure_payment_link(order.order_id, store, paystack)

        assert paystack.asked == []

    def test_an_unknown_order_is_not_found(self, store: OrderStore) -> None:
        with pytest.raises(OrderNotFoundError):
            ensure_payment_link(an_order_id(), store, Paystack())


class TestEarlierLink:
    """A link that has ended is asked about before another replaces it."""

    @pytest.fixture
    def order(self, store: OrderStore) -> Order:
        ended = ending_in(-timedelta(days=1))
        return stored(store, an_order(status=S.FAILED, payment_link_expires_at=ended))

    def test_one_that_was_paid_is_recorded_and_not_replaced(
        self, store: OrderStore, order: Order
    ) -> None:
        paystack = Paystack()
        paystack.finds = {"status": "success"}

        after = ensure_payment_link(order.order_id, store, paystack)

        assert paystack.verified == [order.payment_reference]
        assert paystack.asked == []
        assert after.status is S.PAYMENT_INITIATED
        assert after.payment is not None
        assert after.payment.verified_at is not None

    @pytest.mark.parametrize("finds", [{}, {"status": "failed"}, UnknownTransactionError("r")])
    def test_one_that_was_not_is_replaced(
        self, store: OrderStore, order: Order, finds: Any
    ) -> None:
        paystack = Paystack()
        paystack.finds = finds

        assert ensure_payment_link(order.order_id, store, paystack).payment is None

        assert paystack.references == [f"{order.order_id}-2"]

    def test_one_whose_payment_went_back_is_replaced_and_operations_hear_of_it(
        self, store: OrderStore, order: Order
    ) -> None:
        paystack, subjects = Paystack(), list[str]()
        paystack.finds = {"status": "reversed"}

        after = ensure_payment_link(order.order_id, store, paystack, subjects=subjects)

        assert (after.payment, paystack.references) == (None, [f"{order.order_id}-2"])
        (refund,) = after.refunds
        assert (refund.reference, refund.status) == (
            order.payment_reference,
            RefundStatus.PROCESSED,
        )
        (subject,) = subjects
        assert "a refund is processed" in subject

    @pytest.mark.parametrize("status", ["ongoing", "pending", "processing", "queued"])
    def test_one_that_is_being_paid_is_waited_for(
        self, store: OrderStore, order: Order, status: str
    ) -> None:
        paystack = Paystack()
        paystack.finds = {"status": status}

        with pytest.raises(PaymentUnsettled):
            ensure_payment_link(order.order_id, store, paystack)

        assert (paystack.asked, store.get(order.order_id)) == ([], order)

    def test_a_refusal_comes_after_the_question(self, store: OrderStore, order: Order) -> None:
        class Refusing(Paystack):
            def initialize(self, _: Transaction) -> PaymentLink:
                raise PaymentRefused("Invalid amount")

        paystack = Refusing()

        with pytest.raises(PaymentRefused):
            ensure_payment_link(order.order_id, store, paystack)

        assert paystack.verified == [order.payment_reference]

    def test_an_order_that_is_to_be_cancelled_gets_none(
        self, store: OrderStore, order: Order
    ) -> None:
        wish = CancelRequest(at=utc_now(), by="customer", reason="Changed my mind.")
        store.request_cancellation(order.order_id, wish)
        paystack = Paystack()

        with pytest.raises(OrderToBeCancelled, match="Changed my mind"):
            ensure_payment_link(order.order_id, store, paystack)

        assert paystack.asked == []


class TestPresentLink:
    def test_a_valid_link_is_used_again(self, store: OrderStore) -> None:
        order = stored(store, an_order())
        paystack = Paystack()

        assert ensure_payment_link(order.order_id, store, paystack) == order
        assert paystack.asked == []

    @pytest.mark.parametrize("status", [S.FAILED, S.PAYMENT_DELAYED, S.NEEDS_ATTENTION])
    def test_the_order_comes_back_to_its_valid_link(
        self, store: OrderStore, status: OrderStatus
    ) -> None:
        order = stored(store, an_order(status=status))
        paystack = Paystack()

        reopened = ensure_payment_link(order.order_id, store, paystack)

        assert reopened.status is S.PAYMENT_INITIATED
        assert (reopened.payment_link, reopened.payment_reference) == (
            LINK,
            order.payment_reference,
        )
        assert paystack.asked == []

    @pytest.mark.parametrize("status", [S.PAYMENT_INITIATED, S.FAILED])
    @pytest.mark.parametrize("left", [LINK_REUSE_MARGIN - timedelta(seconds=1), -timedelta(days=3)])
    def test_a_link_about_to_end_or_ended_is_replaced(
        self, store: OrderStore, status: OrderStatus, left: timedelta
    ) -> None:
        order = stored(
            store,
            an_order(status=status, payment_attempts=2, payment_link_expires_at=ending_in(left)),
        )
        paystack = Paystack()

        renewed = ensure_payment_link(order.order_id, store, paystack)

        assert paystack.references == [f"{order.order_id}-3"]
        assert renewed.status is S.PAYMENT_INITIATED
        assert renewed.payment_reference == f"{order.order_id}-3"
        assert renewed.payment_attempts == 3

    def test_a_link_with_a_little_more_time_is_used_again(self, store: OrderStore) -> None:
        left = LINK_REUSE_MARGIN + timedelta(minutes=1)
        order = stored(store, an_order(payment_link_expires_at=ending_in(left)))

        assert ensure_payment_link(order.order_id, store, Paystack()) == order

    @pytest.mark.parametrize("status", [S.PAYMENT_INITIATED, S.PAYMENT_DELAYED, S.FAILED])
    def test_a_paid_order_gets_no_other_link(self, store: OrderStore, status: OrderStatus) -> None:
        paid = an_order(
            status=status,
            payment=a_payment(),
            payment_link_expires_at=ending_in(-timedelta(days=1)),
        )
        paystack = Paystack()

        after = ensure_payment_link(stored(store, paid).order_id, store, paystack)

        assert (after.status, after.payment) == (S.PAYMENT_INITIATED, paid.payment)
        assert after.payment_reference == paid.payment_reference
        assert paystack.asked == []


def a_charge(order: Order, **changes: Any) -> Charge:
    """The charge that pays the order's link."""
    fields = {
        "reference": order.payment_reference,
        "amount": order.total_kobo,
        "currency": order.currency,
        "status": "success",
        "channel": "card",
        "paid_at": "2026-01-31T12:04:09.000Z",
    }
    return Charge.model_validate(fields | changes)


MISMATCHES: list[dict[str, Any]] = [
    {"amount": 240_099},
    {"amount": 240_101},
    {"amount": 2_401},
    {"currency": "GHS"},
    {"currency": "ngn"},
    {"status": "failed"},
]


class TestSettling:
    def test_the_payment_is_recorded_as_paystack_reports_it(self, store: OrderStore) -> None:
        order = stored(store, an_order())

        settlement, settled = settle(a_charge(order), store)

        assert settlement is Settlement.RECORDED
        assert settled == store.get(order.order_id)
        assert settled.payment == a_payment(
            str(order.payment_reference), paid_at="2026-01-31T12:04:09.000Z"
        )

    def test_without_a_time_of_payment_the_present_one_is_taken(self, store: OrderStore) -> None:
        order = stored(store, an_order())
        before = utc_now()

        _, settled = settle(a_charge(order, paid_at=None), store)

        assert settled is not None
        assert settled.payment is not None
        assert before <= settled.payment.paid_at <= utc_now()

    def test_the_waiting_token_comes_along(self, store: OrderStore) -> None:
        order = stored(store, an_order(task_token="token"))

        _, settled = settle(a_charge(order), store)

        assert settled is not None
        assert settled.task_token == "token"

    def test_repeated_it_changes_nothing(self, store: OrderStore) -> None:
        order = stored(store, an_order())
        _, first = settle(a_charge(order), store)

        settlement, second = settle(a_charge(order, paid_at="2026-02-01T00:00:00.000Z"), store)

        assert settlement is Settlement.REPEATED
        assert first is not None
        assert second == first.model_copy(update={"payment_reports": 2})

    def test_repeated_after_completion_it_is_no_refund(self, store: OrderStore) -> None:
        order_id = an_order_id()
        payment = a_payment(f"{order_id}-1", verified_at="2026-01-31T12:00:01.000Z")
        paid = an_order(order_id=order_id, status=S.PAYMENT_COMPLETED, payment=payment)
        order = stored(store, paid)

        assert settle(a_charge(order), store) == (Settlement.REPEATED, order)

    @pytest.mark.parametrize("changes", MISMATCHES, ids=str)
    def test_what_differs_from_the_order_is_not_recorded(
        self, store: OrderStore, changes: dict[str, Any]
    ) -> None:
        order = stored(store, an_order())
        charge = a_charge(order, **changes)

        settlement, settled = settle(charge, store)

        assert settlement is Settlement.MISMATCH
        assert settled == store.get(order.order_id)
        assert (settled.payment, settled.status) == (None, order.status)
        (refund,) = settled.refunds_due
        assert (refund.reference, refund.amount, refund.currency, refund.reason) == (
            charge.reference,
            charge.amount,
            charge.currency,
            RefundReason.DIFFERS,
        )

    def test_a_payment_of_an_earlier_link_is_a_mismatch(self, store: OrderStore) -> None:
        order_id = an_order_id()
        order = stored(store, an_order(order_id=order_id, payment_reference=f"{order_id}-2"))

        settlement, _ = settle(a_charge(order, reference=f"{order_id}-1"), store)

        assert settlement is Settlement.MISMATCH

    def test_a_payment_of_an_order_without_a_link_is_a_mismatch(self, store: OrderStore) -> None:
        order = stored(store, a_matched_order())

        settlement, _ = settle(a_charge(order, reference=f"{order.order_id}-1"), store)

        assert settlement is Settlement.MISMATCH

    @pytest.mark.parametrize(
        "reference", ["-1", "1", "T685312322670591", "0b5c7c1e-52a4-5f39-8a3a-6f1d5c0a9e77-1"]
    )
    def test_a_reference_of_no_order_of_ours(self, store: OrderStore, reference: str) -> None:
        charge = a_charge(an_order(), reference=reference)

        assert settle(charge, store) == (Settlement.UNKNOWN_ORDER, None)

    @pytest.mark.parametrize("status", sorted(CLOSED - {S.PAYMENT_COMPLETED}))
    def test_money_for_an_order_that_has_ended_has_to_go_back(
        self, store: OrderStore, status: OrderStatus
    ) -> None:
        order = stored(store, an_order(status=status))

        settlement, settled = settle(a_charge(order), store)

        assert settlement is Settlement.REFUND_DUE
        assert settled is not None
        assert (settled.payment, settled.status) == (None, status)
        (refund,) = settled.refunds_due
        assert (refund.reference, refund.reason) == (
            order.payment_reference,
            RefundReason.ORDER_ENDED,
        )
        assert iso(refund.paid_at) == "2026-01-31T12:04:09.000Z"

    def test_a_refund_stays_due_when_the_event_is_repeated(self, store: OrderStore) -> None:
        order = stored(store, an_order(status=S.EXPIRED))
        _, first = settle(a_charge(order), store)

        assert settle(a_charge(order), store) == (Settlement.REFUND_DUE, first)

    def test_a_second_payment_has_to_go_back(self, store: OrderStore) -> None:
        order = stored(store, an_order(payment=a_payment("o-0")))

        settlement, settled = settle(a_charge(order), store)

        assert settlement is Settlement.REFUND_DUE
        assert settled is not None
        assert settled.payment == order.payment
        assert [refund.reason for refund in settled.refunds_due] == [RefundReason.PAID_TWICE]

    def test_a_payment_that_is_dropped_at_this_very_moment_is_to_be_sent_again(
        self, store: OrderStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = stored(store, an_order())
        monkeypatch.setattr(OrderStore, "record_payment", lambda *_: (order, False))

        with pytest.raises(StoreUnavailable):
            settle(a_charge(order), store)

        assert store.get(order.order_id) == order

    @pytest.mark.parametrize("status", sorted(set(S) - CLOSED))
    def test_an_order_that_goes_on_takes_its_payment(
        self, store: OrderStore, status: OrderStatus
    ) -> None:
        order = stored(store, an_order(status=status))

        settlement, settled = settle(a_charge(order), store)

        assert settlement is Settlement.RECORDED
        assert settled is not None
        assert settled.status is status


# The table is shared by all examples; each works on an order of its own.
on_one_table = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
reports = st.sampled_from([{}, *MISMATCHES])


class TestProperties:
    @on_one_table
    @given(events=st.lists(reports, max_size=6))
    def test_whatever_comes_in_and_how_often_one_right_payment_is_recorded(
        self, store: OrderStore, events: list[dict[str, Any]]
    ) -> None:
        order = stored(store, an_order())

        settlements = [settle(a_charge(order, **changes), store)[0] for changes in events]

        payment = store.get(order.order_id).payment
        assert settlements.count(Settlement.RECORDED) == (1 if {} in events else 0)
        assert (payment is not None) == ({} in events)
        if payment is not None:
            assert (payment.amount_kobo, payment.currency, payment.reference) == (
                order.total_kobo,
                order.currency,
                order.payment_reference,
            )

    @on_one_table
    @given(
        attempts=st.integers(0, 3),
        lost=st.sets(st.integers(1, 12)),
        unit_price=st.integers(1, 1_000_000),
    )
    def test_the_link_carries_the_first_number_that_paystack_does_not_know(
        self, store: OrderStore, attempts: int, lost: set[int], unit_price: int
    ) -> None:
        line = matched_line(3, unit_price)
        order = stored(
            store,
            a_matched_order(
                lines=[line], total_kobo=line.line_total_kobo, payment_attempts=attempts
            ),
        )
        paystack = knowing(order, *lost)
        tried = range(attempts + 1, attempts + 1 + MAX_REFERENCES_A_CALL)
        expected = next((number for number in tried if number not in lost), None)

        try:
            linked = ensure_payment_link(order.order_id, store, paystack)
        except ReferencesUsedUpError:
            assert expected is None
            return

        assert linked.payment_reference == f"{order.order_id}-{expected}"
        assert {each["amount_kobo"] for each in paystack.asked} == {3 * unit_price}
        # The same order again: the link that it has, without another transaction.
        assert ensure_payment_link(order.order_id, store, paystack) == linked
        assert len(paystack.known) == len(lost) + 1
