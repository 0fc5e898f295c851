"""However two edits, the confirmation, its time's end and a cancellation interleave, the customer
pays for what they confirmed, once, and no edit is lost or done twice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest

from orderflow import errors
from orderflow.orders.access import Caller
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.review.edits import LineUpdate
from orderflow.review.reviews import Reviews
from tests.support.factories import CUSTOMER_ID, LINK, a_matched_order, matched_line
from tests.support.memory_table import MemoryTable
from tests.support.payment_world import (
    DONE,
    ORDER_ID,
    REFERENCE,
    Actor,
    Explorer,
    Item,
    Stage,
    World,
    fixed_clock,
)
from tests.unit.orders.test_order_sequences import check
from tests.unit.payments.test_interleavings import FULL, without

S = OrderStatus
OWNER = Caller(CUSTOMER_ID)

CASTS = [
    ("clock",),
    ("clock", "confirmer"),
    ("clock", "editor"),
    ("clock", "editor", "confirmer"),
    ("clock", "editor", "another_editor"),
    *([("clock", "editor", "another_editor", "confirmer")] if FULL else []),
    ("clock", "confirmer", "canceller"),
    ("clock", "editor", "canceller"),
    *([("clock", "confirmer", "another_confirmer", "editor")] if FULL else []),
]


class ReviewExplorer(Explorer):
    """All that can happen to an order whose execution comes to AwaitReview."""

    def _beginning(self) -> tuple[str, Item]:
        now = fixed_clock()
        order = a_matched_order(
            order_id=ORDER_ID, review=True, lines=[matched_line()], created_at=now, updated_at=now
        )
        item: Item = json.loads(order.model_dump_json(by_alias=True, exclude_none=True))
        item["history"] = [{"status": "MATCHED", "at": item["createdAt"], "by": "x"}]
        return "AwaitReview", item

    # The execution

    def _AwaitReview(self, world: World, actor: Actor) -> Iterator[World]:  # noqa: N802
        yield from self._await(world, actor, "AwaitReview", "CreatePaymentLink")

    def _waiting(self, world: World, actor: Actor) -> Iterator[World]:
        yield from self._waited(world, actor, "CreatePaymentLink", "ExpireReview")

    def _ExpireReview(self, world: World, actor: Actor) -> Iterator[World]:  # noqa: N802
        after, written = self._write(world, "ExpireReview")
        yield after.with_actor(actor.at(DONE if written else "CreatePaymentLink"))

    def _CreatePaymentLink(self, world: World, actor: Actor) -> Iterator[World]:  # noqa: N802
        def make(stage: Stage) -> Order:
            order = stage.store.get(ORDER_ID)
            order.refuse_if_closed()
            ends = fixed_clock() + timedelta(hours=24)
            return stage.store.record_link(
                ORDER_ID, link=LINK, reference=REFERENCE, attempts=1, expires_at=ends
            )

        after, moved, outcome = self._take_step(world, actor, make)
        yield after.with_actor(moved if outcome is None else moved.at(DONE))

    # Their customer, on several devices

    def _editor(self, world: World, actor: Actor, packs: int = 3) -> Iterator[World]:
        def edit(stage: Stage) -> Order:
            seen = stage.store.get(ORDER_ID)
            update = LineUpdate(order_id=ORDER_ID, version=seen.version, line=0, packs=packs)
            self._reviews(stage).edit(OWNER, update)
            # The answer was lost: the same request again.
            return self._reviews(stage).edit(OWNER, update)

        yield from self._customer_acts(world, actor, edit)

    def _another_editor(self, world: World, actor: Actor) -> Iterator[World]:
        yield from self._editor(world, actor, packs=5)

    def _confirmer(self, world: World, actor: Actor) -> Iterator[World]:
        def confirm(stage: Stage) -> Order:
            seen = stage.store.get(ORDER_ID)
            confirmed = self._reviews(stage).confirm(OWNER, ORDER_ID, seen.version)
            assert confirmed.lines == seen.lines, "another order than the one that was seen"
            return confirmed

        yield from self._customer_acts(world, actor, confirm)

    _another_confirmer = _confirmer

    def _reviews(self, stage: Stage) -> Reviews:
        return Reviews(stage.store, lambda _: {}, cast(Any, stage))

    def _customer_acts(self, world: World, actor: Actor, act: Any) -> Iterator[World]:
        if actor.doing != "start":
            return
        after, moved, outcome = self._take_step(world, actor, act)
        if outcome is not None:
            assert isinstance(outcome, Order | errors.BusinessRefusalError), outcome
            moved = moved.at("accepted" if isinstance(outcome, Order) else "refused")
        yield after.with_actor(moved)


def ends(cast: tuple[str, ...], table: type[MemoryTable] = MemoryTable) -> Counter[OrderStatus]:
    """All ways in which it can end, by status; each step and each end is checked."""
    explorer = ReviewExplorer(table)
    found = set()
    changes = set()
    for before, after in explorer.explore(*cast):
        if after is None:
            found.add(before)
        elif (before.item, after.item) not in changes:
            changes.add((before.item, after.item))
            check(explorer.order(before), explorer.order(after))
            check_review(explorer.order(before), explorer.order(after))
    for world in found:
        check_end(world, explorer.order(world))
    return Counter(explorer.order(world).status for world in found)


def check_review(before: Order, after: Order) -> None:
    done, now = before.review_edits or [], after.review_edits or []
    assert now[: len(done)] == done, "an edit was lost"
    assert len(set(now)) == len(now), "an edit was done twice"
    assert after.total_kobo == sum(line.line_total_kobo for line in after.lines)
    if before.status is not S.AWAITING_REVIEW:
        assert after.lines == before.lines, "changed outside its review"
    if before.confirmed_version is None and after.confirmed_version is not None:
        assert (after.confirmed_version, after.lines) == (before.version, before.lines)
    if after.payment_link is not None:
        assert after.confirmed_version is not None, "a link for what was not confirmed"


def check_end(world: World, order: Order) -> None:
    assert order.status in {S.PAYMENT_INITIATED, S.EXPIRED, S.CANCELLED}, order.status
    assert world.stopped or world.actor("execution").doing == DONE
    assert (order.payment_reference is not None) == (order.status is S.PAYMENT_INITIATED)
    assert order.review_token is None
    for actor in world.actors:
        assert actor.name == "execution" or actor.doing != "start", actor
        if actor.name.endswith("confirmer") and actor.doing == "accepted":
            assert order.status is not S.EXPIRED, "confirmed, and it expired"
        if actor.name.endswith("editor") and actor.doing == "accepted":
            assert order.review_edits, "an edit was accepted and not done"


@pytest.mark.parametrize("cast", CASTS, ids=" ".join)
def test_there_is_one_outcome_and_no_edit_is_lost(cast: tuple[str, ...]) -> None:
    statuses = ends(cast)

    expected = {S.EXPIRED}
    expected |= {S.PAYMENT_INITIATED} if "confirmer" in cast else set()
    expected |= {S.CANCELLED} if "canceller" in cast else set()
    assert set(statuses) == expected, "what can happen does"


@pytest.mark.parametrize(
    "cast",
    [("clock", "editor", "another_editor"), ("clock", "editor", "confirmer")],
    ids=" ".join,
)
def test_a_forgotten_version_is_noticed(cast: tuple[str, ...]) -> None:
    with pytest.raises(AssertionError):
        ends(cast, without(" AND version = :seen"))


def test_an_expiry_that_forgets_the_status_is_noticed() -> None:
    class Mutant(MemoryTable):
        def update_item(self, *, ConditionExpression: str, **given: Any) -> Any:  # noqa: N803
            values = given["ExpressionAttributeValues"]
            if values.get(":status") == S.EXPIRED:
                ConditionExpression = "attribute_not_exists(payment)"  # noqa: N806
            return super().update_item(ConditionExpression=ConditionExpression, **given)

    with pytest.raises(AssertionError):
        ends(("clock", "confirmer"), Mutant)
