"""A breaker's events as audit lines and CloudWatch metrics (embedded metric format)."""

from __future__ import annotations

from typing import Final

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from orderflow.breakers.state import BreakerItem, State
from orderflow.platform import audit
from orderflow.platform.observability import logger

#: The metric that counts each arrival in a state, with the dimension ``provider``.
STATE_METRICS: Final = {
    State.CLOSED: "BreakerClosed",
    State.OPEN: "BreakerOpened",
    State.HALF_OPEN: "BreakerHalfOpened",
}
#: The dimension ``service`` of all of these: a breaker is one, whichever function reports it.
COUNTED_AS: Final = "breakers"
SKIPPED_METRIC: Final = "BreakerCallsSkipped"
STORE_UNAVAILABLE_METRIC: Final = "BreakerStoreUnavailable"
#: 1 when an outage begins and at each of its further openings, 0 when it is over. What came last
#: holds: the alarm keeps its state until the next value.
OUT_METRIC: Final = "ProviderOut"
#: Counts what a provider refuses us; no breaker counts it.
REFUSED_METRIC: Final = "RequestsRefused"


class ReportedEvents:
    """A :class:`~orderflow.breakers.ports.BreakerEvents` that writes to the function's log."""

    def __init__(self, by: str) -> None:
        self._by = by

    def changed(self, before: State, item: BreakerItem) -> None:
        """Write an audit line and a metric."""
        audit.record(
            audit.AuditEntry(
                actor=self._by,
                action=f"breaker {before} -> {item.state}",
                subject=item.provider,
                reason=_reason(before, item),
                details={"epoch": item.epoch, "opens": item.opens, "retryAt": item.retry_at},
            )
        )
        count_of(item.provider, STATE_METRICS[item.state])

    def skipped(self, item: BreakerItem) -> None:
        """Log and count a refused call."""
        logger.info(
            "call skipped: the breaker is open",
            extra={"provider": item.provider, "state": item.state, "mode": item.mode},
        )
        count_of(item.provider, SKIPPED_METRIC)

    def store_unavailable(self, provider: str, doing: str) -> None:
        """Log and count a store that could not be reached."""
        logger.warning("breaker store unavailable", extra={"provider": provider, "doing": doing})
        count_of(provider, STORE_UNAVAILABLE_METRIC)


def measure_outage(before: BreakerItem, after: BreakerItem) -> None:
    """Say that a provider's outage begins, goes on or is over, if the breaker's state has changed.

    A probe says nothing before its result: it could end within the period of a value that says
    "out", and the alarm looks at a period's maximum.
    """
    changed = (before.epoch, before.mode) != (after.epoch, after.mode)
    if changed and after.state_in_force is not State.HALF_OPEN:
        _measure(after.provider, OUT_METRIC, int(after.is_out))


def measure_no_outage(item: BreakerItem) -> None:
    """Say that a provider is not out, if it is not: an end that was missed is found so."""
    if not item.is_out:
        _measure(item.provider, OUT_METRIC, 0)


def _reason(before: State, item: BreakerItem) -> str:
    if item.state is not State.HALF_OPEN:
        return item.reason or ""
    if before is State.OPEN:
        return "The cooldown has ended: one call probes the provider."
    return "The last probe ended without a result: another call probes the provider."


def count_of(provider: str, metric_name: str) -> None:
    """Count one event of a provider, whichever function it happens in."""
    _measure(provider, metric_name, 1)


def _measure(provider: str, metric_name: str, value: int) -> None:
    with single_metric(name=metric_name, unit=MetricUnit.Count, value=value) as metric:
        metric.add_dimension(name="provider", value=provider)
        metric.add_dimension(name="service", value=COUNTED_AS)
