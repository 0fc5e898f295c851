"""A provider is back: its parked orders go on, no faster than it can bear.

One step lets some of them go on and sends the message for the next step, until none is left.
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
from orderflow.orders.store import OrderStore
from orderflow.recovery import events as recovery_events
from orderflow.recovery.messages import ParkedOrdersQueue, ResumptionStep
from orderflow.recovery.resumer import Resumer, Resumption
from orderflow.recovery.settings import RecoverySettings

#: From the start of one step to that of the next.
STEP_SECONDS: Final = 2

#: When the last step for a provider began, in epoch ms.
STEPPED: Final = "resumedAt"

#: An order may have read the open breaker a moment ago and park only now, and the index that orders
#: are found by lags behind: for so long after the start, finding none does not mean that none is
#: left.
LOOK_SECONDS: Final = 15

#: What one step does at most, far from the function's timeout. Orders that can't be resumed are no
#: burden to the provider; after some, it is not the orders that are in trouble.
_WORK_SECONDS: Final = 10
_FAILURES: Final = 10

#: Orders are looked at, and counted, up to here.
_LOOKED_AT: Final = 1000


@dataclass(slots=True)
class _Tally:
    """What one step has done, of what it may."""

    quota: int
    resumed: int = 0
    spent: int = 0
    skipped: int = 0
    failed: int = 0
    last_error: ClientError | ProviderUnavailableError | None = None

    @property
    def is_full(self) -> bool:
        return self.resumed >= self.quota or self.failed >= _FAILURES

    @property
    def left(self) -> int:
        return self.skipped + self.failed

    @property
    def stuck_on(self) -> ClientError | ProviderUnavailableError | None:
        """The trouble, where nothing moved for it."""
        return None if self.resumed or self.spent else self.last_error

    def fail(self, error: ClientError | ProviderUnavailableError) -> None:
        self.failed += 1
        self.last_error = error


class PacedResumption:
    """Lets the orders of a provider go on at a bounded rate."""

    def __init__(
        self,
        orders: OrderStore,
        breakers: BreakerStore,
        rate_limiter: RateLimiter,
        resumer: Resumer,
        queue: ParkedOrdersQueue,
        *,
        settings: Callable[[], RecoverySettings],
        clock: Callable[[], int],
    ) -> None:
        self._orders = orders
        self._breakers = breakers
        self._rate_limiter = rate_limiter
        self._resumer = resumer
        self._queue = queue
        self._settings = settings
        self._clock = clock

    def start(self, breaker: BreakerItem) -> None:
        """Send the message for the first step."""
        look_until = self._clock() + LOOK_SECONDS * 1000
        self._queue.send(
            ResumptionStep(provider=breaker.provider, epoch=breaker.epoch, look_until=look_until)
        )

    def step(self, step: ResumptionStep) -> None:
        """Let some orders go on, and send the message for the next step.

        Raises:
            ClientError, ProviderUnavailableError: nothing went on; the step is to be tried again.
        """
        began = self._clock()
        breaker = self._breakers.read(step.provider)
        if not breaker.admits_all or breaker.epoch != step.epoch:
            recovery_events.resumption_ended(step.provider, "the breaker has changed")
            return
        # Messages come twice at times; two chains of steps would be twice as fast. Half a step,
        # because no two clocks agree. A breaker that has closed anew since has a chain of its own.
        half_step = STEP_SECONDS * 1000 // 2
        if not self._rate_limiter.try_acquire(step.provider, STEPPED, began, half_step, step.epoch):
            recovery_events.resumption_ended(step.provider, "another one is under way")
            return
        allowance = step.allowance + self._settings().resume_rate_per_second * STEP_SECONDS
        tally = self._resume_some(step.provider, int(allowance), began)
        recovery_events.orders_left(step.provider, tally.left)
        if tally.stuck_on is not None:
            raise tally.stuck_on
        if tally.left == 0 and self._clock() >= step.look_until:
            recovery_events.resumption_ended(step.provider, "no order is left")
            return
        self._queue.send(
            step.model_copy(update={"allowance": allowance % 1}), self._until_next_step(began)
        )

    def _until_next_step(self, began: int) -> float:
        return max(STEP_SECONDS - (self._clock() - began) / 1000, 0)

    def _resume_some(self, provider: str, quota: int, began: int) -> _Tally:
        tally = _Tally(quota)
        work_until = began + _WORK_SECONDS * 1000
        try:
            for order in islice(self._orders.parked(provider), _LOOKED_AT):
                if tally.is_full or self._clock() >= work_until:
                    tally.skipped += 1
                else:
                    self._resume_one(order, tally)
        except ProviderUnavailableError as error:  # the orders can't be read any further
            tally.fail(error)
        return tally

    def _resume_one(self, order: Order, tally: _Tally) -> None:
        try:
            resumption = self._resumer.resume(order, "breaker")
        except (ClientError, ProviderUnavailableError) as error:
            # One order's trouble is not to stop the others.
            recovery_events.not_resumed(order, error)
            tally.fail(error)
            return
        if resumption is Resumption.RESUMED:
            tally.resumed += 1
        else:
            tally.spent += 1
