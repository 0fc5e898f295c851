"""Every branch of the workflow, on the real definition."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from orderflow.order import OrderStatus
from tests.waiting import wait_for
from tests.workflow.conftest import MOCKS
from tests.workflow.engine import Engine, Run, Transition, transitions

S = OrderStatus

TO_MATCHING = ["ParseOrder", "ReadBedrockBreaker", "BedrockAvailable?"]
TO_PAYSTACK = [*TO_MATCHING, "MatchProducts", "AnythingMatched?"]
TO_LINK = ["ReadPaystackBreaker", "PaystackAvailable?", "CreatePaymentLink"]
TO_WAIT = [*TO_PAYSTACK, *TO_LINK, "NotifyCustomer", "AwaitPayment"]
PAID = ["CompleteOrder", "OrderClosed"]
PARKED = ["DelayPayment", "ParkOrder"]
BY_NAME = [
    *TO_MATCHING,
    "MatchByName",
    "AnythingMatched?",
    *TO_LINK,
    "NotifyCustomer",
    "AwaitPayment",
]

#: What all runs of this module went through, for the coverage check at its end.
taken: set[Transition] = set()
cases_run: set[str] = set()


class Journey:
    """One order's execution in one test case."""

    def __init__(self, engine: Engine, case: str) -> None:
        self.engine = engine
        self.case = case
        self.order_id = str(uuid.uuid4())

    def with_order(self, status: S, **attributes: Any) -> Journey:
        """The record as the mocked functions would have left it."""
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

    def run(self, *meanwhile: Callable[[Journey], None]) -> Run:
        """Start the execution, do what has to happen from outside, and wait for the end."""
        cases_run.add(self.case)
        arn = self.engine.start(self.case, self.order_id)
        for act in meanwhile:
            act(self)
        run = self.engine.finished(arn)
        taken.update(run.transitions)
        return run


def pay(journey: Journey) -> None:
    """What the webhook does: record the payment, answer the waiting token."""
    token = wait_for(lambda: journey.order.get("taskToken"), bool)
    journey.set("payment", {"reference": "mocked-1"})
    journey.engine.answer(token)


def resume_parked(journey: Journey, parkings: int = 0) -> None:
    """What recovery does: answer the token of the order's latest message."""
    messages = wait_for(
        lambda: journey.engine.parked_messages(journey.order_id),
        lambda found: len(found) > parkings,
    )
    assert journey.order["status"] == S.PAYMENT_DELAYED
    message = next(m for m in messages if m["parkings"] == parkings)
    assert message["provider"] == "paystack"
    assert message["delaySeconds"] == pytest.approx(60 * 2**parkings, abs=1)
    # What CreatePaymentLink, mocked here, writes once the link is there.
    journey.set("status", str(S.PAYMENT_INITIATED))
    journey.engine.answer(message["taskToken"])


@pytest.fixture
def start(engine: Engine) -> Callable[[str], Journey]:
    return lambda case: Journey(engine, case)


Start = Callable[[str], Journey]


def test_the_happy_path_takes_ten_states_to_the_link_and_ends_paid(start: Start) -> None:
    journey = start("HappyPath").with_order(S.PAYMENT_INITIATED)

    run = journey.run(pay)

    assert run.status == "SUCCEEDED"
    assert run.path == [*TO_WAIT, *PAID]
    assert len(TO_WAIT) <= 10
    order = journey.order
    assert order["status"] == S.PAYMENT_COMPLETED
    assert order["version"] == 2
    assert [change["status"] for change in order["history"]] == [S.PAYMENT_COMPLETED]
    assert order["history"][0]["by"] == f"{journey.order_id}/CompleteOrder"
    assert "taskToken" not in order


def test_an_unreadable_list_is_rejected_with_its_reason(start: Start) -> None:
    journey = start("UnreadableList").with_order(S.PENDING_MATCHING)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", ["ParseOrder", "RejectOrder", "OrderClosed"])
    assert journey.order["status"] == S.REJECTED
    assert journey.order["statusReason"] == "We could not find any item on the list."


@pytest.mark.parametrize(
    ("case", "path"),
    [
        ("ClosedBeforeParsing", ["ParseOrder"]),
        ("ClosedBeforeMatching", [*TO_MATCHING, "MatchProducts"]),
        ("ClosedBeforeMatchingByName", [*TO_MATCHING, "MatchByName"]),
        ("ClosedBeforeLinking", [*TO_PAYSTACK, *TO_LINK]),
        ("ClosedBeforeNotifying", [*TO_PAYSTACK, *TO_LINK, "NotifyCustomer"]),
    ],
)
def test_an_order_that_has_ended_stays_as_it_is(start: Start, case: str, path: list[str]) -> None:
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
    ],
)
def test_the_breakers_state_decides_whether_the_model_is_asked(
    start: Start, case: str, path: list[str]
) -> None:
    run = start(case).with_order(S.PAYMENT_INITIATED).run(pay)

    assert (run.status, run.path) == ("SUCCEEDED", [*path, *PAID])


@pytest.mark.parametrize("case", ["BedrockOut", "BedrockBreakerOpensMeanwhile"])
def test_without_the_model_products_are_matched_by_name(start: Start, case: str) -> None:
    run = start(case).with_order(S.PAYMENT_INITIATED).run(pay)

    by_name = [*TO_MATCHING, "MatchProducts", *BY_NAME[len(TO_MATCHING) :]]
    assert (run.status, run.path) == ("SUCCEEDED", [*by_name, *PAID])


def test_an_order_of_which_nothing_matches_is_rejected(start: Start) -> None:
    journey = start("NothingMatched").with_order(S.MATCHED)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_PAYSTACK, "RejectOrder", "OrderClosed"])
    assert journey.order["statusReason"] == "Nothing on the list is in our catalog."


@pytest.mark.parametrize("case", ["TooExpensive", "TooExpensiveByName"])
def test_an_order_above_the_limit_is_rejected_with_the_reason(start: Start, case: str) -> None:
    journey = start(case).with_order(S.PENDING_MATCHING)

    run = journey.run()

    assert (run.status, run.path[-2:]) == ("SUCCEEDED", ["RejectOrder", "OrderClosed"])
    assert journey.order["statusReason"] == "The total is above our limit."


def test_a_refused_payment_rejects_the_order_with_the_reason(start: Start) -> None:
    journey = start("PaymentRefused").with_order(S.MATCHED)

    run = journey.run()

    assert (run.status, run.path[-2:]) == ("SUCCEEDED", ["RejectOrder", "OrderClosed"])
    assert journey.order["statusReason"] == "The total is above our limit."


@pytest.mark.parametrize(
    ("case", "first_try"),
    [
        ("PaystackBreakerOpen", TO_LINK[:2]),
        ("PaystackOut", TO_LINK),
        ("PaystackBreakerOpensMeanwhile", TO_LINK),
    ],
)
def test_while_paystack_is_out_the_order_is_parked_and_goes_on_later(
    start: Start, case: str, first_try: list[str]
) -> None:
    journey = start(case).with_order(S.MATCHED)

    run = journey.run(resume_parked, pay)

    path = [*TO_PAYSTACK, *first_try, *PARKED, *TO_LINK, "NotifyCustomer", "AwaitPayment", *PAID]
    assert (run.status, run.path) == ("SUCCEEDED", path)
    assert [change["status"] for change in journey.order["history"]] == [
        S.PAYMENT_DELAYED,
        S.PAYMENT_COMPLETED,
    ]


def test_each_parking_waits_twice_as_long_as_the_one_before(start: Start) -> None:
    def resume_and_fail_again(parkings: int) -> Callable[[Journey], None]:
        def act(journey: Journey) -> None:
            wait_for(
                lambda: len(journey.engine.parked_messages(journey.order_id)),
                lambda count: count == parkings + 1,
            )
            message = journey.engine.parked_messages(journey.order_id)[parkings]
            assert message["delaySeconds"] == pytest.approx(60 * 2**parkings, abs=1)
            journey.engine.answer(message["taskToken"])

        return act

    journey = start("PaystackBreakerOpenForLong").with_order(S.MATCHED)

    run = journey.run(
        resume_and_fail_again(0),
        resume_and_fail_again(1),
        lambda j: resume_parked(j, parkings=2),
        pay,
    )

    assert run.status == "SUCCEEDED"
    assert run.path.count("ParkOrder") == 3


def test_a_cancelled_order_is_not_parked(start: Start) -> None:
    journey = start("PaystackOut").with_order(S.CANCELLED)

    run = journey.run()

    assert (run.status, run.path[-2:]) == ("SUCCEEDED", ["DelayPayment", "OrderClosed"])
    assert journey.engine.parked_messages(journey.order_id) == []


@pytest.mark.parametrize("case", ["EmailOut", "EmailRefused"])
def test_an_order_whose_email_fails_still_waits_for_its_payment(start: Start, case: str) -> None:
    run = start(case).with_order(S.PAYMENT_INITIATED).run(pay)

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *PAID])


def test_a_payment_that_came_before_the_wait_completes_the_order(start: Start) -> None:
    journey = start("HappyPath").with_order(S.PAYMENT_INITIATED, payment={"reference": "r-1"})

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *PAID])
    assert journey.order["status"] == S.PAYMENT_COMPLETED


def test_an_order_that_is_never_paid_expires(start: Start) -> None:
    journey = start("NeverPaid").with_order(S.PAYMENT_INITIATED)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, "ExpireOrder", "OrderClosed"])
    assert journey.order["status"] == S.EXPIRED


def test_a_payment_at_the_last_moment_wins_over_the_clock(start: Start) -> None:
    journey = start("NeverPaid").with_order(S.PAYMENT_INITIATED, payment={"reference": "r-1"})

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, "ExpireOrder", *PAID])
    assert journey.order["status"] == S.PAYMENT_COMPLETED


def test_an_order_cancelled_while_it_was_notified_is_not_completed(start: Start) -> None:
    journey = start("HappyPath").with_order(S.CANCELLED)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", [*TO_WAIT, *PAID])
    assert journey.order["status"] == S.CANCELLED


def test_a_rejection_does_not_undo_what_ended_the_order(start: Start) -> None:
    journey = start("UnreadableList").with_order(S.CANCELLED)

    run = journey.run()

    assert (run.status, run.path) == ("SUCCEEDED", ["ParseOrder", "RejectOrder", "OrderClosed"])
    assert journey.order["status"] == S.CANCELLED


@pytest.mark.parametrize(
    ("case", "state", "error"),
    [
        ("BugInParseOrder", "ParseOrder", "KeyError"),
        ("BugInMatchProducts", "MatchProducts", "KeyError"),
        ("BugInMatchByName", "MatchByName", "KeyError"),
        ("BugInCreatePaymentLink", "CreatePaymentLink", "KeyError"),
        ("BugInNotifyCustomer", "NotifyCustomer", "KeyError"),
        ("LambdaThrottledForGood", "CreatePaymentLink", "Lambda.TooManyRequestsException"),
    ],
)
def test_a_fault_fails_the_execution_at_the_task_that_broke(
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
    declared = json.loads(MOCKS.read_text())["StateMachines"]["order"]["TestCases"]
    assert cases_run == set(declared)
