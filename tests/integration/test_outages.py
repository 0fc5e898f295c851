"""Orders continue when providers fail."""

from __future__ import annotations

import pytest

from orderflow.orders.lines import MatchedBy
from tests.support.shop import Shop
from tests.support.waiting import wait_for

#: Not an exact name of any product, so the model has to choose.
UNCLEAR = "2 packs of spagetti"

#: Like no name of a product, so that without the model there is nothing to buy.
UNLIKE = "1 pack of sphageti noodle"


def test_a_passing_error_is_retried(shop: Shop) -> None:
    shop.set_fault("paystack", mode="error", times=2)

    order = shop.awaiting_payment("1 loaf bread")

    (visit,) = [v for v in shop.progress(order).visits if v.name == "CreatePaymentLink"]
    assert visit.retries == 2
    assert order.payment_reference == f"{order.order_id}-1"


@pytest.mark.parametrize("mode", ["outage", "throttle", "garbage"])
def test_lines_are_matched_by_name_during_an_outage_of_bedrock(shop: Shop, mode: str) -> None:
    shop.set_fault("bedrock", mode=mode)

    order = shop.awaiting_payment(UNCLEAR)

    assert [line.matched_by for line in order.lines] == [MatchedBy.NAME]
    states = [visit.name for visit in shop.progress(order).visits]
    assert states[3:5] == ["MatchProducts", "MatchByName"]


def test_an_order_whose_products_can_not_be_looked_up_waits_for_bedrock(shop: Shop) -> None:
    shop.set_fault("bedrock", mode="outage")

    order = shop.place(UNLIKE, "PAYMENT_DELAYED")

    assert (order.lines, order.total_kobo) == ([], 0)
    assert order.parked is not None
    assert order.parked.provider == "bedrock"
    wait_for(
        lambda: str(shop.emails(order.order_id)),
        lambda text: "look up its products at the moment" in text,
    )
    shop.clear_faults()

    shop.close_breaker("bedrock")  # as a successful probe would

    linked = shop.reach(order.order_id, "PAYMENT_INITIATED")
    assert [line.matched_by for line in linked.lines] == [MatchedBy.MODEL]
    assert [change.status for change in linked.history] == [
        "PENDING_MATCHING",
        "PAYMENT_DELAYED",
        "MATCHED",
        "PAYMENT_INITIATED",
    ]


@pytest.mark.parametrize("mode", ["outage", "throttle", "garbage"])
def test_orders_are_parked_during_an_outage_of_paystack_and_resumed_after_it(
    shop: Shop, mode: str
) -> None:
    shop.set_fault("paystack", mode=mode)
    order = shop.place("1 loaf bread", "PAYMENT_DELAYED")
    assert order.parked is not None
    assert [clock["parkings"] for clock in shop.clocks_of(order)] == [0]
    assert shop.customer.order(order.order_id)["paymentLink"] is None
    shop.clear_faults()

    shop.close_breaker("paystack")  # as a successful probe would

    linked = shop.reach(order.order_id, "PAYMENT_INITIATED")
    assert [change.status for change in linked.history] == [
        "PENDING_MATCHING",
        "MATCHED",
        "PAYMENT_DELAYED",
        "PAYMENT_INITIATED",
    ]


def test_a_lost_answer_of_paystack_does_not_make_a_second_link(shop: Shop) -> None:
    shop.set_fault("paystack", mode="lost", times=1)

    order = shop.awaiting_payment("1 loaf bread")

    # PayStack knows two references, the customer one link.
    assert order.payment_reference == f"{order.order_id}-2"
    assert {f"{order.order_id}-1", f"{order.order_id}-2"} <= shop.transactions().keys()
    assert len(shop.emails(order.order_id)) == 1


def test_a_refusal_by_paystack_rejects_the_order(shop: Shop) -> None:
    shop.set_fault("paystack", mode="bad_request")

    order = shop.place("1 loaf bread", "REJECTED")

    assert "refused" in str(order.status_reason)
    assert shop.finished(order).status == "SUCCEEDED"
