"""Cancelling ends an order that never had a link, and its execution, and can be done again.

Of an order that has a link the wish is recorded, and its execution decides.
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from orderflow.errors import (
    IllegalTransitionError,
    OrderNotFoundError,
    ProviderUnavailableError,
    StoreUnavailable,
)
from orderflow.orders.cancellation import cancel
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from tests.support.factories import (
    a_matched_order,
    a_payment,
    an_order,
    an_order_id,
    client_error,
    stored,
)
from tests.support.recovery_scene import parked_order
from tests.unit.conftest import FailCalls, RecordCalls

S = OrderStatus
REASON = "Changed my mind."


@pytest.fixture
def stops(record_calls: RecordCalls, account: None) -> list[dict[str, Any]]:
    return record_calls(aws.step_functions(), "StopExecution")


@pytest.fixture
def order(store: OrderStore, state_machine_arn: str) -> Order:
    """An order without a link whose execution runs."""
    started = aws.step_functions().start_execution(stateMachineArn=state_machine_arn)
    return stored(store, a_matched_order(execution_arn=started["executionArn"]))


def execution_status(order: Order) -> str:
    assert order.execution_arn is not None
    described = aws.step_functions().describe_execution(executionArn=order.execution_arn)
    return described["status"]


def test_the_order_and_its_execution_end(
    store: OrderStore, order: Order, stops: list[dict[str, Any]]
) -> None:
    cancelled = cancel(order.order_id, store, aws.step_functions(), REASON)

    assert cancelled == store.get(order.order_id)
    assert (cancelled.status, cancelled.status_reason) == (S.CANCELLED, REASON)
    assert cancelled.task_token is None
    assert execution_status(order) == "ABORTED"
    (stop,) = stops
    assert stop["error"] == "OrderCancelled"
    # The reason may hold personal data: it stays out of the history.
    assert REASON not in stop["cause"]


def test_a_parked_order_is_parked_no_more(store: OrderStore, stops: list[dict[str, Any]]) -> None:
    order = stored(store, parked_order(park_count=3))

    assert cancel(order.order_id, store, aws.step_functions(), REASON).parked is None
    assert [stop["executionArn"] for stop in stops] == [order.execution_arn]


def test_cancelled_again_it_makes_sure_that_the_execution_is_stopped(
    store: OrderStore, order: Order, fail_calls: FailCalls, stops: list[dict[str, Any]]
) -> None:
    cancelled = stored(store, order.model_copy(update={"status": S.CANCELLED}))

    assert cancel(order.order_id, store, aws.step_functions(), "Another reason.") == cancelled
    assert execution_status(order) == "ABORTED"


@pytest.mark.parametrize("code", ["ExecutionDoesNotExist", "ValidationException"])
def test_an_execution_that_is_gone_or_over_is_fine(
    store: OrderStore, order: Order, fail_calls: FailCalls, code: str
) -> None:
    aws.step_functions().stop_execution(executionArn=order.execution_arn or "")
    fail_calls(aws.step_functions(), "StopExecution", client_error(code))

    assert cancel(order.order_id, store, aws.step_functions(), REASON).status is S.CANCELLED


def test_an_execution_that_step_functions_has_forgotten_is_fine(
    store: OrderStore, fail_calls: FailCalls, account: None
) -> None:
    order = stored(store, a_matched_order())
    fail_calls(aws.step_functions(), "StopExecution", client_error("ValidationException"))

    assert cancel(order.order_id, store, aws.step_functions(), REASON).status is S.CANCELLED


def test_a_malformed_request_is_not_taken_for_an_execution_that_is_over(
    store: OrderStore, order: Order, fail_calls: FailCalls
) -> None:
    fail_calls(aws.step_functions(), "StopExecution", client_error("ValidationException"))

    with pytest.raises(ClientError, match="ValidationException"):
        cancel(order.order_id, store, aws.step_functions(), REASON)

    assert execution_status(order) == "RUNNING"


def test_while_step_functions_does_not_say_whether_it_is_over_the_caller_tries_again(
    store: OrderStore, order: Order, fail_calls: FailCalls
) -> None:
    fail_calls(aws.step_functions(), "StopExecution", client_error("ValidationException"))
    fail_calls(aws.step_functions(), "DescribeExecution", client_error("ThrottlingException"))

    with pytest.raises(ProviderUnavailableError):
        cancel(order.order_id, store, aws.step_functions(), REASON)


def test_an_order_without_an_execution_has_none_to_stop(
    store: OrderStore, stops: list[dict[str, Any]]
) -> None:
    order = stored(store, a_matched_order(execution_arn=None))

    cancel(order.order_id, store, aws.step_functions(), REASON)

    assert stops == []


@pytest.mark.parametrize("status", [S.PAYMENT_COMPLETED, S.EXPIRED, S.REJECTED])
def test_orders_that_have_ended_otherwise_are_not_cancelled(
    store: OrderStore, stops: list[dict[str, Any]], status: OrderStatus
) -> None:
    order = stored(store, an_order(status=status))

    with pytest.raises(IllegalTransitionError):
        cancel(order.order_id, store, aws.step_functions(), REASON)

    assert (store.get(order.order_id), stops) == (order, [])


def test_once_a_payment_has_come_in_it_is_too_late(
    store: OrderStore, stops: list[dict[str, Any]]
) -> None:
    order = stored(store, an_order(payment=a_payment()))

    with pytest.raises(IllegalTransitionError):
        cancel(order.order_id, store, aws.step_functions(), REASON)

    assert (store.get(order.order_id), stops) == (order, [])


class TestWithLink:
    """The wish is recorded; the workflow asks PayStack and decides."""

    pytestmark = pytest.mark.usefixtures("account")

    @pytest.fixture
    def answers(self, record_calls: RecordCalls) -> list[dict[str, Any]]:
        return record_calls(aws.step_functions(), "SendTaskSuccess")

    def test_the_wish_is_recorded_and_the_waiting_execution_goes_on(
        self, store: OrderStore, stops: list[dict[str, Any]], answers: list[dict[str, Any]]
    ) -> None:
        order = stored(store, an_order(task_token="token"))

        asked = cancel(order.order_id, store, aws.step_functions(), REASON, by="operations")

        assert asked == store.get(order.order_id)
        assert asked.status is order.status
        assert asked.cancel_requested is not None
        assert (asked.cancel_requested.by, asked.cancel_requested.reason) == ("operations", REASON)
        assert [each["taskToken"] for each in answers] == ["token"]
        assert stops == []

    def test_again_it_makes_sure_that_the_execution_goes_on(
        self, store: OrderStore, answers: list[dict[str, Any]]
    ) -> None:
        order = stored(store, an_order(task_token="token"))
        first = cancel(order.order_id, store, aws.step_functions(), REASON)

        assert cancel(order.order_id, store, aws.step_functions(), "Another reason.") == first
        assert len(answers) == 2

    @pytest.mark.parametrize("status", [S.FAILED, S.MATCHED, S.PAYMENT_INITIATED])
    def test_an_execution_that_does_not_wait_finds_the_wish(
        self, store: OrderStore, answers: list[dict[str, Any]], status: OrderStatus
    ) -> None:
        order = stored(store, an_order(status=status))

        assert cancel(order.order_id, store, aws.step_functions(), REASON).cancel_requested
        assert answers == []

    def test_while_step_functions_is_out_the_wish_stays(
        self, store: OrderStore, fail_calls: FailCalls
    ) -> None:
        order = stored(store, an_order(task_token="token"))
        fail_calls(aws.step_functions(), "SendTaskSuccess", client_error("ThrottlingException"))

        with pytest.raises(ProviderUnavailableError):
            cancel(order.order_id, store, aws.step_functions(), REASON)

        assert store.get(order.order_id).cancel_requested is not None


def test_an_unknown_order_is_not_found(store: OrderStore) -> None:
    with pytest.raises(OrderNotFoundError):
        cancel(an_order_id(), store, aws.step_functions(), REASON)


def test_while_dynamodb_is_out_the_execution_runs_on(
    store: OrderStore, order: Order, fail_calls: FailCalls, stops: list[dict[str, Any]]
) -> None:
    fail_calls(store._table.meta.client, "UpdateItem", client_error("InternalServerError", 500))

    with pytest.raises(StoreUnavailable):
        cancel(order.order_id, store, aws.step_functions(), REASON)

    assert stops == []


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (client_error("ThrottlingException"), ProviderUnavailableError),
        (client_error("AccessDeniedException"), ClientError),
    ],
)
def test_a_failed_stop_is_raised_and_another_call_repeats_it(
    store: OrderStore,
    order: Order,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    raised: type[Exception],
) -> None:
    def refuse(**_: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(aws.step_functions(), "stop_execution", refuse)
        with pytest.raises(raised):
            cancel(order.order_id, store, aws.step_functions(), REASON)
    assert store.get(order.order_id).status is S.CANCELLED
    assert execution_status(order) == "RUNNING"

    cancel(order.order_id, store, aws.step_functions(), REASON)

    assert execution_status(order) == "ABORTED"
