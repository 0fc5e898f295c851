"""The port to the stored orders: queries, changes of status, reviews, payments and ratings.

Every method raises :class:`~orderflow.errors.StoreUnavailable` when the store throttles, fails or
can't be reached. A change that the order's status does not allow alters nothing and raises
:class:`~orderflow.errors.IllegalTransitionError`, so late and repeated events are harmless. Without
the order all but ``create`` raise :class:`~orderflow.errors.OrderNotFoundError` or change nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from orderflow.orders.lines import MatchedLine, ModelUse, ParsedList, Rating, UnmatchedLine
from orderflow.orders.model import CancelRequest, Failure, Order, Report
from orderflow.orders.money_records import Decline, Payment, RefundDue, UnconfirmedPayment
from orderflow.orders.status import OrderStatus


class OrderQueries(Protocol):
    """Reading orders. All but :meth:`get` find orders with eventual consistency."""

    def get(self, order_id: str) -> Order:
        """The order as it stands now (strongly consistent).

        Raises:
            OrderNotFoundError: there is none.
        """

    def newest(self, status: OrderStatus | None, limit: int) -> list[Order]:
        """At most ``limit`` orders of one status or, with None, of any, the newest first."""

    def newest_of_customer(
        self, customer_id: str, until: datetime | None, read: int
    ) -> Iterator[Order]:
        """One customer's orders, the newest first.

        Args:
            customer_id: the customer.
            until: none that were created after this time.
            read: how many to read at a time.
        """

    def newest_with_status(
        self,
        statuses: Collection[OrderStatus],
        since: datetime | None,
        until: datetime | None,
        read: int,
    ) -> Iterator[Order]:
        """The orders of these statuses, the newest first.

        Args:
            statuses: their statuses.
            since: none that were created before this time.
            until: none that were created after this one.
            read: how many to read at a time.
        """

    def with_status(self, status: OrderStatus) -> Iterator[Order]:
        """The orders of one status, the oldest first, read as needed."""

    def parked(self, provider: str) -> Iterator[Order]:
        """The orders that wait for this provider.

        Those that need attention come first, and of each kind the oldest.
        """

    def unchanged_since(self, status: OrderStatus, moment: datetime) -> Iterator[Order | str]:
        """The orders of one status that nothing changed after ``moment``, the oldest first.

        An order that can't be read is replaced by its id, so that it does not hide the others.
        """

    def with_refunds_due(self) -> Iterator[Order]:
        """The orders with a refund due, the oldest refund first."""

    def with_open_reversals(self) -> Iterator[Order]:
        """The orders with a refund or a dispute that is not over, the soonest check first."""

    def with_reversal_check_due(self, by: datetime) -> Iterator[str]:
        """The ids of the orders with a refund or dispute to check by this time, the first first."""

    def with_link_check_due(self, by: datetime) -> Iterator[str]:
        """The ids of the orders whose link is to be checked by this time, the longest due first."""


class OrderTransitions(Protocol):
    """Creating orders, and changing their status and what belongs to it."""

    def create(  # noqa: PLR0913 - the fields of a record
        self,
        *,
        order_id: str,
        customer_id: str,
        customer_email: str,
        customer_name: str | None,
        grocery_list: str,
        execution_arn: str,
        parsed: ParsedList,
        review: bool = False,
        synthetic: bool = False,
    ) -> Order:
        """Write a new order (PENDING_MATCHING), or return the one that is there already."""

    def take_over(self, order_id: str, execution_arn: str) -> None:
        """Record that this execution handles the order from now on."""

    def record_parsed_list(self, order_id: str, parsed: ParsedList) -> Order:
        """FAILED -> PENDING_MATCHING, with the lines of an order that failed before it had any."""

    def record_matches(
        self,
        order_id: str,
        lines: Sequence[MatchedLine],
        unmatched: Sequence[UnmatchedLine],
        model_use: ModelUse | None = None,
    ) -> Order:
        """PENDING_MATCHING -> MATCHED, with the products, their prices and the total."""

    def record_link(
        self,
        order_id: str,
        *,
        link: str,
        reference: str,
        attempts: int,
        expires_at: datetime,
        check_at: datetime | None = None,
    ) -> Order:
        """-> PAYMENT_INITIATED, with the link that the customer may now see.

        ``check_at`` is when :meth:`OrderQueries.with_link_check_due` finds the order, unless a
        payment comes in before.
        """

    def reopen_link(self, order_id: str) -> Order:
        """-> PAYMENT_INITIATED again, with the link that the order has."""

    def record_failure(self, order_id: str, failure: Failure, reason: str) -> Order:
        """-> FAILED, without the task tokens, which end with the execution.

        A failure that is recorded already raises IllegalTransitionError, too.

        Args:
            order_id: the order.
            failure: what happened.
            reason: for the customer.
        """

    def cancel(self, order_id: str, reason: str, unpaid_reference: str | None = None) -> Order:
        """-> CANCELLED, unless a payment has come in; the link is removed.

        The reference stays: a payment that comes in under it all the same is to be refunded.

        Args:
            order_id: the order.
            reason: for the customer.
            unpaid_reference: the order's payment reference, which PayStack says is not paid.
                Without it, only an order that never had a link is cancelled.
        """

    def request_cancellation(self, order_id: str, request: CancelRequest) -> Order:
        """Record that an open order that has a link and no payment is to be cancelled.

        The first request stays. The status does not change.

        Raises:
            IllegalTransitionError: the order has ended, is paid, or never had a link.
        """

    def clear_parked(self, order_id: str, task_token: str) -> None:
        """Remove a token that was answered, unless the order was parked again meanwhile.

        This sets ``updated_at``, so that the reconciler does not take the order for a stuck one.
        """

    def record_alerted(self, order_id: str, failure: Failure) -> None:
        """Record that operations were alerted about this failure."""

    def record_report(self, order_id: str, report: Report) -> None:
        """Record that operations were alerted because the order does not move."""

    def record_notification(self, order_id: str, reference: str) -> None:
        """Record that the link with this reference was e-mailed."""

    def record_unsettled_alert(self, order_id: str) -> None:
        """Record that operations were alerted about a payment that PayStack leaves undecided."""

    def record_notified_status(self, order_id: str, status: OrderStatus) -> None:
        """Record that the customer was notified of this status."""


class OrderReviews(Protocol):
    """The customer's review of an order that is AWAITING_REVIEW."""

    def record_edit(
        self,
        seen: Order,
        lines: Sequence[MatchedLine],
        unmatched: Sequence[UnmatchedLine],
        edit: str,
    ) -> Order | None:
        """Replace the order's lines and total, and remember the digest of the edit.

        Returns None where the order is not in review, or has changed since it was ``seen``.
        """

    def confirm_review(self, seen: Order) -> Order:
        """AWAITING_REVIEW -> MATCHED, if nothing has changed since the order was ``seen``."""


class OrderPayments(Protocol):
    """Recording what PayStack reports of an order's payment. None of this changes the status."""

    def record_payment(self, order_id: str, payment: Payment) -> tuple[Order, bool]:
        """Record a payment that was reported for an open order.

        The same payment again is counted in ``payment_reports`` until it is confirmed, so that a
        caller who asks PayStack about it can see that it was reported again meanwhile.

        Returns:
            The order, and whether this call recorded the payment. If it did not, the order has
            this payment already, or another one, or it has ended.
        """

    def confirm_payment(self, order_id: str, payment: Payment) -> Order | None:
        """Record that PayStack confirms the payment, which has ``verified_at``.

        Returns:
            The order; None where it does not hold this payment, unconfirmed, any more.
        """

    def drop_payment(self, seen: Order, unconfirmed: UnconfirmedPayment) -> Order | None:
        """Move a payment that PayStack does not confirm to ``unconfirmed_payments``.

        Args:
            seen: the order as it was *before* PayStack was asked. A payment that was reported
                again since then may be confirmed by now: it stays.
            unconfirmed: the payment, with PayStack's answer.

        Returns:
            The order; None where it holds another payment, or this one was reported again.
        """

    def record_unconfirmed_payments(
        self, order: Order, unconfirmed_payments: Sequence[UnconfirmedPayment]
    ) -> None:
        """Replace the order's unconfirmed payments, unless they changed since it was read."""

    def record_decline(self, order_id: str, decline: Decline) -> bool:
        """Record a failed attempt to pay, if the order waits for a payment under its reference.

        Returns:
            Whether it does.
        """

    def record_link_check(self, order_id: str, checks: int, next_at: datetime | None) -> None:
        """Record how often the link was checked, and when it is again; None for never.

        Changes nothing where the order has a payment, unless an earlier link was replaced.
        """

    def record_reversals(self, seen: Order, changed: Order) -> Order:
        """Replace the order's refunds, those that are due and those made, and its disputes.

        The version grows where the customer sees a change. :meth:`OrderQueries.with_refunds_due`
        finds orders with a refund due, :meth:`OrderQueries.with_open_reversals` those with a
        ``check_at``.

        Args:
            seen: the order as it was read.
            changed: a copy with other ``refunds_due``, ``refunds`` and ``disputes``.

        Raises:
            StoreUnavailable: they changed since the order was read: read it and try again.
        """

    def record_refunds(self, order: Order, refunds: Sequence[RefundDue]) -> Order:
        """Replace the order's refunds that are due, as :meth:`record_reversals` does.

        Raises:
            StoreUnavailable: they changed since the order was read: read it and try again.
        """


class OrderRatings(Protocol):
    """What customers say about their orders."""

    def record_rating(self, order_id: str, rating: Rating) -> Order:
        """Record the rating of a paid order; the first one stays. The version does not change.

        Raises:
            IllegalTransitionError: the order is not paid.
        """


class Orders(OrderQueries, OrderTransitions, OrderReviews, OrderPayments, OrderRatings, Protocol):
    """The stored orders."""
