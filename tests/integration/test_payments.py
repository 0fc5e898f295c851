"""Payments from the webhook to the end of their order."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from typing import Any

from typer.testing import CliRunner

from orderflow.orders.cancellation import cancel
from orderflow.orders.model import Order
from scripts.cli.main import app
from tests.support.http import http
from tests.support.shop import Shop
from tests.support.waiting import wait_for

LIST = "1 loaf bread"


def test_a_forged_webhook_with_the_right_key_pays_nothing(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    read_alerts = shop.alerts()

    forged = shop.deliver(shop.charge(order))  # signed with the right key, but not paid

    assert forged.json() == {"result": "recorded"}
    # The alarm of denied payments comes to the same mailbox.
    wait_for(read_alerts, lambda alerts: any(str(order.payment_reference) in a for a in alerts))
    after = wait_for(
        lambda: shop.orders.get(order.order_id),
        lambda seen: seen.task_token not in (None, order.task_token),
    )
    assert (after.status, after.payment) == ("PAYMENT_INITIATED", None)
    assert [unconfirmed.paystack_answer for unconfirmed in after.unconfirmed_payments] == [
        "abandoned"
    ]

    shop.pay(order)
    assert shop.finished(order).status == "SUCCEEDED"
    assert shop.orders.get(order.order_id).status == "PAYMENT_COMPLETED"


def test_a_payment_is_confirmed_after_an_outage_of_paystack(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    shop.set_fault("paystack", mode="outage")

    shop.pay(order)
    wait_for(
        lambda: [each.name for each in shop.progress(order).visits],
        lambda names: "WaitToVerify" in names,
    )
    assert shop.orders.get(order.order_id).status == "PAYMENT_INITIATED"
    shop.clear_faults()
    shop.close_breaker("paystack")

    assert shop.finished(order).status == "SUCCEEDED"
    assert shop.orders.get(order.order_id).status == "PAYMENT_COMPLETED"


def test_a_payment_whose_webhook_is_lost_completes_its_order_when_the_customer_comes_back(
    shop: Shop,
) -> None:
    order = shop.awaiting_payment(LIST)
    paid = CliRunner().invoke(app, ["pay", order.order_id, "--silently"])
    assert paid.exit_code == 0, paid.stderr
    assert shop.progress(order).status == "RUNNING"

    answer = shop.come_back(order)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"{shop.state.urls.front_door}/shop"
    assert shop.finished(order).status == "SUCCEEDED"
    after = shop.orders.get(order.order_id)
    assert after.status == "PAYMENT_COMPLETED"
    assert after.payment is not None
    assert after.payment.verified_at is not None
    assert shop.transactions()[str(order.payment_reference)]["webhookAttempts"] == []


def test_the_checkout_leads_back_to_the_shop_that_asks_at_once(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)

    address = shop.pay(order)

    reference = order.payment_reference
    returns = shop.state.urls.local_function_url(shop.state.outputs["ReturnUrl"])
    assert address == f"{returns}?trxref={reference}&reference={reference}"
    page = http.get(address, follow_redirects=True)
    assert page.status_code == 200
    # Which leads on to a demo shop, where one is open.
    assert f"{shop.state.urls.front_door}/shop" in [str(each.url) for each in (*page.history, page)]
    assert shop.finished(order).status == "SUCCEEDED"


def test_coming_back_while_paystack_is_out_leads_to_the_shop_and_ends_nothing(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    shop.pay_silently(order)
    shop.set_fault("paystack", mode="outage")

    assert shop.come_back(order).status_code == 303

    assert shop.orders.get(order.order_id).payment is None
    shop.clear_faults()
    shop.close_breaker("paystack")
    assert shop.come_back(order).status_code == 303
    assert shop.finished(order).status == "SUCCEEDED"
    assert shop.orders.get(order.order_id).status == "PAYMENT_COMPLETED"


def test_coming_back_to_an_order_that_has_ended_asks_paystack_nothing(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    shop.cancel(order.order_id)
    calls = shop.calls("paystack")

    for reference in (order.payment_reference, "unknown-1", "https://elsewhere.example"):
        answer = shop.come_back(order.model_copy(update={"payment_reference": reference}))
        assert answer.headers["location"] == f"{shop.state.urls.front_door}/shop"

    assert shop.calls("paystack") == calls


def test_a_payment_is_left_to_paystacks_receipt_unless_the_order_was_to_be_cancelled(
    shop: Shop,
) -> None:
    paid, cancelled = shop.awaiting_payment(LIST), shop.awaiting_payment(LIST)

    shop.pay(paid)
    shop.finished(paid)
    shop.pay_silently(cancelled)
    cancel(cancelled.order_id, shop.orders, shop.sfn, "Changed my mind.")
    shop.finished(cancelled)

    receipt = sent_once(shop, cancelled)
    assert "came before your cancellation" in " ".join(receipt.split())
    # Its changes are later in the same stream.
    assert receipts(shop, paid) == []
    assert shop.orders.get(paid.order_id).notified_statuses is None


def test_who_was_written_to_of_a_delay_is_written_to_of_the_payment(shop: Shop) -> None:
    shop.set_fault("paystack", mode="outage")
    order = shop.place(LIST, "PAYMENT_DELAYED")
    wait_for(lambda: shop.orders.get(order.order_id).notified_statuses, bool)
    shop.clear_faults()
    shop.close_breaker("paystack")

    order = shop.awaiting(order.order_id)
    shop.pay(order)
    shop.finished(order)
    shop.deliver(shop.charge(order))

    assert sent_once(shop, order)


def receipts(shop: Shop, order: Order) -> list[str]:
    """The e-mails of ours that confirm the order's payment."""
    texts = [str(each["BodyText"]) for each in shop.emails(order.order_id)]
    return [text for text in texts if "are paid" in text]


def sent_once(shop: Shop, order: Order) -> str:
    """The one e-mail that confirms the order's payment, once it is sent and noted."""
    wait_for(
        lambda: shop.orders.get(order.order_id).notified_statuses or set(),
        lambda told: "PAYMENT_COMPLETED" in told,
    )
    (receipt,) = receipts(shop, order)
    return receipt


def test_an_unpaid_order_expires_and_a_later_payment_is_refunded(
    shop: Shop,
) -> None:
    with waiting_for(shop, seconds=2):
        order = shop.awaiting_payment(LIST)
        shop.end_link(order)
        shop.reach(order.order_id, "EXPIRED")
    assert shop.finished(order).status == "SUCCEEDED"
    assert shop.orders.get(order.order_id).payment_link is None
    read_alerts = shop.alerts()

    shop.pay(order)  # PayStack's page still accepts payments

    assert "give it back" in wait_for(read_alerts, bool)[0]
    after = shop.orders.get(order.order_id)
    assert (after.status, after.payment) == ("EXPIRED", None)
    assert [refund.reason for refund in after.refunds_due] == ["order-ended"]
    told = wait_for(
        lambda: shop.orders.get(order.order_id).refunds_due[0].customer_notified_at, bool
    )
    assert told
    assert any("give the money back" in json.dumps(each) for each in shop.emails(order.order_id))
    settle(order.order_id, str(order.payment_reference))


def settle(order_id: str, reference: str) -> None:
    """Runs an operator's command."""
    listed = CliRunner().invoke(app, ["refunds", "list", "--json"])
    assert reference in [each["reference"] for each in json.loads(listed.stdout)]
    done = ["refunds", "done", order_id, "--reference", reference, "--reason", "Refunded."]
    assert CliRunner().invoke(app, done).exit_code == 0
    listed = CliRunner().invoke(app, ["refunds", "list", "--json"])
    assert reference not in listed.stdout


def waiting_for(shop: Shop, seconds: int) -> AbstractContextManager[None]:
    """Shortens the 24 hours to pay, for executions that start meanwhile."""

    def shorten(definition: dict[str, Any]) -> None:
        definition["States"]["AwaitPayment"]["TimeoutSeconds"] = seconds

    return shop.redefined(shorten)
