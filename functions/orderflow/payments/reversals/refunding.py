"""Gives money back through PayStack's Refund API, each request once.

PayStack has no idempotency key for refunds. So a request is recorded on the order first, PayStack's
list is looked at before it is asked for a refund, and the refund carries the number of the request
in its note: after a crash or a lost answer the same request finds what it has made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from orderflow.clock import Clock, iso, utc_now
from orderflow.errors import (
    BreakerOpen,
    RefundRefusedError,
    StoreUnavailable,
    UnknownTransactionError,
)
from orderflow.money import amount_in_words
from orderflow.orders.model import Order
from orderflow.orders.money_records import Refund, RefundStatus
from orderflow.orders.ports import Orders
from orderflow.payments.paystack import REVERSED, SUCCESS, Charge
from orderflow.payments.reversals.api import NewRefund, ReversalsApi
from orderflow.payments.reversals.asking import LISTED_AFTER, ReversalInquiry, is_unclear, seen
from orderflow.payments.reversals.dues import MAX_KEPT, replaced
from orderflow.payments.reversals.looking import ShownPayment, look_at
from orderflow.payments.reversals.recording import ReversalRecorder
from orderflow.payments.reversals.refund_changes import SeenRefund, with_refund
from orderflow.platform.audit import LoggedTrail
from orderflow.records import Record

#: How often PayStack's answer is recorded, where the order changes at the same moment.
_ATTEMPTS: Final = 5

_CUSTOMER_NOTE: Final = "Refund of your grocery order {order_id}"


class RefundRequest(Record, frozen=True):
    """An operator's wish to give a payment back.

    ``reference`` is the payment's. ``amount`` is in the currency's minor unit (kobo); None is all
    that is left of it. ``request_id`` is a UUID; the same one again is the same request.
    """

    order_id: str
    reference: str
    amount: int | None = None
    by: str
    reason: str
    request_id: str


class RefundPlan(Record, frozen=True):
    """What a request would give back, of a payment of ``paid``; amounts in the minor unit."""

    reference: str
    amount: int
    currency: str
    paid: int


class Refunding:
    """Makes refunds.

    Args:
        store: the orders.
        api: PayStack.
        recorder: records what became of it.
        clock: the time of what is recorded.
    """

    def __init__(
        self, store: Orders, api: ReversalsApi, recorder: ReversalRecorder, clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._api = api
        self._recorder = recorder
        self._inquiry = ReversalInquiry(api, recorder, clock)
        self._clock = clock

    def plan(self, request: RefundRequest) -> RefundPlan:
        """What the request would give back. Moves no money; records what PayStack shows.

        Raises:
            OrderNotFoundError: no order has this id.
            RefundRefusedError: the message says why not.
            BreakerOpen, PaystackUnavailable: PayStack can't be asked now.
            StoreUnavailable: the order changed meanwhile; try again.
        """
        return self._plan(*self._asked(request), request)

    def look(self, request: RefundRequest) -> ShownPayment:
        """The payment as PayStack has it; records nothing.

        Raises:
            OrderNotFoundError: no order has this id.
            RefundRefusedError: the order has no such payment, or PayStack knows none.
            BreakerOpen, PaystackUnavailable: PayStack can't be asked now.
        """
        order = self._owner(request)
        with _known(request.reference):
            return look_at(order, request.reference, self._api)

    def carry_out(self, request: RefundRequest) -> Refund:
        """Make the refund, or find the one that the same request has made.

        Raises:
            OrderNotFoundError, RefundRefusedError, BreakerOpen, StoreUnavailable: as :meth:`plan`.
            PaystackUnavailable: PayStack may have made it; the same request again finds out.
        """
        charge, order = self._asked(request)
        earlier = next(_requests(order, request.request_id), None)
        if earlier is not None and earlier.status is RefundStatus.REFUSED:
            raise RefundRefusedError(f"The refund was not made: {earlier.note}")
        if earlier is not None and earlier.status is not RefundStatus.REQUESTED:
            return earlier
        plan = self._plan(charge, order, request)
        order = self._requested(order, plan, request)
        return self._made(order, request)

    def _asked(self, request: RefundRequest) -> tuple[Charge, Order]:
        order = self._owner(request)
        with _known(request.reference):
            return self._inquiry.ask(order, request.reference)

    def _owner(self, request: RefundRequest) -> Order:
        """The order that the payment belongs to."""
        order = self._store.get(request.order_id)
        if request.reference.rpartition("-")[0] != request.order_id:
            raise RefundRefusedError(f"{request.reference} is no payment of this order.")
        return order

    def _plan(self, charge: Charge, order: Order, request: RefundRequest) -> RefundPlan:
        _refuse_if_disputed(order, request.reference)
        _refuse_if_unpaid(charge)
        _refuse_if_needed(order, request.reference)
        self._refuse_if_unclear(order, request.reference)
        left = charge.amount - order.taken(request.reference)
        amount = left if request.amount is None else request.amount
        if left <= 0:
            raise RefundRefusedError(
                f"All of {request.reference} was given back, or is being given back: "
                f"orders show {order.order_id}"
            )
        if not 0 < amount <= left:
            raise RefundRefusedError(
                f"{amount_in_words(charge.currency, amount)} can't be given back: "
                f"{amount_in_words(charge.currency, left)} is left of {request.reference}."
            )
        return RefundPlan(
            reference=request.reference,
            amount=amount,
            currency=charge.currency,
            paid=charge.amount,
        )

    def _refuse_if_unclear(self, order: Order, reference: str) -> None:
        """Refuse while a request may have made a refund that PayStack does not show yet."""
        now = self._clock()
        for refund in order.refunds:
            if refund.reference == reference and is_unclear(refund, now):
                raise RefundRefusedError(
                    f"A request of {refund.by} went to PayStack at {iso(refund.updated_at)}, and "
                    "it is not known yet whether PayStack made the refund. Try again after "
                    f"{iso(refund.updated_at + LISTED_AFTER)}: PayStack's list shows it by then."
                )

    def _requested(self, order: Order, plan: RefundPlan, request: RefundRequest) -> Order:
        """The order with the request on it, before PayStack is asked."""
        if len(order.refunds) >= MAX_KEPT:
            raise RefundRefusedError("The order has too many refunds: refund it in the dashboard.")
        now = self._clock()
        refund = Refund(
            reference=plan.reference,
            amount=plan.amount,
            currency=plan.currency,
            status=RefundStatus.REQUESTED,
            request_id=request.request_id,
            by=request.by,
            reason=request.reason,
            at=now,
            updated_at=now,
            check_at=self._recorder.times.next_check(now, 0),
        )
        changed = order.model_copy(update={"refunds": [*order.refunds, refund]})
        return self._recorder.record(order, changed)

    def _made(self, order: Order, request: RefundRequest) -> Refund:
        refund = order.refunds[-1]
        wanted = NewRefund(
            reference=refund.reference,
            amount=refund.amount,
            currency=refund.currency,
            request_id=request.request_id,
            customer_note=_CUSTOMER_NOTE.format(order_id=order.order_id),
        )
        details = wanted.model_dump(exclude={"customer_note"})
        try:
            with LoggedTrail(request.by).act("refund", order.order_id, request.reason, **details):
                made = self._api.refund(wanted)
        except (RefundRefusedError, BreakerOpen) as error:
            self._give_up(order, refund, str(error) or "PayStack was not called: it is out")
            raise
        # PayStack's webhooks may have overtaken its answer: it only leads forward, as they do.
        answer = replace(seen(made, refund.reference, request.request_id), is_listed=False)
        return self._answered(order, answer)

    def _answered(self, order: Order, answer: SeenRefund) -> Refund:
        """The refund that PayStack made, recorded."""
        for _ in range(_ATTEMPTS):
            answered = with_refund(order, answer, self._clock(), self._recorder.times)
            refund = _request_of(answered, answer.request_id)
            # The operator sees that it is pending: an alert would only repeat it.
            news = refund.notified_status or RefundStatus.PENDING
            told = refund.model_copy(update={"notified_status": news})
            changed = answered.model_copy(
                update={"refunds": replaced(answered.refunds, refund, told)}
            )
            try:
                return _request_of(self._recorder.record(order, changed), answer.request_id)
            except StoreUnavailable:
                # PayStack's webhook about this refund may have come first.
                order = self._store.get(order.order_id)
        raise StoreUnavailable("The refund was made, and could not be recorded.")

    def _give_up(self, order: Order, refund: Refund, note: str) -> None:
        given_up = refund.model_copy(
            update={
                "status": RefundStatus.REFUSED,
                "notified_status": RefundStatus.REFUSED,
                "note": note,
                "updated_at": self._clock(),
                "check_at": None,
            }
        )
        refunds = replaced(order.refunds, refund, given_up)
        self._recorder.record(order, order.model_copy(update={"refunds": refunds}))


@contextmanager
def _known(reference: str) -> Iterator[None]:
    """Refuses a payment that PayStack does not know."""
    try:
        yield
    except UnknownTransactionError as error:
        raise RefundRefusedError(
            f"PayStack knows no payment {reference}: there is nothing to give back. "
            "A report of it was forged, or is another account's."
        ) from error


def _requests(order: Order, request_id: str | None) -> Iterator[Refund]:
    return (refund for refund in order.refunds if refund.request_id == request_id)


def _request_of(order: Order, request_id: str | None) -> Refund:
    return next(_requests(order, request_id))


def _refuse_if_disputed(order: Order, reference: str) -> None:
    dispute = order.open_dispute(reference)
    if dispute is None:
        return
    due = f" by {iso(dispute.due_at)}" if dispute.due_at else ""
    raise RefundRefusedError(
        f"The payment is disputed (dispute {dispute.dispute_id}): a refund would give the money "
        f"back twice. Answer the dispute in PayStack's dashboard{due}; accepting it gives the "
        "money back."
    )


def _refuse_if_unpaid(charge: Charge) -> None:
    if charge.status == REVERSED:
        raise RefundRefusedError("PayStack shows the payment as reversed: all of it went back.")
    if charge.status != SUCCESS:
        raise RefundRefusedError(
            f"PayStack says of the payment: {charge.status}. There is nothing to give back."
        )


def _refuse_if_needed(order: Order, reference: str) -> None:
    """Refuse to give back what an order that goes on is paid with."""
    is_due = any(due.reference == reference for due in order.refunds_due)
    if order.is_closed or is_due or order.payment_reference != reference:
        return
    raise RefundRefusedError(
        f"The order is {order.status} and goes on with this payment. Cancel it first, or wait "
        "until it is completed."
    )
