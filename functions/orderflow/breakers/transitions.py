"""The transitions of a circuit breaker, each one conditional write in DynamoDB's expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Transition:
    """One conditional write, in DynamoDB's expressions.

    Every attribute name is a placeholder ``#name``, every value a placeholder ``:name``. With
    ``missing_is_epoch_0`` a missing item meets the condition of a caller that saw epoch 0.
    """

    name: str
    condition: str
    update: str
    missing_is_epoch_0: bool = False

    def condition_at(self, epoch: int) -> str:
        """The condition for a caller that saw this epoch."""
        if self.missing_is_epoch_0 and epoch == 0:
            return f"attribute_not_exists(#provider) OR ({self.condition})"
        return self.condition


_OPENING: Final = (
    "#state = :OPEN, #epoch = #epoch + :one, #failures = :zero, #opens = :opens, "
    "#openedAt = :now, #retryAt = :retryAt, #reason = :reason, #updatedBy = :by "
    "REMOVE #probeId, #probeUntil"
)


_DURING_THIS_PROBE: Final = "#state = :HALF_OPEN AND #epoch = :epoch AND #probeId = :probeId"


COUNT_FAILURE: Final = Transition(
    "count failure",
    "#state = :CLOSED AND #epoch = :epoch",
    "SET #failures = if_not_exists(#failures, :zero) + :one, #state = :CLOSED, #epoch = :epoch, "
    "#opens = if_not_exists(#opens, :zero), #mode = if_not_exists(#mode, :AUTO), "
    "#updatedBy = :by",
    missing_is_epoch_0=True,
)


OPEN_AT_THRESHOLD: Final = Transition(
    "open",
    "#state = :CLOSED AND #epoch = :epoch AND #failures >= :threshold",
    f"SET {_OPENING}",
)


RESET_FAILURES: Final = Transition(
    "reset failures",
    "#state = :CLOSED AND #epoch = :epoch AND #failures > :zero",
    "SET #failures = :zero, #updatedBy = :by",
)


CLAIM_PROBE: Final = Transition(
    "claim probe",
    "#epoch = :epoch AND ((#state = :OPEN AND #retryAt <= :now) "
    "OR (#state = :HALF_OPEN AND #probeUntil <= :now)) "
    # Operators may have forced the breaker since the snapshot.
    "AND (attribute_not_exists(#mode) OR #mode = :AUTO)",
    "SET #state = :HALF_OPEN, #epoch = #epoch + :one, #probeId = :probeId, "
    "#probeUntil = :probeUntil, #updatedBy = :by",
)


CLOSE_AFTER_PROBE: Final = Transition(
    "close",
    _DURING_THIS_PROBE,
    "SET #state = :CLOSED, #epoch = #epoch + :one, #failures = :zero, #closedAt = :now, "
    "#reason = :reason, #updatedBy = :by REMOVE #probeId, #probeUntil",
)


REOPEN_AFTER_PROBE: Final = Transition("re-open", _DURING_THIS_PROBE, f"SET {_OPENING}")


TRANSITIONS: Final = (
    COUNT_FAILURE,
    OPEN_AT_THRESHOLD,
    RESET_FAILURES,
    CLAIM_PROBE,
    CLOSE_AFTER_PROBE,
    REOPEN_AFTER_PROBE,
)
