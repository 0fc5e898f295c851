"""The e-mail with the payment link: its words, and that it is sent once."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from orderflow import aws
from orderflow.errors import NotificationRefused, NotificationUnavailable, OrderAlreadyClosed
from orderflow.notification import Email, notify_customer, payment_link_email
from orderflow.order import CLOSED, OrderStatus, UnmatchedLine
from orderflow.store import OrderStore
from tests.unit.conftest import FailCalls, RecordCalls
from tests.unit.factories import (
    CUSTOMER_EMAIL,
    LINK,
    a_matched_order,
    a_payment,
    an_order,
    client_error,
    matched_line,
    stored,
    unmatched_line,
)

Part = Callable[[Email], str]


def text(email: Email) -> str:
    return email.text


def html(email: Email) -> str:
    return email.html


both_parts = pytest.mark.parametrize("part", [text, html])


class TestWords:
    @both_parts
    def test_products_packs_prices_and_total_are_told(self, part: Part) -> None:
        lines = [
            matched_line(2, 120_050),
            matched_line(1, 99, product_id="salt", name="Table salt", pack_size="500 grams"),
        ]

        words = part(payment_link_email(an_order(lines=lines, total_kobo=240_199)))

        for expected in (
            "Long grain rice (1 kilogram)",
            "₦2,401.00",
            "Table salt (500 grams)",
            "₦0.99",
            "₦2,401.99",
        ):
            assert expected in words

    @both_parts
    def test_the_link_and_how_long_it_lives_are_told(self, part: Part) -> None:
        words = part(payment_link_email(an_order()))

        assert LINK in words
        assert "24 hours" in words

    @both_parts
    def test_what_is_not_included_is_told_with_the_reason(self, part: Part) -> None:
        words = part(payment_link_email(an_order(unmatched=[unmatched_line("1 unicorn")])))

        assert "Not included" in words
        assert "1 unicorn: We have no such product." in words

    @both_parts
    def test_where_all_is_included_nothing_is_said_of_it(self, part: Part) -> None:
        assert "Not included" not in part(payment_link_email(an_order()))

    @both_parts
    @pytest.mark.parametrize(
        ("name", "greeting"), [("Ada Buyer", "Hello Ada Buyer,"), (None, "Hello,")]
    )
    def test_customers_are_greeted_by_name_where_it_is_known(
        self, part: Part, name: str | None, greeting: str
    ) -> None:
        assert greeting in part(payment_link_email(an_order(customer_name=name)))

    @both_parts
    def test_the_order_can_be_named_to_support(self, part: Part) -> None:
        order = an_order()

        assert order.order_id in part(payment_link_email(order))

    @pytest.mark.parametrize(
        ("kobo", "naira"),
        [(1, "₦0.01"), (100, "₦1.00"), (123_456, "₦1,234.56"), (1_000_000_000, "₦10,000,000.00")],
    )
    def test_the_subject_tells_the_total(self, kobo: int, naira: str) -> None:
        email = payment_link_email(an_order(total_kobo=kobo))

        assert email.subject == f"Your grocery order: {naira} to pay"

    def test_the_text_reads_line_by_line(self) -> None:
        order = an_order(unmatched=[unmatched_line("1 unicorn"), unmatched_line("2 yetis")])

        assert payment_link_email(order).text == (
            "Hello Ada Buyer,\n"
            "\n"
            "your groceries are ready to be paid:\n"
            "\n"
            "- 2 x Long grain rice (1 kilogram): ₦2,401.00\n"
            "\n"
            "Total: ₦2,401.00\n"
            "\n"
            "Pay here within 24 hours:\n"
            f"{LINK}\n"
            "\n"
            "Not included:\n"
            "- 1 unicorn: We have no such product.\n"
            "- 2 yetis: We have no such product.\n"
            "\n"
            f"Order {order.order_id}"
        )


class Page(HTMLParser):
    """The elements, links and words of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.links: list[str | None] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


class TestSafety:
    def test_the_customers_words_are_no_html(self) -> None:
        attack = "<script>alert('x')</script><a href='https://evil.example'>pay</a>"
        order = an_order(
            customer_name=attack, unmatched=[UnmatchedLine(text=attack, reason=attack)]
        )

        page = Page(payment_link_email(order).html)

        assert "script" not in page.elements
        assert page.links == [LINK]
        assert page.words.count(attack) == 3

    def test_a_link_stays_inside_its_attribute(self) -> None:
        link = 'https://checkout.example/?a=1&b="><b>bold'

        page = Page(payment_link_email(an_order(payment_link=link)).html)

        assert page.links == [link]
        assert "b" not in page.elements

    @given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
    def test_no_words_change_the_pages_structure(self, words: str) -> None:
        plain, written = (
            Page(payment_link_email(an_order(unmatched=[unmatched_line(each)])).html)
            for each in ("rice", words)
        )

        assert written.elements == plain.elements
        assert words in written.words


@pytest.fixture
def sent(record_calls: RecordCalls, sender: str) -> list[dict[str, Any]]:
    """What was handed to SES."""
    return record_calls(aws.ses(), "SendEmail")


class TestSending:
    def test_the_link_is_sent_from_the_shop_to_the_customer(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = stored(store, an_order())

        notify_customer(order.order_id, store, aws.ses(), sender)

        (message,) = sent
        email = payment_link_email(order)
        assert message["FromEmailAddress"] == sender
        assert message["Destination"] == {"ToAddresses": [CUSTOMER_EMAIL]}
        content = message["Content"]["Simple"]
        assert content["Subject"]["Data"] == email.subject
        assert content["Body"]["Text"]["Data"] == email.text
        assert content["Body"]["Html"]["Data"] == email.html

    def test_the_same_link_is_not_sent_twice(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = stored(store, an_order())

        for _ in range(2):
            notify_customer(order.order_id, store, aws.ses(), sender)

        assert len(sent) == 1

    def test_a_new_link_is_sent_again(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = an_order()
        order.notified_reference = f"{order.order_id}-0"
        stored(store, order)

        notify_customer(order.order_id, store, aws.ses(), sender)

        assert len(sent) == 1
        assert store.get(order.order_id).notified_reference == order.payment_reference

    def test_a_paid_order_is_not_asked_to_pay(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = stored(store, an_order(payment=a_payment()))

        assert notify_customer(order.order_id, store, aws.ses(), sender) == order
        assert sent == []

    def test_without_a_link_there_is_nothing_to_send(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = stored(store, a_matched_order())

        assert notify_customer(order.order_id, store, aws.ses(), sender) == order
        assert sent == []

    @pytest.mark.parametrize("status", sorted(CLOSED))
    def test_an_order_that_has_ended_is_not_written_about(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str, status: OrderStatus
    ) -> None:
        order = stored(store, an_order(status=status))

        with pytest.raises(OrderAlreadyClosed, match=status):
            notify_customer(order.order_id, store, aws.ses(), sender)

        assert sent == []


REFUSALS = [
    client_error("MessageRejected"),
    client_error("BadRequestException"),
    client_error("InvalidParameterValue"),
]
OUTAGES = [
    client_error("TooManyRequestsException", 429),
    client_error("ThrottlingException"),
    client_error("LimitExceededException"),
    client_error("InternalFailure", 500),
    client_error("ServiceUnavailable", 503),
    EndpointConnectionError(endpoint_url="https://email.example"),
    ReadTimeoutError(endpoint_url="https://email.example"),
]


class TestTrouble:
    @pytest.mark.parametrize("error", REFUSALS, ids=str)
    def test_a_message_that_will_never_be_delivered(
        self, store: OrderStore, fail_calls: FailCalls, sender: str, error: Exception
    ) -> None:
        order = stored(store, an_order())
        fail_calls(aws.ses(), "SendEmail", error)

        with pytest.raises(NotificationRefused) as refusal:
            notify_customer(order.order_id, store, aws.ses(), sender)

        assert CUSTOMER_EMAIL not in str(refusal.value)
        assert store.get(order.order_id) == order

    @pytest.mark.parametrize("error", OUTAGES, ids=str)
    def test_an_outage_of_ses_leaves_the_message_to_be_sent(
        self, store: OrderStore, fail_calls: FailCalls, sender: str, error: Exception
    ) -> None:
        order = stored(store, an_order())
        fail_calls(aws.ses(), "SendEmail", error)

        with pytest.raises(NotificationUnavailable):
            notify_customer(order.order_id, store, aws.ses(), sender)

        assert store.get(order.order_id) == order

    def test_the_wait_that_ses_asks_for_is_told(
        self, store: OrderStore, fail_calls: FailCalls, sender: str
    ) -> None:
        order = stored(store, an_order())
        throttled = client_error("TooManyRequestsException", 429, **{"retry-after": "9"})
        fail_calls(aws.ses(), "SendEmail", throttled)

        with pytest.raises(NotificationUnavailable) as outage:
            notify_customer(order.order_id, store, aws.ses(), sender)

        assert outage.value.retry_after_seconds == 9

    def test_a_refused_permission_surfaces(
        self, store: OrderStore, fail_calls: FailCalls, sender: str
    ) -> None:
        order = stored(store, an_order())
        refusal = client_error("AccessDeniedException", 403)
        fail_calls(aws.ses(), "SendEmail", refusal)

        with pytest.raises(type(refusal), match="AccessDeniedException"):
            notify_customer(order.order_id, store, aws.ses(), sender)
