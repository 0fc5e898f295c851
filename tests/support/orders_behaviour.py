"""The behaviour of the port ``Orders``: one suite for all its implementations.

A test module imports the classes and overrides the fixture ``store`` with its implementation, whose
changes are made by ``tests``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderflow.clock import utc_now
from orderflow.errors import IllegalTransitionError, OrderNotFoundError, StoreUnavailable
from orderflow.orders.lines import MatchedLine, ParsedList, Rating, Understanding
from orderflow.orders.model import CancelRequest, Failure, Order, Parked, Report
from orderflow.orders.money_records import (
    Decline,
    Dispute,
    Refund,
    RefundDue,
    RefundReason,
    RefundStatus,
    UnconfirmedPayment,
)
from orderflow.orders.ports import Orders
from orderflow.orders.reversals import RefundState
from orderflow.orders.status import CLOSED, PREDECESSORS, OrderStatus
from orderflow.orders.store import RETENTION, SYNTHETIC_RETENTION
from tests.support.factories import (
    CUSTOMER_EMAIL,
    CUSTOMER_ID,
    GROCERY_LIST,
    LINK,
    a_matched_order,
    a_new_order,
    a_payment,
    an_order,
    an_order_id,
    matched_line,
    requested_line,
    stored,
    unmatched_line,
)

S = OrderStatus

Change = Callable[[Orders, str], Order]


def create(store: Orders, order_id: str, **changes: Any) -> Order:
    fields: dict[str, Any] = {
        "customer_id": CUSTOMER_ID,
        "customer_email": CUSTOMER_EMAIL,
        "customer_name": None,
        "grocery_list": GROCERY_LIST,
        "execution_arn": "arn:aws:states:eu-west-1:123456789012:execution:grocery-orders:x",
        "parsed": ParsedList(requested=[requested_line()], not_understood=[unmatched_line()]),
    }
    return store.create(order_id=order_id, **fields | changes)


def record_matches(store: Orders, order_id: str) -> Order:
    return store.record_matches(order_id, [matched_line()], [unmatched_line()])


def record_link(store: Orders, order_id: str) -> Order:
    return store.record_link(
        order_id,
        link=LINK,
        reference=f"{order_id}-3",
        attempts=3,
        expires_at=datetime(2026, 2, 1, 12, tzinfo=UTC),
    )


def reopen_link(store: Orders, order_id: str) -> Order:
    return store.reopen_link(order_id)


def record_parsed_list(store: Orders, order_id: str) -> Order:
    parsed = ParsedList(requested=[requested_line()], not_understood=[unmatched_line()])
    return store.record_parsed_list(order_id, parsed)


A_FAILURE = Failure(
    error="KeyError", state="CreatePaymentLink", execution_arn="arn:x", at="2026-01-31T12:00:00Z"
)


def record_failure(store: Orders, order_id: str) -> Order:
    return store.record_failure(order_id, A_FAILURE, "Something went wrong on our side.")


def cancel(store: Orders, order_id: str) -> Order:
    reference = store.get(order_id).payment_reference
    return store.cancel(order_id, "Changed my mind.", reference)


#: Every change of status that the store makes, with the status it leads to.
CHANGES: list[tuple[Change, OrderStatus]] = [
    (record_parsed_list, S.PENDING_MATCHING),
    (record_failure, S.FAILED),
    (cancel, S.CANCELLED),
    (record_matches, S.MATCHED),
    (record_link, S.PAYMENT_INITIATED),
    (reopen_link, S.PAYMENT_INITIATED),
]
ALLOWED = [(change, to, before) for change, to in CHANGES for before in sorted(PREDECESSORS[to])]
REFUSED = [
    (change, to, before) for change, to in CHANGES for before in sorted(set(S) - PREDECESSORS[to])
]


class TestCreate:
    def test_a_new_order_waits_to_be_matched(self, store: Orders) -> None:
        order = create(store, an_order_id())

        assert order.status is S.PENDING_MATCHING
        assert order.version == 1
        assert [(change.status, change.by) for change in order.history] == [
            (S.PENDING_MATCHING, "tests")
        ]

    def test_what_is_returned_is_what_was_written(self, store: Orders) -> None:
        order = create(store, an_order_id(), customer_name="Ada")

        assert store.get(order.order_id) == order

    def test_the_record_is_kept_for_its_retention_and_then_left_to_dynamodb(
        self, store: Orders
    ) -> None:
        before = int((datetime.now(UTC) + RETENTION).timestamp())
        order = create(store, an_order_id())

        assert order.ttl is not None
        assert before <= order.ttl <= before + 60

    def test_created_twice_the_first_one_stays(self, store: Orders) -> None:
        order_id = an_order_id()
        first = create(store, order_id, grocery_list="2 kg rice")
        second = create(store, order_id, grocery_list="something else")

        assert second == first == store.get(order_id)

    def test_created_again_later_an_order_keeps_its_progress(self, store: Orders) -> None:
        order = stored(store, an_order())

        assert create(store, order.order_id) == order


class TestSynthetic:
    """The canary's orders: found by their id and their customer, and in no list by status."""

    def test_they_are_in_no_list_by_status(self, store: Orders) -> None:
        real = create(store, an_order_id())
        synthetic = create(store, an_order_id(), synthetic=True)

        assert synthetic.synthetic
        assert store.get(synthetic.order_id) == synthetic
        lists = [
            store.newest(None, 10),
            store.newest(S.PENDING_MATCHING, 10),
            store.newest_with_status([*S], None, None, 10),
            store.with_status(S.PENDING_MATCHING),
            store.unchanged_since(S.PENDING_MATCHING, datetime.now(UTC) + timedelta(hours=1)),
        ]
        assert [[*found] for found in lists] == [[real]] * len(lists)

    def test_their_customer_s_list_has_them(self, store: Orders) -> None:
        order = create(store, an_order_id(), synthetic=True)

        assert [*store.newest_of_customer(order.customer_id, None, 10)] == [order]

    def test_nothing_asks_about_their_links_on_a_schedule(self, store: Orders) -> None:
        at = datetime.now(UTC)
        for synthetic in (True, False):
            order = create(store, an_order_id(), synthetic=synthetic)
            record_matches(store, order.order_id)
            linked = store.record_link(
                order.order_id,
                link="https://checkout.example/1",
                reference=f"{order.order_id}-1",
                attempts=1,
                expires_at=at + timedelta(hours=24),
                check_at=at,
            )

        assert [*store.with_link_check_due(at)] == [linked.order_id]

    def test_they_are_kept_for_a_week(self, store: Orders) -> None:
        before = int((datetime.now(UTC) + SYNTHETIC_RETENTION).timestamp())
        order = create(store, an_order_id(), synthetic=True)

        assert order.ttl is not None
        assert before <= order.ttl <= before + 60


class TestGet:
    def test_an_unknown_order_is_not_found(self, store: Orders) -> None:
        with pytest.raises(OrderNotFoundError):
            store.get(an_order_id())

    @pytest.mark.parametrize("order_id", ["", "x" * 2049, "é" * 1025])
    def test_an_id_that_no_key_can_hold_is_not_found(self, store: Orders, order_id: str) -> None:
        with pytest.raises(OrderNotFoundError):
            store.get(order_id)


def at(minute: int, **changes: Any) -> Order:
    return an_order(created_at=f"2026-01-31T12:{minute:02d}:00.000Z", **changes)


def parked(token: str = "token-1", provider: str = "paystack", park_count: int = 0) -> Parked:
    return Parked(
        task_token=token, provider=provider, park_count=park_count, at="2026-01-31T12:00:00.000Z"
    )


class TestParked:
    def test_those_that_need_attention_come_first_and_then_the_oldest(self, store: Orders) -> None:
        newer = stored(store, at(3, status=S.PAYMENT_DELAYED, parked=parked()))
        older = stored(store, at(2, status=S.PAYMENT_DELAYED, parked=parked()))
        urgent = stored(store, at(4, status=S.NEEDS_ATTENTION, parked=parked()))

        assert list(store.parked("paystack")) == [urgent, older, newer]

    def test_orders_without_a_token_or_of_another_provider_are_left_out(
        self, store: Orders
    ) -> None:
        stored(store, at(1, status=S.PAYMENT_DELAYED))
        stored(store, at(2, status=S.PAYMENT_DELAYED, parked=parked(provider="bedrock")))
        stored(store, at(3, status=S.PAYMENT_INITIATED, parked=parked()))

        assert list(store.parked("paystack")) == []

    def test_an_answered_token_is_forgotten(self, store: Orders) -> None:
        order = stored(store, an_order(status=S.PAYMENT_DELAYED, parked=parked("token-1")))

        store.clear_parked(order.order_id, "token-1")

        assert store.get(order.order_id).parked is None

    @pytest.mark.parametrize("now", [parked("token-2"), None])
    def test_an_order_that_was_parked_anew_keeps_its_token(
        self, store: Orders, now: Parked | None
    ) -> None:
        order = stored(store, an_order(status=S.PAYMENT_DELAYED, parked=now))

        store.clear_parked(order.order_id, "token-1")

        assert store.get(order.order_id) == order

    @pytest.mark.parametrize("change", [record_link, reopen_link, record_failure, cancel])
    def test_an_order_that_goes_on_is_parked_no_more(self, store: Orders, change: Change) -> None:
        order = stored(store, an_order(status=S.PAYMENT_DELAYED, parked=parked()))

        assert change(store, order.order_id).parked is None


class TestFailure:
    def test_a_failure_is_kept_with_its_reason_and_the_dead_tokens_go(self, store: Orders) -> None:
        order = stored(store, an_order(task_token="token-1"))

        failed = record_failure(store, order.order_id)

        assert failed.failure == A_FAILURE
        assert failed.task_token is None
        assert failed.history[-1].reason == failed.status_reason
        assert failed == store.get(order.order_id)

    def test_another_execution_takes_an_order_over(self, store: Orders) -> None:
        order = stored(store, an_order(status=S.FAILED))

        store.take_over(order.order_id, "arn:another")

        assert store.get(order.order_id) == order.model_copy(
            update={"execution_arn": "arn:another"}
        )


class TestCancel:
    def test_a_paid_order_is_not_cancelled(self, store: Orders) -> None:
        order = stored(store, an_order(payment=a_payment()))

        with pytest.raises(IllegalTransitionError):
            cancel(store, order.order_id)

        assert store.get(order.order_id) == order

    @pytest.mark.parametrize("asked", [None, "another-1"])
    def test_one_that_has_a_link_is_not_cancelled_unasked(
        self, store: Orders, asked: str | None
    ) -> None:
        order = stored(store, an_order())

        with pytest.raises(IllegalTransitionError):
            store.cancel(order.order_id, "Changed my mind.", asked)

        assert store.get(order.order_id) == order

    def test_one_that_never_had_a_link_is(self, store: Orders) -> None:
        order = stored(store, a_matched_order())

        assert store.cancel(order.order_id, "Changed my mind.").status is S.CANCELLED


class TestCancelRequest:
    @pytest.mark.parametrize("status", sorted(set(OrderStatus) - CLOSED))
    def test_it_is_kept_and_the_first_one_stays(self, store: Orders, status: OrderStatus) -> None:
        order = stored(store, an_order(status=status, task_token="token"))

        requested = store.request_cancellation(order.order_id, a_wish("First."))
        again = store.request_cancellation(order.order_id, a_wish("Second."))

        assert requested == again == store.get(order.order_id)
        assert requested.cancel_requested == a_wish("First.")
        assert (requested.status, requested.history) == (order.status, order.history)
        assert (requested.version, requested.task_token) == (order.version + 1, "token")
        assert not requested.can_be_paid

    @pytest.mark.parametrize(
        "changes",
        [
            {"payment": a_payment()},
            {"payment_reference": None},
            *({"status": status} for status in sorted(CLOSED)),
        ],
    )
    def test_it_is_refused_where_nothing_is_to_be_asked(
        self, store: Orders, changes: dict[str, Any]
    ) -> None:
        order = stored(store, an_order(**changes))

        with pytest.raises(IllegalTransitionError):
            store.request_cancellation(order.order_id, a_wish("Changed my mind."))

        assert store.get(order.order_id) == order

    def test_a_payment_that_comes_later_is_recorded(self, store: Orders) -> None:
        order = stored(store, an_order())
        store.request_cancellation(order.order_id, a_wish("Changed my mind."))

        assert store.record_payment(order.order_id, a_payment())[1]

    def test_an_unknown_order_has_none(self, store: Orders) -> None:
        with pytest.raises(OrderNotFoundError):
            store.request_cancellation(an_order_id(), a_wish("Changed my mind."))


def a_wish(reason: str) -> CancelRequest:
    return CancelRequest(at="2026-01-31T12:00:00.000Z", by="customer", reason=reason)


class TestRatings:
    def test_the_first_one_stays_and_nothing_else_changes(self, store: Orders) -> None:
        order = stored(store, an_order(status=S.PAYMENT_COMPLETED, payment=a_payment()))

        rated = store.record_rating(order.order_id, a_rating(Understanding.PARTLY, 0))
        again = store.record_rating(order.order_id, a_rating(Understanding.WELL))

        assert rated == again == store.get(order.order_id)
        rating = a_rating(Understanding.PARTLY, 0)
        assert rated == order.model_copy(update={"rating": rating})

    @pytest.mark.parametrize("status", sorted(set(OrderStatus) - {S.PAYMENT_COMPLETED}))
    def test_an_order_that_is_not_paid_has_none(self, store: Orders, status: OrderStatus) -> None:
        order = stored(store, an_order(status=status))

        with pytest.raises(IllegalTransitionError):
            store.record_rating(order.order_id, a_rating(Understanding.WELL))

        assert store.get(order.order_id) == order

    def test_an_unknown_order_has_none(self, store: Orders) -> None:
        with pytest.raises(OrderNotFoundError):
            store.record_rating(an_order_id(), a_rating(Understanding.WELL))


def a_rating(understood: Understanding, *wrong_lines: int) -> Rating:
    at = "2026-01-31T12:00:00.000Z"
    return Rating(understood=understood, wrong_lines=[*wrong_lines], at=at)


class TestLinkChecks:
    def due(self, store: Orders) -> list[str]:
        return [*store.with_link_check_due(NOON)]

    def linked(self, store: Orders, check_at: datetime, attempts: int = 1) -> str:
        order_id = stored(store, a_matched_order()).order_id
        store.record_link(
            order_id,
            link=LINK,
            reference=f"{order_id}-{attempts}",
            attempts=attempts,
            expires_at=NOON,
            check_at=check_at,
        )
        return order_id

    def test_links_are_due_by_their_time_the_longest_due_first(self, store: Orders) -> None:
        later = self.linked(store, NOON - timedelta(seconds=1))
        first = self.linked(store, NOON - timedelta(hours=1))
        self.linked(store, NOON + timedelta(seconds=1))

        assert self.due(store) == [first, later]

    def test_a_check_is_counted_and_followed_by_the_next(self, store: Orders) -> None:
        order_id = self.linked(store, NOON)

        store.record_link_check(order_id, 3, NOON + timedelta(hours=1))

        order = store.get(order_id)
        assert (order.link_checks, order.link_check_at) == (3, NOON + timedelta(hours=1))
        assert self.due(store) == []

    def test_another_link_is_asked_about_as_often_as_the_first(self, store: Orders) -> None:
        order_id = self.linked(store, NOON)
        store.record_link_check(order_id, 9, None)

        store.record_link(
            order_id,
            link=LINK,
            reference=f"{order_id}-2",
            attempts=2,
            expires_at=NOON,
            check_at=NOON,
        )

        assert (store.get(order_id).link_checks, self.due(store)) == (0, [order_id])

    def test_after_the_last_one_it_is_due_no_more(self, store: Orders) -> None:
        order_id = self.linked(store, NOON)

        store.record_link_check(order_id, 9, None)

        assert (store.get(order_id).link_checks, self.due(store)) == (9, [])

    def test_a_payment_ends_them_and_its_removal_begins_them_again(self, store: Orders) -> None:
        order_id = self.linked(store, NOON)
        order, _ = store.record_payment(order_id, a_payment())
        assert self.due(store) == []

        store.record_link_check(order_id, 1, NOON)
        assert self.due(store) == [], "a paid order is not checked"

        unconfirmed = UnconfirmedPayment(payment=a_payment(), paystack_answer="no", at=NOON)
        store.drop_payment(order, unconfirmed)
        assert [*store.with_link_check_due(utc_now())] == [order_id]

    def test_a_payment_of_a_second_link_leaves_the_first_to_be_checked(self, store: Orders) -> None:
        order_id = self.linked(store, NOON, attempts=2)
        store.record_payment(order_id, a_payment(f"{order_id}-2"))
        assert self.due(store) == [order_id]

        store.record_link_check(order_id, 1, NOON + timedelta(hours=1))
        assert (store.get(order_id).link_checks, self.due(store)) == (1, [])
        store.record_link_check(order_id, 2, None)
        assert store.get(order_id).link_check_at is None

    def test_a_wish_to_cancel_makes_it_due(self, store: Orders) -> None:
        order_id = self.linked(store, utc_now() + timedelta(hours=1))

        store.request_cancellation(order_id, a_wish("Changed my mind."))

        assert [*store.with_link_check_due(utc_now())] == [order_id]


NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class TestUnsettledAlert:
    def test_its_time_is_kept(self, store: Orders) -> None:
        order = stored(store, an_order())

        store.record_unsettled_alert(order.order_id)

        assert store.get(order.order_id).unsettled_alerted_at is not None


class TestNotifiedStatuses:
    def test_each_status_is_remembered_once(self, store: Orders) -> None:
        order = stored(store, an_order())

        for status in (S.PAYMENT_DELAYED, S.FAILED, S.FAILED):
            store.record_notified_status(order.order_id, status)

        assert store.get(order.order_id).notified_statuses == {S.PAYMENT_DELAYED, S.FAILED}

    def test_an_order_that_is_gone_is_not_made_anew(self, store: Orders) -> None:
        order_id = an_order_id()

        store.record_notified_status(order_id, S.FAILED)

        with pytest.raises(OrderNotFoundError):
            store.get(order_id)


class TestNewest:
    def test_the_newest_come_first_whatever_their_status(self, store: Orders) -> None:
        old = stored(store, at(1, status=S.MATCHED))
        new = stored(store, at(3, status=S.EXPIRED))
        middle = stored(store, at(2, status=S.MATCHED))

        assert store.newest(None, limit=10) == [new, middle, old]

    def test_those_of_one_status(self, store: Orders) -> None:
        failed = stored(store, at(1, status=S.FAILED))
        stored(store, at(2, status=S.MATCHED))

        assert store.newest(S.FAILED, limit=10) == [failed]

    @pytest.mark.parametrize("status", [None, S.MATCHED])
    def test_no_more_than_asked_for(self, store: Orders, status: OrderStatus | None) -> None:
        orders = [stored(store, at(minute, status=S.MATCHED)) for minute in (3, 2, 1)]

        assert store.newest(status, limit=2) == orders[:2]


class TestMatches:
    def test_products_prices_and_total_are_recorded(self, store: Orders) -> None:
        order_id = create(store, an_order_id()).order_id
        lines = [matched_line(2, 120_050), matched_line(1, 99, product_id="salt")]

        order = store.record_matches(order_id, lines, [unmatched_line()])

        assert order.status is S.MATCHED
        assert order.lines == lines
        assert order.unmatched == [unmatched_line()]
        assert order.total_kobo == 240_199
        assert order == store.get(order_id)

    def test_an_order_without_any_product_costs_nothing(self, store: Orders) -> None:
        order_id = create(store, an_order_id()).order_id

        order = store.record_matches(order_id, [], [unmatched_line()])

        assert (order.lines, order.total_kobo) == ([], 0)

    def test_two_functions_at_once_record_one_result(self, store: Orders) -> None:
        order_id = create(store, an_order_id()).order_id
        first = store.record_matches(order_id, [matched_line()], [])

        with pytest.raises(IllegalTransitionError):
            store.record_matches(order_id, [], [unmatched_line()])

        assert store.get(order_id) == first

    @pytest.mark.parametrize("status", [S.PAYMENT_DELAYED, S.NEEDS_ATTENTION, S.FAILED])
    def test_an_order_that_has_products_is_not_taken_back(
        self, store: Orders, status: OrderStatus
    ) -> None:
        order = stored(store, an_order(status=status))

        with pytest.raises(IllegalTransitionError):
            record_matches(store, order.order_id)

        assert store.get(order.order_id) == order


class TestLink:
    def test_the_link_and_its_end_are_recorded(self, store: Orders) -> None:
        order_id = stored(store, a_matched_order()).order_id

        order = record_link(store, order_id)

        assert order.status is S.PAYMENT_INITIATED
        assert order.payment_link == LINK
        assert order.payment_reference == f"{order_id}-3"
        assert order.payment_attempts == 3
        assert order.payment_link_expires_at == datetime(2026, 2, 1, 12, tzinfo=UTC)

    @pytest.mark.parametrize("change", [record_link, reopen_link])
    def test_the_reason_of_an_earlier_delay_is_dropped(self, store: Orders, change: Change) -> None:
        delayed = a_matched_order(status=S.PAYMENT_DELAYED, status_reason="PayStack is out.")

        order = change(store, stored(store, delayed).order_id)

        assert order.status_reason is None

    def test_reopened_an_order_keeps_the_link_it_had(self, store: Orders) -> None:
        failed = stored(store, an_order(status=S.FAILED))

        order = store.reopen_link(failed.order_id)

        assert order.status is S.PAYMENT_INITIATED
        assert (order.payment_link, order.payment_reference, order.payment_link_expires_at) == (
            failed.payment_link,
            failed.payment_reference,
            failed.payment_link_expires_at,
        )


class TestTransitions:
    @pytest.mark.parametrize(("change", "to", "before"), ALLOWED)
    def test_allowed_from_every_listed_status(
        self, store: Orders, change: Change, to: OrderStatus, before: OrderStatus
    ) -> None:
        order = an_order(status=before, version=4)
        if to is S.MATCHED:
            order.lines = []
        stored(store, order)

        changed = change(store, order.order_id)

        assert changed.status is to
        assert changed.version == 5
        assert [entry.status for entry in changed.history] == [before, to]
        assert changed.history[-1].by == "tests"
        assert changed.updated_at == changed.history[-1].at
        assert changed == store.get(order.order_id)

    @pytest.mark.parametrize(("change", "to", "before"), REFUSED)
    def test_refused_from_every_other_status_and_nothing_is_changed(
        self, store: Orders, change: Change, to: OrderStatus, before: OrderStatus
    ) -> None:
        order = stored(store, an_order(status=before))

        with pytest.raises(IllegalTransitionError) as refusal:
            change(store, order.order_id)

        assert refusal.value.order_id == order.order_id
        assert refusal.value.status == before
        assert refusal.value.wanted == to
        assert store.get(order.order_id) == order

    def test_nothing_follows_a_closed_status(self) -> None:
        followed = set().union(*PREDECESSORS.values())

        assert set(OrderStatus) - followed == CLOSED

    def test_every_status_has_its_predecessors_listed(self) -> None:
        assert PREDECESSORS.keys() == set(OrderStatus)


class TestPayment:
    def test_recorded_once(self, store: Orders) -> None:
        order_id = stored(store, an_order()).order_id
        payment = a_payment(f"{order_id}-1")

        order, recorded = store.record_payment(order_id, payment)

        assert recorded
        assert order.payment == payment
        assert order == store.get(order_id)

    def test_the_first_of_two_stays(self, store: Orders) -> None:
        order_id = stored(store, an_order()).order_id
        first, _ = store.record_payment(order_id, a_payment("first"))

        second, recorded = store.record_payment(order_id, a_payment("second"))

        assert not recorded
        assert second == first == store.get(order_id)

    def test_status_and_history_are_left_to_the_workflow(self, store: Orders) -> None:
        before = stored(store, an_order())

        after, _ = store.record_payment(before.order_id, a_payment())

        assert (after.status, after.history, after.version) == (
            before.status,
            before.history,
            before.version + 1,
        ), "customers see that it has come in"

    def test_a_payment_without_a_channel_is_recorded_too(self, store: Orders) -> None:
        order_id = stored(store, an_order()).order_id

        order, _ = store.record_payment(order_id, a_payment(channel=None))

        assert order.payment is not None
        assert order.payment.channel is None


class TestNotification:
    def test_the_reference_that_was_sent_is_remembered(self, store: Orders) -> None:
        order = stored(store, an_order())

        store.record_notification(order.order_id, f"{order.order_id}-1")

        assert store.get(order.order_id).notified_reference == f"{order.order_id}-1"


quantities = st.decimals("0.0001", 1_000_000, places=4)
prices = st.integers(1, 999_999_999)
packs = st.integers(1, 999)


@st.composite
def matched_lines(draw: st.DrawFn) -> MatchedLine:
    return matched_line(
        packs=draw(packs),
        unit_price_kobo=draw(prices),
        quantity=draw(quantities),
        confidence=draw(st.decimals(0, 1, places=2)),
        text=draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=20)),
    )


# The table is shared by all examples; each works on an order of its own.
on_one_table = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class TestProperties:
    @on_one_table
    @given(lines=st.lists(matched_lines(), max_size=3))
    def test_numbers_and_texts_come_back_as_they_were_written(
        self, store: Orders, lines: list[MatchedLine]
    ) -> None:
        order_id = stored(store, a_new_order()).order_id

        store.record_matches(order_id, lines, [])

        order = store.get(order_id)
        assert order.lines == lines
        assert order.total_kobo == sum(line.packs * line.unit_price_kobo for line in lines)

    @on_one_table
    @given(
        steps=st.lists(
            st.sampled_from(
                [
                    create,
                    record_matches,
                    record_link,
                    reopen_link,
                    lambda store, order_id: store.record_payment(order_id, a_payment()),
                ]
            ),
            max_size=8,
        ),
        jumps=st.dictionaries(st.integers(0, 7), st.sampled_from(OrderStatus), max_size=3),
    )
    def test_no_sequence_of_operations_breaks_the_order_of_statuses(
        self,
        store: Orders,
        steps: list[Callable[[Orders, str], object]],
        jumps: dict[int, OrderStatus],
    ) -> None:
        order_id = create(store, an_order_id()).order_id
        for number, step in enumerate(steps):
            if number in jumps:
                workflow_moves(store, order_id, jumps[number])
            before = store.get(order_id)
            try:
                step(store, order_id)
            except IllegalTransitionError:
                assert store.get(order_id) == before

        order = store.get(order_id)
        statuses = [change.status for change in order.history]
        assert statuses[0] is S.PENDING_MATCHING
        assert statuses[-1] is order.status
        assert all(before in PREDECESSORS[after] for before, after in pairwise(statuses))
        # A payment that came in is seen by customers, too.
        assert order.version == len(statuses) + (order.payment is not None)


def workflow_moves(store: Orders, order_id: str, to: OrderStatus) -> None:
    """What the state machine's own updates do, where the present status allows it."""
    order = store.get(order_id)
    if order.status in PREDECESSORS[to]:
        change = order.history[0].model_copy(update={"status": to, "by": "workflow"})
        stored(
            store,
            order.model_copy(
                update={
                    "status": to,
                    "version": order.version + 1,
                    "history": [*order.history, change],
                }
            ),
        )


def test_a_fraction_is_stored_exactly(store: Orders) -> None:
    third = requested_line(quantity=Decimal("0.3333"))

    order = create(store, an_order_id(), parsed=ParsedList(requested=[third]))

    assert store.get(order.order_id).requested == [third]


class TestWithStatus:
    def test_all_of_them_the_oldest_first(self, store: Orders) -> None:
        orders = [stored(store, at(minute, status=S.FAILED)) for minute in range(3)]
        stored(store, at(9, status=S.MATCHED))

        assert list(store.with_status(S.FAILED)) == orders

    def test_those_created_in_a_span_the_newest_first(self, store: Orders) -> None:
        orders = [stored(store, at(minute, status=S.FAILED)) for minute in range(4)]
        since, until = orders[1].created_at, orders[2].created_at

        found = store.newest_with_status([S.FAILED], since, until, read=10)

        assert list(found) == [orders[2], orders[1]]

    def test_those_of_one_customer_the_newest_first(self, store: Orders) -> None:
        orders = [stored(store, at(minute, customer_id="c-1")) for minute in range(3)]
        stored(store, at(1, customer_id="c-2"))

        found = store.newest_of_customer("c-1", orders[1].created_at, read=10)

        assert list(found) == [orders[1], orders[0]]

    def test_those_unchanged_since_a_time(self, store: Orders) -> None:
        moment = utc_now()
        old = stored(store, an_order(updated_at=moment))
        stored(store, an_order(updated_at=moment + timedelta(milliseconds=1)))

        assert list(store.unchanged_since(S.PAYMENT_INITIATED, moment)) == [old]


class TestAlerts:
    def test_the_alert_of_another_failure_is_not_recorded(self, store: Orders) -> None:
        order_id = stored(store, an_order()).order_id
        record_failure(store, order_id)

        store.record_alerted(order_id, A_FAILURE.model_copy(update={"count": 2}))
        assert store.get(order_id).alerted_at is None

        store.record_alerted(order_id, A_FAILURE)
        assert store.get(order_id).alerted_at is not None

    def test_a_recorded_failure_is_refused(self, store: Orders) -> None:
        order_id = stored(store, an_order()).order_id
        record_failure(store, order_id)

        with pytest.raises(IllegalTransitionError):
            record_failure(store, order_id)

    def test_a_report_is_recorded(self, store: Orders) -> None:
        order_id = stored(store, an_order()).order_id
        report = Report(problem="no-progress", at=utc_now())

        store.record_report(order_id, report)

        assert store.get(order_id).report == report


class TestUnconfirmedPayments:
    def reported(self, store: Orders) -> Order:
        order = stored(store, an_order(task_token="token-1"))
        return store.record_payment(order.order_id, a_payment("r-1"))[0]

    def unconfirmed(self) -> UnconfirmedPayment:
        return UnconfirmedPayment(
            payment=a_payment("r-1"), paystack_answer="abandoned", at=utc_now()
        )

    def test_a_confirmed_payment_stays(self, store: Orders) -> None:
        order = self.reported(store)
        verified = a_payment("r-1", verified_at=utc_now())

        confirmed = store.confirm_payment(order.order_id, verified)

        assert confirmed is not None
        assert (confirmed.payment, confirmed.task_token) == (verified, None)
        assert store.drop_payment(order, self.unconfirmed()) is None
        assert store.get(order.order_id) == confirmed

    def test_a_dropped_payment_is_kept_as_unconfirmed(self, store: Orders) -> None:
        order = self.reported(store)

        dropped = store.drop_payment(order, self.unconfirmed())

        assert dropped is not None
        assert (dropped.payment, dropped.task_token) == (None, None)
        assert [each.payment for each in dropped.unconfirmed_payments] == [a_payment("r-1")]
        assert store.confirm_payment(order.order_id, a_payment("r-1")) is None

    def test_a_payment_that_is_reported_again_is_not_dropped(self, store: Orders) -> None:
        seen = self.reported(store)
        again, recorded = store.record_payment(seen.order_id, a_payment("r-1"))

        assert not recorded
        assert again.payment_reports == seen.payment_reports + 1
        assert store.drop_payment(seen, self.unconfirmed()) is None
        assert store.get(seen.order_id) == again

    def test_notifications_are_recorded_unless_there_is_another_unconfirmed_payment(
        self, store: Orders
    ) -> None:
        order = store.drop_payment(self.reported(store), self.unconfirmed())
        assert order is not None
        notified = [
            each.model_copy(update={"notified_at": utc_now()})
            for each in order.unconfirmed_payments
        ]

        store.record_unconfirmed_payments(order, notified)
        store.record_unconfirmed_payments(order, [])

        assert store.get(order.order_id).unconfirmed_payments == notified


class TestDeclines:
    def test_a_decline_of_the_orders_own_reference_is_recorded(self, store: Orders) -> None:
        order = stored(store, an_order())
        decline = Decline(
            reference=str(order.payment_reference), reason="Insufficient Funds", at=utc_now()
        )

        assert store.record_decline(order.order_id, decline)
        assert store.get(order.order_id).declined == decline

    def test_other_declines_are_not(self, store: Orders) -> None:
        order = stored(store, an_order())
        paid = stored(store, an_order(payment=a_payment()))
        other = Decline(reference="other-1", reason="r", at=utc_now())
        late = Decline(reference=str(paid.payment_reference), reason="r", at=utc_now())

        assert not store.record_decline(order.order_id, other)
        assert not store.record_decline(paid.order_id, late)
        assert not store.record_decline(an_order_id(), other)


class TestRefunds:
    def due(self, minute: int) -> RefundDue:
        moment = datetime(2026, 1, 31, 12, minute, tzinfo=UTC)
        return RefundDue(
            reference=f"r-{minute}",
            amount=1,
            currency="NGN",
            reason=RefundReason.ORDER_ENDED,
            at=moment,
            paid_at=moment,
        )

    def test_orders_with_refunds_due_are_found_the_oldest_refund_first(self, store: Orders) -> None:
        newer = store.record_refunds(stored(store, an_order()), [self.due(2)])
        older = store.record_refunds(stored(store, an_order()), [self.due(1), self.due(3)])
        stored(store, an_order())

        assert list(store.with_refunds_due()) == [older, newer]

    def test_an_order_whose_refunds_are_settled_is_not_found(self, store: Orders) -> None:
        order = store.record_refunds(stored(store, an_order()), [self.due(1)])
        settled = [self.due(1).model_copy(update={"settled_at": utc_now()})]

        store.record_refunds(order, settled)

        assert list(store.with_refunds_due()) == []
        assert store.get(order.order_id).refunds_due == settled

    def test_refunds_that_changed_meanwhile_are_not_overwritten(self, store: Orders) -> None:
        order = stored(store, an_order())
        changed = store.record_refunds(order, [self.due(1)])

        with pytest.raises(StoreUnavailable):
            store.record_refunds(order, [self.due(2)])

        assert store.get(order.order_id) == changed


class TestReversals:
    def changed(
        self, order: Order, minute: int | None, status: RefundStatus = RefundStatus.PENDING
    ) -> Order:
        """The order with a refund that is to be checked at this minute."""
        refund = Refund(
            reference=f"{order.order_id}-1",
            amount=1,
            currency="NGN",
            status=status,
            at=NOON,
            updated_at=NOON,
            check_at=None if minute is None else NOON + timedelta(minutes=minute),
        )
        dispute = Dispute(
            dispute_id=1,
            reference=f"{order.order_id}-1",
            status="awaiting-merchant-feedback",
            opened_at=NOON,
            changed_at=NOON,
        )
        return order.model_copy(update={"refunds": [refund], "disputes": [dispute]})

    def recorded(self, store: Orders, minute: int | None) -> Order:
        order = stored(store, an_order())
        return store.record_reversals(order, self.changed(order, minute))

    def test_what_is_recorded_is_kept(self, store: Orders) -> None:
        order = self.recorded(store, 1)

        assert store.get(order.order_id) == order
        assert [len(order.refunds), len(order.disputes), order.refunds_revision] == [1, 1, 1]

    def test_those_to_look_after_are_found_the_first_first(self, store: Orders) -> None:
        later = self.recorded(store, 2)
        first = self.recorded(store, 1)
        over = self.recorded(store, 3)
        store.record_reversals(over, self.changed(over, None))
        self.recorded(store, None)

        assert [*store.with_open_reversals()] == [first, later]
        assert [*store.with_reversal_check_due(NOON + timedelta(minutes=1))] == [first.order_id]

    def test_the_version_grows_where_the_customer_sees_a_change(self, store: Orders) -> None:
        order = stored(store, an_order())
        versions = []
        for status in (
            RefundStatus.REQUESTED, RefundStatus.PENDING, RefundStatus.PROCESSING,
            RefundStatus.PROCESSED,
        ):  # fmt: skip
            order = store.record_reversals(order, self.changed(order, 1, status))
            versions.append((order.version, order.refund_state))

        assert versions == [
            (1, None),
            (2, RefundState.BEING_GIVEN_BACK),
            (2, RefundState.BEING_GIVEN_BACK),
            (3, RefundState.GIVEN_BACK),
        ]

    def test_those_that_changed_meanwhile_are_not_overwritten(self, store: Orders) -> None:
        order = stored(store, an_order())
        changed = store.record_reversals(order, self.changed(order, 1))

        with pytest.raises(StoreUnavailable):
            store.record_reversals(order, self.changed(order, 2))

        assert store.get(order.order_id) == changed


class TestUnknownOrders:
    @pytest.mark.parametrize("change", [change for change, _ in CHANGES])
    def test_a_change_of_status_does_not_create_one(self, store: Orders, change: Change) -> None:
        order_id = an_order_id()

        with pytest.raises(OrderNotFoundError):
            change(store, order_id)
        with pytest.raises(OrderNotFoundError):
            store.get(order_id)

    @pytest.mark.parametrize(
        "record",
        [
            lambda store, order_id: store.take_over(order_id, "arn:another"),
            lambda store, order_id: store.record_notification(order_id, "r-1"),
            lambda store, order_id: store.record_alerted(order_id, A_FAILURE),
            lambda store, order_id: store.clear_parked(order_id, "token-1"),
            lambda store, order_id: store.confirm_payment(order_id, a_payment()),
        ],
    )
    def test_a_note_does_not_create_one(
        self, store: Orders, record: Callable[[Orders, str], object]
    ) -> None:
        order_id = an_order_id()

        record(store, order_id)

        with pytest.raises(OrderNotFoundError):
            store.get(order_id)
