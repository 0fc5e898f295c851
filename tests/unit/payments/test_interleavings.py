"""However paying, forging, cancelling and expiring interleave, there is one outcome, and no money
is lost. ``PAYMENT_INTERLEAVINGS=full`` has everybody act at once (``make chaos``).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from orderflow.orders.model import Order
from orderflow.orders.money_records import RefundReason, RefundStatus
from orderflow.orders.reversals import RefundState
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.payments import recording, verification
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.reversals import recording as reversals
from tests.support.memory_table import MemoryTable
from tests.support.payment_world import AMOUNT, DONE, REFERENCE, Actor, Explorer, World
from tests.unit.orders.test_order_sequences import check

S = OrderStatus
FULL = os.environ.get("PAYMENT_INTERLEAVINGS") == "full"

CASTS = [
    ("clock",),
    ("clock", "canceller"),
    ("clock", "forger"),
    ("clock", "customer", "paystack"),
    ("clock", "customer", "paystack", "paystack_again"),
    ("clock", "customer", "paystack", "canceller"),
    ("clock", "customer", "paystack", "forger"),
    # The webhook is lost for good: nobody but the execution learns of the payment.
    ("clock", "customer"),
    ("clock", "customer", "canceller"),
    # It is lost, and the customer comes back to the shop.
    ("clock", "customer", "returner"),
    ("clock", "customer", "returner", "canceller"),
    ("clock", "customer", "returner", "paystack"),
    # Staff give the payment back in PayStack's dashboard, or the bank takes it.
    ("clock", "customer", "refunder", "refund_pending", "refund_processed"),
    ("clock", "customer", "paystack", "refunder", "refund_processed"),
    ("clock", "customer", "disputer", "dispute_created", "dispute_resolved"),
]
EVERYBODY = [
    ("clock", "customer", "paystack", "refunder", "refund_pending", "refund_processed"),
    ("clock", "customer", "paystack", "canceller", "refunder", "refund_processed"),
    ("clock", "customer", "paystack", "disputer", "dispute_created", "dispute_resolved"),
    ("clock", "customer", "disputer", "dispute_created", "dispute_resolved", "refund_processed"),
    ("clock", "customer", "paystack", "forger", "canceller"),
    ("clock", "customer", "paystack", "paystack_again", "forger"),
    ("clock", "customer", "paystack", "paystack_again", "canceller"),
    ("clock", "customer", "paystack", "returner", "forger"),
    ("clock", "customer", "paystack", "returner", "canceller"),
]
#: Of an order that failed, is restarted, and is to be rejected.
REJECTED_CASTS = [
    (),
    ("clock", "customer"),
    ("clock", "customer", "paystack"),
    ("clock", "customer", "returner"),
    ("clock", "forger"),
    ("clock", "customer", "paystack", "canceller"),
]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words and counts are not needed."""
    for module in (verification, recording, reversals):
        monkeypatch.setattr(module.metrics, "add_metric", lambda *_: None)
    for module in (recording, reversals):
        monkeypatch.setattr(module.logger, "info", lambda *_, **__: None)
    monkeypatch.setattr(verification.audit, "record", lambda _: None)


def ends(
    monkeypatch: pytest.MonkeyPatch,
    cast: tuple[str, ...],
    table: type[MemoryTable] = MemoryTable,
    *,
    rejected: bool = False,
) -> Counter[OrderStatus]:
    """All ways in which it can end, by status; each step and each end is checked."""
    explorer = Explorer(table, rejected=rejected)
    monkeypatch.setattr(Order, "has_expired", lambda _order, _now: explorer.is_late())
    changes, found = set(), set()
    for before, after in explorer.explore(*cast):
        if after is None:
            found.add(before)
        elif (before.item, after.item) not in changes:
            changes.add((before.item, after.item))
            check(explorer.order(before), explorer.order(after))
    for world in found:
        check_end(world, explorer.order(world))
    return Counter(explorer.order(world).status for world in found)


def check_end(world: World, order: Order) -> None:
    assert order.status in CLOSED, order.status
    assert world.stopped or world.actor("execution").doing == DONE
    assert (order.payment is not None) == (order.status is S.PAYMENT_COMPLETED)
    assert order.task_token is None
    if order.status is not S.PAYMENT_COMPLETED:
        assert order.payment_link is None, "the link is void"
    if order.status is S.PAYMENT_COMPLETED:
        assert world.paid, "completed without money"
        assert order.payment is not None
        assert order.payment.verified_at is not None
    if order.status is not S.PAYMENT_COMPLETED:
        assert world.asked_unpaid, "ended unasked"
    check_money(world, order)


def check_money(world: World, order: Order) -> None:
    """Paid money has completed the order or is to be given back: one of both, and once."""
    flagged = [refund.reason for refund in order.refunds_due]
    if world.reversed:
        check_money_that_went_back(world, order)
    elif world.paid and order.status is not S.PAYMENT_COMPLETED:
        # Paid after PayStack was asked: a webhook that comes finds the order ended.
        names = {actor.name for actor in world.actors}
        lost = not names & {"paystack", "paystack_again"}
        # A customer who comes back may find it, too, if the order ends while PayStack is asked.
        unseen = lost and (flagged == [] or "returner" not in names)
        assert flagged == ([] if unseen else [RefundReason.ORDER_ENDED]), "money was lost"
    if order.status is S.PAYMENT_COMPLETED:
        assert flagged == [], "both completed and to be given back"
    assert all(refund.notified_status is refund.status for refund in order.refunds)
    assert all(dispute.notified == dispute.news for dispute in order.disputes)
    assert world.alerts >= len(flagged) + len(order.unconfirmed_payments), "an alert is missing"
    assert all(refund.notified_at for refund in order.refunds_due)
    assert all(unconfirmed.notified_at for unconfirmed in order.unconfirmed_payments)


def check_money_that_went_back(world: World, order: Order) -> None:
    """What went back is known, once, and nobody is asked to give it back again."""
    names = {actor.name for actor in world.actors}
    if names & {"refund_processed", "dispute_resolved"}:
        assert order.given_back(REFERENCE) == AMOUNT
        assert order.refund_state is RefundState.GIVEN_BACK
    assert order.due_refunds == [], "to be given back twice"
    assert [refund.status for refund in order.refunds] in ([], [RefundStatus.PROCESSED])
    assert {each.status for each in order.disputes} <= {"resolved"}
    answers = {unconfirmed.paystack_answer for unconfirmed in order.unconfirmed_payments}
    assert answers <= {"reversed"}, "a refund of ours is taken for a leaked key"


def in_parts(casts: list[tuple[str, ...]]) -> list[Any]:
    """Four act in many orders: those are left to the long tests."""
    return [
        pytest.param(cast, marks=[pytest.mark.long] if len(cast) > 3 else [], id=" ".join(cast))
        for cast in casts
    ]


@pytest.mark.parametrize("cast", in_parts(CASTS + (EVERYBODY if FULL else [])))
def test_there_is_one_outcome_and_no_money_is_lost(
    monkeypatch: pytest.MonkeyPatch, cast: tuple[str, ...]
) -> None:
    statuses = ends(monkeypatch, cast)

    expected = {S.EXPIRED}
    expected |= {S.CANCELLED} if "canceller" in cast else set()
    expected |= {S.PAYMENT_COMPLETED} if "customer" in cast else set()
    assert set(statuses) == expected, "what can happen does"


@pytest.mark.parametrize("cast", REJECTED_CASTS, ids=" ".join)
def test_an_order_with_a_link_is_rejected_unless_it_is_paid(
    monkeypatch: pytest.MonkeyPatch, cast: tuple[str, ...]
) -> None:
    statuses = ends(monkeypatch, cast, rejected=True)

    expected = {S.REJECTED}
    expected |= {S.CANCELLED} if "canceller" in cast else set()
    expected |= {S.PAYMENT_COMPLETED} if "customer" in cast else set()
    assert set(statuses) == expected, "what can happen does"


def without(*clauses: str) -> type[MemoryTable]:
    """DynamoDB, with parts of the conditions forgotten."""

    class Mutant(MemoryTable):
        def update_item(self, *, ConditionExpression: str, **given: Any) -> Any:  # noqa: N803
            for clause in clauses:
                ConditionExpression = ConditionExpression.replace(clause, "")  # noqa: N806
            return super().update_item(ConditionExpression=ConditionExpression, **given)

    return Mutant


MUTANTS = [
    # A payment that became real while PayStack was asked is dropped.
    (("clock", "customer", "paystack", "forger"), (" AND paymentReports = :seen",)),
    # The clock wins over a payment, or a cancellation does.
    (("clock", "customer", "paystack"), (" AND attribute_not_exists(payment)",)),
    (("clock", "customer", "paystack", "canceller"), (" AND attribute_not_exists(payment)",)),
    # Two reports of one refund at once overwrite each other.
    (
        ("clock", "customer", "refunder", "refund_pending", "refund_processed"),
        (
            " AND (refundsRevision = :seen OR attribute_not_exists(refundsRevision))",
            " AND (refundsRevision = :seen)",
        ),
    ),
]


@pytest.mark.parametrize(("cast", "clauses"), MUTANTS)
def test_a_forgotten_condition_is_noticed(
    monkeypatch: pytest.MonkeyPatch, cast: tuple[str, ...], clauses: tuple[str, ...]
) -> None:
    with pytest.raises(AssertionError):
        ends(monkeypatch, cast, without(*clauses))


#: RejectOrder forgets that an order with a link is asked about first.
UNASKED = " AND (attribute_not_exists(paymentReference) OR paymentReference = :unpaid)"


@pytest.mark.parametrize("cast", [(), ("clock", "customer", "paystack")], ids=" ".join)
def test_a_rejection_that_forgets_to_ask_is_noticed(
    monkeypatch: pytest.MonkeyPatch, cast: tuple[str, ...]
) -> None:
    with pytest.raises(AssertionError, match="ended unasked"):
        ends(monkeypatch, cast, without(UNASKED), rejected=True)


@pytest.mark.parametrize("cast", [("clock",), ("clock", "canceller"), ("clock", "customer")])
def test_a_verification_that_forgets_to_ask_before_the_end_is_noticed(
    monkeypatch: pytest.MonkeyPatch, cast: tuple[str, ...]
) -> None:
    monkeypatch.setattr(PaymentInquiry, "ask", lambda _inquiry, order: order)

    with pytest.raises(AssertionError, match="ended unasked"):
        ends(monkeypatch, cast)


def test_a_definition_that_forgets_to_ask_when_time_is_over_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """AwaitPayment's timeout leads to ExpireOrder, as it once did."""

    def _waiting(_: Explorer, world: World, actor: Actor) -> Iterator[World]:
        if world.late:
            yield replace(world, waiting=False).with_actor(actor.at("ExpireOrder"))

    monkeypatch.setattr(Explorer, "_waiting", _waiting)

    with pytest.raises(AssertionError, match="ended unasked"):
        ends(monkeypatch, ("clock",))


def test_closed_statuses_are_what_the_ends_are_checked_for() -> None:
    assert {S.PAYMENT_COMPLETED, S.EXPIRED, S.CANCELLED, S.REJECTED} == CLOSED
