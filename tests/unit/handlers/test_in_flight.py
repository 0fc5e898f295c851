"""Orders that an earlier version parked, billed or marked go on under this version.

The records are kept as that version wrote them (tests/data/in_flight/README.md). Attribute and
message names are part of what is stored: this version reads and writes the same ones.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.breakers.store import DynamoBreakerStore, from_attributes
from orderflow.errors import PaymentLinkExpired
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import SHARD, SHARDS, OrderStore, add_shard, without_shard
from orderflow.platform import aws
from orderflow.platform.dynamodb import all_items
from tests.support.events import load_event
from tests.support.factories import STATE_MACHINE_ARN, stored
from tests.support.in_flight import BREAKERS, MESSAGES, ORDERS, Item, attribute_names, plain
from tests.support.paystack_api import PaystackApi, verified
from tests.support.workflow_runs import Run, Workflow
from tests.unit.conftest import RecordCalls
from tests.unit.handlers.conftest import SECRET_KEY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

PAYSTACK = "paystack"
#: When the clocks of the recorded orders were set, in epoch milliseconds: 2026-01-31T12:00:00Z.
SENT_AT = "1769860800000"
NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}

Calls = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _needs(
    environment: pytest.MonkeyPatch,
    store: OrderStore,
    paystack_secret: str,
    paystack_api: PaystackApi,
    topic_arn: str,
    sender: str,
    addresses_table: Table,
) -> None:
    """The environment of all functions together."""
    queue = aws.sqs().create_queue(QueueName="parked")
    for name, content in {
        "BREAKER_PARAMETER": "{}",
        "RECOVERY_PARAMETER": "{}",
        "WEBHOOK_PARAMETER": "{}",
    }.items():
        parameter = f"/grocery/test/in-flight/{name}"
        boto3.client("ssm").put_parameter(Name=parameter, Value=content, Type="String")
        environment.setenv(name, parameter)
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)
    environment.setenv("UNDECIDED_ALERT_SECONDS", "21600")
    environment.setenv("PARKED_ORDERS_QUEUE_URL", queue["QueueUrl"])
    environment.setenv("PAYSTACK_BASE_URL", paystack_api.url)
    environment.setenv("STATE_MACHINE_ARN", STATE_MACHINE_ARN)
    environment.setenv("STAGE", "test")


@pytest.fixture(scope="module")
def backfilled() -> list[Item]:
    """All recorded orders as `orders backfill` leaves them, once it has."""
    return []


@pytest.fixture(autouse=True)
def orders(orders_table: Table, backfilled: list[Item]) -> Table:
    """The table with all recorded orders."""
    _put(orders_table, backfilled or [plain(item) for item in ORDERS.values()])
    if not backfilled:
        # As `orders backfill` does after the deployment.
        for order_id in without_shard(orders_table):
            add_shard(orders_table, order_id, SHARDS)
        backfilled += all_items(orders_table.scan)
    return orders_table


@pytest.fixture(autouse=True)
def breakers(breakers_table: Table) -> Table:
    """The table, whose breakers are as new until a test puts a recorded one there."""
    return breakers_table


@pytest.fixture(autouse=True)
def workflow(account: None) -> Iterator[Workflow]:
    """Step Functions, where the executions of all recorded orders run and their tokens wait."""
    with Workflow().behind_client() as workflow:
        for name, item in ORDERS.items():
            workflow.add(Run(item["orderId"]["S"], status="RUNNING", error=None, cause=None))
            workflow.waiting |= {*tokens_of(name)}
        yield workflow


@pytest.fixture
def alerts(record_calls: RecordCalls) -> Calls:
    """What is published to operations."""
    return record_calls(aws.sns(), "Publish")


@pytest.fixture
def emails(record_calls: RecordCalls) -> Calls:
    """What is handed to SES."""
    return record_calls(aws.ses(), "SendEmail")


@pytest.fixture
def sent(record_calls: RecordCalls) -> Calls:
    """What is sent to the queue of parked orders."""
    return record_calls(aws.sqs(), "SendMessage")


def _put(table: Table, items: list[Item]) -> None:
    with table.batch_writer() as batch:
        for each in items:
            batch.put_item(Item=each)


def id_of(name: str) -> str:
    order_id: str = ORDERS[name]["orderId"]["S"]
    return order_id


def tokens_of(name: str) -> list[str]:
    """The task token that a recorded order holds, if it does."""
    order = plain(ORDERS[name])
    held = (order.get("taskToken"), order.get("parked", {}).get("taskToken"))
    return [token for token in held if token]


def item(table: Table, name: str) -> Item:
    """What is stored of a recorded order now."""
    return table.get_item(Key={"orderId": id_of(name)})["Item"]


def invoke(function: str, event: Any, context: LambdaContext) -> Any:
    """The answer of a function to the event."""
    return importlib.import_module(f"{function}.handler").lambda_handler(event, context)


def queue_event(*messages: Item) -> dict[str, Any]:
    (record,) = load_event("sqs_parked_order")["Records"]
    attributes = record["attributes"] | {"SentTimestamp": SENT_AT}
    return {
        "Records": [
            record | {"messageId": str(n), "body": json.dumps(message), "attributes": attributes}
            for n, message in enumerate(messages)
        ]
    }


def breaker_event(before: str, after: str) -> dict[str, Any]:
    event = load_event("stream_breaker_closed")
    event["Records"][0]["dynamodb"] |= {"OldImage": BREAKERS[before], "NewImage": BREAKERS[after]}
    return event


def order_event(name: str) -> dict[str, Any]:
    event = load_event("stream_order_delayed")
    event["Records"][0]["dynamodb"]["NewImage"] = ORDERS[name]
    return event


def webhook_event(name: str) -> dict[str, Any]:
    """PayStack reports the payment that the recorded order asks for."""
    order = plain(ORDERS[name])
    data = {
        "reference": order["paymentReference"],
        "amount": int(order["totalKobo"]),
        "currency": "NGN",
        "status": "success",
        "channel": "card",
        "paid_at": "2026-02-03T08:00:00.000Z",
    }
    body = json.dumps({"event": "charge.success", "data": data})
    event = load_event("function_url_webhook")
    signature = hmac.new(SECRET_KEY.encode(), body.encode(), hashlib.sha512).hexdigest()
    event["headers"]["x-paystack-signature"] = signature
    return event | {"body": body, "isBase64Encoded": False}


def reported(name: str, context: LambdaContext) -> str:
    """The webhook's result where PayStack reports the recorded order's payment (again)."""
    result: str = json.loads(invoke("payment_webhook", webhook_event(name), context)["body"])[
        "result"
    ]
    return result


class TestRecords:
    def test_there_is_an_order_in_each_status(self) -> None:
        # The earlier version did not know AWAITING_REVIEW.
        known = {*OrderStatus} - {OrderStatus.AWAITING_REVIEW}
        assert {item["status"]["S"] for item in ORDERS.values()} == known

    def test_all_names_that_the_code_has_given_up_are_stored(self) -> None:
        names = set().union(*(attribute_names(plain(each)) for each in ORDERS.values()))
        assert names >= {"told", "toldAt", "customerToldAt", "denials", "why", "parkings"}
        assert set().union(*MESSAGES.values()) >= {"parkings", "rings"}

    def test_an_order_is_written_back_as_it_was_read(
        self, store: OrderStore, orders: Table
    ) -> None:
        for name in ORDERS:
            before = item(orders, name)

            stored(store, store.get(id_of(name)))

            # Of the index, not of the order.
            before.pop("refundState", None)
            before.pop("refundDueAt", None)
            assert before[SHARD] in {"0", "1", "2", "3"}
            # Records from before links were checked have no count of it.
            before.setdefault("linkChecks", 0)
            # ... and those from before refunds were made, no refunds and disputes.
            before.setdefault("refunds", [])
            before.setdefault("disputes", [])
            assert item(orders, name) == before, name

    def test_a_breaker_is_read_with_all_that_it_holds(self, breakers: Table) -> None:
        notes = {"alertedAt", "alertedAtEpoch", "resumedAt", "resumedAtEpoch", "remindAt"}
        for name, wire in BREAKERS.items():
            recorded = plain(wire)
            breakers.put_item(Item=recorded)

            provider = recorded["provider"]
            expected = {key: value for key, value in recorded.items() if key not in notes}
            read = DynamoBreakerStore(breakers).read(provider)
            assert read.model_dump(by_alias=True, exclude_none=True) == expected, name
            assert from_attributes(provider, wire) == read


class TestParkedOrders:
    def test_the_timer_of_a_parked_order_lets_it_go_on(
        self, context: LambdaContext, orders: Table, workflow: Workflow
    ) -> None:
        before = item(orders, "payment_delayed")

        answer = invoke("recover_orders", queue_event(MESSAGES["order_clock"]), context)

        assert answer == NOTHING_FAILED
        (given,) = workflow.asked("SendTaskSuccess")
        assert given["taskToken"] == "payment_delayed-token-0"
        assert json.loads(given["output"]) == {
            "orderId": id_of("payment_delayed"),
            "resumedBy": "delay",
        }
        after = item(orders, "payment_delayed")
        del before["parked"], before["updatedAt"], after["updatedAt"]
        assert after == before

    def test_the_timer_of_an_order_that_needs_attention_alerts_operations_once(
        self, context: LambdaContext, alerts: Calls, workflow: Workflow
    ) -> None:
        event = queue_event(*[MESSAGES["order_clock_of_attention"]] * 2)

        assert invoke("recover_orders", event, context) == NOTHING_FAILED

        assert len(alerts) == 1
        assert workflow.asked("SendTaskSuccess") == []

    @pytest.mark.parametrize(
        ("name", "attempts"), [("order_clock_set_again", 2), ("order_clock_set_again_twice", 3)]
    )
    def test_a_timer_that_came_too_early_is_set_again_in_the_same_form(
        self, context: LambdaContext, sent: Calls, name: str, attempts: int
    ) -> None:
        message = MESSAGES[name]

        assert invoke("recover_orders", queue_event(message), context) == NOTHING_FAILED

        (call,) = sent
        assert json.loads(call["MessageBody"]) == message | {"rings": attempts, "hops": 1}

    def test_a_probe_lets_the_oldest_order_go_on(
        self, context: LambdaContext, breakers: Table, sent: Calls, workflow: Workflow
    ) -> None:
        breakers.put_item(Item=plain(BREAKERS["open"]))

        assert invoke("recover_orders", queue_event(MESSAGES["probe"]), context) == NOTHING_FAILED

        assert len(workflow.asked("SendTaskSuccess")) == 1
        (call,) = sent
        assert json.loads(call["MessageBody"]) == MESSAGES["probe"] | {"hops": 1}

    def test_a_breaker_that_closes_starts_the_same_resumption(
        self, context: LambdaContext, sent: Calls
    ) -> None:
        event = breaker_event("half_open", "closed_by_a_probe")

        assert invoke("recover_orders", event, context) == NOTHING_FAILED

        (call,) = sent
        message = json.loads(call["MessageBody"])
        assert message.pop("lookUntil") > 0
        expected = MESSAGES["resumption_step"] | {"hops": 0}
        del expected["lookUntil"]
        assert message == expected

    @pytest.mark.parametrize("name", ["resumption_step", "resumption_step_with_allowance"])
    def test_a_step_of_a_resumption_lets_all_parked_orders_go_on(
        self,
        context: LambdaContext,
        breakers: Table,
        store: OrderStore,
        workflow: Workflow,
        name: str,
    ) -> None:
        breakers.put_item(Item=plain(BREAKERS["closed_by_a_probe"]))
        parked = {name: tokens_of(name) for name, each in ORDERS.items() if "parked" in each}

        assert invoke("recover_orders", queue_event(MESSAGES[name]), context) == NOTHING_FAILED

        answered = [given["taskToken"] for given in workflow.asked("SendTaskSuccess")]
        assert sorted(answered) == sorted(token for tokens in parked.values() for token in tokens)
        assert [*store.parked(PAYSTACK)] == []

    def test_a_resumption_under_way_is_not_started_twice(
        self, context: LambdaContext, breakers: Table, workflow: Workflow
    ) -> None:
        now = int(datetime.now(UTC).timestamp() * 1000)
        breakers.put_item(Item=plain(BREAKERS["closed_and_resuming"]) | {"resumedAt": now})

        event = queue_event(MESSAGES["resumption_step"])
        assert invoke("recover_orders", event, context) == NOTHING_FAILED

        assert workflow.asked("SendTaskSuccess") == []

    def test_a_resumed_order_gets_its_link(self, context: LambdaContext, orders: Table) -> None:
        order_id = id_of("payment_delayed_and_notified")

        answer = invoke(
            "create_payment_link", {"orderId": order_id, "breaker": {}, "retryCount": 0}, context
        )

        assert answer["reference"] == f"{order_id}-1"
        after = item(orders, "payment_delayed_and_notified")
        assert after["status"] == "PAYMENT_INITIATED"
        assert after["told"] == {"PAYMENT_DELAYED"}
        assert "parked" not in after


def test_the_reconciler_repairs_overdue_timers_and_unanswered_payments(
    context: LambdaContext, workflow: Workflow
) -> None:
    answer = invoke("reconcile_orders", load_event("scheduled"), context)

    names = {id_of(name): name for name in ORDERS}
    repaired = {names[each["subject"]] for each in answer["repaired"]}
    assert repaired == {
        "payment_delayed",
        "payment_delayed_and_notified",
        "payment_reported",
        "payment_denied_then_reported",
    }
    answered = {given["taskToken"] for given in workflow.asked("SendTaskSuccess")}
    assert answered == {token for name in repaired for token in tokens_of(name)}


class TestPayments:
    def test_a_reported_payment_is_confirmed(
        self, context: LambdaContext, orders: Table, paystack_api: PaystackApi
    ) -> None:
        before = item(orders, "payment_reported")
        reference = before["payment"]["reference"]
        paystack_api.always(verified(reference, amount=int(before["payment"]["amountKobo"])))

        invoke("verify_payment", verification("payment_reported"), context)

        after = item(orders, "payment_reported")
        assert after["payment"].pop("verifiedAt")
        assert after["payment"] == before["payment"]

    def test_a_payment_that_is_denied_again_is_added_to_those_before(
        self, context: LambdaContext, orders: Table, paystack_api: PaystackApi, alerts: Calls
    ) -> None:
        name = "payment_denied_then_reported"
        before = item(orders, name)
        paystack_api.always(verified(before["paymentReference"], status="abandoned"))

        with pytest.raises(PaymentLinkExpired):
            invoke("verify_payment", verification(name, waits=1), context)

        after = item(orders, name)
        assert after["denials"][0] == before["denials"][0]
        assert {*after["denials"][1]} == {"payment", "said", "at", "toldAt"}
        assert after["denials"][1]["payment"] == before["payment"]
        assert "payment" not in after
        assert len(alerts) == 1

    @pytest.mark.parametrize(
        ("name", "number"), [("payment_unconfirmed", 0), ("payment_unconfirmed_unalerted", 1)]
    )
    def test_operations_are_alerted_of_a_denied_payment_unless_they_know(
        self,
        context: LambdaContext,
        orders: Table,
        alerts: Calls,
        paystack_api: PaystackApi,
        name: str,
        number: int,
    ) -> None:
        reference = item(orders, name)["paymentReference"]
        paystack_api.always(verified(reference, status="abandoned"))

        with pytest.raises(PaymentLinkExpired):
            invoke("verify_payment", verification(name), context)

        assert len(alerts) == number
        assert item(orders, name)["denials"][0]["toldAt"]

    def test_a_repeated_report_answers_the_token(
        self, context: LambdaContext, workflow: Workflow, orders: Table
    ) -> None:
        reports = item(orders, "payment_reported")["paymentReports"]

        assert reported("payment_reported", context) == "repeated"

        (given,) = workflow.asked("SendTaskSuccess")
        assert given["taskToken"] == "payment_reported-token"
        assert item(orders, "payment_reported")["paymentReports"] == reports + 1

    def test_an_awaited_payment_is_recorded(
        self, context: LambdaContext, workflow: Workflow, orders: Table
    ) -> None:
        assert reported("payment_awaited", context) == "recorded"

        assert item(orders, "payment_awaited")["payment"]["paidAt"] == "2026-02-03T08:00:00.000Z"
        assert len(workflow.asked("SendTaskSuccess")) == 1


class TestRefunds:
    @pytest.mark.parametrize(
        ("name", "number"),
        [("refund_due", 0), ("refund_due_and_notified", 0), ("refund_due_unalerted", 1)],
    )
    def test_operations_are_alerted_of_a_refund_unless_they_know(
        self, context: LambdaContext, orders: Table, alerts: Calls, name: str, number: int
    ) -> None:
        before = item(orders, name)

        assert reported(name, context) == "refund-due"

        assert len(alerts) == number
        (refund,) = item(orders, name)["refundsDue"]
        assert refund.pop("toldAt")
        before["refundsDue"][0].pop("toldAt", None)
        assert refund == before["refundsDue"][0]

    def test_a_late_payment_is_stored_under_the_same_names(
        self, context: LambdaContext, orders: Table
    ) -> None:
        assert reported("expired", context) == "refund-due"

        after = item(orders, "expired")
        (known,) = item(orders, "refund_due")["refundsDue"]
        (new,) = after["refundsDue"]
        assert {*new} == {*known}
        assert new["why"] == "order-ended"
        assert after["refundState"] == "DUE"

    def test_all_refunds_due_are_listed_and_no_settled_one(self, store: OrderStore) -> None:
        listed = {order.order_id for order in store.with_refunds_due()}

        due = {name for name in ORDERS if name.startswith("refund_")} - {"refund_settled"}
        assert listed == {id_of(name) for name in due}


class TestCustomers:
    @pytest.mark.parametrize(
        ("name", "number"),
        [
            ("payment_delayed", 1),
            ("payment_delayed_and_notified", 0),
            ("failed_after_link", 1),
            ("failed_and_notified", 0),
            ("payment_completed", 0),
            ("expired", 0),
            ("cancelled", 0),
            # One for the status, one for the refund.
            ("refund_due", 2),
            ("refund_due_and_notified", 0),
            ("refund_settled", 0),
        ],
    )
    def test_customers_get_no_email_twice(
        self, context: LambdaContext, orders: Table, emails: Calls, name: str, number: int
    ) -> None:
        before = item(orders, name)

        assert invoke("send_status_emails", order_event(name), context) == NOTHING_FAILED

        assert len(emails) == number
        after = item(orders, name)
        assert after["told"] == before.get("told", set()) | {after["status"]}
        for refund in after["refundsDue"]:
            assert refund["customerToldAt"]

    def test_the_link_is_not_emailed_twice(self, context: LambdaContext, emails: Calls) -> None:
        invoke("send_payment_link", {"orderId": id_of("payment_awaited")}, context)
        assert emails == []

        invoke("send_payment_link", {"orderId": id_of("payment_initiated")}, context)
        assert len(emails) == 1


def verification(name: str, waits: int = 0) -> dict[str, Any]:
    return load_event("verify_payment") | {"orderId": id_of(name), "waits": waits}
