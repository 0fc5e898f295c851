"""The workflow's first step: the record is written for good lists and refused ones alike."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from orderflow.errors import InvalidOrder, OrderAlreadyClosed
from orderflow.orders.intake import ExecutionInput, create_order
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.orders.store import OrderStore
from tests.support.events import load_event
from tests.support.factories import a_new_order, an_order, stored


def a_request(**changes: str) -> ExecutionInput:
    return ExecutionInput.model_validate(load_event("parse_order", **changes))


def test_the_order_is_written_with_what_was_understood(store: OrderStore) -> None:
    request = a_request()

    order = create_order(request, store)

    assert [(line.name, str(line.quantity), line.unit) for line in order.requested] == [
        ("rice", "2", "kilogram"),
        ("groundnut oil", "1", "liter"),
    ]
    assert order.execution_arn == request.execution_arn
    assert order == store.get(request.order_id)


def test_an_item_keeps_the_customers_own_words(store: OrderStore) -> None:
    order = create_order(a_request(groceryList="2 kg Rice (long grain, if available)"), store)

    (line,) = order.requested
    assert line.text == "2 kg Rice (long grain, if available)"
    assert line.notes


def test_taken_in_again_an_order_keeps_its_progress(store: OrderStore) -> None:
    request = a_request()
    progressed = stored(
        store, an_order(order_id=request.order_id, execution_arn=request.execution_arn)
    )

    assert create_order(request, store) == progressed


@pytest.mark.parametrize("text", ["!!!", "", "2 kg rice\n" * 101])
def test_a_list_that_is_refused_has_a_record_too(store: OrderStore, text: str) -> None:
    request = a_request(groceryList=text)

    with pytest.raises(InvalidOrder):
        create_order(request, store)

    order = store.get(request.order_id)
    assert order.status is OrderStatus.PENDING_MATCHING
    assert order.requested == []
    assert order.grocery_list == text


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_an_order_that_has_ended_is_left_alone(store: OrderStore, status: OrderStatus) -> None:
    request = a_request()
    ended = stored(store, an_order(order_id=request.order_id, status=status))

    with pytest.raises(OrderAlreadyClosed, match=status):
        create_order(request, store)

    assert store.get(request.order_id) == ended


def test_a_refused_order_that_has_ended_is_not_refused_again(store: OrderStore) -> None:
    request = a_request(groceryList="!!!")
    stored(store, an_order(order_id=request.order_id, status=OrderStatus.REJECTED))

    with pytest.raises(OrderAlreadyClosed):
        create_order(request, store)


def test_a_malformed_input_is_reported_without_the_customers_data() -> None:
    event = load_event("parse_order", customerEmail=["ada.buyer@mail.example"])

    with pytest.raises(ValidationError, match="customerEmail") as refusal:
        ExecutionInput.model_validate(event)

    assert "ada.buyer" not in str(refusal.value)


def test_an_order_that_failed_before_it_was_read_is_read_now(store: OrderStore) -> None:
    request = a_request()
    stored(
        store,
        a_new_order(
            order_id=request.order_id,
            status=OrderStatus.FAILED,
            requested=[],
            execution_arn=request.execution_arn,
        ),
    )

    order = create_order(request, store)

    assert order.status is OrderStatus.PENDING_MATCHING
    assert [line.name for line in order.requested] == ["rice", "groundnut oil"]


def test_an_order_that_failed_later_keeps_its_lines_and_its_status(store: OrderStore) -> None:
    request = a_request()
    failed = stored(
        store,
        an_order(
            order_id=request.order_id,
            status=OrderStatus.FAILED,
            execution_arn=request.execution_arn,
        ),
    )

    assert create_order(request, store) == failed == store.get(request.order_id)


def test_a_new_execution_takes_the_order_over(store: OrderStore) -> None:
    request = a_request()
    stored(store, an_order(order_id=request.order_id, execution_arn="arn:an-earlier-one"))

    create_order(request, store)

    assert store.get(request.order_id).execution_arn == request.execution_arn
