"""For ``reconcile_orders``: the questions to PayStack, about links, refunds and disputes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pydantic import Field

from orderflow.operations.link_checks import LinkChecks
from orderflow.operations.reversal_checks import ReversalChecks
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.recording import PaymentRecorder, by_task_token
from orderflow.payments.reversals.asking import ReversalInquiry
from orderflow.payments.reversals.recording import ReversalRecorder
from orderflow.payments.reversals.times import ReversalTimes
from orderflow.platform import aws
from orderflow.platform.environment import (
    OrdersEnvironment,
    ReversalsEnvironment,
    load_environment,
)
from orderflow.wiring import common
from orderflow.wiring.payments import (
    NO_SNAPSHOT,
    PaystackCallerEnvironment,
    paystack,
    reversals_api,
)

_BY: Final = "reconcile_orders"


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
    guarded = paystack(environment, NO_SNAPSHOT, by=_BY)
    return LinkChecks(
        store=orders,
        inquiry=PaymentInquiry(orders, guarded, recorder),
        first_after=timedelta(seconds=environment.link_check_after_seconds),
    )


class _ReversalChecksEnvironment(
    OrdersEnvironment, PaystackCallerEnvironment, ReversalsEnvironment
):
    """What looking after refunds and disputes needs."""


def reversal_checks() -> ReversalChecks:
    """Looks after the refunds and disputes that are due."""
    environment = load_environment(_ReversalChecksEnvironment)
    orders = common.orders(environment, _BY)
    times = ReversalTimes.of(environment)
    recorder = ReversalRecorder(orders, common.alerts(environment), times)
    inquiry = ReversalInquiry(reversals_api(environment, by=_BY), recorder)
    return ReversalChecks(store=orders, inquiry=inquiry, recorder=recorder)
