"""How long orders wait for customers, providers and banks: a stage's settings.

The local stage divides all of them by one factor. What waits for machines is not among them:
timeouts of calls, functions and their states, retries, leases, the pace of resumptions and the age
at which an order counts as stuck are about how fast machines answer, on any stage. Nor are the
pauses between alerts, which are about people.
"""

import math
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from orderflow.breakers.settings import BreakerPolicy
from orderflow.orders.model import LinkTimes
from orderflow.payments.reversals.times import ReversalTimes

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]

_LINKS: Final = LinkTimes()
_REVERSALS: Final = ReversalTimes()
_BREAKER: Final = BreakerPolicy()
_MINUTE: Final = 60
_HOUR: Final = 3600

#: EventBridge's rates have whole minutes at least: the emulator divides them itself.
_DIVIDED_BY_THE_EMULATOR: Final = frozenset({"reconciliation"})


class Durations(BaseModel):
    """Durations in seconds.

    Attributes:
        link_validity: how long a link can be paid, and ``AwaitPayment`` waits. PayStack's
            ``payment_session_timeout`` (its dashboard; 0 is none) must not be shorter.
        link_reuse_margin: a link that ends sooner is replaced rather than shown again.
        link_check_after: the reconciler asks PayStack about a link that is not paid for the first
            time after so long; then twice as long each time, up to 24 times as long.
        link_checked_after_end: it asks until so long after the link's end.
        session_check: the reconciler reads PayStack's session timeout so often.
        reversal_check_after: it asks PayStack about a refund that is not settled for the first time
            after so long, and about a dispute so long after its deadline; then twice as long each
            time, up to 24 times as long.
        dispute_reminder: operations are reminded of a dispute so long before its deadline.
        undecided_alert: operations are alerted about an order of which PayStack neither confirms
            nor denies a payment for so long.
        reconciliation: the pause between two runs of the reconciler, in whole minutes.
        parking_delay: the first delay of a parked order and of a verification; later delays are
            multiples of it. At most 900, the longest delay of SQS.
        parked: an order that nothing resumes goes on after so long.
        review: a customer who reviews an order has so long to confirm it.
        breaker_cooldown: an open breaker's first cooldown.
        breaker_max_cooldown: its longest one.
        breaker_keep_cooldown: a breaker that opens again within this time of closing keeps its last
            cooldown.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    link_validity: Seconds = _LINKS.validity.total_seconds()
    link_reuse_margin: Seconds = _LINKS.reuse_margin.total_seconds()
    link_check_after: Seconds = _LINKS.check_after.total_seconds()
    link_checked_after_end: Seconds = _LINKS.checked_after_end.total_seconds()
    session_check: Seconds = 6 * _HOUR
    reversal_check_after: Seconds = _REVERSALS.check_after.total_seconds()
    dispute_reminder: Seconds = _REVERSALS.remind_before.total_seconds()
    undecided_alert: Seconds = 6 * _HOUR
    reconciliation: Seconds = 5 * _MINUTE
    parking_delay: Annotated[Seconds, Field(le=900)] = _MINUTE
    parked: Seconds = 24 * _HOUR
    review: Seconds = 24 * _HOUR
    breaker_cooldown: Seconds = _BREAKER.cooldown_seconds
    breaker_max_cooldown: Seconds = _BREAKER.max_cooldown_seconds
    breaker_keep_cooldown: Seconds = _BREAKER.keep_cooldown_seconds

    @model_validator(mode="after")
    def _a_new_link_is_shown(self) -> Self:
        if self.link_reuse_margin >= self.link_validity:
            raise ValueError("link_reuse_margin must be shorter than link_validity")
        return self

    def divided_by(self, factor: float) -> Self:
        """The same durations in a time that runs so many times as fast."""
        return type(self)(
            **{
                name: seconds if name in _DIVIDED_BY_THE_EMULATOR else seconds / factor
                for name, seconds in self
            }
        )

    def whole(self, name: str) -> int:
        """One of them in whole seconds, at least 1, where a service takes no fractions.

        Raises:
            AttributeError: there is no duration of this name.
        """
        seconds: float = getattr(self, name)
        return max(1, math.ceil(seconds))

    @property
    def are_whole(self) -> bool:
        """Whether they suit Step Functions (whole seconds) and EventBridge (whole minutes)."""
        waits = (self.link_validity, self.parked, self.parking_delay, self.review)
        return all(seconds % 1 == 0 for seconds in waits) and self.reconciliation % 60 == 0

    @property
    def breaker_policy(self) -> BreakerPolicy:
        """The policy of every breaker; its lease is about machines."""
        return BreakerPolicy(
            cooldown_seconds=self.breaker_cooldown,
            max_cooldown_seconds=self.breaker_max_cooldown,
            keep_cooldown_seconds=self.breaker_keep_cooldown,
        )


def in_decimals(seconds: float) -> str:
    """Seconds as text for settings and expressions: ``900``, ``0.25``; to a millisecond."""
    return f"{max(seconds, 0.001):.3f}".rstrip("0").rstrip(".")
