"""Steps that look first, act only where something is missing, and can be run again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError


class State(StrEnum):
    """What a look at a step found."""

    READY = "ready"
    #: The command can do it.
    MISSING = "missing"
    #: Only a person can; the rest does not depend on it.
    BY_HAND = "by hand"
    #: Only a person can, and the steps after it need it.
    BLOCKED = "blocked"
    #: AWS or PayStack does not let us look or act.
    REFUSED = "refused"


@dataclass(frozen=True)
class Finding:
    """What a look found, and what it means for the person who reads it."""

    state: State
    text: str


def ready(text: str) -> Finding:
    """Nothing is to be done."""
    return Finding(State.READY, text)


def missing(text: str) -> Finding:
    """The command can do it."""
    return Finding(State.MISSING, text)


def by_hand(text: str) -> Finding:
    """A person has to, and can do so later."""
    return Finding(State.BY_HAND, text)


def blocked(text: str) -> Finding:
    """A person has to, before the next step."""
    return Finding(State.BLOCKED, text)


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: for people.
        look: what is there; changes nothing.
        act: does what is missing; None where only a person can.
    """

    name: str
    look: Callable[[], Finding]
    act: Callable[[], None] | None = None


@dataclass(frozen=True)
class Result:
    """A step's name and what became of it; ``acted`` if something was done."""

    name: str
    finding: Finding
    acted: bool = False


class StepError(Exception):
    """A step can't be done; the message says what the person can do."""


#: States after which the steps that follow can't succeed.
STOPS = {State.BLOCKED, State.REFUSED}


def run(
    steps: Iterable[Step], *, plan: bool, report: Callable[[Result], None]
) -> tuple[Result, ...]:
    """Runs the steps until one stops the rest.

    Args:
        steps: in sequence.
        plan: only look, at all of them.
        report: is called after each step.
    """
    results: list[Result] = []
    for step in steps:
        result = Result(step.name, _guarded(step.look)) if plan else _carry_out(step)
        report(result)
        results.append(result)
        if result.finding.state in STOPS and not plan:
            break
    return tuple(results)


def _carry_out(step: Step) -> Result:
    found = _guarded(step.look)
    if found.state is not State.MISSING or step.act is None:
        return Result(step.name, found)
    refusal = _refusal(step.act)
    if refusal is not None:
        return Result(step.name, refusal)
    # What AWS says afterwards counts, not that a call succeeded.
    return Result(step.name, _guarded(step.look), acted=True)


def _guarded(look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except (StepError, ClientError, BotoCoreError, OSError) as error:
        return Finding(State.REFUSED, _in_words(error))


def _refusal(act: Callable[[], None]) -> Finding | None:
    try:
        act()
    except (StepError, ClientError, BotoCoreError, OSError) as error:
        return Finding(State.REFUSED, _in_words(error))
    return None


def _in_words(error: Exception) -> str:
    if not isinstance(error, ClientError):
        return str(error)
    details = error.response["Error"]
    return f"{error.operation_name} was refused ({details['Code']}): {details.get('Message', '')}"
