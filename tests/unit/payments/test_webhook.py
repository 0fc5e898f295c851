"""What a signed event does: to the order, to the execution that waits, to operations staff."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any, ClassVar

import pytest

from orderflow.errors import StoreUnavailable
from orderflow.money import amount_in_words
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.payments.webhook import UnreadableEventError, WebhookReceiver, comes_from
from orderflow.platform import aws
from orderflow.platform.alerts import SnsAlerts
from orderflow.platform.observability import metrics
from tests.support.events import load_event
from tests.support.factories import CUSTOMER_EMAIL, a_payment, an_order, client_error, stored
from tests.unit.conftest import FailCalls, RecordCalls

S = OrderStatus
SPENT = client_error("TaskTimedOut")


@pytest.fixture
def alerts(record_calls: RecordCalls) -> list[dict[str, Any]]:
    """What was published to operations."""
    return record_calls(aws.sns(), "Publish")


@pytest.fixture
def answers(
    record_calls: RecordCalls, fail_calls: FailCalls, account: None
) -> list[dict[str, Any]]:
    """The answers to task tokens; moto's Step Functions has none waiting, so it takes no part."""
    calls = record_calls(aws.step_functions(), "SendTaskSuccess")
    fail_calls(aws.step_functions(), "SendTaskSuccess", SPENT)
    return calls


@pytest.fixture
def receiver(store: OrderStore, topic_arn: str) -> Iterator[WebhookReceiver]:
    yield WebhookReceiver(store, aws.step_functions(), SnsAlerts(aws.sns(), topic_arn))
    metrics.clear_metrics()


def body(order: Order, **changes: Any) -> bytes:
    """The event that pays the order."""
    event = load_event("paystack_charge_success")
    event["data"] |= {
        "reference": order.payment_reference,
        "amount": order.total_kobo,
        **changes,
    }
    return json.dumps(event).encode()


def waiting(**changes: Any) -> Order:
    """An order whose execution waits for the payment."""
    return an_order(**{"task_token": "task-token"} | changes)


class TestPayment:
    def test_it_is_recorded_and_the_execution_resumed(
        self, receiver: WebhookReceiver, store: OrderStore, answers: list[dict[str, Any]]
    ) -> None:
        order = stored(store, waiting())

        assert receiver.receive(body(order)) == "recorded"

        assert store.get(order.order_id).payment is not None
        (answer,) = answers
        assert answer["taskToken"] == "task-token"
        assert json.loads(answer["output"]) == {"orderId": order.order_id}

    def test_before_the_execution_waits_it_is_only_recorded(
        self, receiver: WebhookReceiver, store: OrderStore, answers: list[dict[str, Any]]
    ) -> None:
        order = stored(store, an_order())

        assert receiver.receive(body(order)) == "recorded"

        assert store.get(order.order_id).payment is not None
        assert answers == []

    def test_repeated_it_answers_the_token_again_as_a_crash_may_have_prevented_it(
        self, receiver: WebhookReceiver, store: OrderStore, answers: list[dict[str, Any]]
    ) -> None:
        order = stored(store, waiting())
        receiver.receive(body(order))

        assert receiver.receive(body(order)) == "repeated"
        assert [answer["taskToken"] for answer in answers] == ["task-token"] * 2

    def test_repeated_after_completion_it_has_no_effect(
        self,
        receiver: WebhookReceiver,
        store: OrderStore,
        answers: list[dict[str, Any]],
        alerts: list[dict[str, Any]],
    ) -> None:
        order = stored(store, waiting())
        receiver.receive(body(order))
        paid = store.get(order.order_id)
        assert paid.payment is not None
        confirmed = paid.payment.model_copy(update={"verified_at": paid.updated_at})
        changes = {"status": S.PAYMENT_COMPLETED, "task_token": None, "payment": confirmed}
        done = stored(store, paid.model_copy(update=changes))
        answers.clear()

        assert receiver.receive(body(order)) == "repeated"

        assert (answers, alerts) == ([], [])
        assert store.get(order.order_id) == done

    @pytest.mark.parametrize("code", ["TaskDoesNotExist", "TaskTimedOut", "InvalidToken"])
    def test_a_token_that_waits_no_more_is_fine(
        self, receiver: WebhookReceiver, store: OrderStore, fail_calls: FailCalls, code: str
    ) -> None:
        order = stored(store, waiting())
        fail_calls(aws.step_functions(), "SendTaskSuccess", client_error(code))

        assert receiver.receive(body(order)) == "recorded"

    @pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
    def test_other_trouble_with_the_token_surfaces_so_that_paystack_repeats(
        self, receiver: WebhookReceiver, store: OrderStore, fail_calls: FailCalls, code: str
    ) -> None:
        order = stored(store, waiting())
        error = client_error(code)
        fail_calls(aws.step_functions(), "SendTaskSuccess", error)

        with pytest.raises(type(error), match=code):
            receiver.receive(body(order))

    def test_while_dynamodb_is_out_no_token_is_answered(
        self,
        receiver: WebhookReceiver,
        store: OrderStore,
        fail_calls: FailCalls,
        answers: list[dict[str, Any]],
    ) -> None:
        order = stored(store, waiting())
        fail_calls(store._table.meta.client, "UpdateItem", client_error("InternalServerError", 500))

        with pytest.raises(StoreUnavailable):
            receiver.receive(body(order))

        assert answers == []


#: An order, what is wrong with its payment, and what becomes of it.
ODD_PAYMENTS: list[tuple[Callable[[], Order], dict[str, Any], str]] = [
    (waiting, {"amount": 240_000}, "mismatch"),
    (lambda: waiting(status=S.PAYMENT_COMPLETED, payment=a_payment("o-0")), {}, "refund-due"),
    (waiting, {"currency": "GHS"}, "mismatch"),
    (waiting, {"status": "failed"}, "mismatch"),
    (lambda: waiting(payment_reference="another-1"), {}, "unknown-order"),
    (waiting, {"reference": "T685312322670591"}, "unknown-order"),
    (lambda: waiting(status=S.EXPIRED), {}, "refund-due"),
    (lambda: waiting(status=S.CANCELLED), {}, "refund-due"),
    (lambda: waiting(status=S.REJECTED), {}, "refund-due"),
]


class TestOddPayments:
    @pytest.mark.parametrize(("order", "changes", "result"), ODD_PAYMENTS)
    def test_operations_are_alerted_and_no_token_is_answered(
        self,
        receiver: WebhookReceiver,
        store: OrderStore,
        alerts: list[dict[str, Any]],
        answers: list[dict[str, Any]],
        order: Callable[[], Order],
        changes: dict[str, Any],
        result: str,
    ) -> None:
        event = body(stored(store, order()), **changes)

        assert receiver.receive(event) == result

        data = json.loads(event)["data"]
        (alert,) = alerts
        assert data["reference"] in alert["Message"]
        assert amount_in_words(data["currency"], data["amount"]) in alert["Message"]
        assert answers == []

    def test_a_payment_under_another_reference_of_the_order(
        self,
        receiver: WebhookReceiver,
        store: OrderStore,
        topic_arn: str,
        alerts: list[dict[str, Any]],
    ) -> None:
        order = stored(store, waiting())

        result = receiver.receive(body(order, reference=f"{order.order_id}-7"))

        assert result == "mismatch"
        assert [alert["TopicArn"] for alert in alerts] == [topic_arn]
        after = store.get(order.order_id)
        assert after.payment is None
        assert [refund.reference for refund in after.refunds_due] == [f"{order.order_id}-7"]

    @pytest.mark.parametrize(
        ("order", "changes"), [(waiting, {"amount": 1}), (lambda: waiting(status=S.CANCELLED), {})]
    )
    def test_operations_are_alerted_once_however_often_it_is_reported(
        self,
        receiver: WebhookReceiver,
        store: OrderStore,
        alerts: list[dict[str, Any]],
        order: Callable[[], Order],
        changes: dict[str, Any],
    ) -> None:
        event = body(stored(store, order()), **changes)

        assert len({receiver.receive(event) for _ in range(3)}) == 1
        assert len(alerts) == 1

    def test_an_alert_that_could_not_be_sent_is_sent_with_the_repetition(
        self,
        receiver: WebhookReceiver,
        store: OrderStore,
        topic_arn: str,
        alerts: list[dict[str, Any]],
    ) -> None:
        order = stored(store, waiting(status=S.EXPIRED))
        no_topic = WebhookReceiver(
            store, aws.step_functions(), SnsAlerts(aws.sns(), f"{topic_arn}-that-is-missing")
        )
        with pytest.raises(aws.sns().exceptions.NotFoundException):
            no_topic.receive(body(order))
        alerts.clear()

        assert receiver.receive(body(order)) == "refund-due"
        assert "give it back" in alerts[0]["Message"]


class TestSource:
    NETWORKS: ClassVar = [ip_network("52.31.139.75/32"), ip_network("10.0.0.0/8")]

    @pytest.mark.parametrize("source", ["52.31.139.75", "10.9.8.7"])
    def test_an_address_in_a_network_may_call(self, source: str) -> None:
        assert comes_from(source, self.NETWORKS)

    @pytest.mark.parametrize("source", ["52.31.139.76", "::1", "", "nonsense"])
    def test_any_other_may_not(self, source: str) -> None:
        assert not comes_from(source, self.NETWORKS)

    @pytest.mark.parametrize("source", ["52.31.139.76", "::1", "", "nonsense"])
    def test_without_networks_all_may(self, source: str) -> None:
        assert comes_from(source, [])


class TestMoneyThatGoesBack:
    """What is recorded is tested in test_recording.py; here, that events come to it."""

    def refund(self, order: Order, **changes: Any) -> dict[str, Any]:
        return {
            "transaction_reference": order.payment_reference,
            "refund_reference": None,
            "amount": "100",
            "currency": "NGN",
            **changes,
        }

    @pytest.mark.parametrize("status", ["pending", "processing", "processed", "failed"])
    def test_a_refund_is_recorded_by_its_event(
        self,
        receiver: WebhookReceiver,
        store: OrderStore,
        alerts: list[dict[str, Any]],
        answers: list[dict[str, Any]],
        status: str,
    ) -> None:
        order = stored(store, waiting())
        event = {"event": f"refund.{status}", "data": self.refund(order)}

        outcomes = [receiver.receive(json.dumps(event).encode()) for _ in range(2)]

        assert outcomes == ["refund-recorded", "refund-repeated"]
        (refund,) = store.get(order.order_id).refunds
        assert refund.status == status
        (alert,) = alerts
        assert "₦1.00" in alert["Message"]
        assert answers == []

    def test_a_dispute_is_recorded_and_reminded_of(
        self, receiver: WebhookReceiver, store: OrderStore, alerts: list[dict[str, Any]]
    ) -> None:
        order = stored(store, waiting())
        data = {
            "id": 358950,
            "status": "awaiting-merchant-feedback",
            "transaction": {"reference": order.payment_reference},
            "dueAt": "2026-02-02T12:00:00.000Z",
            "updated_at": "2026-01-31T12:00:00.000Z",
        }
        for name in ("create", "remind", "remind"):
            event = {"event": f"charge.dispute.{name}", "data": data}
            receiver.receive(json.dumps(event).encode())

        (dispute,) = store.get(order.order_id).disputes
        assert dispute.reminded_at is not None
        assert len(alerts) == 2
        assert "2026-02-02T12:00:00.000Z" in alerts[0]["Message"]

    def test_a_rejected_transfer_is_alerted_about(
        self, receiver: WebhookReceiver, alerts: list[dict[str, Any]]
    ) -> None:
        data = {"bank_transfer": {"amount": "1000", "transaction_id": "3103959930"}}
        event = {"event": "bank.transfer.rejected", "data": data}

        assert receiver.receive(json.dumps(event).encode()) == "transfer-rejected"

        assert "3103959930" in alerts[0]["Message"]

    @pytest.mark.parametrize(
        "changes", [{"amount": "a lot"}, {"amount": -1}, {"currency": "naira"},
                    {"transaction_reference": None}]
    )  # fmt: skip
    def test_an_event_that_can_not_be_read_is_refused(
        self, receiver: WebhookReceiver, store: OrderStore, changes: dict[str, Any]
    ) -> None:
        order = stored(store, waiting())
        event = {"event": "refund.processed", "data": self.refund(order, **changes)}

        with pytest.raises(UnreadableEventError):
            receiver.receive(json.dumps(event).encode())


class TestOtherEvents:
    @pytest.mark.parametrize(
        "name",
        [
            "transfer.success",
            "transfer.failed",
            "transfer.reversed",
            "subscription.create",
            "invoice.create",
            "paymentrequest.pending",
            "customeridentification.success",
            "dedicatedaccount.assign.success",
            "preauthorization.reserve.success",
            "refund.unheard-of",
        ],
    )
    def test_events_that_are_none_of_our_business_are_ignored(
        self,
        receiver: WebhookReceiver,
        alerts: list[dict[str, Any]],
        answers: list[dict[str, Any]],
        name: str,
    ) -> None:
        event = json.dumps({"event": name, "data": {"id": 1}}).encode()

        assert receiver.receive(event) == "ignored"
        assert (alerts, answers) == ([], [])

    def test_a_declined_attempt_is_recorded_and_changes_nothing_else(
        self,
        receiver: WebhookReceiver,
        store: OrderStore,
        alerts: list[dict[str, Any]],
        answers: list[dict[str, Any]],
    ) -> None:
        order = stored(store, waiting())
        data = {"reference": order.payment_reference, "gateway_response": "Declined"}
        event = json.dumps({"event": "charge.failed", "data": data}).encode()

        assert [receiver.receive(event) for _ in range(2)] == ["declined"] * 2

        after = store.get(order.order_id)
        assert after.declined is not None
        assert after.declined.reason == "Declined"
        assert after.model_copy(update={"declined": None}) == order
        assert (alerts, answers) == ([], [])
        assert receiver.receive(body(order)) == "recorded", "the same link takes another attempt"

    @pytest.mark.parametrize(
        "reference", ["T685312322670591", "0b5c7c1e-52a4-5f39-8a3a-6f1d5c0a9e77-1"]
    )
    def test_a_declined_attempt_of_no_order_is_ignored(
        self, receiver: WebhookReceiver, reference: str
    ) -> None:
        event = {"event": "charge.failed", "data": {"reference": reference}}

        assert receiver.receive(json.dumps(event).encode()) == "ignored"

    @pytest.mark.parametrize(
        "event",
        [
            b"",
            b"not json",
            b"\xff\xfe",
            b"[]",
            b"null",
            b'{"event": "charge.success"}',
            b'{"event": 7, "data": {}}',
            b'{"event": "charge.success", "data": []}',
            b'{"event": "charge.success", "data": {"reference": "a-1"}}',
            b'{"event": "charge.success", "data": {"reference": "a-1", "amount": "much",'
            b' "currency": "NGN", "status": "success"}}',
            b'{"event": "charge.failed", "data": {}}',
            b'{"event": "charge.success", "data": {"reference": "", "amount": 1,'
            b' "currency": "NGN", "status": "success"}}',
            b'{"event": "charge.success", "data": {"reference": "a\\u0000-1", "amount": 1,'
            b' "currency": "NGN", "status": "success"}}',
            b'{"event": "charge.success", "data": {"reference": "a-1", "amount": 1'
            + b"0" * 99
            + b","
            b' "currency": "NGN", "status": "success"}}',
            b'{"event": "charge.success", "data": {"reference": "a-1", "amount": 1.5,'
            b' "currency": "NGN", "status": "success"}}',
        ],
    )
    def test_a_body_that_is_no_event_is_distinguished_from_an_outage(
        self, receiver: WebhookReceiver, event: bytes
    ) -> None:
        with pytest.raises(UnreadableEventError):
            receiver.receive(event)


def test_logs_and_alerts_tell_of_no_customer(
    receiver: WebhookReceiver,
    store: OrderStore,
    answers: list[dict[str, Any]],
    alerts: list[dict[str, Any]],
    log_output: io.StringIO,
) -> None:
    for order in (waiting(), waiting(status=S.EXPIRED)):
        receiver.receive(body(stored(store, order)))

    output = log_output.getvalue() + str(alerts)
    assert "payment reported" in output
    assert CUSTOMER_EMAIL not in output
    assert "ada" not in output.lower()
