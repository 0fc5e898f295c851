"""reconcile_orders, from the clock's event to what was found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.breakers.rate_limits import RateLimiter
from orderflow.clock import epoch_ms, iso
from orderflow.errors import StoreUnavailable
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from reconcile_orders.handler import lambda_handler
from tests.support.events import load_event
from tests.support.factories import (
    STATE_MACHINE_ARN,
    a_matched_order,
    an_order,
    client_error,
    stored,
)
from tests.support.paystack_api import PaystackApi, Reply, refused, verified
from tests.support.workflow_runs import AN_HOUR_AGO, Run, Workflow
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

EVENT = load_event("scheduled")
PARAMETER = "/grocery/test/recovery"


@pytest.fixture(autouse=True)
def _needs(
    environment: pytest.MonkeyPatch,
    store: OrderStore,
    breakers_table: Table,
    topic_arn: str,
    paystack_secret: str,
    paystack_api: PaystackApi,
) -> None:
    """Its environment, the tables, the topic and the settings."""
    set_stuck_after(seconds=900)
    environment.setenv("STATE_MACHINE_ARN", STATE_MACHINE_ARN)
    environment.setenv("PARKED_ORDERS_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/1/parked")
    environment.setenv("RECOVERY_PARAMETER", PARAMETER)
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)
    environment.setenv("STAGE", "test")
    environment.setenv("PAYSTACK_BASE_URL", paystack_api.url)


def set_stuck_after(seconds: int) -> None:
    settings = json.dumps({"stuckAfterSeconds": seconds})
    boto3.client("ssm").put_parameter(Name=PARAMETER, Value=settings, Type="String", Overwrite=True)


@pytest.fixture
def workflow(account: None) -> Iterator[Workflow]:
    with Workflow().behind_client() as workflow:
        yield workflow


@pytest.fixture
def alerts(record_calls: RecordCalls) -> list[dict[str, Any]]:
    return record_calls(aws.sns(), "Publish")


def test_what_is_found_is_returned_repaired_reported_and_measured(
    context: LambdaContext,
    store: OrderStore,
    workflow: Workflow,
    alerts: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    failed, lost = (
        stored(store, a_matched_order(updated_at=iso(AN_HOUR_AGO), **changes))
        for changes in ({}, {"execution_arn": None})
    )
    run = workflow.failed(failed)

    assert lambda_handler(EVENT, context) == {
        "repaired": [
            {
                "subject": failed.order_id,
                "problem": "missed-failure",
                "status": "MATCHED",
                "executionArn": run.arn,
            }
        ],
        "reported": [
            {
                "subject": lost.order_id,
                "problem": "no-execution",
                "status": "MATCHED",
                "executionArn": None,
            }
        ],
        "checked": 2,
        "unchecked": 0,
        "scheduled": 0,
        "links": {"checked": 0, "found": 0, "cancelled": 0, "failed": 0},
        "reversals": {"checked": 0, "failed": 0},
    }

    order = store.get(failed.order_id)
    assert order.status is OrderStatus.FAILED
    assert order.history[-1].by == "reconcile_orders"
    assert [alert["Subject"] for alert in alerts] == [
        "Grocery orders: an order failed",
        "Grocery orders: 1 thing needs a look",
    ]
    measured = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [measured[f"Orders{name}"] for name in ("Reconciled", "Stuck", "Unchecked")] == [
        [1.0],
        [1.0],
        [0.0],
    ]


def test_an_execution_that_failed_before_its_order_had_a_record_gets_one(
    context: LambdaContext, store: OrderStore, workflow: Workflow
) -> None:
    run = workflow.add(Run("an-order"))

    (repaired,) = lambda_handler(EVENT, context)["repaired"]

    assert repaired["executionArn"] == run.arn
    assert store.get("an-order").status is OrderStatus.FAILED


@pytest.mark.usefixtures("workflow")
def test_a_provider_that_is_not_out_is_said_to_be_none(
    context: LambdaContext, breakers_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    breakers_table.put_item(Item={"provider": "bedrock", "state": "OPEN", "epoch": 3, "opens": 2})

    lambda_handler(EVENT, context)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    outages = [(each["provider"], each["ProviderOut"]) for each in lines if "ProviderOut" in each]
    assert outages == [("paystack", [0])]


@pytest.mark.usefixtures("workflow")
def test_a_link_that_paystack_does_not_answer_about_counts_for_its_breaker(
    context: LambdaContext, store: OrderStore, paystack_api: PaystackApi, breakers_table: Table
) -> None:
    a_link_to_check(store)
    # The session timeout was read a moment ago: the link alone is asked about.
    RateLimiter(breakers_table).try_acquire("paystack", "sessionCheckedAt", epoch_ms(), 1)
    paystack_api.always(refused(503, "Service unavailable"))

    lambda_handler(EVENT, context)

    assert breakers_table.get_item(Key={"provider": "paystack"})["Item"]["failures"] == 1


def a_link_to_check(store: OrderStore) -> Order:
    order = stored(store, a_matched_order())
    store.record_link(
        order.order_id,
        link="https://checkout.example.com/x",
        reference=f"{order.order_id}-1",
        attempts=1,
        expires_at=AN_HOUR_AGO + timedelta(hours=24),
        check_at=AN_HOUR_AGO,
    )
    return order


def test_a_link_that_was_paid_without_a_webhook_is_found_and_its_execution_resumed(
    context: LambdaContext,
    store: OrderStore,
    workflow: Workflow,
    paystack_api: PaystackApi,
    record_calls: RecordCalls,
) -> None:
    order = a_link_to_check(store)
    store._table.update_item(
        Key={"orderId": order.order_id},
        UpdateExpression="SET taskToken = :token",
        ExpressionAttributeValues={":token": "token"},
    )
    paystack_api.always(verified(f"{order.order_id}-1"))
    answers = record_calls(aws.step_functions(), "SendTaskSuccess")

    result = lambda_handler(EVENT, context)

    assert result["links"] == {"checked": 1, "found": 1, "cancelled": 0, "failed": 0}
    payment = store.get(order.order_id).payment
    assert payment is not None
    assert payment.verified_at is not None
    assert [each["taskToken"] for each in answers] == ["token"]


@pytest.mark.usefixtures("workflow")
def test_how_long_orders_may_stand_still_is_a_setting(
    context: LambdaContext, store: OrderStore
) -> None:
    set_stuck_after(seconds=7200)
    stored(store, a_matched_order(updated_at=iso(AN_HOUR_AGO), execution_arn=None))

    assert lambda_handler(EVENT, context)["checked"] == 0


@pytest.mark.usefixtures("workflow")
def test_a_forced_breaker_is_no_stuck_order(
    context: LambdaContext, breakers_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    breakers_table.put_item(Item={"provider": "bedrock", "mode": "FORCED_OPEN", "remindAt": 1})

    (finding,) = lambda_handler(EVENT, context)["reported"]

    assert finding["subject"] == "bedrock"
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["OrdersStuck"] == [0.0]


@pytest.mark.usefixtures("workflow")
def test_an_outage_fails_the_invocation_so_that_lambda_repeats_it(
    context: LambdaContext, store: OrderStore, fail_calls: FailCalls
) -> None:
    fail_calls(store._table.meta.client, "Query", client_error("InternalServerError", 500))

    with pytest.raises(StoreUnavailable):
        lambda_handler(EVENT, context)


def test_operations_hear_of_checkouts_that_end_before_our_links(
    context: LambdaContext,
    workflow: Workflow,
    alerts: list[dict[str, Any]],
    paystack_api: PaystackApi,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = {"payment_session_timeout": 30}
    paystack_api.always(Reply(body={"status": True, "message": "Retrieved", "data": data}))

    for _ in range(2):
        lambda_handler(EVENT, context)

    (request,) = paystack_api.requests
    assert request.path == "/integration/payment_session_timeout"
    (alert,) = alerts
    assert "ends payment links too early" in alert["Subject"]
    assert '"SessionTimeoutTooShort":[1.0]' in capsys.readouterr().out


def test_a_link_that_no_check_was_scheduled_for_is_asked_about_in_the_same_run(
    context: LambdaContext, store: OrderStore, workflow: Workflow, paystack_api: PaystackApi
) -> None:
    order = stored(store, an_order(updated_at=iso(AN_HOUR_AGO), task_token="token-1"))
    paystack_api.always(verified(str(order.payment_reference)))

    answer = lambda_handler(EVENT, context)

    assert (answer["scheduled"], answer["links"]["found"]) == (1, 1)
    assert store.get(order.order_id).payment is not None
