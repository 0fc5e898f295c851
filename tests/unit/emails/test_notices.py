"""E-mails to customers: their words, and that each is sent once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any
from unittest.mock import DEFAULT, Mock

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from orderflow.clock import utc_now
from orderflow.emails.mailer import Email
from orderflow.emails.notices import (
    NOTICES,
    email_for,
    payment_link_email,
    send_payment_link,
    send_refund_emails,
    send_status_email,
)
from orderflow.errors import (
    NotificationRefused,
    NotificationUnavailable,
    OrderAlreadyClosed,
    StoreUnavailable,
)
from orderflow.orders.lines import UnmatchedLine
from orderflow.orders.model import CancelRequest, Order
from orderflow.orders.money_records import RefundDue, RefundReason
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.payments.refunds import operations_notified
from orderflow.platform import aws
from tests.support.factories import (
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
from tests.support.mail import a_mailer
from tests.unit.conftest import FailCalls, RecordCalls

Part = Callable[[Email], str]
S = OrderStatus


def text(email: Email) -> str:
    return email.text


def html(email: Email) -> str:
    return email.html


both_parts = pytest.mark.parametrize("part", [text, html])


class TestWords:
    @both_parts
    def test_it_names_products_packs_prices_and_total(self, part: Part) -> None:
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
    def test_it_names_the_link_and_its_validity(self, part: Part) -> None:
        words = part(payment_link_email(an_order()))

        assert LINK in words
        assert "24 hours" in words

    @both_parts
    def test_it_names_unmatched_lines_with_their_reasons(self, part: Part) -> None:
        words = part(payment_link_email(an_order(unmatched=[unmatched_line("1 unicorn")])))

        assert "Not included" in words
        assert "1 unicorn: We have no such product." in words

    @both_parts
    def test_a_question_about_a_line_stands_with_it(self, part: Part) -> None:
        beans = unmatched_line("500 beans").model_copy(update={"question": "Really 500?"})
        words = part(payment_link_email(an_order(unmatched=[beans, unmatched_line()])))

        assert "Really 500?" in words
        assert "None" not in words

    @both_parts
    def test_a_price_that_the_customer_wrote_stands_with_its_line(self, part: Part) -> None:
        noted = matched_line(price_note="N500 each", price_note_kobo=50_000)
        words = part(payment_link_email(an_order(lines=[noted, matched_line()])))

        assert words.count("You wrote a price: N500 each") == 1
        assert "None" not in words

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

        send_payment_link(order.order_id, store, a_mailer(sender))

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
            send_payment_link(order.order_id, store, a_mailer(sender))

        assert len(sent) == 1

    def test_a_new_link_is_sent_again(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = an_order()
        order.notified_reference = f"{order.order_id}-0"
        stored(store, order)

        send_payment_link(order.order_id, store, a_mailer(sender))

        assert len(sent) == 1
        assert store.get(order.order_id).notified_reference == order.payment_reference

    def test_a_paid_order_is_not_asked_to_pay(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = stored(store, an_order(payment=a_payment()))

        assert send_payment_link(order.order_id, store, a_mailer(sender)) == order
        assert sent == []

    def test_without_a_link_there_is_nothing_to_send(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = stored(store, a_matched_order())

        assert send_payment_link(order.order_id, store, a_mailer(sender)) == order
        assert sent == []

    @pytest.mark.parametrize("status", sorted(CLOSED))
    def test_an_order_that_has_ended_is_not_written_about(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str, status: OrderStatus
    ) -> None:
        order = stored(store, an_order(status=status))

        with pytest.raises(OrderAlreadyClosed, match=status):
            send_payment_link(order.order_id, store, a_mailer(sender))

        assert sent == []


def sending(
    order: Order,
    store: OrderStore,
    sender: str,
    status: OrderStatus | None = None,
    *,
    own_receipts: bool = False,
) -> bool:
    """Tell the customer of a status, by default of the one that the order has."""
    return send_status_email(
        store.get(order.order_id),
        status or order.status,
        store,
        a_mailer(sender),
        own_receipts=own_receipts,
    )


def a_parked_order(status: OrderStatus = S.PAYMENT_DELAYED, **changes: Any) -> Order:
    return a_matched_order(status=status, **changes)


def an_undecided_order(**changes: Any) -> Order:
    """An order whose payment PayStack has not confirmed for so long that operations know of it."""
    return an_order(**{"payment": a_payment(), "unsettled_alerted_at": utc_now()} | changes)


def a_paid_order(**changes: Any) -> Order:
    return an_order(**{"status": S.PAYMENT_COMPLETED, "payment": a_payment()} | changes)


def a_failed_order(**changes: Any) -> Order:
    reason = "Something went wrong on our side. Nothing was charged."
    return an_order(status=S.FAILED, status_reason=reason, **changes)


class TestStatusNotices:
    @both_parts
    def test_a_delay_names_the_total_and_the_next_step(self, part: Part) -> None:
        order = a_parked_order()

        words = " ".join(part(email_for(NOTICES[order.status], order)).split())

        assert "Hello Ada Buyer," in words
        assert "₦2,401.00" in words
        assert "our payment provider does not answer at the moment" in words
        assert "We send you the link as soon as we have it." in words
        assert order.order_id in words

    @both_parts
    @pytest.mark.parametrize("status", [S.PAYMENT_DELAYED, S.NEEDS_ATTENTION])
    def test_a_delay_before_matching_names_no_total(self, part: Part, status: S) -> None:
        order = a_parked_order(status, lines=[], total_kobo=0)

        words = " ".join(unescape(part(email_for(NOTICES[status], order))).split())

        assert "we have your list, but can't look up its products at the moment" in words
        assert "We send you the link as soon as we have it." in words
        assert "₦" not in words
        assert "payment provider" not in words

    @both_parts
    def test_a_failure_quotes_the_orders_reason(self, part: Part) -> None:
        order = a_failed_order()

        words = part(email_for(NOTICES[order.status], order))

        assert "Hello Ada Buyer," in words
        assert "Something went wrong on our side. Nothing was charged." in words
        assert order.order_id in words

    @both_parts
    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({}, None),
            ({"payment": a_payment(verified_at=utc_now())}, "We have received your payment."),
            (
                {"payment": a_payment()},
                "We have received your payment and are confirming it with our payment provider.",
            ),
        ],
        ids=["none", "confirmed", "reported"],
    )
    def test_a_failure_says_what_became_of_a_payment(
        self, part: Part, changes: dict[str, Any], sentence: str | None
    ) -> None:
        order = a_failed_order(**changes)

        words = " ".join(part(email_for(NOTICES[S.FAILED], order)).split())

        assert sentence is None or sentence in words
        assert ("We have received your payment" in words) is (sentence is not None)

    def test_the_text_of_a_failure_reads_line_by_line(self) -> None:
        order = a_failed_order(customer_name=None)

        assert email_for(NOTICES[S.FAILED], order).text == (
            "Hello,\n"
            "\n"
            "Something went wrong on our side. Nothing was charged.\n"
            "\n"
            "You need not do anything. If you have a question, name this order to us.\n"
            "\n"
            f"Order {order.order_id}"
        )

    @pytest.mark.parametrize("order", [a_parked_order, a_failed_order])
    def test_the_customers_words_are_no_html(self, order: Callable[..., Order]) -> None:
        attack = "<script>alert('x')</script>"
        attacked = order(customer_name=attack)

        page = Page(email_for(NOTICES[attacked.status], attacked).html)

        assert "script" not in page.elements
        assert attack in page.words

    def test_every_notice_has_its_own_subject(self) -> None:
        order = an_order(payment=a_payment())
        subjects = {email_for(notice, order).subject for notice in NOTICES.values()}

        assert len(subjects) == len({notice.template for notice in NOTICES.values()}) == 8
        assert payment_link_email(an_order()).subject not in subjects

    @pytest.mark.parametrize(
        "order",
        [
            a_parked_order(),
            a_parked_order(S.NEEDS_ATTENTION),
            a_failed_order(),
            an_undecided_order(),
            a_paid_order(notified_statuses={S.FAILED}),
            an_order(status=S.EXPIRED),
            an_order(status=S.CANCELLED),
            a_matched_order(status=S.REJECTED, notified_statuses={S.PAYMENT_DELAYED}),
            a_matched_order(status=S.REJECTED, notified_statuses={S.FAILED}),
            a_matched_order(status=S.AWAITING_REVIEW, notified_statuses={S.PAYMENT_DELAYED}),
        ],
    )
    def test_it_is_sent_once_from_the_shop_to_the_customer(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str, order: Order
    ) -> None:
        stored(store, order)

        assert [sending(order, store, sender) for _ in range(2)] == [True, False]

        (message,) = sent
        email = email_for(NOTICES[order.status], order)
        assert message["FromEmailAddress"] == sender
        assert message["Destination"] == {"ToAddresses": [CUSTOMER_EMAIL]}
        assert message["Content"]["Simple"]["Subject"]["Data"] == email.subject
        assert message["Content"]["Simple"]["Body"]["Html"]["Data"] == email.html

    @both_parts
    def test_a_payment_that_is_not_confirmed_for_long_is_said_to_have_come(
        self, part: Part
    ) -> None:
        order = an_undecided_order()

        words = " ".join(unescape(part(email_for(NOTICES[order.status], order))).split())

        assert "Hello Ada Buyer," in words
        assert "we have received your payment of ₦2,401.00" in words
        assert "please don't pay again" in words
        assert order.order_id in words

    @pytest.mark.parametrize(
        "changes",
        [
            {"unsettled_alerted_at": None},
            {"payment": a_payment(verified_at=utc_now())},
            {"payment": None},
            {"notified_statuses": {S.PAYMENT_INITIATED}},
        ],
        ids=["reported just now", "confirmed", "not paid, but to be cancelled", "sent before"],
    )
    def test_other_payments_are_not_written_about(
        self,
        store: OrderStore,
        sent: list[dict[str, Any]],
        sender: str,
        changes: dict[str, Any],
    ) -> None:
        order = stored(store, an_undecided_order(**changes))

        assert not sending(order, store, sender)
        assert sent == []

    def test_needs_attention_is_not_sent_after_the_notice_of_the_delay(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = stored(
            store, a_parked_order(S.NEEDS_ATTENTION, notified_statuses={S.PAYMENT_DELAYED})
        )

        assert not sending(order, store, sender)
        assert sent == []

    def test_a_failure_after_a_delay_has_a_notice_of_its_own(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = stored(store, a_failed_order(notified_statuses={S.PAYMENT_DELAYED}))

        assert sending(order, store, sender)
        assert len(sent) == 1
        assert store.get(order.order_id).notified_statuses == {S.PAYMENT_DELAYED, S.FAILED}

    @pytest.mark.parametrize("now", [S.PAYMENT_INITIATED, S.FAILED, S.CANCELLED])
    def test_an_order_that_has_moved_on_is_not_written_about(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str, now: OrderStatus
    ) -> None:
        order = stored(store, a_parked_order(now, status_reason="a reason"))

        assert not sending(order, store, sender, S.PAYMENT_DELAYED)
        assert sent == []

    def test_a_longer_delay_is_sent_if_the_delay_was_not(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = stored(store, a_parked_order(S.NEEDS_ATTENTION))

        assert sending(order, store, sender, S.PAYMENT_DELAYED)
        assert len(sent) == 1

    def test_who_has_paid_waits_for_no_link(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = stored(store, a_parked_order(payment=a_payment()))

        assert not sending(order, store, sender)
        assert sent == []

    @pytest.mark.parametrize(
        "status",
        sorted({S.PENDING_MATCHING, S.MATCHED, S.AWAITING_REVIEW, S.PAYMENT_INITIATED, S.REJECTED}),
    )
    def test_other_statuses_call_for_no_notice(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str, status: OrderStatus
    ) -> None:
        order = stored(store, an_order(status=status))

        assert not sending(order, store, sender)
        assert sent == []

    @pytest.mark.parametrize("promised", [S.PAYMENT_DELAYED, S.FAILED, S.PAYMENT_INITIATED])
    @pytest.mark.parametrize("status", sorted(CLOSED | {S.AWAITING_REVIEW}))
    def test_every_end_of_an_order_whose_customer_was_promised_news_is_written_about(
        self,
        store: OrderStore,
        sent: list[dict[str, Any]],
        sender: str,
        status: OrderStatus,
        promised: OrderStatus,
    ) -> None:
        payment = a_payment() if status is S.PAYMENT_COMPLETED else None
        order = an_order(status=status, notified_statuses={promised}, payment=payment)

        assert sending(stored(store, order), store, sender)
        assert len(sent) == 1

    @pytest.mark.parametrize("own_receipts", [True, False])
    def test_paystacks_receipt_is_followed_by_ours_where_the_stage_sends_it(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str, own_receipts: bool
    ) -> None:
        order = stored(store, a_paid_order())

        assert sending(order, store, sender, own_receipts=own_receipts) is own_receipts
        assert not sending(order, store, sender, own_receipts=own_receipts)

        assert len(sent) == int(own_receipts)
        told = {S.PAYMENT_COMPLETED} if own_receipts else None
        assert store.get(order.order_id).notified_statuses == told

    @pytest.mark.parametrize("own_receipts", [True, False])
    def test_who_wanted_to_cancel_a_paid_order_is_told_of_it(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str, own_receipts: bool
    ) -> None:
        wish = CancelRequest(at=utc_now(), by="customer", reason="Changed my mind.")
        order = stored(store, a_paid_order(cancel_requested=wish))

        assert sending(order, store, sender, own_receipts=own_receipts)
        (message,) = sent
        assert "before your cancellation" in message["Content"]["Simple"]["Body"]["Text"]["Data"]

    def test_a_message_that_failed_is_not_recorded_as_sent(
        self, store: OrderStore, fail_calls: FailCalls, sender: str
    ) -> None:
        order = stored(store, a_failed_order())
        fail_calls(aws.ses(), "SendEmail", client_error("ServiceUnavailable", 503))

        with pytest.raises(NotificationUnavailable):
            sending(order, store, sender)

        assert store.get(order.order_id).notified_statuses is None


class TestEnds:
    """What customers hear of an order's end."""

    @both_parts
    def test_a_payment_is_confirmed_with_products_total_and_reference(self, part: Part) -> None:
        order = an_order(status=S.PAYMENT_COMPLETED, payment=a_payment("order-1-1"))

        words = part(email_for(NOTICES[order.status], order))

        for expected in ("Long grain rice (1 kilogram)", "₦2,401.00", "order-1-1", order.order_id):
            assert expected in words

    @both_parts
    def test_who_did_not_pay_in_time_is_warned_off_the_link(self, part: Part) -> None:
        words = part(email_for(NOTICES[S.EXPIRED], an_order(status=S.EXPIRED)))

        assert "not paid in time" in words
        assert "please do not use it" in " ".join(words.split())
        assert LINK not in words

    @both_parts
    def test_who_did_not_confirm_in_time_reads_of_no_link(self, part: Part) -> None:
        order = an_order(status=S.EXPIRED, payment_reference=None)

        words = part(email_for(NOTICES[S.EXPIRED], order))

        assert "did not confirm" in words
        assert "link" not in words

    @both_parts
    def test_a_cancellation_tells_its_reason_and_of_a_link_where_there_was_one(
        self, part: Part
    ) -> None:
        fields = {"status": S.CANCELLED, "status_reason": "We are closed <today>."}
        linked, unlinked = (
            " ".join(unescape(part(email_for(NOTICES[S.CANCELLED], order))).split())
            for order in (an_order(**fields), a_matched_order(**fields))
        )

        assert "is cancelled: We are closed <today>." in linked
        assert "please do not use it" in linked
        assert "knows of no payment" in linked
        assert "link" not in unlinked
        assert "Nothing was charged" in unlinked

    @both_parts
    def test_a_rejection_names_its_reason_and_warns_off_a_link(self, part: Part) -> None:
        fields = {"status": S.REJECTED, "status_reason": "Nothing on the <list> is in our catalog."}
        linked, unlinked = (
            " ".join(unescape(part(email_for(NOTICES[S.REJECTED], order))).split())
            for order in (an_order(**fields), a_matched_order(**fields))
        )

        assert "closed it: Nothing on the <list> is in our catalog." in linked
        assert "please do not use it" in linked
        assert "link" not in unlinked
        assert "Nothing was charged" in unlinked

    @both_parts
    def test_a_review_names_the_total_and_the_next_step(self, part: Part) -> None:
        order = a_matched_order(status=S.AWAITING_REVIEW)

        words = " ".join(unescape(part(email_for(NOTICES[order.status], order))).split())

        assert "₦2,401.00" in words
        assert "confirm them there" in words

    @both_parts
    def test_who_paid_before_the_cancellation_is_told_so(self, part: Part) -> None:
        wish = CancelRequest(at=utc_now(), by="customer", reason="Changed my mind.")
        paid = {"status": S.PAYMENT_COMPLETED, "payment": a_payment()}
        late, plain = (
            part(email_for(NOTICES[S.PAYMENT_COMPLETED], order))
            for order in (an_order(cancel_requested=wish, **paid), an_order(**paid))
        )

        assert "before your cancellation" in late
        assert "cancellation" not in plain


def a_refund(reason: RefundReason = RefundReason.ORDER_ENDED, **changes: Any) -> RefundDue:
    fields = {"amount": 240_100, "currency": "NGN", "at": utc_now(), "paid_at": utc_now()}
    return RefundDue(reference="order-1-1", reason=reason, **fields | changes)


class TestRefunds:
    def telling(self, order: Order, store: OrderStore, sender: str) -> int:
        return send_refund_emails(store.get(order.order_id), store, a_mailer(sender))

    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            (RefundReason.ORDER_ENDED, "which had ended before"),
            (RefundReason.PAID_TWICE, "which is paid"),
        ],
    )
    def test_the_customer_hears_once_of_money_that_goes_back(
        self,
        store: OrderStore,
        sent: list[dict[str, Any]],
        sender: str,
        reason: RefundReason,
        words: str,
    ) -> None:
        order = stored(store, an_order(status=S.EXPIRED, refunds_due=[a_refund(reason)]))

        assert [self.telling(order, store, sender) for _ in range(2)] == [1, 0]

        (message,) = sent
        for part in ("Text", "Html"):
            written = " ".join(message["Content"]["Simple"]["Body"][part]["Data"].split())
            assert words in written
            assert "₦2,401.00" in written
            assert "order-1-1" in written

    def test_the_message_is_sent_once_where_operations_are_alerted_at_that_moment(
        self,
        store: OrderStore,
        sent: list[dict[str, Any]],
        sender: str,
    ) -> None:
        order = stored(store, an_order(status=S.EXPIRED, refunds_due=[a_refund()]))
        (due,) = order.refunds_due
        seen = store.get(order.order_id)
        operations_notified(seen, due, store)  # after the e-mail's step has read the order

        assert send_refund_emails(seen, store, a_mailer(sender)) == 1
        assert self.telling(order, store, sender) == 0

        assert len(sent) == 1
        (recorded,) = store.get(order.order_id).refunds_due
        assert recorded.notified_at is not None
        assert recorded.customer_notified_at is not None

    def test_the_message_is_sent_once_where_its_record_fails_at_first(
        self,
        store: OrderStore,
        sent: list[dict[str, Any]],
        sender: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        order = stored(store, an_order(status=S.EXPIRED, refunds_due=[a_refund()]))
        write = Mock(side_effect=[StoreUnavailable("throttled")] * 2 + [DEFAULT])
        write.return_value = order
        monkeypatch.setattr(store, "record_refunds", write)

        assert send_refund_emails(order, store, a_mailer(sender)) == 1

        assert len(sent) == 1
        assert write.call_count == 3

    def test_a_record_that_never_succeeds_is_reported(
        self,
        store: OrderStore,
        sent: list[dict[str, Any]],
        sender: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        order = stored(store, an_order(status=S.EXPIRED, refunds_due=[a_refund()]))
        monkeypatch.setattr(store, "record_refunds", Mock(side_effect=StoreUnavailable("out")))

        with pytest.raises(StoreUnavailable):
            send_refund_emails(order, store, a_mailer(sender))

        assert len(sent) == 1

    def test_each_payment_has_a_message(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        refunds = [a_refund(), a_refund(RefundReason.PAID_TWICE)]
        order = stored(store, an_order(status=S.EXPIRED, refunds_due=refunds))

        assert self.telling(order, store, sender) == len(sent) == 2

        assert all(each.customer_notified_at for each in store.get(order.order_id).refunds_due)

    @pytest.mark.parametrize(
        "refund",
        [
            a_refund(RefundReason.DIFFERS),
            a_refund(settled_at=utc_now()),
            a_refund(customer_notified_at=utc_now()),
        ],
    )
    def test_nothing_is_promised_before_people_looked_or_after_they_are_done(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str, refund: RefundDue
    ) -> None:
        order = stored(store, an_order(refunds_due=[refund]))

        assert self.telling(order, store, sender) == 0
        assert sent == []


REFUSALS = [
    client_error("MessageRejected"),
    client_error("BadRequestException"),
    client_error("InvalidParameterValue"),
]
#: Refusals of our account, whatever the message.
REFUSALS_OF_OURS = [
    client_error("AccountSuspendedException"),
    client_error("SendingPausedException"),
    client_error("MailFromDomainNotVerifiedException"),
    client_error("NotFoundException", 404),
    # In the sandbox IAM asks for a permission on the recipient's identity, too.
    client_error("AccessDeniedException", 403),
    ClientError(
        {"Error": {"Code": "MessageRejected", "Message": "Email address is not verified."}},
        "SendEmail",
    ),
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
            send_payment_link(order.order_id, store, a_mailer(sender))

        assert CUSTOMER_EMAIL not in str(refusal.value)
        assert store.get(order.order_id) == order

    @pytest.mark.parametrize("error", OUTAGES, ids=str)
    def test_an_outage_of_ses_leaves_the_message_to_be_sent(
        self, store: OrderStore, fail_calls: FailCalls, sender: str, error: Exception
    ) -> None:
        order = stored(store, an_order())
        fail_calls(aws.ses(), "SendEmail", error)

        with pytest.raises(NotificationUnavailable):
            send_payment_link(order.order_id, store, a_mailer(sender))

        assert store.get(order.order_id) == order

    def test_the_wait_that_ses_asks_for_is_reported(
        self, store: OrderStore, fail_calls: FailCalls, sender: str
    ) -> None:
        order = stored(store, an_order())
        throttled = client_error("TooManyRequestsException", 429, **{"retry-after": "9"})
        fail_calls(aws.ses(), "SendEmail", throttled)

        with pytest.raises(NotificationUnavailable) as outage:
            send_payment_link(order.order_id, store, a_mailer(sender))

        assert outage.value.retry_after_seconds == 9

    @pytest.mark.parametrize("error", REFUSALS_OF_OURS, ids=str)
    def test_a_refusal_of_our_account_is_reported_and_stops_no_order(
        self, store: OrderStore, fail_calls: FailCalls, sender: str, error: ClientError
    ) -> None:
        order = stored(store, an_order())
        fail_calls(aws.ses(), "SendEmail", error)
        refusals: list[str] = []

        with pytest.raises(NotificationRefused):
            send_payment_link(order.order_id, store, a_mailer(sender, refusals=refusals))

        assert refusals == [error.response["Error"]["Code"]]
        assert store.get(order.order_id) == order

    @pytest.mark.parametrize("error", REFUSALS, ids=str)
    def test_a_refusal_of_a_message_does_not_concern_operations(
        self, store: OrderStore, fail_calls: FailCalls, sender: str, error: ClientError
    ) -> None:
        order = stored(store, an_order())
        fail_calls(aws.ses(), "SendEmail", error)
        refusals: list[str] = []

        with pytest.raises(NotificationRefused):
            send_payment_link(order.order_id, store, a_mailer(sender, refusals=refusals))

        assert refusals == []

    def test_every_error_of_ses_is_an_outage_or_a_refusal(
        self, store: OrderStore, fail_calls: FailCalls, sender: str
    ) -> None:
        order = stored(store, an_order())
        operation = aws.ses().meta.service_model.operation_model("SendEmail")
        names = [shape.name for shape in operation.error_shapes]
        assert "SendingPausedException" in names
        for name in names:
            fail_calls(aws.ses(), "SendEmail", client_error(name))
            with pytest.raises((NotificationRefused, NotificationUnavailable)):
                send_payment_link(order.order_id, store, a_mailer(sender))

    def test_an_address_that_bounced_gets_no_more_mail(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = stored(store, an_order())

        with pytest.raises(NotificationRefused):
            send_payment_link(order.order_id, store, a_mailer(sender, marked=[CUSTOMER_EMAIL]))

        assert sent == []

    def test_marked_addresses_that_can_not_be_read_stop_no_mail(
        self, store: OrderStore, sent: list[dict[str, Any]], sender: str
    ) -> None:
        order = stored(store, an_order())

        def unreadable(address: str) -> bool:
            raise StoreUnavailable(f"{len(address)} characters")

        mailer = replace(a_mailer(sender), addresses=Mock(is_marked=unreadable))
        send_payment_link(order.order_id, store, mailer)

        assert len(sent) == 1
