"""For ``send_payment_link`` and ``send_status_emails``: e-mails through Amazon SES."""

from __future__ import annotations

from typing import Final

from orderflow.breakers.rate_limits import RateLimiter
from orderflow.breakers.refusals import RefusalAlerts, RefusalKind
from orderflow.emails.mailer import Mailer
from orderflow.emails.notices import send_payment_link, send_refund_emails, send_status_email
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import (
    AddressesEnvironment,
    BreakersEnvironment,
    OperationsEnvironment,
    OrdersEnvironment,
    ReceiptsEnvironment,
    SenderEnvironment,
    load_environment,
)
from orderflow.wiring import common
from orderflow.wiring.addresses import addresses

snapshots.prepare(aws.ses)


class _EmailEnvironment(
    OrdersEnvironment,
    SenderEnvironment,
    AddressesEnvironment,
    BreakersEnvironment,
    OperationsEnvironment,
):
    """What the functions that send e-mail need."""


class _NewsEnvironment(_EmailEnvironment, ReceiptsEnvironment):
    """What ``send_status_emails`` needs."""


_REFUSED: Final = RefusalKind(
    "ses",
    "Amazon SES refuses our requests",
    consequence="Orders go on, and the app shows each payment link; customers get no e-mail.",
    advice=(
        "Check in the SES console: whether sending is paused or the account suspended, the "
        "sender's identity and its MAIL FROM domain, the sandbox, and the functions' roles."
    ),
)


def _mailer(environment: _EmailEnvironment) -> Mailer:
    limiter = RateLimiter(aws.table(environment.breakers_table))
    refusals = RefusalAlerts(_REFUSED, common.alerts(environment), limiter)
    return Mailer(aws.ses(), environment.sender_email, addresses(), refusals.alert)


def email_payment_link(order_id: str) -> Order:
    """See :func:`~orderflow.emails.notices.send_payment_link`."""
    environment = load_environment(_EmailEnvironment)
    orders = common.orders(environment, by="NotifyCustomer")
    return send_payment_link(order_id, orders, _mailer(environment))


def email_news(order_id: str, status: OrderStatus) -> int:
    """E-mail all notices that the order's status and refunds call for, and that were not sent.

    Returns:
        How many messages were sent.

    Raises:
        OrderNotFoundError: there is no such order.
    """
    environment = load_environment(_NewsEnvironment)
    orders = common.orders(environment, by="send_status_emails")
    mailer, order = _mailer(environment), orders.get(order_id)
    was_sent = send_status_email(
        order, status, orders, mailer, own_receipts=environment.own_receipts
    )
    return int(was_sent) + send_refund_emails(order, orders, mailer)
