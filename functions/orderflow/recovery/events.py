"""The events of recovery, as audit and log lines and CloudWatch metrics (EMF)."""

from __future__ import annotations

from typing import Final

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from orderflow.breakers.state import BreakerItem
from orderflow.orders.model import Order
from orderflow.platform import audit
from orderflow.platform.observability import logger

#: Counts, the first with the dimension ``by``.
RESUMED_METRIC: Final = "OrdersResumed"
SPENT_METRIC: Final = "TokensSpent"
#: A count, with the dimension ``provider``.
CHAINS_ENDED_METRIC: Final = "ChainsEnded"
#: Gauges, with the dimension ``provider``.
ATTENTION_METRIC: Final = "OrdersNeedingAttention"
LEFT_METRIC: Final = "ParkedOrdersLeft"

#: The actor in audit lines.
ACTOR: Final = "recover_orders"


def resumed(order: Order, by: str) -> None:
    """Report a resumed order."""
    logger.info("order resumed", extra={"order_id": order.order_id, "resumed_by": by})
    _measure(RESUMED_METRIC, 1, by=by)


def token_spent(order: Order) -> None:
    """Report an order whose task token was not waited for any more."""
    logger.info("task token spent", extra={"order_id": order.order_id})
    _measure(SPENT_METRIC, 1)


def not_resumed(order: Order, error: Exception) -> None:
    """Report an order that could not be resumed this time."""
    logger.warning("order not resumed", extra={"order_id": order.order_id, "problem": str(error)})


def resumption_started(before: BreakerItem, after: BreakerItem) -> None:
    """Report that a provider is back and the resumption of its parked orders starts."""
    audit.record(
        audit.AuditEntry(
            actor=ACTOR,
            action="resumption started",
            subject=after.provider,
            reason=f"The breaker went from {_state(before)} to {_state(after)}.",
            details={"epoch": after.epoch, "updatedBy": after.updated_by},
        )
    )


def resumption_ended(provider: str, reason: str) -> None:
    """Report the end of a resumption. Orders that are left are resumed by their own timers."""
    logger.info("resumption ended", extra={"provider": provider, "why": reason})


def orders_left(provider: str, number: int) -> None:
    """Report how many orders still wait for the provider."""
    _measure(LEFT_METRIC, number, provider=provider)


def chain_ended(provider: str, kind: str, hops: int) -> None:
    """Report a chain of messages that was too long."""
    logger.error(
        "chain of messages ended", extra={"provider": provider, "kind": kind, "hops": hops}
    )
    _measure(CHAINS_ENDED_METRIC, 1, provider=provider)


def operations_alerted(provider: str, waiting: int, needing_attention: int) -> None:
    """Report an alert to operations."""
    audit.record(
        audit.AuditEntry(
            actor=ACTOR,
            action="attention alert",
            subject=provider,
            reason="Orders are parked after all their automatic attempts.",
            details={"waiting": waiting, "needingAttention": needing_attention},
        )
    )
    _measure(ATTENTION_METRIC, needing_attention, provider=provider)


def _state(breaker: BreakerItem) -> str:
    return f"{breaker.state} ({breaker.mode})"


def _measure(name: str, value: int, **dimensions: str) -> None:
    with single_metric(name=name, unit=MetricUnit.Count, value=value) as metric:
        for dimension, content in dimensions.items():
            metric.add_dimension(name=dimension, value=content)
