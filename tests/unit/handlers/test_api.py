"""The AppSync resolvers, from event to answer."""

from __future__ import annotations

import io
import json
import uuid
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.stub import Stubber

from api.handler import lambda_handler
from orderflow.api.views import order_view
from orderflow.clock import iso
from orderflow.errors import ConfigurationError
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.orders.submission_limits import CANARY_LIMIT
from orderflow.platform import aws
from tests.support.events import load_event
from tests.support.factories import (
    CUSTOMER_EMAIL,
    CUSTOMER_ID,
    CUSTOMER_NAME,
    a_matched_order,
    a_payment,
    an_order,
    client_error,
    matched_line,
    stored,
)
from tests.support.workflow_runs import Workflow
from tests.unit.conftest import FailCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


LIMIT = "/grocery/test/submissions"
STRANGER = "eve@mail.example"
BUSY = {
    "refusal": {
        "errorType": "Busy",
        "errorMessage": "We are very busy right now. Please try again in 5 seconds.",
        "retryAfterSeconds": 5,
    }
}


@pytest.fixture(autouse=True)
def _api(
    environment: pytest.MonkeyPatch,
    state_machine_arn: str,
    store: OrderStore,
    submissions_table: Table,
) -> None:
    environment.setenv("STATE_MACHINE_ARN", state_machine_arn)
    environment.setenv("SUBMISSIONS_TABLE", submissions_table.name)
    environment.setenv("SUBMISSION_LIMIT_PARAMETER", LIMIT)
    environment.setenv("USER_POOL_ID", "eu-west-1_EXAMPLE00")
    set_limit(capacity=10)


def set_limit(**limit: int) -> None:
    boto3.client("ssm").put_parameter(
        Name=LIMIT, Value=json.dumps(limit), Type="String", Overwrite=True
    )


def executions(state_machine_arn: str) -> list[Any]:
    sfn = aws.step_functions()
    return [*sfn.list_executions(stateMachineArn=state_machine_arn)["executions"]]


def submission(**changes: Any) -> dict[str, Any]:
    event = load_event("api_submit_grocery_list")
    event["arguments"]["input"] |= changes
    return event


def get_order(order_id: str) -> dict[str, Any]:
    return load_event("api_get_order", arguments={"orderId": order_id})


def query(field: str, *groups: str, **arguments: Any) -> dict[str, Any]:
    return ask("Query", field, groups, arguments)


def mutation(field: str, *groups: str, **arguments: Any) -> dict[str, Any]:
    return ask("Mutation", field, groups, arguments)


def ask(
    type_name: str, field: str, groups: tuple[str, ...], arguments: dict[str, Any]
) -> dict[str, Any]:
    event = load_event("api_get_order", arguments=arguments)
    event["info"] = {"fieldName": field, "parentTypeName": type_name}
    event["identity"]["groups"] = [*groups] or None
    return event


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

    @pytest.mark.parametrize("groups", [(), ("canary",)])
    def test_the_canary_s_orders_are_marked_and_not_counted(
        self, context: LambdaContext, capsys: pytest.CaptureFixture[str], groups: tuple[str, ...]
    ) -> None:
        event = submission()
        event["identity"]["groups"] = [*groups] or None

        arn = lambda_handler(event, context)["executionArn"]

        execution = aws.step_functions().describe_execution(executionArn=arn)
        assert ('"synthetic": true' in execution["input"]) == bool(groups)
        assert ("OrdersAccepted" in capsys.readouterr().out) == (not groups)

    def test_no_customer_can_mark_an_order_as_the_canary_s(self, context: LambdaContext) -> None:
        refused = lambda_handler(submission(synthetic=True), context)["refusal"]

        assert "synthetic" in refused["errorMessage"]

    def test_the_canary_has_a_limit_of_its_own(self, context: LambdaContext) -> None:
        set_limit(capacity=1)
        for _ in range(CANARY_LIMIT.capacity):
            event = submission(idempotencyKey=str(uuid.uuid4()))
            event["identity"]["groups"] = ["canary"]
            assert "refusal" not in lambda_handler(event, context)
        event = submission(idempotencyKey="one-more")
        event["identity"]["groups"] = ["canary"]
        assert lambda_handler(event, context)["refusal"]["errorType"] == "TooManyOrders"

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

    def test_a_strangers_address_is_refused(
        self, context: LambdaContext, state_machine_arn: str
    ) -> None:
        answer = lambda_handler(submission(customerEmail=STRANGER), context)

        assert answer["refusal"]["errorType"] == "EmailNotVerified"
        assert answer["refusal"].keys() == {"errorType", "errorMessage"}
        assert executions(state_machine_arn) == []

    def test_without_an_address_the_accounts_own_is_used(self, context: LambdaContext) -> None:
        event = submission()
        del event["arguments"]["input"]["customerEmail"]

        arn = lambda_handler(event, context)["executionArn"]

        execution = aws.step_functions().describe_execution(executionArn=arn)
        assert json.loads(execution["input"])["customerEmail"] == CUSTOMER_EMAIL

    def test_the_account_behind_an_access_token_is_looked_up(self, context: LambdaContext) -> None:
        event = submission(customerEmail=None)
        event["identity"]["claims"] = {"sub": CUSTOMER_ID, "token_use": "access"}
        verified = {"email": CUSTOMER_EMAIL, "email_verified": "true"}
        attributes = [{"Name": name, "Value": value} for name, value in verified.items()]
        with Stubber(aws.cognito()) as cognito:
            cognito.add_response(
                "admin_get_user",
                {"Username": CUSTOMER_ID, "UserAttributes": attributes},
                {"UserPoolId": "eu-west-1_EXAMPLE00", "Username": CUSTOMER_ID},
            )

            arn = lambda_handler(event, context)["executionArn"]

        execution = aws.step_functions().describe_execution(executionArn=arn)
        assert json.loads(execution["input"])["customerEmail"] == CUSTOMER_EMAIL

    def test_one_list_too_many_is_refused_with_the_wait(
        self, context: LambdaContext, state_machine_arn: str
    ) -> None:
        set_limit(capacity=2, refillSeconds=600)
        for number in range(2):
            lambda_handler(submission(idempotencyKey=f"basket-{number}"), context)

        answer = lambda_handler(submission(idempotencyKey="basket-2"), context)

        refusal = answer["refusal"]
        assert refusal["errorType"] == "TooManyOrders"
        assert 590 <= refusal.pop("retryAfterSeconds") <= 600
        assert "try again in 10 minutes" in refusal["errorMessage"]
        assert len(executions(state_machine_arn)) == 2

    def test_what_was_accepted_may_be_sent_again_beyond_the_limit(
        self, context: LambdaContext, state_machine_arn: str
    ) -> None:
        set_limit(capacity=1)
        first = lambda_handler(submission(), context)

        assert [lambda_handler(submission(), context) for _ in range(3)] == [first] * 3
        assert len(executions(state_machine_arn)) == 1

    def test_what_can_not_be_ordered_is_not_counted(self, context: LambdaContext) -> None:
        set_limit(capacity=1)
        for wrong in ({"groceryList": "???"}, {"customerEmail": STRANGER}):
            assert "refusal" in lambda_handler(submission(**wrong), context)

        assert "orderId" in lambda_handler(submission(), context)

    @pytest.mark.parametrize("code", ["ThrottlingException", "ExecutionLimitExceeded"])
    def test_while_step_functions_is_busy_nothing_is_accepted_and_the_same_works_later(
        self,
        context: LambdaContext,
        state_machine_arn: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        code: str,
    ) -> None:
        def refuse(**_: Any) -> None:
            raise client_error(code)

        with monkeypatch.context() as patch:
            patch.setattr(aws.step_functions(), "start_execution", refuse)
            assert lambda_handler(submission(), context) == BUSY
        measured = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert measured["RequestsBusy"] == [1.0]

        accepted = lambda_handler(submission(), context)

        started = aws.step_functions().list_executions(stateMachineArn=state_machine_arn)
        assert [each["name"] for each in started["executions"]] == [accepted["orderId"]]

    def test_a_service_that_asks_for_a_longer_wait_gets_it(
        self, context: LambdaContext, fail_calls: FailCalls
    ) -> None:
        throttled = client_error("ThrottlingException", 400, **{"retry-after": "17"})
        fail_calls(aws.step_functions(), "StartExecution", throttled)

        refused = lambda_handler(submission(), context)["refusal"]

        assert refused["retryAfterSeconds"] == 17
        assert "17 seconds" in refused["errorMessage"]

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

        output = log_output.getvalue() + "".join(capsys.readouterr())
        assert answer["orderId"] in output
        for private in (CUSTOMER_EMAIL, CUSTOMER_NAME, "groundnut", "eve@"):
            assert private not in output


class TestGetOrder:
    def test_customers_see_their_own_orders(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        order = stored(store, an_order())

        assert lambda_handler(get_order(order.order_id), context) == order_view(order)

    def test_another_customers_order_looks_like_no_order(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        another = stored(store, an_order(customer_id="another-customer"))

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

    def test_while_dynamodb_throttles_the_caller_is_asked_to_try_again(
        self, context: LambdaContext, store: OrderStore, fail_calls: FailCalls
    ) -> None:
        fail_calls(store._table.meta.client, "GetItem", client_error("ThrottlingException"))

        assert lambda_handler(get_order("order"), context) == BUSY

    @pytest.mark.parametrize("order_id", ["", "x" * 3_000, "../secret", "\0", "\ud800", "o'; --"])
    def test_what_no_order_is_called_is_not_even_looked_up(
        self, context: LambdaContext, order_id: str
    ) -> None:
        for event in (get_order(order_id), mutation("cancelOrder", orderId=order_id)):
            assert lambda_handler(event, context)["refusal"]["errorType"] == "OrderNotFound"

    def test_operations_staff_see_any_order(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        another = stored(store, an_order(customer_id="another-customer"))

        shown = lambda_handler(query("getOrder", "ops", orderId=another.order_id), context)

        assert shown["orderId"] == another.order_id


class TestMyOrders:
    def test_customers_page_through_their_own_orders(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        mine = {stored(store, an_order()).order_id for _ in range(3)}
        stored(store, an_order(customer_id="another-customer"))

        first = lambda_handler(query("myOrders", limit=2), context)
        rest = lambda_handler(query("myOrders", nextToken=first["nextToken"]), context)

        shown = [each["orderId"] for each in first["items"] + rest["items"]]
        assert (len(first["items"]), rest["nextToken"]) == (2, None)
        assert sorted(shown) == sorted(mine)

    def test_operations_staff_have_orders_of_their_own_here_too(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        stored(store, an_order(customer_id="another-customer"))

        assert lambda_handler(query("myOrders", "ops"), context) == {"items": [], "nextToken": None}

    def test_what_can_not_be_asked_is_refused(self, context: LambdaContext) -> None:
        refused = lambda_handler(query("myOrders", limit=0), context)

        assert refused["refusal"]["errorType"] == "InvalidRequest"
        assert "1 to 100" in refused["refusal"]["errorMessage"]


class TestGetPaymentLink:
    def test_a_link_says_what_to_pay_and_until_when(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        order = stored(store, an_order())

        assert lambda_handler(query("getPaymentLink", orderId=order.order_id), context) == {
            "orderId": order.order_id,
            "url": order.payment_link,
            "amountKobo": order.total_kobo,
            "currency": "NGN",
            "expiresAt": order.payment_link_expires_at and iso(order.payment_link_expires_at),
        }

    @pytest.mark.parametrize(
        "status", [each for each in OrderStatus if each is not OrderStatus.PAYMENT_INITIATED]
    )
    def test_in_any_other_status_there_is_no_link_and_a_reason(
        self, context: LambdaContext, store: OrderStore, status: OrderStatus
    ) -> None:
        order = stored(store, an_order(status=status))

        refused = lambda_handler(query("getPaymentLink", orderId=order.order_id), context)

        assert refused["refusal"]["errorType"] == "NoPaymentLink"
        assert refused["refusal"]["errorMessage"].endswith(".")

    def test_what_is_paid_is_not_to_be_paid_again(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        order = stored(store, an_order(payment=a_payment()))

        refused = lambda_handler(query("getPaymentLink", orderId=order.order_id), context)

        assert refused["refusal"] == {
            "errorType": "NoPaymentLink", "errorMessage": "The order is paid."
        }  # fmt: skip

    def test_another_customers_link_is_not_shown(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        another = stored(store, an_order(customer_id="another-customer"))

        refused = lambda_handler(query("getPaymentLink", orderId=another.order_id), context)

        assert refused["refusal"]["errorType"] == "OrderNotFound"


class TestRateOrder:
    def paid(self, store: OrderStore, **changes: Any) -> str:
        lines = [matched_line(), matched_line(text="3 eggs")]
        order = an_order(status="PAYMENT_COMPLETED", payment=a_payment(), lines=lines, **changes)
        return stored(store, order).order_id

    def rate(self, context: LambdaContext, order_id: str, *groups: str, **answer: Any) -> Any:
        event = mutation("rateOrder", *groups, orderId=order_id, input=answer)
        return lambda_handler(event, context)

    def test_the_first_answer_stays(self, context: LambdaContext, store: OrderStore) -> None:
        order_id = self.paid(store)

        rated = self.rate(context, order_id, understood="PARTLY", wrongLines=[1, 1])
        again = self.rate(context, order_id, understood="WELL")

        assert (rated["rating"]["understood"], rated["rating"]["wrongLines"]) == ("PARTLY", [1])
        assert again == rated == lambda_handler(get_order(order_id), context)

    @pytest.mark.parametrize(
        "answer",
        [
            {"understood": "PERFECTLY"},
            {"understood": "BADLY", "wrongLines": [2]},
            {"understood": "BADLY", "wrongLines": [-1]},
            {"understood": "BADLY", "by": "another"},
            {},
        ],
    )
    def test_an_answer_that_makes_no_sense_is_refused(
        self, context: LambdaContext, store: OrderStore, answer: dict[str, Any]
    ) -> None:
        order_id = self.paid(store)

        refused = self.rate(context, order_id, **answer)["refusal"]

        assert refused["errorType"] == "InvalidRequest"
        assert store.get(order_id).rating is None

    def test_an_order_that_is_not_paid_is_refused(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        order = stored(store, an_order())

        refused = self.rate(context, order.order_id, understood="WELL")["refusal"]

        assert refused["errorType"] == "OrderCannotBeRated"

    @pytest.mark.parametrize("groups", [(), ("ops",)])
    def test_nobody_answers_for_another_customer(
        self, context: LambdaContext, store: OrderStore, groups: tuple[str, ...]
    ) -> None:
        order_id = self.paid(store, customer_id="another-customer")

        refused = self.rate(context, order_id, *groups, understood="WELL")["refusal"]

        assert refused["errorType"] == "OrderNotFound"
        assert store.get(order_id).rating is None


class TestCancelOrder:
    def test_an_order_is_cancelled_with_its_execution_and_again_without_effect(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        arn = lambda_handler(submission(), context)["executionArn"]
        order = stored(store, a_matched_order(order_id=arn.rpartition(":")[2], execution_arn=arn))
        event = mutation("cancelOrder", orderId=order.order_id)

        cancelled = lambda_handler(event, context)

        assert (cancelled["status"], cancelled["statusReason"]) == (
            "CANCELLED", "You cancelled the order."
        )  # fmt: skip
        execution = aws.step_functions().describe_execution(executionArn=arn)
        assert execution["status"] == "ABORTED"
        assert lambda_handler(event, context) == cancelled

    def test_operations_staff_may_cancel_in_our_name(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        another = stored(store, a_matched_order(customer_id="another-customer", execution_arn=None))

        event = mutation("cancelOrder", "ops", orderId=another.order_id)
        assert lambda_handler(event, context)["statusReason"] == "We cancelled the order."

    def test_of_an_order_with_a_link_the_wish_is_recorded_and_the_link_goes(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        order = stored(store, an_order())
        event = mutation("cancelOrder", orderId=order.order_id)

        asked = lambda_handler(event, context)

        assert (asked["status"], asked["paymentLink"]) == ("PAYMENT_INITIATED", None)
        assert asked["cancelRequestedAt"]
        assert lambda_handler(event, context) == asked
        refused = lambda_handler(query("getPaymentLink", orderId=order.order_id), context)
        assert "being cancelled" in refused["refusal"]["errorMessage"]

    def test_the_execution_that_waits_for_the_payment_is_told_of_the_wish(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        order = stored(store, an_order(task_token="token"))

        with Workflow(waiting={"token"}).behind_client() as workflow:
            lambda_handler(mutation("cancelOrder", orderId=order.order_id), context)

        assert workflow.waiting == set()

    def test_another_customers_order_is_left_alone(
        self, context: LambdaContext, store: OrderStore
    ) -> None:
        another = stored(store, an_order(customer_id="another-customer"))

        refused = lambda_handler(mutation("cancelOrder", orderId=another.order_id), context)

        assert refused["refusal"]["errorType"] == "OrderNotFound"
        assert store.get(another.order_id) == another

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"payment": a_payment()}, "paid already"),
            ({"status": OrderStatus.PAYMENT_COMPLETED}, "paid already"),
            ({"status": OrderStatus.EXPIRED}, "expired"),
            ({"status": OrderStatus.REJECTED}, "rejected"),
        ],
    )
    def test_what_is_over_can_not_be_cancelled(
        self, context: LambdaContext, store: OrderStore, changes: dict[str, Any], reason: str
    ) -> None:
        order = stored(store, an_order(**changes))

        refused = lambda_handler(mutation("cancelOrder", orderId=order.order_id), context)

        assert refused["refusal"]["errorType"] == "OrderCannotBeCancelled"
        assert reason in refused["refusal"]["errorMessage"]
