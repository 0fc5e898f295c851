"""The AppSync resolvers, from event to answer."""

from __future__ import annotations

import io
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from api.handler import lambda_handler
from orderflow import aws
from orderflow.errors import ConfigurationError, StoreUnavailable
from orderflow.order import OrderStatus
from orderflow.store import OrderStore
from orderflow.views import order_view
from tests.events.loader import load_event
from tests.unit.conftest import FailCalls
from tests.unit.factories import (
    CUSTOMER_EMAIL,
    CUSTOMER_ID,
    CUSTOMER_NAME,
    an_order,
    client_error,
    stored,
)


@pytest.fixture(autouse=True)
def _api(environment: pytest.MonkeyPatch, state_machine_arn: str, store: OrderStore) -> None:
    environment.setenv("STATE_MACHINE_ARN", state_machine_arn)


def submission(**changes: Any) -> dict[str, Any]:
    event = load_event("api_submit_grocery_list")
    event["arguments"]["input"] |= changes
    return event


def get_order(order_id: str) -> dict[str, Any]:
    return load_event("api_get_order", arguments={"orderId": order_id})


class TestSubmitGroceryList:
    def test_an_order_is_accepted(self, context: LambdaContext, state_machine_arn: str) -> None:
        answer = lambda_handler(submission(), context)

        assert answer.keys() == {"orderId", "status", "executionArn"}
        assert answer["status"] == "PENDING_MATCHING"
        (execution,) = aws.step_functions().list_executions(stateMachineArn=state_machine_arn)[
            "executions"
        ]
        assert (execution["name"], execution["executionArn"]) == (
            answer["orderId"],
            answer["executionArn"],
        )

    def test_sent_again_it_is_the_same_order(self, context: LambdaContext) -> None:
        assert lambda_handler(submission(), context) == lambda_handler(submission(), context)

    def test_the_customer_is_the_one_who_signed_in(self, context: LambdaContext) -> None:
        arn = lambda_handler(submission(), context)["executionArn"]

        execution = aws.step_functions().describe_execution(executionArn=arn)
        assert f'"customerId": "{CUSTOMER_ID}"' in execution["input"]

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"groceryList": " \n"}, "The list is empty"),
            ({"groceryList": "x" * 5_001}, "5,001 characters"),
            ({"groceryList": "2 kg rice\n" * 101}, "more than 100 items"),
            ({"customerEmail": "ada"}, "customerEmail"),
            ({"idempotencyKey": "a b"}, "idempotencyKey"),
        ],
    )
    def test_a_bad_list_is_refused_with_the_reason(
        self,
        context: LambdaContext,
        state_machine_arn: str,
        changes: dict[str, str],
        reason: str,
    ) -> None:
        answer = lambda_handler(submission(**changes), context)

        assert answer.keys() == {"refusal"}
        assert answer["refusal"]["errorType"] == "InvalidOrder"
        assert reason in answer["refusal"]["errorMessage"]
        sfn = aws.step_functions()
        assert sfn.list_executions(stateMachineArn=state_machine_arn)["executions"] == []

    def test_a_key_that_was_used_for_another_list_is_refused(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        accepted = lambda_handler(submission(), context)
        stored(store, an_order(order_id=accepted["orderId"]))

        answer = lambda_handler(submission(groceryList="3 yams"), context)

        assert answer["refusal"]["errorType"] == "IdempotencyKeyReused"

    def test_trouble_of_ours_is_no_refusal(
        self, context: LambdaContext, fail_calls: FailCalls
    ) -> None:
        error = client_error("AccessDeniedException")
        fail_calls(aws.step_functions(), "StartExecution", error)

        with pytest.raises(type(error), match="AccessDeniedException"):
            lambda_handler(submission(), context)

    def test_a_missing_setting_is_named(
        self, context: LambdaContext, environment: pytest.MonkeyPatch
    ) -> None:
        environment.delenv("STATE_MACHINE_ARN")

        with pytest.raises(ConfigurationError, match="STATE_MACHINE_ARN"):
            lambda_handler(submission(), context)

    def test_logs_tell_of_no_customer(
        self,
        context: LambdaContext,
        log_output: io.StringIO,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        answer = lambda_handler(submission(), context)
        lambda_handler(submission(customerEmail="eve@mail.example.."), context)

        told = log_output.getvalue() + "".join(capsys.readouterr())
        assert answer["orderId"] in told
        for private in (CUSTOMER_EMAIL, CUSTOMER_NAME, "groundnut", "eve@"):
            assert private not in told


class TestGetOrder:
    def test_customers_see_their_own_orders(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        order = stored(store, an_order())

        assert lambda_handler(get_order(order.order_id), context) == order_view(order)

    def test_another_customers_order_looks_like_no_order(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        another = stored(store, an_order(customer_id="somebody-else"))

        refused = lambda_handler(get_order(another.order_id), context)

        assert refused == lambda_handler(get_order("no-such-order"), context)
        assert refused == {
            "refusal": {"errorType": "OrderNotFound", "errorMessage": "You have no such order."}
        }

    def test_an_order_without_a_record_yet_is_unknown_until_it_has_one(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        order_id = lambda_handler(submission(), context)["orderId"]
        assert "refusal" in lambda_handler(get_order(order_id), context)

        stored(store, an_order(order_id=order_id, status=OrderStatus.PENDING_MATCHING))
        assert lambda_handler(get_order(order_id), context)["orderId"] == order_id

    def test_an_outage_is_no_refusal(
        self, context: LambdaContext, store: OrderStore, fail_calls: FailCalls
    ) -> None:
        fail_calls(store._table.meta.client, "GetItem", client_error("ThrottlingException"))

        with pytest.raises(StoreUnavailable):
            lambda_handler(get_order("order"), context)
