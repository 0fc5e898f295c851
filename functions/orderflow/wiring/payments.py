"""For the functions that call PayStack: its API behind its breaker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache, partial
from typing import Any, Final

import urllib3
from pydantic import Field

from orderflow.breakers.factory import breaker_for
from orderflow.breakers.rate_limits import RateLimiter
from orderflow.orders.model import Order
from orderflow.payments.guarded import PAYSTACK, GuardedPaystack
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.links import ensure_payment_link
from orderflow.payments.paystack import PaystackClient
from orderflow.payments.recording import PaymentRecorder, by_caller
from orderflow.payments.settings import load_paystack_key
from orderflow.payments.verification import PaymentVerification
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import (
    BreakerEnvironment,
    OperationsEnvironment,
    OrdersEnvironment,
    PaystackApiEnvironment,
    load_environment,
)
from orderflow.wiring import common

snapshots.prepare(aws.sns, aws.secrets, aws.ssm_parameters)

_LINK: Final = "CreatePaymentLink"
_VERIFY: Final = "VerifyPayment"


class PaystackCallerEnvironment(PaystackApiEnvironment, BreakerEnvironment, OperationsEnvironment):
    """What functions need that call PayStack."""


@cache
def _connections() -> urllib3.PoolManager:
    return urllib3.PoolManager()


def client(environment: PaystackApiEnvironment) -> PaystackClient:
    """PayStack's API, unguarded."""
    key = load_paystack_key(environment.paystack_secret_name)
    return PaystackClient(environment.paystack_base_url, key, _connections())


def paystack(
    environment: PaystackCallerEnvironment, event: Mapping[str, Any], by: str
) -> GuardedPaystack:
    """PayStack's API.

    Args:
        environment: the function's.
        event: holds the breaker's snapshot, see :func:`~orderflow.breakers.factory.breaker_for`.
        by: who calls.
    """
    limiter = RateLimiter(aws.table(environment.breakers_table))
    return GuardedPaystack(
        client(environment),
        breaker_for(PAYSTACK, event, environment, by),
        common.alerts(environment),
        limiter,
    )


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
