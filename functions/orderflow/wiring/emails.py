"""For ``send_payment_link`` and ``send_status_emails``: e-mails through Amazon SES."""

from __future__ import annotations

from orderflow.emails.notices import send_payment_link, send_refund_emails, send_status_email
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import OrdersEnvironment, SenderEnvironment, load_environment
from orderflow.wiring import common

snapshots.prepare(aws.ses)


class _EmailEnvironment(OrdersEnvironment, SenderEnvironment):
    """What the functions that send e-mail need."""


def email_payment_link(order_id: str) -> Order:
    """See :func:`~orderflow.emails.notices.send_payment_link`."""
    environment = load_environment(_EmailEnvironment)
    orders = common.orders(environment, by="NotifyCustomer")
    return send_payment_link(order_id, orders, aws.ses(), environment.sender_email)


def email_news(order_id: str, status: OrderStatus) -> int:
    """E-mail all notices that the order's status and refunds call for, and that were not sent.

    Returns:
        How many messages were sent.
    """
    environment = load_environment(_EmailEnvironment)
    orders = common.orders(environment, by="send_status_emails")
    sender = environment.sender_email
    was_sent = send_status_email(order_id, status, orders, aws.ses(), sender)
    return int(was_sent) + send_refund_emails(order_id, orders, aws.ses(), sender)
