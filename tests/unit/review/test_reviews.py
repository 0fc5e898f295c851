"""Edits and confirmations by customers alone, once, of orders as they were seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import pytest

from orderflow.catalog.product import Product
from orderflow.errors import InvalidOrder, OrderNotFoundError, ProviderUnavailableError
from orderflow.orders.access import OPERATIONS_GROUP, Caller
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.review.edits import LineAddition, LineUpdate
from orderflow.review.reviews import OrderChangedError, OrderNotInReviewError, Reviews
from tests.support.factories import CUSTOMER_ID, a_matched_order, client_error, matched_line, stored
from tests.support.memory_orders import InMemoryOrders

S = OrderStatus
OWNER = Caller(CUSTOMER_ID)
SALT = Product(id="salt", name="Salt", price_kobo=30_000)


class StepFunctions:
    """Remembers the answered tokens; fails with ``error`` where there is one."""

    def __init__(self) -> None:
        self.answered: list[str] = []
        self.error: Exception | None = None

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: ARG002, N803
        if self.error is not None:
            raise self.error
        self.answered.append(taskToken)


@pytest.fixture
def store() -> InMemoryOrders:
    return InMemoryOrders(by="api")


@pytest.fixture
def sfn() -> StepFunctions:
    return StepFunctions()


@pytest.fixture
def reviews(store: InMemoryOrders, sfn: StepFunctions) -> Reviews:
    def products(ids: Iterable[str]) -> dict[str, Product]:
        return {SALT.id: SALT} if SALT.id in set(ids) else {}

    return Reviews(store, products, cast(Any, sfn))


@pytest.fixture
def order(store: InMemoryOrders) -> Order:
    return stored(store, in_review())


def in_review(**changes: Any) -> Order:
    fields = {
        "status": S.AWAITING_REVIEW,
        "review": True,
        "review_token": "token",
        "lines": [matched_line(packs=2), matched_line(packs=1)],
        "total_kobo": 360_150,
        "version": 3,
    }
    return a_matched_order(**fields | changes)


def more_packs(order: Order, packs: int = 4) -> LineUpdate:
    return LineUpdate(order_id=order.order_id, version=order.version, line=0, packs=packs)


def test_an_edit_changes_lines_total_and_version(reviews: Reviews, order: Order) -> None:
    changed = reviews.edit(OWNER, more_packs(order))

    assert [line.packs for line in changed.lines] == [4, 1]
    assert (changed.total_kobo, changed.version) == (600_250, 4)
    assert changed.status is S.AWAITING_REVIEW
    assert changed.history == order.history


def test_an_edit_that_is_sent_again_changes_nothing(reviews: Reviews, order: Order) -> None:
    addition = LineAddition(order_id=order.order_id, version=order.version, product_id="salt")

    assert reviews.edit(OWNER, addition) == reviews.edit(OWNER, addition)
    assert len(reviews.store.get(order.order_id).lines) == 3


def test_an_edit_is_recognised_after_others_and_after_the_confirmation(
    reviews: Reviews, order: Order
) -> None:
    first = more_packs(order)
    second = more_packs(reviews.edit(OWNER, first), packs=5)
    latest = reviews.edit(OWNER, second)
    reviews.confirm(OWNER, order.order_id, latest.version)

    assert reviews.edit(OWNER, first).lines[0].packs == 5


def test_an_edit_of_another_version_is_refused(reviews: Reviews, order: Order) -> None:
    reviews.edit(OWNER, more_packs(order))

    with pytest.raises(OrderChangedError, match="look at it again"):
        reviews.edit(OWNER, more_packs(order, packs=9))


@pytest.mark.parametrize("status", sorted(set(S) - {S.AWAITING_REVIEW}))
def test_an_order_that_is_not_in_review_is_not_changed(
    reviews: Reviews, store: InMemoryOrders, status: S
) -> None:
    order = stored(store, in_review(status=status))

    with pytest.raises(OrderNotInReviewError):
        reviews.edit(OWNER, more_packs(order))
    with pytest.raises(OrderNotInReviewError):
        reviews.confirm(OWNER, order.order_id, order.version)
    assert store.get(order.order_id) == order


@pytest.mark.parametrize("caller", [Caller("eve"), Caller("ops", frozenset({OPERATIONS_GROUP}))])
def test_the_customer_alone_changes_and_confirms_an_order(
    reviews: Reviews, order: Order, caller: Caller
) -> None:
    with pytest.raises(OrderNotFoundError):
        reviews.edit(caller, more_packs(order))
    with pytest.raises(OrderNotFoundError):
        reviews.confirm(caller, order.order_id, order.version)
    assert reviews.store.get(order.order_id) == order


def test_an_unknown_product_is_refused(reviews: Reviews, order: Order) -> None:
    addition = LineAddition(order_id=order.order_id, version=order.version, product_id="gold")

    with pytest.raises(InvalidOrder, match="no such product"):
        reviews.edit(OWNER, addition)


def test_a_confirmed_order_goes_on(reviews: Reviews, sfn: StepFunctions, order: Order) -> None:
    confirmed = reviews.confirm(OWNER, order.order_id, order.version)

    assert (confirmed.status, confirmed.confirmed_version) == (S.MATCHED, order.version)
    assert not confirmed.needs_review
    assert sfn.answered == ["token"]


def test_confirmed_again_it_stays_and_its_token_is_answered_again(
    reviews: Reviews, sfn: StepFunctions, order: Order
) -> None:
    confirmed = reviews.confirm(OWNER, order.order_id, order.version)

    assert reviews.confirm(OWNER, order.order_id, order.version) == confirmed
    assert sfn.answered == ["token"] * 2


def test_another_version_than_the_one_confirmed_is_refused(reviews: Reviews, order: Order) -> None:
    changed = reviews.edit(OWNER, more_packs(order))

    with pytest.raises(OrderChangedError):
        reviews.confirm(OWNER, order.order_id, order.version)
    reviews.confirm(OWNER, order.order_id, changed.version)
    with pytest.raises(OrderNotInReviewError):
        reviews.confirm(OWNER, order.order_id, order.version)


def test_a_spent_token_does_no_harm(reviews: Reviews, sfn: StepFunctions, order: Order) -> None:
    sfn.error = client_error("TaskTimedOut")

    assert reviews.confirm(OWNER, order.order_id, order.version).status is S.MATCHED


def test_a_confirmation_is_kept_while_step_functions_is_out(
    reviews: Reviews, sfn: StepFunctions, order: Order
) -> None:
    sfn.error = client_error("ThrottlingException", 429)
    with pytest.raises(ProviderUnavailableError):
        reviews.confirm(OWNER, order.order_id, order.version)

    sfn.error = None
    reviews.confirm(OWNER, order.order_id, order.version)

    assert sfn.answered == ["token"]
