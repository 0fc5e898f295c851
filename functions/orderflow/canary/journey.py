"""The canary's way through the shop, from the sign-in to the cancellation of its order."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from orderflow.canary.customer import CanaryCustomer
from orderflow.canary.updates import Updates
from orderflow.clock import Clock, utc_now
from orderflow.errors import OrderflowError
from orderflow.orders.status import CLOSED, PARKED, OrderStatus

#: An order of an earlier run that was cut off. A run takes less.
_LEFT_AFTER: Final = timedelta(minutes=10)

#: No link follows these by itself, or not soon.
_DEAD_ENDS: Final = frozenset({*CLOSED, *PARKED, OrderStatus.FAILED})


class Step(StrEnum):
    """What the canary does, in this sequence."""

    SIGN_IN = "sign-in"
    SUBSCRIPTION = "subscription"
    SUBMISSION = "submission"
    UPDATE = "update"
    LINK = "link"
    CANCELLATION = "cancellation"


class JourneyError(OrderflowError):
    """The shop answered, and not with what a customer expects."""


@dataclass(frozen=True)
class Plan:
    """What a run does.

    Attributes:
        grocery_list: what it orders; the catalog has it.
        stops_before_link: the order waits for its review, where PayStack is live, and no link is
            made.
        patience_seconds: how long it waits for each update.
    """

    grocery_list: str
    stops_before_link: bool
    patience_seconds: float


@dataclass(frozen=True)
class Report:
    """What came of a run.

    Attributes:
        seconds: how long it took.
        order_id: the order that it placed, if it came so far.
        failed_step: where it ended; None if it passed.
        problem: what was wrong there.
    """

    seconds: float
    order_id: str | None = None
    failed_step: Step | None = None
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether everything was as a customer expects."""
        return self.failed_step is None

    def as_json(self) -> dict[str, Any]:
        """The function's answer."""
        return {
            "passed": self.passed,
            "seconds": round(self.seconds, 2),
            "orderId": self.order_id,
            "failedStep": self.failed_step,
            "problem": self.problem,
        }


class Journey:
    """One run.

    Args:
        sign_in: signs the canary in.
        plan: what it does.
        seconds: a clock that never goes back.
        clock: the time.
    """

    def __init__(
        self,
        sign_in: Callable[[], CanaryCustomer],
        plan: Plan,
        seconds: Callable[[], float] = time.monotonic,
        clock: Clock = utc_now,
    ) -> None:
        self._sign_in = sign_in
        self._plan = plan
        self._seconds = seconds
        self._clock = clock
        self._step = Step.SIGN_IN
        self._order_id: str | None = None

    def run(self) -> Report:
        """Order, see the update and the link, and cancel. No order is left open."""
        started = self._seconds()
        try:
            self._order_and_cancel(self._sign_in())
        except OrderflowError as error:
            problem = f"{type(error).__name__}: {error}"
            return Report(self._seconds() - started, self._order_id, self._step, problem)
        return Report(self._seconds() - started, self._order_id)

    def _order_and_cancel(self, customer: CanaryCustomer) -> None:
        self._step = Step.SUBSCRIPTION
        with customer.follow() as updates:
            self._step = Step.SUBMISSION
            self._cancel_what_was_left(customer)
            plan = self._plan
            order_id = customer.submit(plan.grocery_list, review=plan.stops_before_link)
            self._order_id = order_id
            try:
                self._see_link(customer, updates, order_id)
            except OrderflowError:
                with suppress(OrderflowError):
                    customer.cancel(order_id)
                raise
            self._step = Step.CANCELLATION
            customer.cancel(order_id)
            self._see(updates, order_id, OrderStatus.CANCELLED)

    def _see_link(self, customer: CanaryCustomer, updates: Updates, order_id: str) -> None:
        self._step = Step.UPDATE
        stops = self._plan.stops_before_link
        goal = OrderStatus.AWAITING_REVIEW if stops else OrderStatus.PAYMENT_INITIATED
        announced = self._see(updates, order_id, goal, OrderStatus.PAYMENT_INITIATED)
        self._step = Step.LINK
        shown = customer.order(order_id)["paymentLink"]
        if shown != announced or (shown is None) != stops:
            raise JourneyError(
                f"The order shows {'a' if shown else 'no'} link, and its update "
                f"{'has one' if announced else 'has none'}."
            )

    def _see(self, updates: Updates, order_id: str, goal: OrderStatus, *ends: OrderStatus) -> Any:
        """The payment link of the update with this status; what else ends the wait is wrong."""
        awaited = {goal, *ends, *_DEAD_ENDS}
        update = updates.until(order_id, awaited, self._plan.patience_seconds)
        if update["status"] != goal:
            raise JourneyError(f"The order is {update['status']}, not {goal}.")
        return update["paymentLink"]

    def _cancel_what_was_left(self, customer: CanaryCustomer) -> None:
        """By runs that were cut off: the reconciler does not look after synthetic orders."""
        for order_id in customer.left_open(self._clock() - _LEFT_AFTER):
            with suppress(OrderflowError):
                customer.cancel(order_id)
