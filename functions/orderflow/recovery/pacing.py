"""Resumes a provider's parked orders at a bounded rate, once the provider is back.

One step resumes some of them and sends the message for the next step, until no order is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from botocore.exceptions import ClientError

from orderflow.breakers.ports import BreakerStore
from orderflow.breakers.rate_limits import RateLimiter
from orderflow.breakers.state import BreakerItem
from orderflow.errors import ProviderUnavailableError
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.recovery import events as recovery_events
from orderflow.recovery.chains import Chain
from orderflow.recovery.messages import ResumptionStep
from orderflow.recovery.resumer import Resumer, Resumption
from orderflow.recovery.settings import RecoverySettings

#: From the start of one step to that of the next.
STEP_SECONDS: Final = 2

#: When the last step for a provider started_at, in epoch ms.
STEPPED: Final = "resumedAt"

#: For so long after the start, a step that finds no order is followed by another: an order that has
#: just read the open breaker is parked a little later, and the index of parked orders lags behind.
SEARCH_SECONDS: Final = 15

#: The limits of one step, far from the function's timeout. Orders that can't be resumed don't load
#: the provider; after several of them the cause is unlikely to be the orders.
_WORK_SECONDS: Final = 10
_MAX_FAILURES: Final = 10

#: At most so many orders are read, and counted.
_MAX_ORDERS: Final = 1000


@dataclass(slots=True)
class _Tally:
    """What one step has done so far; ``quota`` is how many orders it may resume."""

    quota: int
    resumed: int = 0
    spent: int = 0
    skipped: int = 0
    failed: int = 0
    last_error: ClientError | ProviderUnavailableError | None = None

    @property
    def is_full(self) -> bool:
        return self.resumed >= self.quota or self.failed >= _MAX_FAILURES

    @property
    def left(self) -> int:
        return self.skipped + self.failed

    @property
    def blocking_error(self) -> ClientError | ProviderUnavailableError | None:
        """The last error, if it kept the step from handling any order."""
        return None if self.resumed or self.spent else self.last_error

    def fail(self, error: ClientError | ProviderUnavailableError) -> None:
        self.failed += 1
        self.last_error = error


class PacedResumption:
    """Resumes the orders of a provider at a bounded rate."""

    def __init__(
        self,
        orders: Orders,
        breakers: BreakerStore,
        rate_limiter: RateLimiter,
        resumer: Resumer,
        chain: Chain,
        *,
        settings: Callable[[], RecoverySettings],
        clock: Callable[[], int],
    ) -> None:
        self._orders = orders
        self._breakers = breakers
        self._rate_limiter = rate_limiter
        self._resumer = resumer
        self._chain = chain
        self._settings = settings
        self._clock = clock

    def start(self, breaker: BreakerItem) -> None:
        """Send the message for the first step."""
        look_until = self._clock() + SEARCH_SECONDS * 1000
        self._chain.begin(
            ResumptionStep(provider=breaker.provider, epoch=breaker.epoch, look_until=look_until)
        )

    def step(self, step: ResumptionStep) -> None:
        """Resume some orders, and send the message for the next step.

        Raises:
            ClientError, ProviderUnavailableError: no order was resumed; try the step again.
        """
        started_at = self._clock()
        breaker = self._breakers.read(step.provider)
        if not breaker.admits_all or breaker.epoch != step.epoch:
            recovery_events.resumption_ended(step.provider, "the breaker has changed")
            return
        # A message that is delivered twice would start a second chain of steps and double the rate.
        # Half a step, because the clocks of instances differ. Each epoch has a chain of its own.
        half_step = STEP_SECONDS * 1000 // 2
        if not self._rate_limiter.try_acquire(
            step.provider, STEPPED, started_at, half_step, step.epoch
        ):
            recovery_events.resumption_ended(step.provider, "another resumption is running")
            return
        allowance = step.allowance + self._settings().resume_rate_per_second * STEP_SECONDS
        tally = self._resume_some(step.provider, int(allowance), started_at)
        recovery_events.orders_left(step.provider, tally.left)
        if tally.blocking_error is not None:
            raise tally.blocking_error
        if tally.left == 0 and self._clock() >= step.look_until:
            recovery_events.resumption_ended(step.provider, "no order is left")
            return
        self._chain.follow(
            step.model_copy(update={"allowance": allowance % 1}), self._until_next_step(started_at)
        )

    def _until_next_step(self, started_at: int) -> float:
        return max(STEP_SECONDS - (self._clock() - started_at) / 1000, 0)

    def _resume_some(self, provider: str, quota: int, started_at: int) -> _Tally:
        tally = _Tally(quota)
        work_until = started_at + _WORK_SECONDS * 1000
        try:
            for order in islice(self._orders.parked(provider), _MAX_ORDERS):
                if tally.is_full or self._clock() >= work_until:
                    tally.skipped += 1
                else:
                    self._resume_one(order, tally)
        except ProviderUnavailableError as error:  # no more orders can be read
            tally.fail(error)
        return tally

    def _resume_one(self, order: Order, tally: _Tally) -> None:
        try:
            resumption = self._resumer.resume(order, "breaker")
        except (ClientError, ProviderUnavailableError) as error:
            # The other orders go on all the same.
            recovery_events.not_resumed(order, error)
            tally.fail(error)
            return
        if resumption is Resumption.RESUMED:
            tally.resumed += 1
        else:
            tally.spent += 1
