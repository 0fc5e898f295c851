"""Asks PayStack about links that are not paid, as long as a payment may still come in.

A webhook may be lost for good, and nothing else reports a payment before the link's end; and a link
that has ended or was replaced goes on taking money on PayStack's page. So all links of an order are
asked about on a schedule of falling frequency until some time after the end of the latest, on AWS
from a quarter of an hour to six hours, until 72 hours after: so long PayStack repeats its webhooks
(https://paystack.com/docs/payments/webhooks/).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from orderflow.clock import Clock, utc_now
from orderflow.errors import (
    BreakerOpen,
    IllegalTransitionError,
    OrderflowError,
    PaymentUnsettled,
    PaystackUnavailable,
)
from orderflow.orders.model import CancelRequest, LinkTimes, Order
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.links import unpaid_references
from orderflow.platform.observability import logger
from orderflow.records import Record

#: A run asks about the links of so many orders at most, and for so long.
MAX_CHECKS: Final = 50
MAX_DURATION: Final = timedelta(seconds=45)

#: The longest pause between two questions about a link, as a multiple of the first.
_LONGEST_PAUSE: Final = 24

#: PayStack can't be asked now: the rest of the links waits for the next run.
_OUTAGES: Final = (BreakerOpen, PaystackUnavailable)

_FAILURES: Final = (OrderflowError, ClientError, BotoCoreError, ValidationError)


class LinkChecksResult(Record):
    """A run: orders asked about, payments found, orders cancelled, and questions that failed."""

    checked: int = 0
    found: int = 0
    cancelled: int = 0
    failed: int = 0


@dataclass(frozen=True)
class LinkChecks:
    """Asks about the links that are due.

    Attributes:
        times: when links end, and when they are asked about.
        clock: the present time.
    """

    store: Orders
    inquiry: PaymentInquiry
    times: LinkTimes
    clock: Clock = utc_now

    def run(self) -> LinkChecksResult:
        """One run; links that it does not come to are asked about by the next one."""
        began, result = self.clock(), LinkChecksResult()
        for number, order_id in enumerate(self.store.with_link_check_due(began)):
            if number >= MAX_CHECKS or self.clock() - began > MAX_DURATION:
                break
            try:
                self._check(self.store.get(order_id), result)
            except _OUTAGES:
                logger.info("links wait for PayStack", extra={"checked": result.checked})
                break
            except _FAILURES as error:
                problem = type(error).__name__
                logger.error("link not checked", extra={"order_id": order_id, "problem": problem})
                result.failed += 1
                self._postpone(order_id)
        return result

    def _check(self, order: Order, result: LinkChecksResult) -> None:
        asked, is_settled = self._ask(order)
        result.checked += 1
        if asked.payment != order.payment or len(asked.refunds_due) > len(order.refunds_due):
            result.found += 1
        wish = self._undecided_wish(asked)
        if is_settled and wish is not None:
            result.cancelled += self._cancel(asked, wish)
        self._schedule(asked)

    def _ask(self, order: Order) -> tuple[Order, bool]:
        """The order after questions about all its links, and whether the present one is decided."""
        is_settled = True
        for reference in unpaid_references(order):
            try:
                order = self.inquiry.ask_about(order, reference)
            except PaymentUnsettled:
                # Money that comes in with an earlier link is given back, whatever the order does.
                is_settled = reference != order.payment_reference
        return order, is_settled

    def _undecided_wish(self, order: Order) -> CancelRequest | None:
        """The wish to cancel the order, where no execution decides over it."""
        wish = order.cancel_requested
        if wish is None or order.is_closed or order.payment is not None:
            return None
        is_overdue = self.clock() - wish.at > self.times.check_after
        return wish if is_overdue or order.status is OrderStatus.FAILED else None

    def _cancel(self, order: Order, wish: CancelRequest) -> bool:
        try:
            self.store.cancel(order.order_id, wish.reason, order.payment_reference)
        except IllegalTransitionError:
            return False  # paid or ended at this moment
        return True

    def _schedule(self, order: Order) -> None:
        times = self.times
        next_at = self.clock() + times.check_after * min(2**order.link_checks, _LONGEST_PAUSE)
        ends_at = order.link_ends_by(times.validity) + times.checked_after_end
        is_over = next_at > ends_at or not unpaid_references(order)
        self.store.record_link_check(
            order.order_id, order.link_checks + 1, None if is_over else next_at
        )

    def _postpone(self, order_id: str) -> None:
        """So that an order that can't be checked does not hide the others."""
        try:
            self.store.record_link_check(order_id, 0, self.clock() + self.times.check_after)
        except OrderflowError as error:
            logger.error("link check not postponed", extra={"problem": type(error).__name__})
