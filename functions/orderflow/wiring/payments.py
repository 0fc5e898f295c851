"""For ``create_payment_link`` and ``verify_payment``: PayStack's API behind its breaker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final

import urllib3

from orderflow.breakers.factory import breaker_for
from orderflow.orders.model import Order
from orderflow.payments.guarded import PAYSTACK, GuardedLinkMaker, GuardedVerifier
from orderflow.payments.links import ensure_payment_link
from orderflow.payments.paystack import PaystackClient
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


class _LinkEnvironment(OrdersEnvironment, PaystackApiEnvironment, BreakerEnvironment):
    """What ``create_payment_link`` needs."""


class _VerifyEnvironment(_LinkEnvironment, OperationsEnvironment):
    """What ``verify_payment`` needs."""


@cache
def _connections() -> urllib3.PoolManager:
    return urllib3.PoolManager()


def _paystack(environment: PaystackApiEnvironment) -> PaystackClient:
    key = load_paystack_key(environment.paystack_secret_name)
    return PaystackClient(environment.paystack_base_url, key, _connections())


def link_creation(event: Mapping[str, Any]) -> Callable[[str], Order]:
    """:func:`~orderflow.payments.links.ensure_payment_link`, to be called with an order's id.

    Args:
        event: the function's input, which holds the breaker's snapshot.
    """
    environment = load_environment(_LinkEnvironment)
    breaker = breaker_for(PAYSTACK, event, environment, by=_LINK)
    return partial(
        ensure_payment_link,
        store=common.orders(environment, by=_LINK),
        paystack=GuardedLinkMaker(_paystack(environment), breaker),
        callback_url=environment.payment_callback_url,
    )


def verification(event: Mapping[str, Any]) -> PaymentVerification:
    """Verifies payments with PayStack.

    Args:
        event: the function's input, which holds the breaker's snapshot.
    """
    environment = load_environment(_VerifyEnvironment)
    breaker = breaker_for(PAYSTACK, event, environment, by=_VERIFY)
    return PaymentVerification(
        common.orders(environment, by=_VERIFY),
        GuardedVerifier(_paystack(environment), breaker),
        common.alerts(environment),
        by=_VERIFY,
    )
