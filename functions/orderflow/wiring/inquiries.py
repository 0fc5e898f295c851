"""For the functions that ask PayStack by themselves: on a schedule, for customers and operators.

About payments, refunds and disputes; and about the account, whose sessions must outlast our links.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

from pydantic import Field

from orderflow.breakers.rate_limits import RateLimiter
from orderflow.operations.link_checks import LinkChecks
from orderflow.operations.reversal_checks import ReversalChecks
from orderflow.operations.session_timeout import SessionTimeoutCheck
from orderflow.orders.model import LINK_VALIDITY
from orderflow.orders.ports import Orders
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.recording import PaymentRecorder, by_task_token
from orderflow.payments.reversals.api import ReversalsClient
from orderflow.payments.reversals.asking import ReversalInquiry
from orderflow.payments.reversals.recording import ReversalRecorder
from orderflow.payments.reversals.refunding import Refunding
from orderflow.payments.reversals.times import ReversalTimes
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import (
    OrdersEnvironment,
    ReversalsEnvironment,
    load_environment,
)
from orderflow.returns.address_limits import StoredAddressLimits
from orderflow.returns.customer_returns import CustomerReturns
from orderflow.wiring import common
from orderflow.wiring.payments import PaystackCallerEnvironment, client, paystack

snapshots.prepare(aws.step_functions)

_RECONCILE: Final = "reconcile_orders"
_RETURN: Final = "payment_return"
_REFUND: Final = "refund_payment"

#: The functions read the breaker themselves.
_NO_SNAPSHOT: Final = {"breaker": None, "retryCount": 0}


class _InquiryEnvironment(OrdersEnvironment, PaystackCallerEnvironment):
    """What asking PayStack and recording its answer needs."""


class _LinkChecksEnvironment(_InquiryEnvironment):
    """What asking about links on a schedule needs."""

    link_check_after_seconds: int = Field(alias="LINK_CHECK_AFTER_SECONDS", ge=1)


class _ReturnEnvironment(_InquiryEnvironment):
    """What ``payment_return`` needs."""

    return_limits_table: str = Field(alias="RETURN_LIMITS_TABLE", min_length=1)
    shop_page_url: str = Field(alias="SHOP_PAGE_URL", pattern=r"^https?://")


class _ReversalsEnvironment(_InquiryEnvironment, ReversalsEnvironment):
    """What asking about refunds and disputes, and making refunds, needs."""


def link_checks() -> LinkChecks:
    """Asks PayStack about the links that are due."""
    environment = load_environment(_LinkChecksEnvironment)
    orders = common.orders(environment, _RECONCILE)
    return LinkChecks(
        store=orders,
        inquiry=_inquiry(environment, orders, _RECONCILE),
        first_after=timedelta(seconds=environment.link_check_after_seconds),
    )


def session_timeout_check() -> SessionTimeoutCheck:
    """Checks that PayStack's sessions outlast our links."""
    environment = load_environment(_LinkChecksEnvironment)
    return SessionTimeoutCheck(
        paystack(environment, _NO_SNAPSHOT, by=_RECONCILE),
        RateLimiter(aws.table(environment.breakers_table)),
        common.alerts(environment),
        LINK_VALIDITY,
    )


def shop_page_url() -> str:
    """The shop's page, where every customer goes on."""
    return load_environment(_ReturnEnvironment).shop_page_url


def customer_returns() -> CustomerReturns:
    """Asks PayStack about the payments of customers who come back."""
    environment = load_environment(_ReturnEnvironment)
    orders = common.orders(environment, _RETURN)
    limits = StoredAddressLimits(aws.table(environment.return_limits_table))
    return CustomerReturns(orders, limits, partial(_inquiry, environment, orders, _RETURN))


def reversal_checks() -> ReversalChecks:
    """Looks after the refunds and disputes that are due."""
    orders, api, recorder = _reversals(_RECONCILE)
    return ReversalChecks(orders, ReversalInquiry(api, recorder), recorder)


def refunding() -> Refunding:
    """Makes refunds through PayStack's Refund API."""
    return Refunding(*_reversals(_REFUND))


def _inquiry(environment: _InquiryEnvironment, orders: Orders, by: str) -> PaymentInquiry:
    recorder = PaymentRecorder(
        orders, common.alerts(environment), by_task_token(aws.step_functions())
    )
    return PaymentInquiry(orders, paystack(environment, _NO_SNAPSHOT, by), recorder)


def _reversals(by: str) -> tuple[Orders, ReversalsClient, ReversalRecorder]:
    environment = load_environment(_ReversalsEnvironment)
    orders = common.orders(environment, by)
    recorder = ReversalRecorder(orders, common.alerts(environment), ReversalTimes.of(environment))
    guarded = paystack(environment, _NO_SNAPSHOT, by)
    return orders, ReversalsClient(client(environment), guarded.calling), recorder
