"""Every branch of the workflow, on the real definition."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

import pytest

from orderflow.orders.status import OrderStatus
from tests.support.waiting import wait_for
from tests.workflow.engine import Engine, Run, Transition, default_path, transitions
from tests.workflow.mocks import CASES

S = OrderStatus

TO_MATCHING = default_path("ParseOrder", "BedrockAvailable?")
TO_MATCHED = default_path("ParseOrder", "LinkPossible?")
TO_LINK = default_path("ParseOrder", "CreatePaymentLink")
TO_WAIT = default_path("ParseOrder", "AwaitPayment")
RESUMED_TO_WAIT = [
    *default_path("ReadBreakers", "BedrockAvailable?"),
    *default_path("LinkPossible?", "AwaitPayment"),
]
RESUMED_TO_MATCHING = default_path("ReadBreakers", "AwaitPayment")
PAID = default_path("VerifyPayment", "CompleteOrder")
PARKED = default_path("ScheduleRecovery", "ParkOrder")
BY_NAME = [*TO_MATCHING, *default_path("MatchByName", "AwaitPayment")]

EXPIRED = ["VerifyPayment", "ExpireOrder"]
CANCELLED = ["VerifyPayment", "CancelOrder"]

WISH = {"at": "2026-01-31T12:00:00.000Z", "by": "customer", "reason": "You cancelled the order."}
PAYMENT = {"reference": "mocked-1", "verifiedAt": "2026-01-31T12:00:00.000Z"}

#: The transitions and cases of all runs, for the coverage checks at the end of the module.
taken: set[Transition] = set()
cases_run: set[str] = set()


class Journey:
    """One order's execution in one test case."""

    def __init__(self, engine: Engine, case: str) -> None:
        self.engine = engine
        self.case = case
        self.order_id = str(uuid.uuid4())

    def with_order(self, status: S, **attributes: Any) -> Journey:
        """Store the order as the mocked functions would."""
        item = {"orderId": self.order_id, "status": str(status), "version": 1, "history": []}
        self.engine.orders.put_item(Item={**item, **attributes})
        return self

    @property
    def order(self) -> dict[str, Any]:
        return self.engine.orders.get_item(Key={"orderId": self.order_id})["Item"]

    def set(self, name: str, value: Any) -> None:
        self.engine.orders.update_item(
            Key={"orderId": self.order_id},
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": value},
        )

    def run(self, *meanwhile: Callable[[Journey], None], without: Collection[str] = ()) -> Run:
        """Start the execution, apply events from outside, and wait for the end.

        ``without`` names fields that its input does not have.
        """
        cases_run.add(self.case)
        arn = self.engine.start(self.case, self.order_id, without)
        for act in meanwhile:
            act(self)
        run = self.engine.finished(arn)
        taken.update(run.transitions)
        return run


def pay(journey: Journey) -> None:
    """As the webhook does: store the payment and answer the task token.

    The payment is confirmed from the start, because VerifyPayment is mocked.
    """
    token = wait_for(lambda: journey.order.get("taskToken"), bool)
    journey.set("payment", PAYMENT)
    journey.engine.answer(token)


def request_cancellation(journey: Journey) -> None:
    """As cancelOrder does: record the wish and answer the task token."""
    token = wait_for(lambda: journey.order.get("taskToken"), bool)
    journey.set("cancelRequested", WISH)
    journey.engine.answer(token)


def deny_payment(journey: Journey) -> None:
    """Report a payment that PayStack denies; VerifyPayment removes it from the order."""
    token = wait_for(lambda: journey.order.get("taskToken"), bool)
    journey.engine.orders.update_item(
        Key={"orderId": journey.order_id}, UpdateExpression="REMOVE taskToken"
    )
    journey.engine.answer(token)


def parked(journey: Journey, park_count: int = 0, provider: str = "paystack") -> str:
    """The task token of the order's latest parking, once it is there."""
    found = wait_for(
        lambda: journey.order.get("parked"), lambda seen: seen and seen["parkings"] == park_count
    )
    assert found["provider"] == provider
    return str(found["taskToken"])


def resume_parked(journey: Journey, park_count: int = 0, provider: str = "paystack") -> None:
    """As recovery does when the provider is back: answer the order's token."""
    token = parked(journey, park_count, provider)
    assert journey.order["status"] == (S.PAYMENT_DELAYED if park_count < 3 else S.NEEDS_ATTENTION)
    # CreatePaymentLink, mocked here, writes this status with the link.
    journey.set("status", str(S.PAYMENT_INITIATED))
    journey.engine.answer(token, resumedBy="breaker")


def try_again(
    park_count: int, by: str = "delay", provider: str = "paystack"
) -> Callable[[Journey], None]:
    """As recovery does when the timer fires, or an operator: the provider is still unavailable."""
    return lambda journey: journey.engine.answer(
        parked(journey, park_count, provider), resumedBy=by
    )


def resume_before_matching(journey: Journey, park_count: int = 0) -> None:
    """As :func:`resume_parked`, for an order that waits for Bedrock."""
    resume_parked(journey, park_count, "bedrock")


@pytest.fixture
def start(engine: Engine) -> Callable[[str], Journey]:
    return lambda case: Journey(engine, case)


Start = Callable[[str], Journey]


def test_the_happy_path_takes_8_transitions_to_the_link_and_11_to_a_paid_order(
    start: Start,
) -> None:
    journey = start("HappyPath").with_order(S.PAYMENT_INITIATED)

    run = journey.run(pay)

    assert run.status == "SUCCEEDED"
    assert run.path == [*TO_WAIT, *PAID]
    assert len(TO_WAIT) <= 8
    assert len(run.path) <= 11
    order = journey.order
    assert order["status"] == S.PAYMENT_COMPLETED
    assert order["version"] == 2
    assert [change["status"] for change in order["history"]] == [S.PAYMENT_COMPLETED]
    assert order["history"][0]["by"] == f"{journey.order_id}/CompleteOrder"
    assert "taskToken" not in order


def test_an_order_whose_input_names_no_customer_is_read(start: Start) -> None:
    journey = start("UnreadableList").with_order(S.PENDING_MATCHING)

    assert journey.run(without={"customerName"}).status == "SUCCEEDED"


def confirm(journey: Journey) -> None:
    """As confirmOrder does; CreatePaymentLink, mocked here, writes the status of the link."""
    token = wait_for(lambda: journey.order.get("reviewToken"), bool)
    assert journey.order["status"] == S.AWAITING_REVIEW
    journey.set("confirmedVersion", journey.order["version"])
    journey.set("status", str(S.PAYMENT_INITIATED))
    journey.engine.answer(token)


def test_a_review_takes_one_transition_more(start: Start) -> None:
    journey = start("Reviewed").with_order(S.MATCHED)

    run = journey.run(confirm, pay)

    path = [*TO_MATCHED, "AwaitReview", *default_path("CreatePaymentLink", "AwaitPayment"), *PAID]
    assert (run.status, run.path) == ("SUCCEEDED", path)
    order = journey.order
    assert [change["status"] for change in order["history"]] == [
        S.AWAITING_REVIEW,
        S.PAYMENT_COMPLETED,
    ]
    waited = datetime.fromisoformat(order["reviewEndsAt"]) - datetime.fromisoformat(
        order["history"][0]["at"]
    )
    assert waited == timedelta(hours=24)


def test_an_order_that_is_confirmed_while_paystack_is_out_is_parked_and_not_reviewed_again(
    start: Start,
) -> None:
    journey = start("ReviewedWhilePaystackOut").with_order(S.MATCHED)

    def confirm_as_the_api(journey: Journey) -> None:
        token = wait_for(lambda: journey.order.get("reviewToken"), bool)
        journey.set("confirmedVersion", journey.order["version"])
        journey.set("status", str(S.MATCHED))
        journey.engine.answer(token)

    run = journey.run(confirm_as_the_api, resume_parked, pay)

    assert run.status == "SUCCEEDED"
    assert run.path.count("AwaitReview") == 1
    assert [change["status"] for change in journey.order["history"]] == [
        S.AWAITING_REVIEW,
        S.PAYMENT_DELAYED,
        S.PAYMENT_COMPLETED,
    ]


def test_an_order_that_is_not_confirmed_expires_without_a_link(start: Start) -> None:
    journey = start("NeverConfirmed").with_order(S.AWAITING_REVIEW, reviewToken="t")

    run = journey.run()

    path = [*TO_MATCHED, "AwaitReview", "ExpireReview"]
    assert (run.status, run.path) == ("SUCCEEDED", path)
    order = journey.order
    assert (order["status"], order["statusReason"]) == (
        S.EXPIRED,
        "You did not confirm the order in time.",
    )
    assert "reviewToken" not in order


def test_an_order_that_is_confirmed_at_the_last_moment_gets_its_link(start: Start) -> None:
    journey = start("NeverConfirmed").with_order(S.PAYMENT_INITIATED, confirmedVersion=1)

    run = journey.run(pay)

    path = [*TO_MATCHED, "AwaitReview", "ExpireReview"]
    path += [*default_path("CreatePaymentLink", "AwaitPayment"), *PAID]
    assert (run.status, run.path) == ("SUCCEEDED", path)


def test_an_order_that_was_cancelled_is_not_reviewed(start: Start) -> None:
    journey = start("ReviewCancelled").with_order(S.CANCELLED)

    run = journey.run()

    path = [*TO_MATCHED, "AwaitReview", "CreatePaymentLink", "OrderClosed"]
    assert (run.status, run.path) == ("SUCCEEDED", path)
    assert journey.order["status"] == S.CANCELLED


def test_an_unreadable_list_is_rejected_with_its_reason(start: Start) -> None:
    journey = start("UnreadableList").with_order(S.PENDING_MATCHING)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", ["ParseOrder", "RejectOrder"])
    assert journey.order["status"] == S.REJECTED
    assert journey.order["statusReason"] == "We could not find any item on the list."


@pytest.mark.parametrize(
    ("case", "path"),
    [
        ("ClosedBeforeParsing", ["ParseOrder"]),
        ("ClosedBeforeMatching", [*TO_MATCHING, "MatchProducts"]),
        ("ClosedBeforeMatchingByName", [*TO_MATCHING, "MatchByName"]),
        ("ClosedBeforeLinking", TO_LINK),
        ("ClosedBeforeNotifying", default_path("ParseOrder", "NotifyCustomer")),
    ],
)
def test_a_closed_order_does_not_change(start: Start, case: str, path: list[str]) -> None:
    journey = start(case).with_order(S.CANCELLED)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*path, "OrderClosed"])
    assert journey.order["status"] == S.CANCELLED


@pytest.mark.parametrize(
    ("case", "path"),
    [
        ("BedrockBreakerCoolingDown", BY_NAME),
        ("BedrockBreakerProbedByAnother", BY_NAME),
        ("BedrockBreakerForcedOpen", BY_NAME),
        ("BedrockBreakerCooledDown", TO_WAIT),
        ("BedrockBreakerProbeLeaseOver", TO_WAIT),
        ("BedrockBreakerForcedClosed", TO_WAIT),
        ("BedrockBreakerClosedWithFailures", TO_WAIT),
        ("BreakersUnreadable", TO_WAIT),
        ("PaystackBreakerLeftOut", TO_WAIT),
    ],
)
def test_the_state_of_the_breaker_decides_whether_the_model_is_called(
    start: Start, case: str, path: list[str]
) -> None:
    run = start(case).with_order(S.PAYMENT_INITIATED).run(pay)

    assert (run.status, run.path) == ("SUCCEEDED", [*path, *PAID])


@pytest.mark.parametrize("case", ["BedrockOut", "BedrockTooSlow", "BedrockBreakerOpensMeanwhile"])
def test_without_the_model_products_are_matched_by_name(start: Start, case: str) -> None:
    run = start(case).with_order(S.PAYMENT_INITIATED).run(pay)

    by_name = [*TO_MATCHING, "MatchProducts", *BY_NAME[len(TO_MATCHING) :]]
    assert (run.status, run.path) == ("SUCCEEDED", [*by_name, *PAID])


def test_an_order_without_any_match_is_rejected(start: Start) -> None:
    journey = start("NothingMatched").with_order(S.MATCHED)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_MATCHED, "RejectOrder"])
    assert journey.order["statusReason"] == "Nothing on the list is in our catalog."


@pytest.mark.parametrize(
    ("case", "first_try"),
    [
        ("NothingLookedUpByName", [*TO_MATCHING, "MatchByName"]),
        ("BedrockOutAndNothingMatched", [*TO_MATCHING, "MatchProducts", "MatchByName"]),
        ("BedrockRefusesAndNothingMatched", [*TO_MATCHING, "MatchProducts"]),
        ("ModelNotUnderstood", [*TO_MATCHING, "MatchProducts"]),
    ],
)
def test_an_order_in_which_nothing_can_be_looked_up_waits_for_bedrock(
    start: Start, case: str, first_try: list[str]
) -> None:
    journey = start(case).with_order(S.PENDING_MATCHING)

    run = journey.run(resume_before_matching, pay)

    path = [*first_try, "LinkPossible?", *PARKED, *RESUMED_TO_MATCHING, *PAID]
    assert (run.status, run.path) == ("SUCCEEDED", path)
    assert [change["status"] for change in journey.order["history"]] == [
        S.PAYMENT_DELAYED,
        S.PAYMENT_COMPLETED,
    ]
    reason = journey.order["history"][0]["reason"]
    assert reason == "We can't look up your products at the moment."
    (timer,) = journey.engine.timers(journey.order_id)
    assert (timer["kind"], timer["provider"], timer["parkings"]) == ("order", "bedrock", 0)


def test_an_order_that_waits_for_bedrock_for_long_needs_attention(start: Start) -> None:
    journey = start("NothingLookedUpForLong").with_order(S.PENDING_MATCHING)

    run = journey.run(
        *(try_again(number, provider="bedrock") for number in range(3)),
        lambda journey: resume_before_matching(journey, park_count=3),
        pay,
    )

    assert run.status == "SUCCEEDED"
    assert [change["status"] for change in journey.order["history"]] == [
        *[S.PAYMENT_DELAYED] * 3,
        S.NEEDS_ATTENTION,
        S.PAYMENT_COMPLETED,
    ]


def test_a_model_that_is_not_understood_is_asked_once_more_and_then_an_operator_decides(
    start: Start,
) -> None:
    journey = start("ModelNeverUnderstood").with_order(S.PENDING_MATCHING)

    run = journey.run(
        try_again(0, provider="bedrock"),
        try_again(3, by="operator", provider="bedrock"),
        resume_before_matching,
        pay,
    )

    assert run.status == "SUCCEEDED"
    assert [timer["parkings"] for timer in journey.engine.timers(journey.order_id)] == [0, 3, 0]
    assert [change["status"] for change in journey.order["history"]] == [
        S.PAYMENT_DELAYED,
        S.NEEDS_ATTENTION,
        S.PAYMENT_DELAYED,
        S.PAYMENT_COMPLETED,
    ]


def test_an_order_that_waited_for_bedrock_has_all_attempts_at_its_link(start: Start) -> None:
    journey = start("BedrockOutThenPaystackOut").with_order(S.PENDING_MATCHING)

    def match_later(journey: Journey) -> None:
        journey.engine.answer(parked(journey, 0, "bedrock"), resumedBy="breaker")
        wait_for(
            lambda: journey.order["parked"]["provider"], lambda provider: provider == "paystack"
        )

    run = journey.run(match_later, resume_parked, pay)

    assert run.status == "SUCCEEDED"
    timers = journey.engine.timers(journey.order_id)
    assert [(timer["provider"], timer["parkings"]) for timer in timers] == [
        ("bedrock", 0),
        ("paystack", 0),
    ]


def test_an_order_in_which_nothing_is_found_once_bedrock_is_back_is_rejected(start: Start) -> None:
    journey = start("NothingMatchedInTheEnd").with_order(S.PENDING_MATCHING)

    run = journey.run(try_again(0, by="breaker", provider="bedrock"))

    assert (run.status, run.path[-1]) == ("SUCCEEDED", "RejectOrder")
    assert journey.order["status"] == S.REJECTED
    assert journey.order["statusReason"] == "Nothing on the list is in our catalog."


@pytest.mark.parametrize("case", ["TooExpensive", "TooExpensiveByName"])
def test_an_order_above_the_limit_is_rejected_with_the_reason(start: Start, case: str) -> None:
    journey = start(case).with_order(S.PENDING_MATCHING)

    run = journey.run()

    assert (run.status, run.path[-1]) == ("SUCCEEDED", "RejectOrder")
    assert journey.order["statusReason"] == "The total is above our limit."


def test_a_refused_payment_rejects_the_order_with_the_reason(start: Start) -> None:
    journey = start("PaymentRefused").with_order(S.MATCHED)

    run = journey.run()

    assert (run.status, run.path[-1]) == ("SUCCEEDED", "RejectOrder")
    assert journey.order["statusReason"] == "The total is above our limit."


@pytest.mark.parametrize(
    ("case", "first_try"),
    [
        ("PaystackBreakerOpen", TO_MATCHED),
        ("PaystackOut", TO_LINK),
        ("PaystackTooSlow", TO_LINK),
        ("PaystackBreakerOpensMeanwhile", TO_LINK),
        ("PaystackRefusesUs", TO_LINK),
        ("EarlierLinkUnsettled", TO_LINK),
    ],
)
def test_an_order_is_parked_while_paystack_is_unavailable_and_continues_later(
    start: Start, case: str, first_try: list[str]
) -> None:
    journey = start(case).with_order(S.MATCHED)

    run = journey.run(resume_parked, pay)

    path = [*first_try, *PARKED, *RESUMED_TO_WAIT, *PAID]
    assert (run.status, run.path) == ("SUCCEEDED", path)
    assert [change["status"] for change in journey.order["history"]] == [
        S.PAYMENT_DELAYED,
        S.PAYMENT_COMPLETED,
    ]


def test_each_automatic_attempt_waits_twice_as_long_and_after_three_the_order_needs_attention(
    start: Start,
) -> None:
    journey = start("PaystackBreakerOpenForLong").with_order(S.MATCHED)

    run = journey.run(
        try_again(0), try_again(1), try_again(2), lambda j: resume_parked(j, park_count=3), pay
    )

    assert run.status == "SUCCEEDED"
    timers = journey.engine.timers(journey.order_id)
    assert [timer["parkings"] for timer in timers] == [0, 1, 2, 3]
    # The last one is no attempt: it triggers the operators' alert.
    for timer, delay in zip(timers, (60, 120, 240, 60), strict=True):
        assert timer["delaySeconds"] == pytest.approx(delay, abs=1)
        assert (timer["kind"], timer["provider"]) == ("order", "paystack")
        assert "taskToken" not in timer
    assert [change["status"] for change in journey.order["history"]] == [
        *[S.PAYMENT_DELAYED] * 3,
        S.NEEDS_ATTENTION,
        S.PAYMENT_COMPLETED,
    ]


def test_an_order_that_an_operator_resumes_gets_new_attempts(start: Start) -> None:
    journey = start("PaystackBreakerOpenForLonger").with_order(S.MATCHED)

    run = journey.run(
        try_again(0), try_again(1), try_again(2), try_again(3, by="operator"), resume_parked, pay
    )

    assert run.status == "SUCCEEDED"
    assert [c["parkings"] for c in journey.engine.timers(journey.order_id)] == [0, 1, 2, 3, 0]


def test_an_order_is_parked_even_if_its_timer_can_not_be_set(start: Start) -> None:
    journey = start("TimerNotSet").with_order(S.MATCHED)

    run = journey.run(resume_parked, pay)

    assert run.status == "SUCCEEDED"
    assert run.path.count("ParkOrder") == 1
    assert journey.engine.timers(journey.order_id) == []


def test_an_order_that_is_not_resumed_for_a_day_resumes_itself(start: Start) -> None:
    journey = start("ParkedForADay").with_order(S.PAYMENT_INITIATED)

    run = journey.run(pay)

    path = [*TO_MATCHED, *PARKED, *RESUMED_TO_WAIT, *PAID]
    assert (run.status, run.path) == ("SUCCEEDED", path)


@pytest.mark.parametrize("status", [S.PAYMENT_DELAYED, S.NEEDS_ATTENTION, S.FAILED])
def test_an_order_that_was_delayed_or_failed_before_is_parked_again(
    start: Start, status: S
) -> None:
    journey = start("PaystackOut").with_order(status)

    run = journey.run(resume_parked, pay)

    assert (run.status, run.path[-1]) == ("SUCCEEDED", "CompleteOrder")
    assert journey.order["status"] == S.PAYMENT_COMPLETED


def test_a_stored_link_is_not_lost_if_the_function_times_out(start: Start) -> None:
    """The function stores the link and then times out at each attempt."""
    journey = start("PaystackTooSlow").with_order(S.PAYMENT_INITIATED)

    run = journey.run(pay)

    path = [*TO_LINK, *PARKED, *default_path("NotifyCustomer", "AwaitPayment"), *PAID]
    assert (run.status, run.path) == ("SUCCEEDED", path)


def test_a_cancelled_order_is_not_parked(start: Start) -> None:
    journey = start("CancelledBeforeParking").with_order(S.CANCELLED)

    run = journey.run()

    assert (run.status, run.path[-3:]) == (
        "SUCCEEDED",
        ["ParkOrder", "NotifyCustomer", "OrderClosed"],
    )
    assert journey.order["status"] == S.CANCELLED
    assert "parked" not in journey.order


@pytest.mark.parametrize("case", ["EmailOut", "EmailRefused"])
def test_an_order_whose_email_fails_still_waits_for_its_payment(start: Start, case: str) -> None:
    run = start(case).with_order(S.PAYMENT_INITIATED).run(pay)

    path = [*default_path("ParseOrder", "NotifyCustomer"), "AwaitPayment", *PAID]
    assert (run.status, run.path) == ("SUCCEEDED", path)


def test_a_payment_before_the_wait_completes_the_order(start: Start) -> None:
    journey = start("HappyPath").with_order(S.PAYMENT_INITIATED, payment=PAYMENT)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *PAID])
    assert journey.order["status"] == S.PAYMENT_COMPLETED


def test_an_order_that_is_not_paid_expires_and_loses_its_link(start: Start) -> None:
    journey = start("NeverPaid").with_order(
        S.PAYMENT_INITIATED,
        paymentLink="https://pay.example/1",
        paymentLinkExpiresAt="2026-01-31T12:00:00.000Z",
        paymentReference="r-1",
    )

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *EXPIRED])
    assert journey.order["status"] == S.EXPIRED
    assert not {"paymentLink", "paymentLinkExpiresAt", "taskToken"} & journey.order.keys()
    assert journey.order["paymentReference"] == "r-1"


def test_a_payment_whose_webhook_was_lost_is_found_at_the_end(start: Start) -> None:
    # VerifyPayment, mocked here, writes the payment that it finds.
    journey = start("PaidWithoutWebhook").with_order(S.PAYMENT_INITIATED, payment=PAYMENT)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *PAID])
    assert journey.order["status"] == S.PAYMENT_COMPLETED


def test_no_order_expires_while_paystack_can_not_answer(start: Start) -> None:
    journey = start("TimeOverWhilePaystackOut").with_order(S.PAYMENT_INITIATED)

    run = journey.run()

    asking = ["VerifyPayment", "WaitToVerify"] * 2
    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *asking, *EXPIRED])


def test_an_order_that_is_to_be_cancelled_is_cancelled_once_paystack_has_answered(
    start: Start,
) -> None:
    journey = start("Cancelled").with_order(
        S.PAYMENT_INITIATED,
        paymentLink="https://pay.example/1",
        paymentLinkExpiresAt="2026-01-31T12:00:00.000Z",
        paymentReference="r-1",
    )

    run = journey.run(request_cancellation)

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *CANCELLED])
    order = journey.order
    assert (order["status"], order["statusReason"]) == (S.CANCELLED, "You cancelled the order.")
    assert order["history"][-1]["reason"] == "You cancelled the order."
    assert not {"paymentLink", "paymentLinkExpiresAt", "taskToken"} & order.keys()
    assert order["paymentReference"] == "r-1"


@pytest.mark.parametrize(
    ("case", "path"),
    [
        ("Cancelled", [*TO_WAIT, *CANCELLED]),
        (
            "CancelledWhilePaystackOut",
            [*TO_WAIT, "VerifyPayment", "WaitToVerify", *CANCELLED],
        ),
        ("CancelledBeforeLinking", [*TO_LINK, *CANCELLED]),
    ],
)
def test_a_wish_to_cancel_that_came_before_the_wait_is_found(
    start: Start, case: str, path: list[str]
) -> None:
    journey = start(case).with_order(S.PAYMENT_INITIATED, cancelRequested=WISH)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", path)
    assert journey.order["status"] == S.CANCELLED


def test_a_payment_that_is_reported_before_the_cancellation_completes_the_order(
    start: Start,
) -> None:
    journey = start("PaidBeforeItIsCancelled").with_order(
        S.PAYMENT_INITIATED, cancelRequested=WISH, payment=PAYMENT
    )

    run = journey.run()

    asked = ["VerifyPayment", "CancelOrder"]
    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *asked, *PAID])
    assert journey.order["status"] == S.PAYMENT_COMPLETED


@pytest.mark.parametrize(
    "case",
    [
        "VerifyWhilePaystackRefusesUs",
        "VerifyWhileBreakerOpen",
        "VerifyWhilePaystackOut",
        "VerifyTooSlow",
        "PaymentUnsettledAtFirst",
    ],
)
def test_a_verification_without_an_answer_is_repeated_later(start: Start, case: str) -> None:
    journey = start(case).with_order(S.PAYMENT_INITIATED)

    run = journey.run(pay)

    path = [*TO_WAIT, "VerifyPayment", "WaitToVerify", *PAID]
    assert (run.status, run.path) == ("SUCCEEDED", path)
    assert [change["status"] for change in journey.order["history"]] == [S.PAYMENT_COMPLETED]


def test_an_order_whose_payment_is_denied_may_still_be_paid(start: Start) -> None:
    journey = start("PaymentDenied").with_order(S.PAYMENT_INITIATED)

    run = journey.run(deny_payment, pay)

    path = [*TO_WAIT, "VerifyPayment", "AwaitPayment", *PAID]
    assert (run.status, run.path) == ("SUCCEEDED", path)
    assert journey.order["status"] == S.PAYMENT_COMPLETED


def test_an_order_whose_payment_is_denied_after_the_expiry_of_its_link_expires(
    start: Start,
) -> None:
    journey = start("PaymentDeniedInTheEnd").with_order(S.PAYMENT_INITIATED)

    run = journey.run(deny_payment)

    verifying = ["VerifyPayment", "WaitToVerify", "VerifyPayment"]
    path = [*TO_WAIT, *verifying, "ExpireOrder"]
    assert (run.status, run.path) == ("SUCCEEDED", path)
    assert journey.order["status"] == S.EXPIRED


def test_an_unconfirmed_payment_does_not_complete_an_order(start: Start) -> None:
    journey = start("HappyPath").with_order(S.PAYMENT_INITIATED, payment={"reference": "r-1"})

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *PAID, "OrderClosed"])
    assert journey.order["status"] == S.PAYMENT_INITIATED


def test_a_payment_before_the_expiry_completes_the_order(start: Start) -> None:
    journey = start("PaidAtTheLastMoment").with_order(S.PAYMENT_INITIATED, payment=PAYMENT)

    run = journey.run()

    asked = ["VerifyPayment", "ExpireOrder"]
    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *asked, *PAID])
    assert journey.order["status"] == S.PAYMENT_COMPLETED


def test_an_order_that_is_cancelled_before_its_payment_is_not_completed(start: Start) -> None:
    journey = start("VerifierFindsOrderClosed").with_order(S.CANCELLED)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, "VerifyPayment", "OrderClosed"])
    assert journey.order["status"] == S.CANCELLED


def test_an_order_that_another_execution_ended_is_not_completed_again(start: Start) -> None:
    journey = start("HappyPath").with_order(S.PAYMENT_COMPLETED, payment=PAYMENT)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *PAID, "OrderClosed"])
    assert journey.order["version"] == 1


def test_an_order_that_failed_when_it_was_to_expire_expires_when_it_is_redriven(
    start: Start,
) -> None:
    journey = start("NeverPaid").with_order(S.FAILED, paymentLink="https://pay.example/1")

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *EXPIRED])
    assert journey.order["status"] == S.EXPIRED


def test_an_order_that_failed_after_it_was_paid_is_completed_when_it_is_redriven(
    start: Start,
) -> None:
    journey = start("HappyPath").with_order(
        S.FAILED, paymentLink="https://pay.example/1", payment=PAYMENT
    )

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *PAID])
    assert journey.order["status"] == S.PAYMENT_COMPLETED


def test_a_rejection_does_not_undo_what_ended_the_order(start: Start) -> None:
    journey = start("UnreadableListOfAClosedOrder").with_order(S.CANCELLED)

    run = journey.run()

    path = ["ParseOrder", "RejectOrder", "VerifyPayment", "OrderClosed"]
    assert (run.status, run.path) == ("SUCCEEDED", path)
    assert journey.order["status"] == S.CANCELLED


@pytest.mark.parametrize(
    ("case", "path"),
    [
        ("NothingMatchedAnyMore", [*TO_MATCHED, "RejectOrder", "VerifyPayment"]),
        (
            "NothingMatchedWhilePaystackOut",
            [*TO_MATCHED, "RejectOrder", "VerifyPayment", "WaitToVerify", "VerifyPayment"],
        ),
        ("UnreadableListOfAnOrderWithALink", ["ParseOrder", "RejectOrder", "VerifyPayment"]),
    ],
)
def test_an_order_that_has_had_a_link_is_rejected_once_paystack_was_asked(
    start: Start, case: str, path: list[str]
) -> None:
    journey = start(case).with_order(
        S.FAILED, paymentReference="mocked-1", paymentLink="https://pay.example/1"
    )

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*path, "RejectOrder"])
    order = journey.order
    assert (order["status"], order["version"]) == (S.REJECTED, 2)
    assert "paymentLink" not in order
    assert order["statusReason"] != ""


def test_an_order_whose_earlier_link_is_paid_is_not_rejected(start: Start) -> None:
    journey = start("PaymentRefused").with_order(S.FAILED, payment=PAYMENT)

    run = journey.run()

    path = [*TO_LINK, "RejectOrder", *PAID]
    assert (run.status, run.path) == ("SUCCEEDED", path)
    assert journey.order["status"] == S.PAYMENT_COMPLETED


@pytest.mark.parametrize(
    ("case", "state", "error"),
    [
        ("BugInParseOrder", "ParseOrder", "KeyError"),
        ("BugInMatchProducts", "MatchProducts", "KeyError"),
        ("BugInMatchByName", "MatchByName", "KeyError"),
        ("BugInCreatePaymentLink", "CreatePaymentLink", "KeyError"),
        ("BugInNotifyCustomer", "NotifyCustomer", "KeyError"),
        ("BugInVerifyPayment", "VerifyPayment", "KeyError"),
        ("LambdaThrottledForGood", "CreatePaymentLink", "Lambda.TooManyRequestsException"),
    ],
)
def test_an_unexpected_error_fails_the_execution_at_its_task(
    start: Start, case: str, state: str, error: str
) -> None:
    journey = start(case).with_order(S.MATCHED)

    run = journey.run()

    assert (run.status, run.path[-1], run.error) == ("FAILED", state, error)
    assert journey.order["status"] == S.MATCHED


def test_every_transition_of_the_definition_was_taken(engine: Engine) -> None:
    untested = transitions(engine.definition) - taken
    assert not untested, f"no case takes: {sorted(map(str, untested))}"


def test_every_mocked_case_was_run() -> None:
    assert cases_run == CASES
