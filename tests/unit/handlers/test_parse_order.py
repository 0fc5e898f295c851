"""ParseOrder, from the state machine's payload to its result."""

from __future__ import annotations

import io

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.errors import InvalidOrder
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from parse_order.handler import lambda_handler
from tests.support.events import load_event

EVENT = load_event("parse_order")


@pytest.fixture(autouse=True)
def _needs(environment: pytest.MonkeyPatch, store: OrderStore) -> None:
    """Its environment and an empty table."""


def test_the_order_is_written_and_its_lines_counted(
    context: LambdaContext, store: OrderStore
) -> None:
    answer = lambda_handler(EVENT, context)

    assert answer == {"orderId": EVENT["orderId"], "lineCount": 2}
    order = store.get(EVENT["orderId"])
    assert order.status is OrderStatus.PENDING_MATCHING
    assert [change.by for change in order.history] == ["ParseOrder"]


def test_a_retry_answers_the_same(context: LambdaContext, store: OrderStore) -> None:
    first = lambda_handler(EVENT, context)
    written = store.get(EVENT["orderId"])

    assert lambda_handler(EVENT, context) == first
    assert store.get(EVENT["orderId"]) == written


def test_a_refusal_leaves_under_the_name_that_the_workflow_catches(
    context: LambdaContext,
) -> None:
    with pytest.raises(InvalidOrder, match="2 kg rice"):
        lambda_handler(load_event("parse_order", groceryList="!!!"), context)


def test_logs_tell_of_no_customer(context: LambdaContext, log_output: io.StringIO) -> None:
    lambda_handler(EVENT, context)

    output = log_output.getvalue()
    assert EVENT["orderId"] in output
    for private in ("ada.buyer", "groundnut"):
        assert private not in output
