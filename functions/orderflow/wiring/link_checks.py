"""For ``reconcile_orders`` and ``refund_payment``, which ask PayStack by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pydantic import Field

from orderflow.operations.link_checks import LinkChecks
from orderflow.operations.reversal_checks import ReversalChecks
from orderflow.orders.ports import Orders
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.recording import PaymentRecorder, by_task_token
from orderflow.payments.reversals.api import ReversalsClient
from orderflow.payments.reversals.asking import ReversalInquiry
from orderflow.payments.reversals.recording import ReversalRecorder
from orderflow.payments.reversals.refunding import Refunding
from orderflow.payments.reversals.times import ReversalTimes
from orderflow.platform import aws
from orderflow.platform.environment import (
    OrdersEnvironment,
    ReversalsEnvironment,
    load_environment,
)
from orderflow.wiring import common
from orderflow.wiring.payments import (
    PaystackCallerEnvironment,
    client,
    paystack,
)

_BY: Final = "reconcile_orders"
_REFUND: Final = "refund_payment"

#: The functions read the breaker themselves.
_NO_SNAPSHOT: Final = {"breaker": None, "retryCount": 0}


class _LinkChecksEnvironment(OrdersEnvironment, PaystackCallerEnvironment):
    """What asking about links needs."""

    link_check_after_seconds: int = Field(alias="LINK_CHECK_AFTER_SECONDS", ge=1)


def link_checks() -> LinkChecks:
    """Asks PayStack about the links that are due."""
    environment = load_environment(_LinkChecksEnvironment)
    orders = common.orders(environment, _BY)
    recorder = PaymentRecorder(
        orders, common.alerts(environment), by_task_token(aws.step_functions())
    )
    guarded = paystack(environment, _NO_SNAPSHOT, by=_BY)
    return LinkChecks(
        store=orders,
        inquiry=PaymentInquiry(orders, guarded, recorder),
        first_after=timedelta(seconds=environment.link_check_after_seconds),
    )


class _ReversalsEnvironment(OrdersEnvironment, PaystackCallerEnvironment, ReversalsEnvironment):
    """What asking about refunds and disputes, and making refunds, needs."""


def reversal_checks() -> ReversalChecks:
    """Looks after the refunds and disputes that are due."""
    orders, api, recorder = _reversals(_BY)
    return ReversalChecks(orders, ReversalInquiry(api, recorder), recorder)


def refunding() -> Refunding:
    """Makes refunds through PayStack's Refund API."""
    return Refunding(*_reversals(_REFUND))


def _reversals(by: str) -> tuple[Orders, ReversalsClient, ReversalRecorder]:
    environment = load_environment(_ReversalsEnvironment)
    orders = common.orders(environment, by)
    times = ReversalTimes.of(environment)
    recorder = ReversalRecorder(orders, common.alerts(environment), times)
    guarded = paystack(environment, _NO_SNAPSHOT, by)
    return orders, ReversalsClient(client(environment), guarded.calling), recorder
