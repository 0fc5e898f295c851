"""The port ``Orders`` in memory, without a table: for fast tests of what uses orders.

:mod:`tests.support.memory_table` is another thing: it evaluates the expressions of the real store,
for proofs about these.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from orderflow.clock import Clock, utc_now
from orderflow.errors import IllegalTransitionError, OrderNotFoundError, StoreUnavailable
from orderflow.orders.lines import MatchedLine, ModelUse, ParsedList, Rating, UnmatchedLine
from orderflow.orders.model import CancelRequest, Failure, Order, Report, StatusChange
from orderflow.orders.money_records import Decline, Payment, RefundDue, UnconfirmedPayment
from orderflow.orders.ports import Orders
from orderflow.orders.status import PARKED, PREDECESSORS, OrderStatus
from orderflow.orders.store import RETENTION, SYNTHETIC_RETENTION

UNCONFIRMED_PAYMENTS_KEPT = 20


class InMemoryOrders(Orders):
    """Orders by their ids.

    Args:
        by: who makes the changes, for the order's history.
        clock: the time of the changes.
    """

    def __init__(self, by: str, clock: Clock = utc_now) -> None:
        self._by = by
        self._clock = clock
        self._orders: dict[str, Order] = {}

    def put(self, order: Order) -> None:
        """Hold the order just as it is, whatever came before."""
        self._orders[order.order_id] = order.model_copy(deep=True)

    # Queries

    def get(self, order_id: str) -> Order:
        if order_id not in self._orders:
            raise OrderNotFoundError(order_id)
        return self._orders[order_id].model_copy(deep=True)

    def newest(self, status: OrderStatus | None, limit: int) -> list[Order]:
        found = self._listed(lambda order: status in (None, order.status))
        return list(islice(reversed(found), limit))

    def newest_of_customer(
        self,
        customer_id: str,
        until: datetime | None,
        read: int,  # noqa: ARG002 - all are at hand
    ) -> Iterator[Order]:
        return reversed(
            self._oldest_first(
                lambda order: (
                    order.customer_id == customer_id
                    and (until is None or order.created_at <= until)
                )
            )
        )

    def newest_with_status(
        self,
        statuses: Collection[OrderStatus],
        since: datetime | None,
        until: datetime | None,
        read: int,  # noqa: ARG002 - all are at hand
    ) -> Iterator[Order]:
        return reversed(
            self._listed(
                lambda order: (
                    order.status in statuses
                    and (since is None or order.created_at >= since)
                    and (until is None or order.created_at <= until)
                )
            )
        )

    def with_status(self, status: OrderStatus) -> Iterator[Order]:
        return iter(self._listed(lambda order: order.status is status))

    def parked(self, provider: str) -> Iterator[Order]:
        for status in reversed(PARKED):
            for order in self.with_status(status):
                if order.parked is not None and order.parked.provider == provider:
                    yield order

    def unchanged_since(self, status: OrderStatus, moment: datetime) -> Iterator[Order | str]:
        return (order for order in self.with_status(status) if order.updated_at <= moment)

    def with_refunds_due(self) -> Iterator[Order]:
        found = self._oldest_first(lambda order: bool(order.due_refunds))
        return iter(sorted(found, key=lambda order: min(refund.at for refund in order.due_refunds)))

    def with_open_reversals(self) -> Iterator[Order]:
        found = [
            (order.reversal_check_at, order.order_id)
            for order in self._orders.values()
            if order.reversal_check_at is not None
        ]
        return (self.get(order_id) for _, order_id in sorted(found))

    def with_reversal_check_due(self, by: datetime) -> Iterator[str]:
        return (
            order.order_id
            for order in self.with_open_reversals()
            if order.reversal_check_at is not None and order.reversal_check_at <= by
        )

    def with_link_check_due(self, by: datetime) -> Iterator[str]:
        due = [
            (order.link_check_at, order.order_id)
            for order in self._listed(lambda order: order.link_check_at is not None)
            if order.link_check_at is not None and order.link_check_at <= by
        ]
        return (order_id for _, order_id in sorted(due))

    def _listed(self, wanted: Callable[[Order], bool]) -> list[Order]:
        """As :meth:`_oldest_first`, without the canary's."""
        return self._oldest_first(lambda order: not order.synthetic and wanted(order))

    def _oldest_first(self, wanted: Callable[[Order], bool]) -> list[Order]:
        found = [order for order in self._orders.values() if wanted(order)]
        return [self.get(each.order_id) for each in sorted(found, key=lambda each: each.created_at)]

    # Transitions

    def create(
        self,
        *,
        order_id: str,
        parsed: ParsedList,
        review: bool = False,
        synthetic: bool = False,
        **customer: Any,
    ) -> Order:
        if order_id not in self._orders:
            now, status = self._clock(), OrderStatus.PENDING_MATCHING
            self.put(
                Order(
                    order_id=order_id,
                    status=status,
                    review=review or None,
                    synthetic=synthetic or None,
                    requested=parsed.requested,
                    unmatched=parsed.not_understood,
                    history=[StatusChange(status=status, at=now, by=self._by)],
                    created_at=now,
                    updated_at=now,
                    ttl=int((now + (SYNTHETIC_RETENTION if synthetic else RETENTION)).timestamp()),
                    **customer,
                )
            )
        return self.get(order_id)

    def take_over(self, order_id: str, execution_arn: str) -> None:
        self._note(order_id, execution_arn=execution_arn)

    def record_parsed_list(self, order_id: str, parsed: ParsedList) -> Order:
        return self._move(
            order_id,
            OrderStatus.PENDING_MATCHING,
            requested=parsed.requested,
            unmatched=parsed.not_understood,
        )

    def record_matches(
        self,
        order_id: str,
        lines: Sequence[MatchedLine],
        unmatched: Sequence[UnmatchedLine],
        model_use: ModelUse | None = None,
    ) -> Order:
        order = self.get(order_id)
        if order.lines:
            raise IllegalTransitionError(order_id, order.status, OrderStatus.MATCHED)
        return self._move(
            order_id,
            OrderStatus.MATCHED,
            status_reason=None,
            lines=[*lines],
            unmatched=[*unmatched],
            total_kobo=sum(line.line_total_kobo for line in lines),
            **({"model_use": model_use} if model_use else {}),
        )

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
        check = {"link_check_at": check_at, "link_checks": 0} if check_at else {}
        return self._move(
            order_id,
            OrderStatus.PAYMENT_INITIATED,
            payment_link=link,
            payment_reference=reference,
            payment_attempts=attempts,
            payment_link_expires_at=expires_at,
            **check,
            status_reason=None,
            parked=None,
            review_token=None,
        )

    def reopen_link(self, order_id: str) -> Order:
        return self._move(order_id, OrderStatus.PAYMENT_INITIATED, status_reason=None, parked=None)

    def record_failure(self, order_id: str, failure: Failure, reason: str) -> Order:
        return self._move(
            order_id,
            OrderStatus.FAILED,
            lambda order: order.failure != failure,
            reason,
            failure=failure,
            status_reason=reason,
            task_token=None,
            review_token=None,
            parked=None,
            alerted_at=None,
        )

    def cancel(self, order_id: str, reason: str, unpaid_reference: str | None = None) -> Order:
        return self._move(
            order_id,
            OrderStatus.CANCELLED,
            lambda order: order.payment is None and order.payment_reference == unpaid_reference,
            reason,
            status_reason=reason,
            task_token=None,
            review_token=None,
            parked=None,
            payment_link=None,
            payment_link_expires_at=None,
        )

    def request_cancellation(self, order_id: str, request: CancelRequest) -> Order:
        order = self.get(order_id)
        if order.is_closed or order.payment is not None or order.payment_reference is None:
            raise IllegalTransitionError(order_id, order.status, OrderStatus.CANCELLED)
        if order.cancel_requested is not None:
            return order
        return self._update(
            order_id,
            cancel_requested=request,
            link_check_at=self._clock(),
            updated_at=self._clock(),
            version=order.version + 1,
        )

    def clear_parked(self, order_id: str, task_token: str) -> None:
        order = self._orders.get(order_id)
        if order is not None and order.parked and order.parked.task_token == task_token:
            self._update(order_id, parked=None, updated_at=self._clock())

    def record_rating(self, order_id: str, rating: Rating) -> Order:
        order = self.get(order_id)
        if order.status is not OrderStatus.PAYMENT_COMPLETED:
            raise IllegalTransitionError(order_id, order.status, "rated")
        return order if order.rating else self._update(order_id, rating=rating)

    def record_alerted(self, order_id: str, failure: Failure) -> None:
        order = self._orders.get(order_id)
        if order is not None and order.failure == failure:
            self._update(order_id, alerted_at=self._clock())

    def record_unsettled_alert(self, order_id: str) -> None:
        self._note(order_id, unsettled_alerted_at=self._clock())

    def record_report(self, order_id: str, report: Report) -> None:
        self._note(order_id, report=report)

    def record_notification(self, order_id: str, reference: str) -> None:
        self._note(order_id, notified_reference=reference)

    def record_notified_status(self, order_id: str, status: OrderStatus) -> None:
        if order_id in self._orders:
            earlier = self._orders[order_id].notified_statuses or set()
            self._update(order_id, notified_statuses=earlier | {status})

    def _note(self, order_id: str, **fields: Any) -> None:
        """Change some fields; do nothing where there is no such order."""
        if order_id in self._orders:
            self._update(order_id, **fields)

    def _move(
        self,
        order_id: str,
        to: OrderStatus,
        allowed: Callable[[Order], bool] = lambda _: True,
        reason: str | None = None,
        **fields: Any,
    ) -> Order:
        order = self.get(order_id)
        if order.status not in PREDECESSORS[to] or not allowed(order):
            raise IllegalTransitionError(order_id, order.status, to)
        now = self._clock()
        change = StatusChange(status=to, at=now, by=self._by, reason=reason)
        return self._update(
            order_id,
            status=to,
            updated_at=now,
            version=order.version + 1,
            history=[*order.history, change],
            **fields,
        )

    def _update(self, order_id: str, **fields: Any) -> Order:
        self.put(self._orders[order_id].model_copy(update=fields))
        return self.get(order_id)

    # Reviews

    def record_edit(
        self,
        seen: Order,
        lines: Sequence[MatchedLine],
        unmatched: Sequence[UnmatchedLine],
        edit: str,
    ) -> Order | None:
        order = self.get(seen.order_id)
        if order.status is not OrderStatus.AWAITING_REVIEW or order.version != seen.version:
            return None
        return self._update(
            order.order_id,
            lines=[*lines],
            unmatched=[*unmatched],
            total_kobo=sum(line.line_total_kobo for line in lines),
            review_edits=[*(order.review_edits or ()), edit][-20:],
            updated_at=self._clock(),
            version=order.version + 1,
        )

    def confirm_review(self, seen: Order) -> Order:
        return self._move(
            seen.order_id,
            OrderStatus.MATCHED,
            lambda order: (
                order.status is OrderStatus.AWAITING_REVIEW and order.version == seen.version
            ),
            confirmed_version=seen.version,
        )

    # Payments

    def record_payment(self, order_id: str, payment: Payment) -> tuple[Order, bool]:
        order = self.get(order_id)
        reports = order.payment_reports + 1
        if order.payment is None and not order.is_closed:
            now = self._clock()
            changed = self._update(
                order_id,
                payment=payment,
                payment_reports=reports,
                link_check_at=None if payment.reference.endswith("-1") else order.link_check_at,
                updated_at=now,
                version=order.version + 1,
            )
            return changed, True
        if _holds(order, payment):
            return self._update(order_id, payment_reports=reports), False
        return order, False

    def confirm_payment(self, order_id: str, payment: Payment) -> Order | None:
        if not _holds(self._orders.get(order_id), payment):
            return None
        return self._update(order_id, payment=payment, task_token=None, updated_at=self._clock())

    def drop_payment(self, seen: Order, unconfirmed: UnconfirmedPayment) -> Order | None:
        order = self._orders.get(seen.order_id)
        if order is None or not _holds(order, unconfirmed.payment):
            return None
        if order.payment_reports != seen.payment_reports:
            return None
        kept = [*seen.unconfirmed_payments, unconfirmed][-UNCONFIRMED_PAYMENTS_KEPT:]
        return self._update(
            seen.order_id,
            unconfirmed_payments=kept,
            payment=None,
            task_token=None,
            link_check_at=self._clock(),
            updated_at=self._clock(),
            version=order.version + 1,
        )

    def record_unconfirmed_payments(
        self, order: Order, unconfirmed_payments: Sequence[UnconfirmedPayment]
    ) -> None:
        if self.get(order.order_id).unconfirmed_payments == order.unconfirmed_payments:
            self._update(order.order_id, unconfirmed_payments=[*unconfirmed_payments])

    def record_decline(self, order_id: str, decline: Decline) -> bool:
        order = self._orders.get(order_id)
        if order is None or order.payment or order.payment_reference != decline.reference:
            return False
        self._update(order_id, declined=decline)
        return True

    def record_link_check(self, order_id: str, checks: int, next_at: datetime | None) -> None:
        order = self._orders.get(order_id)
        if order is not None and (order.payment is None or order.payment_attempts > 1):
            self._update(order_id, link_checks=checks, link_check_at=next_at)

    def record_refunds(self, order: Order, refunds: Sequence[RefundDue]) -> Order:
        return self.record_reversals(order, order.model_copy(update={"refunds_due": [*refunds]}))

    def record_reversals(self, seen: Order, changed: Order) -> Order:
        known = self._orders.get(seen.order_id)
        if known is None or known.refunds_revision != seen.refunds_revision:
            raise StoreUnavailable("The order's refunds were changed meanwhile.")
        is_news = changed.refund_state is not seen.refund_state
        news = {"version": known.version + 1, "updated_at": self._clock()} if is_news else {}
        return self._update(
            seen.order_id,
            refunds_due=changed.refunds_due,
            refunds=changed.refunds,
            disputes=changed.disputes,
            refunds_revision=seen.refunds_revision + 1,
            **news,
        )


def _holds(order: Order | None, payment: Payment) -> bool:
    """Whether the order holds this payment, unconfirmed."""
    return (
        order is not None
        and order.is_unverified
        and order.payment is not None
        and order.payment.reference == payment.reference
    )
