"""Looking after parked orders: their alarm clocks, their providers' breakers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Final

from orderflow.breakers.ports import BreakerStore
from orderflow.breakers.state import BreakerItem
from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.orders.status import PARKED, PREDECESSORS, OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform.observability import logger
from orderflow.recovery import events as recovery_events
from orderflow.recovery.escalation import Escalation
from orderflow.recovery.messages import (
    Message,
    ParkedOrdersQueue,
    ParkTimer,
    Probe,
    ResumptionStep,
)
from orderflow.recovery.pacing import PacedResumption
from orderflow.recovery.resumer import Resumer, Resumption

#: A clock that rings before its order is parked rings again after these delays: together longer
#: than all the retries of the state that parks it.
RESTART_DELAYS_SECONDS: Final = (2, 4, 8, 16, 32)

#: An order that was resumed to probe its provider has claimed the probe by then.
PROBE_PATIENCE_SECONDS: Final = 30

#: The queue stamps clocks, the workflow stamps parkings: their times differ by some milliseconds.
_SKEW_MS: Final = 1000

#: Spent tokens are passed over up to here, in search of an order that can probe.
_LOOKED_AT: Final = 100


class ParkedOrders:
    """Decides when parked orders go on.

    Every method raises :class:`~orderflow.errors.ProviderUnavailableError` when DynamoDB, SQS, SNS
    or Step Functions are in trouble; what was asked is then to be asked again, and doing so more
    often than needed is harmless.
    """

    def __init__(
        self,
        orders: OrderStore,
        breakers: BreakerStore,
        resumer: Resumer,
        queue: ParkedOrdersQueue,
        resumption: PacedResumption,
        escalation: Escalation,
        *,
        clock: Callable[[], int],
    ) -> None:
        self._orders = orders
        self._breakers = breakers
        self._resumer = resumer
        self._queue = queue
        self._resumption = resumption
        self._escalation = escalation
        self._clock = clock

    def handle(self, message: Message) -> None:
        """Do what the message asks for."""
        match message:
            case ParkTimer():
                self._on_timer(message)
            case Probe():
                self._probe(message)
            case ResumptionStep():
                self._resumption.step(message)

    def breaker_changed(self, before: BreakerItem, after: BreakerItem) -> None:
        """Start what follows from a change of a breaker."""
        if after.admits_all:
            if not before.admits_all:
                recovery_events.resumption_started(before, after)
                self._resumption.start(after)
        elif after.next_probe_at is not None and _moved(before, after):
            self._send_probe(Probe(provider=after.provider, epoch=after.epoch), after.next_probe_at)

    def _on_timer(self, clock: ParkTimer) -> None:
        try:
            order = self._orders.get(clock.order_id)
        except OrderNotFoundError:
            logger.warning("clock of an unknown order", extra={"order_id": clock.order_id})
            return
        if not _was_parked_since(order, clock.sent_at):
            self._restart_timer(order, clock)
        elif order.parked is None or order.parked.park_count != clock.park_count:
            logger.info("clock of an earlier parking", extra={"order_id": order.order_id})
        elif order.status is OrderStatus.NEEDS_ATTENTION:
            self._escalation.alert(order, order.parked.provider)
        else:
            self._resumer.resume(order, "delay")

    def _restart_timer(self, order: Order, clock: ParkTimer) -> None:
        """The clock is set just before its order is parked: that may still be on its way.

        A new clock instead of a failed message: the queue's visibility timeout is minutes long, and
        an order that will never be parked (closed meanwhile) would end as a dead letter.
        """
        may_be_parked = order.status in PREDECESSORS[OrderStatus.PAYMENT_DELAYED]
        if not may_be_parked or clock.attempts >= len(RESTART_DELAYS_SECONDS):
            logger.info("clock of an order that is not parked", extra={"order_id": order.order_id})
            return
        self._queue.send(
            clock.model_copy(update={"attempts": clock.attempts + 1}),
            RESTART_DELAYS_SECONDS[clock.attempts],
        )

    def _probe(self, probe: Probe) -> None:
        breaker = self._breakers.read(probe.provider)
        due = breaker.next_probe_at
        if breaker.epoch != probe.epoch or due is None:
            return  # the change that came between has its own consequences
        if due > self._clock():
            self._send_probe(probe, due)
        elif self._resume_oldest(probe.provider):
            # Should it end without having called the provider, the next one is to.
            self._queue.send(probe, PROBE_PATIENCE_SECONDS)

    def _send_probe(self, probe: Probe, due: int) -> None:
        self._queue.send(probe, (due - self._clock()) / 1000)

    def _resume_oldest(self, provider: str) -> bool:
        """Whether there was one."""
        return any(
            self._resumer.resume(order, "breaker") is Resumption.RESUMED
            for order in islice(self._orders.parked(provider), _LOOKED_AT)
        )


def _moved(before: BreakerItem, after: BreakerItem) -> bool:
    """Whether the time of the next probe was set anew; not so where others note something there."""
    return (before.epoch, before.next_probe_at) != (after.epoch, after.next_probe_at)


def _was_parked_since(order: Order, moment: int) -> bool:
    """Whether the order was parked at ``moment`` (epoch ms) or later, as its history tells."""
    return any(
        datetime.fromisoformat(change.at).timestamp() * 1000 >= moment - _SKEW_MS
        for change in order.history
        if change.status in PARKED
    )
