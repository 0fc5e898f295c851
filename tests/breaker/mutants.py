"""Breakers with one fault each, and a scenario that suffices to show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from orderflow.breakers.state import BreakerItem
from orderflow.breakers.transitions import (
    CLAIM_PROBE,
    CLOSE_AFTER_PROBE,
    COUNT_FAILURE,
    OPEN_AT_THRESHOLD,
    REOPEN_AFTER_PROBE,
    RESET_FAILURES,
    Transition,
)
from tests.breaker.scenario import Mutant, Scenario


def _instead(*transitions: Transition) -> Mutant:
    return Mutant({transition.name: transition for transition in transitions})


def _where(transition: Transition, condition: str) -> Transition:
    return replace(transition, condition=condition)


def _seen(item: BreakerItem) -> Mapping[str, Any]:
    return {"seen": item.failures}


_LOST_UPDATE: Final = replace(
    COUNT_FAILURE, update=COUNT_FAILURE.update.replace("if_not_exists(#failures, :zero)", ":seen")
)
_SAME_EPOCH: Final = replace(
    CLAIM_PROBE, update=CLAIM_PROBE.update.replace("#epoch = #epoch + :one, ", "")
)
_CLOSE_ALWAYS: Final = Transition(
    RESET_FAILURES.name,
    "attribute_exists(#provider)",
    "SET #state = :CLOSED, #failures = :zero",
)
_ANY_PROBE: Final = "#state = :HALF_OPEN AND #epoch = :epoch"
_ANYTHING_HALF_OPEN: Final = "#state = :HALF_OPEN"

_CLOSED: Final = "#state = :CLOSED"


def _in(calls: tuple[int, ...], mutant: Mutant, **more: Any) -> Scenario:
    simple = {"threshold": 1, "stale": False, "crashes": False, "lost_replies": False}
    scenario: dict[str, Any] = simple | more
    return Scenario(calls, mutant=mutant, **scenario)


#: By the fault. The first five are in the design.
MUTANTS: Final[Mapping[str, Scenario]] = {
    "an unconditional claim": _in(
        (2, 1), _instead(_where(CLAIM_PROBE, "attribute_exists(#provider)"))
    ),
    "no epoch on the count": _in((1, 2, 1), _instead(_where(COUNT_FAILURE, _CLOSED))),
    "no epoch on the opening": _in(
        (1, 1, 2), _instead(_where(OPEN_AT_THRESHOLD, f"{_CLOSED} AND #failures >= :threshold"))
    ),
    "no probe id on the report": _in(
        (2, 2),
        _instead(_where(CLOSE_AFTER_PROBE, _ANY_PROBE), _where(REOPEN_AFTER_PROBE, _ANY_PROBE)),
        deletions=1,
    ),
    "a lease shorter than the call": _in((2, 1), Mutant(), call=4),
    "a lease that no call fits into": _in((2,), Mutant(), lease=2.5),
    "a late success closes": _in((1, 1, 1), _instead(_CLOSE_ALWAYS), threshold=2),
    "a count where the last write wins": _in(
        (1, 1), Mutant({_LOST_UPDATE.name: _LOST_UPDATE}, _seen)
    ),
    "an opening below the threshold": _in(
        (1, 1, 1),
        _instead(_where(OPEN_AT_THRESHOLD, f"{_CLOSED} AND #epoch = :epoch")),
        threshold=2,
    ),
    "no epoch on the reset": _in(
        (2, 1, 1), _instead(_where(RESET_FAILURES, f"{_CLOSED} AND #failures > :zero"))
    ),
    "neither epoch nor probe id on the report": _in(
        (2, 1),
        _instead(
            _where(CLOSE_AFTER_PROBE, _ANYTHING_HALF_OPEN),
            _where(REOPEN_AFTER_PROBE, _ANYTHING_HALF_OPEN),
        ),
    ),
    "a claim that keeps the epoch": _in((2,), _instead(_SAME_EPOCH)),
}
