"""For ``recover_orders``."""

from __future__ import annotations

from functools import partial

from orderflow.breakers.rate_limits import RateLimiter
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.clock import epoch_ms
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import (
    BreakersEnvironment,
    OrdersEnvironment,
    RecoveryEnvironment,
    load_environment,
)
from orderflow.recovery.chains import Chain
from orderflow.recovery.escalation import Escalation
from orderflow.recovery.messages import ParkedOrdersQueue
from orderflow.recovery.pacing import PacedResumption
from orderflow.recovery.parked_orders import ParkedOrders
from orderflow.recovery.resumer import Resumer
from orderflow.recovery.settings import load_recovery_settings
from orderflow.wiring import common

snapshots.prepare(aws.step_functions, aws.sqs, aws.sns, aws.ssm_parameters)


class _RecoverEnvironment(OrdersEnvironment, BreakersEnvironment, RecoveryEnvironment):
    """What ``recover_orders`` needs."""


def parked_orders() -> ParkedOrders:
    """Decides when parked orders go on."""
    environment = load_environment(_RecoverEnvironment)
    orders = common.orders(environment, by="recover_orders")
    breakers_table = aws.table(environment.breakers_table)
    breakers, rate_limiter = DynamoBreakerStore(breakers_table), RateLimiter(breakers_table)
    resumer = Resumer(aws.step_functions(), orders)
    queue = ParkedOrdersQueue(aws.sqs(), environment.parked_orders_queue_url)
    settings = partial(load_recovery_settings, environment.recovery_parameter)
    escalation = Escalation(
        common.alerts(environment), orders, breakers, rate_limiter,
        settings=settings, clock=epoch_ms,
    )  # fmt: skip
    chain = Chain(queue, escalation)
    resumption = PacedResumption(
        orders, breakers, rate_limiter, resumer, chain, settings=settings, clock=epoch_ms
    )
    return ParkedOrders(orders, breakers, resumer, chain, resumption, escalation, clock=epoch_ms)
