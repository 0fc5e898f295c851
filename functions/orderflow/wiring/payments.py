"""For ``create_payment_link`` and ``verify_payment``: PayStack's API behind its breaker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

from pydantic import Field

from orderflow.orders.model import Order
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.links import ensure_payment_link
from orderflow.payments.recording import PaymentRecorder, by_caller
from orderflow.payments.verification import PaymentVerification
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import OrdersEnvironment, load_environment
from orderflow.wiring import common
from orderflow.wiring.paystack import PaystackCallerEnvironment, paystack

snapshots.prepare(aws.sns, aws.secrets, aws.ssm_parameters)

_LINK: Final = "CreatePaymentLink"
_VERIFY: Final = "VerifyPayment"


class _LinkEnvironment(OrdersEnvironment, PaystackCallerEnvironment):
    """What ``create_payment_link`` needs."""

    link_check_after_seconds: int = Field(alias="LINK_CHECK_AFTER_SECONDS", ge=1)


class _VerifyEnvironment(OrdersEnvironment, PaystackCallerEnvironment):
    """What ``verify_payment`` needs."""

    undecided_alert_seconds: int = Field(alias="UNDECIDED_ALERT_SECONDS", ge=1)


def link_creation(event: Mapping[str, Any]) -> Callable[[str], Order]:
    """:func:`~orderflow.payments.links.ensure_payment_link`, to be called with an order's id.

    Args:
        event: the function's input, which holds the breaker's snapshot.
    """
    environment = load_environment(_LinkEnvironment)
    orders = common.orders(environment, by=_LINK)
    guarded = paystack(environment, event, by=_LINK)
    recorder = PaymentRecorder(orders, common.alerts(environment), by_caller)
    return partial(
        ensure_payment_link,
        store=orders,
        paystack=guarded,
        inquiry=PaymentInquiry(orders, guarded, recorder),
        callback_url=environment.payment_callback_url,
        check_after=timedelta(seconds=environment.link_check_after_seconds),
    )


def verification(event: Mapping[str, Any]) -> PaymentVerification:
    """Verifies payments with PayStack.

    Args:
        event: the function's input, which holds the breaker's snapshot.
    """
    environment = load_environment(_VerifyEnvironment)
    return PaymentVerification(
        common.orders(environment, by=_VERIFY),
        paystack(environment, event, by=_VERIFY),
        common.alerts(environment),
        by=_VERIFY,
        patience=timedelta(seconds=environment.undecided_alert_seconds),
    )
