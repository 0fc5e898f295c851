"""Decides when parked orders are resumed: by their timers and by their providers' breakers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final

from orderflow.breakers.events import measure_outage
from orderflow.breakers.ports import BreakerStore
from orderflow.breakers.state import BreakerItem
from orderflow.clock import from_epoch_ms
from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.orders.status import PREDECESSORS, OrderStatus
from orderflow.platform.observability import logger
from orderflow.recovery import events as recovery_events
from orderflow.recovery.chains import Chain
from orderflow.recovery.escalation import Escalation
from orderflow.recovery.messages import (
    Message,
    ParkTimer,
    Probe,
    ResumptionStep,
)
from orderflow.recovery.pacing import PacedResumption
from orderflow.recovery.resumer import Resumer, Resumption

#: A timer that ends before its order is parked is started again with these delays. Together they
#: are longer than all the retries of the state that parks the order.
RESTART_DELAYS_SECONDS: Final = (2, 4, 8, 16, 32)

#: An order that was resumed to probe its provider has claimed the probe within this time.
PROBE_TIMEOUT_SECONDS: Final = 30

#: SQS dates timers, Step Functions dates parkings: their clocks differ by some milliseconds.
_SKEW_MS: Final = 1000

#: At most so many orders are tried in search of one whose token is not spent.
_MAX_ORDERS: Final = 100


class ParkedOrders:
    """Decides when parked orders are resumed.

    Every method raises :class:`~orderflow.errors.ProviderUnavailableError` when DynamoDB, SQS, SNS
    or Step Functions are unavailable. Call it again then: repeated calls do no harm.
    """

    def __init__(
        self,
        orders: Orders,
        breakers: BreakerStore,
        resumer: Resumer,
        chain: Chain,
        resumption: PacedResumption,
        escalation: Escalation,
        *,
        clock: Callable[[], int],
    ) -> None:
        self._orders = orders
        self._breakers = breakers
        self._resumer = resumer
        self._chain = chain
        self._resumption = resumption
        self._escalation = escalation
        self._clock = clock

    def handle(self, message: Message) -> None:
        """Handle one message of the queue."""
        match message:
            case ParkTimer():
                self._on_timer(message)
            case Probe():
                self._probe(message)
            case ResumptionStep():
                self._resumption.step(message)

    def breaker_changed(self, before: BreakerItem, after: BreakerItem) -> None:
        """Start a resumption when a breaker closes; send a probe when it opens.

        Measures whether its provider is out.
        """
        measure_outage(before, after)
        if after.admits_all:
            if not before.admits_all:
                recovery_events.resumption_started(before, after)
                self._resumption.start(after)
        elif after.next_probe_at is not None and _moved(before, after):
            probe = Probe(provider=after.provider, epoch=after.epoch)
            self._chain.begin(probe, self._until(after.next_probe_at))

    def _on_timer(self, timer: ParkTimer) -> None:
        try:
            order = self._orders.get(timer.order_id)
        except OrderNotFoundError:
            logger.warning("timer of an unknown order", extra={"order_id": timer.order_id})
            return
        if not order.was_parked_since(from_epoch_ms(timer.sent_at - _SKEW_MS)):
            self._restart_timer(order, timer)
        elif order.parked is None or not timer.is_of(order.parked):
            logger.info("timer of an earlier parking", extra={"order_id": order.order_id})
        elif order.status is OrderStatus.NEEDS_ATTENTION:
            self._escalation.alert(order, order.parked.provider)
        else:
            self._resumer.resume(order, "delay")

    def _restart_timer(self, order: Order, timer: ParkTimer) -> None:
        """Start the timer again if its order may still be parked.

        The state machine starts the timer just before it parks the order. A failed message would
        not do instead: the queue's visibility timeout is minutes long, and the timer of an order
        that is closed meanwhile would end as a dead letter.
        """
        may_be_parked = order.status in PREDECESSORS[OrderStatus.PAYMENT_DELAYED]
        if not may_be_parked or timer.attempts >= len(RESTART_DELAYS_SECONDS):
            logger.info("timer of an order that is not parked", extra={"order_id": order.order_id})
            return
        self._chain.follow(
            timer.model_copy(update={"attempts": timer.attempts + 1}),
            RESTART_DELAYS_SECONDS[timer.attempts],
        )

    def _probe(self, probe: Probe) -> None:
        breaker = self._breakers.read(probe.provider)
        due = breaker.next_probe_at
        if breaker.epoch != probe.epoch or due is None:
            return  # a later change of the breaker has sent its own message
        if due > self._clock():
            self._chain.follow(probe, self._until(due))
        elif self._resume_oldest(probe.provider):
            # If it ends without calling the provider, the next order probes.
            self._chain.follow(probe, PROBE_TIMEOUT_SECONDS)

    def _until(self, due: int) -> float:
        return (due - self._clock()) / 1000

    def _resume_oldest(self, provider: str) -> bool:
        """Resume the order that has waited longest; False if no order waits."""
        return any(
            self._resumer.resume(order, "breaker") is Resumption.RESUMED
            for order in islice(self._orders.parked(provider), _MAX_ORDERS)
        )


def _moved(before: BreakerItem, after: BreakerItem) -> bool:
    """Whether the epoch or the time of the next probe has changed, not some other attribute."""
    return (before.epoch, before.next_probe_at) != (after.epoch, after.next_probe_at)
