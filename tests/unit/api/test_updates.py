"""What subscribers hear of an order, checked against the schema that is deployed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from graphql import coerce_input_value, parse, validate

from orderflow.api.messages import customer_message
from orderflow.api.publisher import PUBLISH
from orderflow.api.views import order_update, order_view
from orderflow.clock import iso, utc_now
from orderflow.orders.model import CancelRequest, Order, StatusChange
from orderflow.orders.money_records import RefundDue, RefundReason, RefundStatus
from orderflow.orders.status import OrderStatus
from scripts.local.appsync.field_rules import FieldRules
from tests.support.factories import (
    CUSTOMER_EMAIL,
    CUSTOMER_ID,
    CUSTOMER_NAME,
    LINK,
    a_matched_order,
    a_payment,
    a_refund,
    an_order,
    unmatched_line,
)
from tests.support.paths import SCHEMA

S = OrderStatus
WISH = CancelRequest(at="2026-01-31T12:00:00.000Z", by="customer", reason="Changed my mind.")
SCHEMA = FieldRules(SCHEMA.read_text(encoding="utf-8")).schema


def test_it_has_the_fields_that_the_schema_asks_for() -> None:
    order = an_order(order_id="o-1", version=3)

    update = order_update(order)

    wanted: Any = SCHEMA.type_map["OrderUpdateInput"]
    assert update.keys() == wanted.fields.keys()
    assert coerce_input_value(update, wanted) == update
    assert update["orderId"] == "o-1"
    assert update["customerId"] == CUSTOMER_ID
    assert update["version"] == 3
    assert update["totalKobo"] == 240_100
    assert update["updatedAt"] == iso(order.updated_at)
    assert update["correlationId"] == "o-1"
    assert update["lines"][0]["quantity"] == 2.0


def test_what_is_published_selects_every_field_that_subscribers_may_ask_for() -> None:
    document = parse(PUBLISH)
    assert validate(SCHEMA, document) == []

    selected = _selected(document.definitions[0])["publishOrderUpdate"]

    lines = selected["lines"]
    for type_name, fields in (
        ("OrderUpdate", selected),
        ("OrderLine", lines),
        ("Alternative", lines["alternatives"]),
    ):
        assert fields.keys() == SCHEMA.type_map[type_name].fields.keys()  # type: ignore[attr-defined]


def _selected(node: Any) -> dict[str, Any]:
    chosen = node.selection_set.selections if node.selection_set else ()
    return {field.name.value: _selected(field) for field in chosen}


def test_a_restarted_order_is_followed_by_the_name_of_its_restart() -> None:
    arn = "arn:aws:states:eu-west-1:123456789012:execution:grocery-orders:o-1.2"
    assert order_update(an_order(execution_arn=arn))["correlationId"] == "o-1.2"


@pytest.mark.parametrize("status", list(S))
def test_every_status_has_words_for_the_customer(status: S) -> None:
    message = customer_message(an_order(status=status))
    assert message.endswith((".", "Thank you."))
    assert str(status) not in message
    for private in (CUSTOMER_EMAIL, CUSTOMER_NAME):
        assert private not in message


def test_a_rejected_order_says_why() -> None:
    order = a_matched_order(status=S.REJECTED, status_reason="We found none of your products.")
    assert customer_message(order) == "We found none of your products."


@pytest.mark.parametrize(
    ("missing", "said"), [(0, ""), (1, " 1 line of your list"), (2, " 2 lines of your list")]
)
def test_a_matched_order_names_its_total_and_what_is_missing(missing: int, said: str) -> None:
    message = customer_message(a_matched_order(unmatched=[unmatched_line()] * missing))
    assert "₦2,401.00" in message
    assert said in message
    assert ("could not be matched" in message) is bool(missing)


@pytest.mark.parametrize(
    ("order", "link"),
    [
        (an_order(), LINK),
        (an_order(payment=a_payment()), None),
        (an_order(cancel_requested=WISH), None),
        (an_order(status=S.CANCELLED), None),
        (an_order(status=S.EXPIRED), None),
        (a_matched_order(), None),
    ],
    ids=["to be paid", "paid already", "being cancelled", "cancelled", "expired", "not there yet"],
)
def test_the_link_is_there_while_it_may_be_paid(order: Order, link: str | None) -> None:
    assert order_update(order)["paymentLink"] == link
    assert ("Please pay" in customer_message(order)) is bool(link)


@pytest.mark.parametrize("status", [S.PAYMENT_DELAYED, S.NEEDS_ATTENTION])
@pytest.mark.parametrize("has_lines", [True, False])
def test_a_parked_order_says_what_it_waits_for(status: S, has_lines: bool) -> None:
    changes = {} if has_lines else {"lines": [], "total_kobo": 0}

    message = customer_message(a_matched_order(status=status, **changes))

    assert ("Payments are not available right now" in message) is has_lines
    assert ("We can't look up your products at the moment" in message) is not has_lines
    assert "Your order is safe" in message


@pytest.mark.parametrize(
    ("validity", "words"),
    [
        (timedelta(hours=24), "It is valid for 24 hours."),
        (timedelta(hours=23, minutes=59, seconds=59), "It is valid for 24 hours."),
        (timedelta(minutes=24), "It is valid for 24 minutes."),
        (None, "with the payment link."),
    ],
)
def test_the_links_own_validity_is_named(validity: timedelta | None, words: str) -> None:
    opened = utc_now()
    order = an_order(
        history=[StatusChange(status=S.PAYMENT_INITIATED, at=opened, by="tests")],
        payment_link_expires_at=opened + validity if validity else None,
    )

    assert customer_message(order).endswith(words)


@pytest.mark.parametrize(
    ("order", "received", "wished", "words"),
    [
        (an_order(), False, False, "Please pay"),
        (an_order(payment=a_payment()), True, False, "received your payment"),
        (an_order(payment=a_payment(), status=S.PAYMENT_DELAYED), True, False, "received"),
        (an_order(cancel_requested=WISH), False, True, "cancelling"),
        (an_order(cancel_requested=WISH, payment=a_payment()), True, True, "received"),
        (an_order(payment=a_payment(), status=S.PAYMENT_COMPLETED), False, False, "is paid"),
        (
            an_order(payment=a_payment(), status=S.PAYMENT_COMPLETED, cancel_requested=WISH),
            False,
            True,
            "before your cancellation",
        ),
    ],
)
def test_what_happens_beside_the_status_is_shown(
    order: Order, received: bool, wished: bool, words: str
) -> None:
    update = order_update(order)

    assert update["paymentReceived"] is received
    assert (update["cancelRequestedAt"] is not None) is wished
    assert words in update["message"]


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (RefundStatus.REQUESTED, None, None),
        (RefundStatus.PENDING, "BEING_GIVEN_BACK", "is being given back"),
        (RefundStatus.NEEDS_ATTENTION, "BEING_GIVEN_BACK", "is being given back"),
        (RefundStatus.PROCESSED, "GIVEN_BACK", "was given back"),
        (RefundStatus.REFUSED, None, None),
    ],
)
def test_money_that_goes_back_is_shown(
    status: RefundStatus, state: str | None, words: str | None
) -> None:
    update = order_update(an_order(status=S.CANCELLED, refunds=[a_refund(status)]))

    assert update["refundState"] == state
    assert "is cancelled" in update["message"]
    assert ("₦2,401.00" in update["message"]) is bool(words)
    assert ("given back" in update["message"]) is bool(words)
    assert words is None or words in update["message"]


LATE = RefundDue(
    reference="o-1-1", amount=810_000, currency="NGN", reason=RefundReason.ORDER_ENDED,
    at="2026-01-31T12:00:00.000Z", paid_at="2026-01-31T12:00:00.000Z",
)  # fmt: skip
STILL_OPEN = "Its payment link can still take money: please don't use it. We give back what comes."


@pytest.mark.parametrize("status", [S.EXPIRED, S.CANCELLED, S.REJECTED])
def test_an_ended_order_whose_link_takes_money_says_so(status: OrderStatus) -> None:
    assert customer_message(an_order(status=status)).endswith(STILL_OPEN)


@pytest.mark.parametrize(
    "order",
    [
        an_order(),
        an_order(status=S.PAYMENT_COMPLETED, payment=a_payment()),
        a_matched_order(status=S.CANCELLED),
    ],
    ids=["to be paid", "paid", "never had a link"],
)
def test_other_orders_do_not_warn_of_their_link(order: Order) -> None:
    assert "take money" not in customer_message(order)


@pytest.mark.parametrize("status", [S.EXPIRED, S.CANCELLED])
def test_a_late_payment_is_named_with_what_happens_to_it(status: OrderStatus) -> None:
    message = customer_message(an_order(status=status, refunds_due=[LATE]))

    assert "We received ₦8,100.00 and will give it back." in message
    assert message.endswith("Please don't use its payment link again.")


def test_two_late_payments_are_added_up() -> None:
    second = LATE.model_copy(update={"reference": "o-1-2"})
    message = customer_message(an_order(status=S.EXPIRED, refunds_due=[LATE, second]))

    assert "We received ₦16,200.00" in message


def test_a_second_payment_of_a_paid_order_is_not_taken_for_its_payment() -> None:
    again = LATE.model_copy(update={"reason": RefundReason.PAID_TWICE})
    message = customer_message(
        an_order(status=S.PAYMENT_COMPLETED, payment=a_payment(), refunds_due=[again])
    )

    assert "₦8,100.00 that you paid for this order is being given back." in message


def test_an_order_that_is_read_says_the_same_as_its_update() -> None:
    order = an_order(status=S.EXPIRED, refunds_due=[LATE])

    assert order_view(order)["message"] == order_update(order)["message"] == customer_message(order)
