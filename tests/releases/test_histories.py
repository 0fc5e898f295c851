"""Orders in flight of earlier releases fit the functions that come.

Executions run their own version to its end. What meets them from outside is of the newest release:
the answers to their task tokens, and what reads the orders that they write.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from cdk.definition import load_definition
from orderflow.orders.access import Caller
from orderflow.orders.cancellation import cancel
from orderflow.orders.status import OrderStatus
from orderflow.payments.recording import by_task_token
from orderflow.recovery.resumer import ResumedBy, resume
from orderflow.review.reviews import Reviews
from tests.releases.record import histories, releases
from tests.releases.states import Definition, evaluate, in_flight, waits_for_token
from tests.support.factories import CUSTOMER_ID, a_matched_order, an_order
from tests.support.memory_orders import InMemoryOrders


@dataclass(frozen=True)
class Recorded:
    """A release's definition, and its executions by the state in which they are."""

    definition: Definition
    histories: Mapping[str, Any]

    @classmethod
    def load(cls, folder: Path) -> Recorded:
        names = ("definition", "histories")
        return cls(*(json.loads((folder / f"{each}.json").read_text("utf-8")) for each in names))

    @property
    def waiting(self) -> set[str]:
        """The states that wait for an answer."""
        states = self.definition["States"].items()
        return {name for name, state in states if waits_for_token(state)}


RELEASES: Final = {folder.name: Recorded.load(folder) for folder in releases()}
#: What is deployed next, as it will be recorded.
PRESENT: Final = Recorded(load_definition(), histories(load_definition()))
each_release = pytest.mark.parametrize("release", RELEASES.values(), ids=RELEASES)
each_definition = pytest.mark.parametrize(
    "release", [*RELEASES.values(), PRESENT], ids=[*RELEASES, "present"]
)


class Answers:
    """Keeps what functions answer to task tokens."""

    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803 - AWS's
        assert taskToken
        self.given.append(json.loads(output))


def answers_to_parked_orders() -> list[dict[str, Any]]:
    """What resumes an order today, by whatever resumes it."""
    answers, store = Answers(), InMemoryOrders("tests")
    parked = {
        "taskToken": "t", "provider": "paystack", "parkings": 1, "at": "2026-01-31T12:00:00.000Z"
    }  # fmt: skip
    order = an_order(status=OrderStatus.PAYMENT_DELAYED, parked=parked)
    store.put(order)
    for by in get_args(ResumedBy):
        resume(order, answers, store, by)  # type: ignore[arg-type]
    return answers.given


def answers_to_unpaid_orders() -> list[dict[str, Any]]:
    """What a payment and a wish to cancel answer today."""
    answers, store = Answers(), InMemoryOrders("tests")
    order = an_order(status=OrderStatus.PAYMENT_INITIATED, task_token="t")
    store.put(order)
    by_task_token(answers)(order)  # type: ignore[arg-type]
    cancel(order.order_id, store, answers, "Changed my mind.")  # type: ignore[arg-type]
    return answers.given


def answers_to_orders_in_review() -> list[dict[str, Any]]:
    """What a customer's confirmation answers today."""
    answers, store = Answers(), InMemoryOrders("tests")
    order = a_matched_order(status=OrderStatus.AWAITING_REVIEW, review=True, review_token="t")
    store.put(order)
    reviews = Reviews(store, lambda _ids: {}, answers)  # type: ignore[arg-type]
    reviews.confirm(Caller(CUSTOMER_ID), order.order_id, order.version)
    return answers.given


ANSWERS: Final[Mapping[str, Callable[[], list[dict[str, Any]]]]] = {
    "ParkOrder": answers_to_parked_orders,
    "AwaitReview": answers_to_orders_in_review,
    "AwaitPayment": answers_to_unpaid_orders,
}


@each_release
def test_each_state_that_waits_or_retries_has_a_history(release: Recorded) -> None:
    assert set(release.histories) == set(in_flight(release.definition))


@each_definition
def test_every_state_that_waits_for_an_answer_gets_one_that_it_understands(
    release: Recorded,
) -> None:
    assert release.waiting <= set(ANSWERS), "orders wait for an answer that nothing gives"

    for name in release.waiting:
        assign = release.definition["States"][name].get("Assign", {})
        given = ANSWERS[name]()
        assert given
        for answer in given:
            variables = release.histories[name]["variables"]
            assigned = evaluate(assign, variables, result=answer, input={})
            assert set(assigned) == set(release.histories[name]["assigned"]), (name, answer)
            assert None not in assigned.values(), (name, answer)


def test_no_answer_is_left_that_nothing_waits_for() -> None:
    assert set(ANSWERS) == PRESENT.waiting.union(*(each.waiting for each in RELEASES.values()))


@each_definition
def test_an_operators_answer_still_gives_new_attempts(release: Recorded) -> None:
    assign = release.definition["States"]["ParkOrder"]["Assign"]
    parkings = {
        answer["resumedBy"]: evaluate(assign, {"parkings": 2}, result=answer)["parkings"]
        for answer in answers_to_parked_orders()
    }

    assert parkings == {"operator": 0, "breaker": 3, "delay": 3}


@each_release
def test_recorded_answers_go_on_as_they_did(release: Recorded) -> None:
    for name, history in release.histories.items():
        assigned = evaluate(
            release.definition["States"][name].get("Assign", {}),
            history["variables"],
            result=history["result"],
            input=history["result"]["Payload"],
        )
        assert assigned == history["assigned"], name


def test_an_answer_that_lacks_what_a_state_reads_is_found() -> None:
    """Broken on purpose: an answer without its field, as after a rename."""
    assign = {"parkings": "{% $states.result.resumedBy %}"}

    assert evaluate(assign, {}, result={"resumed_by": "breaker"}) == {"parkings": None}
