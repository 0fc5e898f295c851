"""PayStack's webhook at its function URL."""

from __future__ import annotations

import pytest

from orderflow.clock import iso
from orderflow.payments.webhook import MAX_BODY_BYTES
from tests.support.shop import Shop
from tests.support.waiting import wait_for

LIST = "1 loaf bread"


@pytest.mark.parametrize("signature", [None, "00" * 64, "nonsense"], ids=["none", "forged", "text"])
def test_a_webhook_without_paystacks_signature_is_refused(
    shop: Shop, signature: str | None
) -> None:
    order = shop.awaiting_payment(LIST)

    answer = shop.deliver(shop.charge(order), signature)

    assert answer.status_code == 401
    assert shop.orders.get(order.order_id).payment is None
    assert shop.progress(order).status == "RUNNING"


@pytest.mark.parametrize(
    "change", [{"amount": 100}, {"currency": "USD"}, {"status": "failed"}], ids=str
)
def test_a_payment_of_another_amount_pays_nothing_and_is_reported(
    shop: Shop, change: dict[str, object]
) -> None:
    order = shop.awaiting_payment(LIST)
    read_alerts = shop.alerts()

    answer = shop.deliver(shop.charge(order, **change))

    assert (answer.status_code, answer.json()) == (200, {"result": "mismatch"}), answer.text
    after = shop.orders.get(order.order_id)
    assert after.payment is None
    assert [refund.reason for refund in after.refunds_due] == ["differs"]
    assert shop.progress(order).status == "RUNNING"
    alerts = wait_for(read_alerts, bool)
    assert str(order.payment_reference) in alerts[0]


def test_a_webhook_that_arrives_twice_pays_once(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    shop.pay_silently(order)

    first = shop.deliver(shop.charge(order))
    shop.finished(order)
    second = shop.deliver(shop.charge(order, paid_at="2026-02-01T12:00:00.000Z"))

    assert (first.json(), second.json()) == ({"result": "recorded"}, {"result": "repeated"})
    paid = shop.orders.get(order.order_id)
    assert paid.payment is not None
    assert iso(paid.payment.paid_at) == "2026-01-31T12:00:00.000Z"
    assert [change.status for change in paid.history].count("PAYMENT_COMPLETED") == 1


def test_a_payment_of_an_unknown_order_is_reported(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    read_alerts = shop.alerts()

    answer = shop.deliver(shop.charge(order, reference="unknown-order-1"))

    assert answer.json() == {"result": "unknown-order"}
    assert "unknown-order-1" in wait_for(read_alerts, bool)[0]


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"event": "charge.success"}'], ids=str)
def test_a_signed_body_that_is_not_an_event_is_a_bad_request(shop: Shop, body: bytes) -> None:
    assert shop.deliver(body).status_code == 400


def test_other_events_are_ignored(shop: Shop) -> None:
    answer = shop.deliver({"event": "transfer.success", "data": {}})

    assert (answer.status_code, answer.json()) == (200, {"result": "ignored"})


def test_a_body_that_is_too_large_is_refused(shop: Shop) -> None:
    answer = shop.deliver(b" " * (MAX_BODY_BYTES + 1))

    assert (answer.status_code, answer.json()) == (413, {"result": "too-large"})


def test_a_declined_attempt_leaves_the_link_open_for_another(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)

    shop.decline(order)
    # PayStack documents no event of a declined transaction; some of its channels send one.
    failed = {"reference": order.payment_reference, "gateway_response": "Declined"}
    shop.deliver({"event": "charge.failed", "data": failed})
    declined = wait_for(lambda: shop.orders.get(order.order_id).declined, bool)
    assert declined.reason == "Declined"
    assert shop.orders.get(order.order_id).status == "PAYMENT_INITIATED"
    shop.pay(order)

    assert shop.finished(order).status == "SUCCEEDED"
    assert shop.orders.get(order.order_id).status == "PAYMENT_COMPLETED"
