"""Steps look first, act once, and stop where a person must act."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from scripts.bootstrap.steps import (
    Result,
    State,
    Step,
    StepError,
    blocked,
    by_hand,
    missing,
    ready,
    run,
)


class Thing:
    """Something that an act makes."""

    def __init__(self, *, fails: Exception | None = None, does_nothing: bool = False) -> None:
        self.there = False
        self.acts = 0
        self._fails = fails
        self._does_nothing = does_nothing

    @property
    def step(self) -> Step:
        return Step("thing", lambda: ready("there") if self.there else missing("gone"), self._act)

    def _act(self) -> None:
        self.acts += 1
        if self._fails:
            raise self._fails
        self.there = not self._does_nothing


def states(*steps: Step, plan: bool = False) -> list[State]:
    results = run(steps, plan=plan, report=lambda _: None)
    return [each.finding.state for each in results]


def test_what_is_missing_is_done_once_and_then_found_ready() -> None:
    thing = Thing()

    assert states(thing.step, thing.step) == [State.READY, State.READY]
    assert thing.acts == 1


def test_a_plan_changes_nothing_and_looks_at_everything() -> None:
    thing = Thing()

    stuck = Step("stuck", lambda: blocked("ask first"))
    assert states(stuck, thing.step, plan=True) == [State.BLOCKED, State.MISSING]
    assert thing.acts == 0


def test_what_a_person_can_do_later_stops_nothing() -> None:
    assert states(Step("a", lambda: by_hand("click")), Thing().step) == [
        State.BY_HAND,
        State.READY,
    ]


def test_what_a_person_must_do_first_stops_the_rest_until_it_is_done() -> None:
    thing, done = Thing(), False
    gate = Step("gate", lambda: ready("open") if done else blocked("ask for more"))

    assert states(gate, thing.step) == [State.BLOCKED]
    done = True
    assert states(gate, thing.step) == [State.READY, State.READY]


DENIED = ClientError(
    {"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "PutSecretValue"
)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DENIED, "PutSecretValue was refused (AccessDenied): not authorized"),
        (StepError("The key must begin with sk_test_."), "The key must begin with sk_test_."),
        (EndpointConnectionError(endpoint_url="https://sts"), "https://sts"),
    ],
)
def test_a_refusal_is_told_and_the_next_run_resumes_there(error: Exception, words: str) -> None:
    first, second = Thing(), Thing(fails=error)
    seen: list[Result] = []

    run([first.step, second.step, Thing().step], plan=False, report=seen.append)

    assert [each.finding.state for each in seen] == [State.READY, State.REFUSED]
    assert words in seen[-1].finding.text
    assert states(first.step, Thing().step) == [State.READY, State.READY]
    assert first.acts == 1


def test_a_look_that_is_refused_is_no_crash() -> None:
    def look() -> None:
        raise DENIED

    assert states(Step("a", look)) == [State.REFUSED]  # type: ignore[arg-type]


def test_an_act_that_succeeds_without_effect_is_not_called_ready() -> None:
    assert states(Thing(does_nothing=True).step) == [State.MISSING]
