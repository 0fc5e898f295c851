"""PayStack's API behind its breaker, for every function that calls it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import urllib3

from orderflow.breakers.factory import breaker_for
from orderflow.breakers.rate_limits import RateLimiter
from orderflow.payments.guarded import PAYSTACK, GuardedPaystack, RefusalAlarm
from orderflow.payments.paystack import PaystackClient
from orderflow.payments.settings import load_paystack_key
from orderflow.platform import aws
from orderflow.platform.environment import (
    BreakerEnvironment,
    OperationsEnvironment,
    PaystackApiEnvironment,
)
from orderflow.wiring import common


class PaystackCallerEnvironment(PaystackApiEnvironment, BreakerEnvironment, OperationsEnvironment):
    """What functions need that call PayStack."""


@cache
def _connections() -> urllib3.PoolManager:
    return urllib3.PoolManager()


def paystack(
    environment: PaystackCallerEnvironment, event: Mapping[str, Any], by: str
) -> GuardedPaystack:
    """PayStack's API.

    Args:
        environment: the function's.
        event: holds the breaker's snapshot, see :func:`~orderflow.breakers.factory.breaker_for`.
        by: who calls.
    """
    key = load_paystack_key(environment.paystack_secret_name)
    client = PaystackClient(environment.paystack_base_url, key, _connections())
    limiter = RateLimiter(aws.table(environment.breakers_table))
    return GuardedPaystack(
        client,
        breaker_for(PAYSTACK, event, environment, by),
        RefusalAlarm(common.alerts(environment), limiter),
    )
