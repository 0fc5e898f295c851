"""The AppSync resolvers for operations staff, from event to answer."""

from __future__ import annotations

import io
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from operations_api.handler import lambda_handler
from orderflow.api.operators import NotReplayableError
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from tests.support.events import load_event
from tests.support.factories import CUSTOMER_ID, STATE_MACHINE_ARN, an_order, stored
from tests.support.step_functions import FakeRun, StepFunctions


@pytest.fixture
def step_functions(monkeypatch: pytest.MonkeyPatch) -> StepFunctions:
    service = StepFunctions()
    monkeypatch.setattr(aws, "step_functions", lambda: service.client)
    return service


@pytest.fixture(autouse=True)
def _operations_api(
    environment: pytest.MonkeyPatch, store: OrderStore, step_functions: StepFunctions
) -> None:
    environment.setenv("STATE_MACHINE_ARN", STATE_MACHINE_ARN)


def ask(type_name: str, field: str, *, groups: list[str] | None, **arguments: Any) -> Any:
    event = load_event("api_get_order", arguments=arguments)
    event["info"] = {"fieldName": field, "parentTypeName": type_name}
    event["identity"]["groups"] = groups
    return event


def orders(groups: list[str] | None = ["ops"], **arguments: Any) -> Any:  # noqa: B006
    return ask("Query", "orders", groups=groups, **arguments)


def replay(order_id: str, groups: list[str] | None = ["ops"], **arguments: Any) -> Any:  # noqa: B006
    return ask("Mutation", "replayOrder", groups=groups, orderId=order_id, **arguments)


@pytest.mark.parametrize("groups", [None, [], ["customers"]])
def test_the_function_itself_refuses_others_whatever_the_schema_says(
    context: LambdaContext, groups: list[str] | None, step_functions: StepFunctions
) -> None:
    for event in (orders(groups), replay("o", groups)):
        assert lambda_handler(event, context)["refusal"]["errorType"] == "NotAllowed"
    assert step_functions.sent == []


def test_everybodys_orders_are_listed_by_status_and_time(
    context: LambdaContext, store: OrderStore
) -> None:
    failed = stored(store, an_order(status=OrderStatus.FAILED, customer_id="another-customer"))
    stored(store, an_order())

    listed = lambda_handler(orders(status="FAILED", limit=10), context)

    assert [each["orderId"] for each in listed["items"]] == [failed.order_id]
    assert len(lambda_handler(orders(), context)["items"]) == 2
    assert lambda_handler(orders(createdAfter="2100-01-01T00:00:00Z"), context)["items"] == []


def test_a_failed_order_goes_on_and_is_left_alone_the_second_time(
    context: LambdaContext,
    store: OrderStore,
    step_functions: StepFunctions,
    log_output: io.StringIO,
) -> None:
    order = stored(store, an_order(status=OrderStatus.FAILED))
    step_functions.add(FakeRun(order.order_id))

    first = lambda_handler(replay(order.order_id), context)
    again = lambda_handler(replay(order.order_id), context)

    assert first == {"orderId": order.order_id, "outcome": "REDRIVEN", "note": None}
    assert (again["outcome"], again["note"]) == ("SKIPPED", "it is running")
    assert [name for name, _ in step_functions.acts()] == ["RedriveExecution"]
    assert f'"actor":"{CUSTOMER_ID}"' in log_output.getvalue().replace(" ", "")


def test_a_restart_can_be_asked_for(
    context: LambdaContext, store: OrderStore, step_functions: StepFunctions
) -> None:
    order = stored(store, an_order(status=OrderStatus.FAILED))
    step_functions.add(FakeRun(order.order_id))

    replayed = lambda_handler(replay(order.order_id, restart=True), context)

    assert replayed["outcome"] == "RESTARTED"
    assert f"{order.order_id}.2" in step_functions.runs


def test_an_unknown_order_is_refused(context: LambdaContext) -> None:
    assert lambda_handler(replay("o"), context)["refusal"]["errorType"] == "OrderNotFound"


def test_a_throttled_replay_is_to_be_tried_again(
    context: LambdaContext, store: OrderStore, step_functions: StepFunctions
) -> None:
    stored(store, an_order(order_id="o", status=OrderStatus.FAILED))
    step_functions.add(FakeRun("o"))
    step_functions.errors["RedriveExecution"] = "ThrottlingException"

    refused = lambda_handler(replay("o"), context)["refusal"]

    assert (refused["errorType"], refused["retryAfterSeconds"]) == ("Busy", 5)


def test_what_can_not_be_looked_at_is_a_fault(
    context: LambdaContext, store: OrderStore, step_functions: StepFunctions
) -> None:
    order = stored(store, an_order(status=OrderStatus.FAILED))
    step_functions.errors["DescribeExecution"] = "AccessDeniedException"

    with pytest.raises(NotReplayableError, match="AccessDeniedException"):
        lambda_handler(replay(order.order_id), context)
