"""The return of a customer from PayStack's checkout, with the reference in the query.

Source: https://paystack.com/docs/payments/accept-payments/#redirect (``trxref``, ``reference``).
Anybody can call this, with any reference. So it asks PayStack only about references of open orders
that are not paid, as often as the caller's address may, and says nothing about orders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from orderflow.errors import OrderflowError, OrderNotFoundError, PaymentUnsettled
from orderflow.orders.access import is_order_id
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.platform.observability import logger
from orderflow.returns.address_limits import AddressLimits

#: The order's id, and the number of its link.
_REFERENCE: Final = re.compile(r"(.{1,80})-([1-9][0-9]{0,3})")

#: Whatever fails, the customer goes on to the shop: the webhook and the reconciler are left.
_FAILURES: Final = (OrderflowError, ClientError, BotoCoreError, ValidationError)


class Outcome(StrEnum):
    """What a return led to."""

    PAID = "paid"
    NOT_PAID = "not-paid"
    #: PayStack does not know yet.
    UNSETTLED = "unsettled"
    #: The reference is not one of an open order that is still to be paid.
    NOT_ASKED = "not-asked"
    LIMITED = "limited"
    #: PayStack, or something of ours, does not answer.
    UNAVAILABLE = "unavailable"


def reference_in(query: Mapping[str, str]) -> str | None:
    """The reference that PayStack adds to the callback's address; None where it has no such form.

    PayStack sends it twice, as ``trxref`` and as ``reference``.
    """
    reference = query.get("reference") or query.get("trxref") or ""
    found = _REFERENCE.fullmatch(reference)
    return reference if found and is_order_id(found[1]) else None


class CustomerReturns:
    """Asks PayStack about the payments of customers who come back.

    Args:
        store: the orders.
        limits: how often an address may cause a question.
        make_inquiry: makes what asks PayStack and records what it finds; called only where there
            is something to ask about.
    """

    def __init__(
        self, store: Orders, limits: AddressLimits, make_inquiry: Callable[[], PaymentInquiry]
    ) -> None:
        self._store = store
        self._limits = limits
        self._make_inquiry = make_inquiry

    def receive(self, query: Mapping[str, str], address: str) -> Outcome:
        """Handle one return. Never raises where a provider or AWS fails.

        Args:
            query: the parameters of the request.
            address: the caller's IP address.
        """
        reference = reference_in(query)
        if reference is None:
            return Outcome.NOT_ASKED
        try:
            return self._ask(reference) if self._limits.admit(address) else Outcome.LIMITED
        except PaymentUnsettled:
            return Outcome.UNSETTLED
        except _FAILURES as error:
            logger.error("return not handled", extra={"problem": type(error).__name__})
            return Outcome.UNAVAILABLE

    def _ask(self, reference: str) -> Outcome:
        order = self._find(reference)
        if order is None or order.is_closed or order.has_confirmed_payment:
            return Outcome.NOT_ASKED
        asked = self._make_inquiry().ask_about(order, reference)
        return Outcome.PAID if asked.payment is not None else Outcome.NOT_PAID

    def _find(self, reference: str) -> Order | None:
        """The order that has had a link with this reference."""
        order_id, _, number = reference.rpartition("-")
        try:
            order = self._store.get(order_id)
        except OrderNotFoundError:
            return None
        return order if int(number) <= order.payment_attempts else None
