"""Orders in flight of earlier releases fit the functions that come.

Executions run their own version to its end. What meets them from outside is of the newest release:
the answers to their task tokens, and what reads the orders that they write.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from orderflow.orders.cancellation import cancel
from orderflow.orders.status import OrderStatus
from orderflow.payments.recording import by_task_token
from orderflow.recovery.resumer import ResumedBy, resume
from tests.releases.record import FOLDER
from tests.releases.states import evaluate, in_flight, waits_for_token
from tests.support.factories import an_order
from tests.support.memory_orders import InMemoryOrders

RELEASES: Final = sorted(path for path in FOLDER.iterdir() if path.is_dir())


def load(release: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((release / f"{name}.json").read_text(encoding="utf-8"))
    return content


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


ANSWERS: Final = {"ParkOrder": answers_to_parked_orders, "AwaitPayment": answers_to_unpaid_orders}


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_each_state_that_waits_or_retries_has_a_history(release: Path) -> None:
    assert set(load(release, "histories")) == set(in_flight(load(release, "definition")))


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_every_state_that_waits_for_an_answer_gets_one_that_it_understands(release: Path) -> None:
    definition, histories = load(release, "definition"), load(release, "histories")
    waiting = {name for name, state in definition["States"].items() if waits_for_token(state)}
    assert waiting <= set(ANSWERS), "orders of this release wait for an answer that nothing gives"

    for name in waiting:
        assign = definition["States"][name].get("Assign", {})
        given = ANSWERS[name]()
        assert given
        for answer in given:
            variables = histories[name]["variables"]
            assigned = evaluate(assign, variables, result=answer, input={})
            assert set(assigned) == set(histories[name]["assigned"]), (name, answer)
            assert None not in assigned.values(), (name, answer)


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_an_operators_answer_still_gives_new_attempts(release: Path) -> None:
    assign = load(release, "definition")["States"]["ParkOrder"]["Assign"]
    parkings = {
        answer["resumedBy"]: evaluate(assign, {"parkings": 2}, result=answer)["parkings"]
        for answer in answers_to_parked_orders()
    }

    assert parkings == {"operator": 0, "breaker": 3, "delay": 3}


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_recorded_answers_go_on_as_they_did(release: Path) -> None:
    definition, histories = load(release, "definition"), load(release, "histories")
    for name, history in histories.items():
        assigned = evaluate(
            definition["States"][name].get("Assign", {}),
            history["variables"],
            result=history["result"],
            input=history["result"]["Payload"],
        )
        assert assigned == history["assigned"], name


def test_an_answer_that_lacks_what_a_state_reads_is_found() -> None:
    """Broken on purpose: an answer without its field, as after a rename."""
    assign = {"parkings": "{% $states.result.resumedBy %}"}

    assert evaluate(assign, {}, result={"resumed_by": "breaker"}) == {"parkings": None}
