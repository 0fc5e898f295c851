"""Every answer of PayStack that is documented or was seen, and what becomes of the order."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final

import pytest
import urllib3
from pydantic import SecretStr

from cdk.definition import load_definition
from orderflow.api.views import order_update
from orderflow.breakers.breaker import Breaker
from orderflow.breakers.settings import BreakerPolicy
from orderflow.clock import utc_now
from orderflow.errors import OrderflowError
from orderflow.orders.model import CancelRequest, LinkTimes, Order
from orderflow.orders.status import OrderStatus
from orderflow.payments.guarded import PAYSTACK, GuardedPaystack
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.links import ensure_payment_link
from orderflow.payments.paystack import Charge, PaystackClient
from orderflow.payments.recording import PaymentRecorder, by_caller
from orderflow.payments.verification import PaymentVerification
from tests.breaker.memory_store import MemoryStore
from tests.breaker.silence import Silence
from tests.support import provider_answers as answers
from tests.support.factories import a_matched_order, a_payment, an_order
from tests.support.memory_orders import InMemoryOrders
from tests.support.paths import PROJECT
from tests.support.paystack_api import PaystackApi, Received, Reply, initialized

ORDER_ID: Final = answers.REFERENCE.rpartition("-")[0]
STATES: Final = load_definition()["States"]
PAST: Final = utc_now() - timedelta(minutes=1)
WISH: Final = CancelRequest(at=utc_now(), by="customer", reason="Changed my mind.")

#: The state that the definition goes to, in the table's words.
OUTCOMES: Final = {
    "NotifyCustomer": "link",
    "CompleteOrder": "paid",
    "ScheduleRecovery": "parked",
    "RejectOrder": "REJECTED",
    "WaitToVerify": "asked again",
    "AwaitPayment": "waits",
    "ExpireOrder": "EXPIRED",
    "CancelOrder": "CANCELLED",
}

ORDERS: Final[dict[str, Order]] = {
    answers.LINK: a_matched_order(order_id=ORDER_ID),
    answers.EARLIER: an_order(
        order_id=ORDER_ID, status=OrderStatus.FAILED, payment_link_expires_at=PAST
    ),
    **dict.fromkeys(
        (answers.REPORTED, answers.REPORTED_AGAIN),
        an_order(order_id=ORDER_ID, payment=a_payment(answers.REFERENCE), payment_reports=1),
    ),
    answers.OVER: an_order(order_id=ORDER_ID, payment_link_expires_at=PAST),
    answers.CANCELLING: an_order(order_id=ORDER_ID, cancel_requested=WISH),
    answers.REJECTING: an_order(order_id=ORDER_ID, status=OrderStatus.FAILED),
}

#: The status that the definition writes after an outcome; the others change none.
STATUSES: Final = {
    "paid": OrderStatus.PAYMENT_COMPLETED,
    "parked": OrderStatus.PAYMENT_DELAYED,
    "REJECTED": OrderStatus.REJECTED,
    "EXPIRED": OrderStatus.EXPIRED,
    "CANCELLED": OrderStatus.CANCELLED,
}

RECEIVED: Final = "We have received your payment"

#: What the customer reads, by the table's words; and whether they get a link.
WORDS: Final = {
    "the link": ("Please pay", True),
    "the link, to pay": ("Please pay", True),
    "order is paid": ("Your order is paid", False),
    "link follows by itself": ("the payment link comes as soon as", False),
    "rejected, with the reason": ("No such product.", False),
    "expired": ("this order has ended", False),
    "cancelled": ("This order is cancelled", False),
}

#: While PayStack is asked again, what was there before stays.
BEFORE: Final = {
    answers.REPORTED: (RECEIVED, False),
    answers.OVER: WORDS["the link"],
    answers.CANCELLING: ("We are cancelling your order", False),
    answers.REJECTING: ("Something went wrong on our side", False),
}

#: Alerts by a part of their subject or text, in the table's words.
ALERTS: Final = {
    "refuses our key": "key, business or request refused",
    "refuses an order": "request refused",
    "denies a payment": "denied",
    "a payment went back": "went back",
    "a refund is processed": "went back",
    "needs a look": "differs",
}


class Unlimited:
    """A rate limiter that lets every alert through."""

    def try_acquire(self, *_: Any) -> bool:
        return True


class Scene:
    """An order, the real client on the wire, and all that is to be looked at afterwards."""

    def __init__(self, moment: str, api_url: str) -> None:
        self.moment = moment
        self.alerts: list[str] = []
        self.orders = InMemoryOrders(by="tests")
        self.orders.put(ORDERS[moment])
        self.health = MemoryStore({"state": "CLOSED", "epoch": 0, "failures": 1})
        client = PaystackClient(api_url, SecretStr("sk_test_0123456789"), urllib3.PoolManager())
        limiter: Any = Unlimited()
        self.paystack = GuardedPaystack(client, self._breaker(), self, limiter)

    def publish(self, subject: str, message: str) -> None:
        self.alerts.append(f"{subject} {message}")

    def _breaker(self) -> Breaker:
        return Breaker(
            PAYSTACK,
            self.health,
            BreakerPolicy,
            snapshot=self.health.item(PAYSTACK.key),
            by="tests",
            events=Silence(),
        )

    def outcome(self) -> str:
        """What becomes of the order, by the definition's own catchers."""
        is_link = self.moment in (answers.LINK, answers.EARLIER)
        state = "CreatePaymentLink" if is_link else "VerifyPayment"
        try:
            order = self._link() if is_link else self._verify()
        except OrderflowError as error:
            return OUTCOMES[_caught(state, type(error).__name__)]
        if is_link and order.payment_attempts > 1:
            return "next reference"
        return "paid" if order.payment else OUTCOMES[STATES[state]["Next"]]

    def customer_sees(self, outcome: str) -> dict[str, Any]:
        """The update that the customer gets after the outcome."""
        order = self.orders.get(ORDER_ID)
        status = STATUSES.get(outcome, order.status)
        reason = "No such product." if status is OrderStatus.REJECTED else None
        return order_update(order.model_copy(update={"status": status, "status_reason": reason}))

    def _link(self) -> Order:
        recorder = PaymentRecorder(self.orders, self, by_caller)
        inquiry = PaymentInquiry(self.orders, self.paystack, recorder)
        return ensure_payment_link(ORDER_ID, self.orders, self.paystack, inquiry, times=LinkTimes())

    def _verify(self) -> Order:
        verification = PaymentVerification(self.orders, self.paystack, self, by="tests")
        return verification.verify(
            ORDER_ID,
            waits=int(self.moment != answers.REPORTED),
            rejected=self.moment == answers.REJECTING,
        )

    @property
    def breaker(self) -> str:
        failures = self.health.item(PAYSTACK.key).failures
        return {0: "healthy", 1: "unknown", 2: "failure"}[failures]

    @property
    def operations(self) -> str:
        words = [word for alert in self.alerts for part, word in ALERTS.items() if part in alert]
        assert len(words) == len(self.alerts), self.alerts
        return ", ".join(words) or "-"


def _caught(state: str, error: str) -> str:
    """The state that the definition goes to after this error."""
    for catcher in STATES[state]["Catch"]:
        if error in catcher["ErrorEquals"]:
            return str(catcher["Next"])
    raise AssertionError(f"{state} does not catch {error}: the execution would fail")


@pytest.mark.parametrize("row", answers.ROWS, ids=str)
def test_an_answer_has_its_outcome(paystack_api: PaystackApi, row: answers.Row) -> None:
    asked: list[Received] = []

    def answer(request: Received) -> Reply:
        asked.append(request)
        # A reference that is used up is followed by the next one.
        return row.reply if len(asked) == 1 else initialized(request)

    paystack_api.answer = answer
    scene = Scene(row.moment, paystack_api.url)

    outcome = scene.outcome()

    assert (outcome, scene.breaker, scene.operations) == (row.order, row.breaker, row.operations)
    said = answers.CUSTOMER[outcome]
    words, has_link = BEFORE[row.moment] if outcome == "asked again" else WORDS[said]
    seen = scene.customer_sees(outcome)
    assert words in seen["message"]
    assert (seen["paymentLink"] is not None) == has_link
    assert seen["paymentReceived"] == (words == RECEIVED)


def test_only_a_request_that_is_at_fault_ends_an_order() -> None:
    ended = {
        row.says
        for row in answers.ROWS
        # To be rejected: the catalog has nothing of the list.
        if row.order == "REJECTED" and row.moment != answers.REJECTING
    }
    assert len(answers.ROWS) >= 60
    assert ended == {
        "400, missing_params",
        "400, invalid_amount",
        "422, invalid_params",
        "400, Invalid Amount, no type",
        "400, invalid_params, 'invalid key' in the message",
    }


def test_the_documentation_has_the_table() -> None:
    assert answers.table() in (PROJECT / "docs" / "payments.md").read_text(encoding="utf-8")


AMOUNTS: Final[list[tuple[str, dict[str, Any], bool, int]]] = [
    ("amount alone, exact", {"amount": 240_100}, True, 0),
    ("both, exact", {"amount": 240_100, "requested_amount": 240_100}, True, 0),
    (
        "fees passed on",
        {"amount": 250_000, "requested_amount": 240_100, "fees": 9_900},
        True,
        0,
    ),
    ("fees passed on, requested_amount left out", {"amount": 250_000, "fees": 9_900}, True, 0),
    ("fees borne by us", {"amount": 240_100, "requested_amount": 240_100, "fees": 3_602}, True, 0),
    (
        "split among accounts",
        {"amount": 240_100, "requested_amount": 240_100, "fees_split": {"paystack": 3_602}},
        True,
        0,
    ),
    (
        "overpaid",
        {"amount": 260_000, "requested_amount": 240_100, "fees": 9_900},
        True,
        10_000,
    ),
    ("overpaid, requested_amount left out", {"amount": 260_000}, False, 19_900),
    ("underpaid", {"amount": 240_000, "requested_amount": 240_100}, False, 0),
    ("underpaid, requested_amount left out", {"amount": 240_000}, False, 0),
    ("another amount was asked for", {"amount": 240_100, "requested_amount": 100}, False, 0),
    ("requested_amount null", {"amount": 240_100, "requested_amount": None}, True, 0),
    ("requested_amount as text", {"amount": 240_100, "requested_amount": "240100"}, True, 0),
    (
        "requested_amount as text, another",
        {"amount": 240_100, "requested_amount": "100"},
        False,
        0,
    ),
    ("requested_amount unreadable", {"amount": 240_100, "requested_amount": "a lot"}, False, 0),
    ("fees as text", {"amount": 250_000, "fees": "9900"}, True, 0),
    ("fees unreadable", {"amount": 250_000, "fees": "some"}, False, 9_900),
    ("another currency", {"amount": 240_100, "currency": "GHS"}, False, 0),
]


@pytest.mark.parametrize(("name", "fields", "pays", "excess"), AMOUNTS, ids=str)
def test_an_amount_pays_an_order_or_not(
    name: str, fields: dict[str, Any], pays: bool, excess: int
) -> None:
    charge = Charge.model_validate(
        {"reference": "r", "status": "success", "currency": "NGN", **fields}
    )

    assert (charge.pays(240_100, "NGN"), charge.excess_over(240_100)) == (pays, excess), name


def test_the_documentation_has_every_case_of_amounts_with_its_outcome() -> None:
    text = (PROJECT / "docs" / "payments.md").read_text(encoding="utf-8")
    rows = {cells[1]: cells[2:6] for line in text.splitlines()
            if len(cells := [each.strip() for each in line.split("|")]) == 7}  # fmt: skip
    for name, fields, pays, excess in AMOUNTS:
        *amounts, outcome = rows[name]
        assert amounts == [_amount(fields, each) for each in ("amount", "requested_amount", "fees")]
        assert outcome.startswith("pays the order") == pays, name
        assert ("operations are alerted of the rest" in outcome) == (pays and excess > 0), name


def _amount(fields: dict[str, Any], name: str) -> str:
    """A field of the case as the documentation has it."""
    shown = json.dumps(fields[name]) if name in fields else "-"
    currency = fields.get("currency", "") if name == "amount" else ""
    return f"{shown} {currency}".rstrip()


@pytest.mark.parametrize(
    "unreadable",
    ["a lot", "", " 240100", "240_100", "240100.0", "-240100", "\u0662\u0664", -1, True, 1.5,
     2**50 + 1, "9" * 17, [], {"kobo": 240_100}],
    ids=repr,
)  # fmt: skip
def test_an_unreadable_amount_pays_nothing_and_operations_hear_of_it(unreadable: Any) -> None:
    scene = Scene(answers.OVER, "http://127.0.0.1:9")
    charge = Charge.model_validate(
        {
            "reference": answers.REFERENCE,
            "status": "success",
            "currency": "NGN",
            "amount": 240_100,
            "requested_amount": unreadable,
        }
    )

    PaymentRecorder(scene.orders, scene, by_caller).record(charge, verified=True)

    order = scene.orders.get(ORDER_ID)
    assert order.payment is None
    assert [refund.amount for refund in order.refunds_due] == [240_100]
    (alert,) = scene.alerts
    assert "Asked for: unreadable" in alert


def test_what_was_overpaid_is_recorded_and_operations_hear_of_it() -> None:
    scene = Scene(answers.OVER, "http://127.0.0.1:9")
    charge = Charge(
        reference=answers.REFERENCE,
        status="success",
        currency="NGN",
        amount=260_000,
        requested_amount=240_100,
    )

    PaymentRecorder(scene.orders, scene, by_caller).record(charge, verified=True)

    payment = scene.orders.get(ORDER_ID).payment
    assert payment is not None
    assert (payment.amount_kobo, payment.charged_kobo) == (240_100, 260_000)
    (alert,) = scene.alerts
    assert "₦2,600.00" in alert
