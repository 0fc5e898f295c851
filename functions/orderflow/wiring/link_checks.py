"""For ``reconcile_orders``: the questions about links that are not paid."""

from __future__ import annotations

from typing import Final

from orderflow.operations.link_checks import LinkChecks
from orderflow.payments.inquiry import PaymentInquiry
from orderflow.payments.recording import PaymentRecorder, by_task_token
from orderflow.platform import aws
from orderflow.platform.environment import load_environment
from orderflow.wiring import common
from orderflow.wiring.payments import PaystackCallerEnvironment, paystack

_BY: Final = "reconcile_orders"

#: The function reads the breaker itself.
_NO_SNAPSHOT: Final = {"breaker": None, "retryCount": 0}


class _LinkChecksEnvironment(common.LinksEnvironment, PaystackCallerEnvironment):
    """What asking about links needs."""


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
        times=environment.link_times,
    )
