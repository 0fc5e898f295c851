"""What an order's record holds of payments, failed attempts and refunds."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from orderflow.records import Record, Timestamp


class Payment(Record):
    """A payment of what the order asks for, as PayStack's webhook or its API reported it.

    ``amount_kobo`` is the order's total. ``charged_kobo`` is what the customer paid where that is
    more, because PayStack's ``fees_kobo`` are passed on. ``verified_at`` is when PayStack's API
    confirmed the payment. Until then it completes nothing.
    """

    reference: str
    amount_kobo: int
    currency: str
    charged_kobo: int | None = None
    fees_kobo: int | None = None
    channel: str | None = None
    paid_at: Timestamp
    verified_at: Timestamp | None = None


class UnconfirmedPayment(Record):
    """A reported payment that PayStack's API did not confirm.

    ``paystack_answer`` is what PayStack answered instead. ``notified_at`` is when operations were
    alerted.
    """

    payment: Payment
    paystack_answer: str = Field(alias="said")
    at: Timestamp
    notified_at: Timestamp | None = Field(default=None, alias="toldAt")


class Decline(Record):
    """The customer's last failed attempt to pay. The same link accepts another attempt."""

    reference: str
    reason: str
    at: Timestamp


class RefundReason(StrEnum):
    """Why money that was paid is not the order's payment."""

    #: The order had expired, or was cancelled or rejected.
    ORDER_ENDED = "order-ended"
    #: Another amount, currency or reference than the order asks for.
    DIFFERS = "differs"
    #: The order has another payment.
    PAID_TWICE = "paid-twice"


class RefundDue(Record):
    """A reported payment that no order can take: operations check it and refund it.

    ``amount`` is in the currency's minor unit (kobo). ``notified_at`` and ``customer_notified_at``
    are when operations and the customer were notified, ``settled_at`` is when operations closed it.
    """

    reference: str
    amount: int
    currency: str
    reason: RefundReason = Field(alias="why")
    at: Timestamp
    paid_at: Timestamp
    notified_at: Timestamp | None = Field(default=None, alias="toldAt")
    customer_notified_at: Timestamp | None = Field(default=None, alias="customerToldAt")
    settled_at: Timestamp | None = None
