"""The view *Now*: what goes on in a stage, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from orderflow.breakers.providers import ProviderName
from orderflow.clock import utc_now
from orderflow.orders.model import Order
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.recovery.settings import RecoverySettings
from scripts.console.emails import last_refusal
from scripts.console.overview import parts
from scripts.console.overview.breaker_history import WINDOW, BreakerHistory
from scripts.console.overview.dead_letters import depth, holds_dead_letters, look_into, queues
from scripts.console.overview.measures import counts_by_minute
from scripts.console.overview.shown import Shown
from scripts.console.overview.stuck import MOST_STUCK, StuckStatus
from scripts.console.stage import ConsoleStage, Parallel, Reads
from scripts.inspection.alarms import alarms
from scripts.inspection.orders import Count
from scripts.inspection.reading import MAX_ORDERS
from scripts.inspection.stuck_orders import STUCK

Found = dict[str, Any]
Parts = dict[str, Callable[[], Any]]


class Now:
    """Reads the view.

    Args:
        stage: the stage.
        parallel: runs its reads.
    """

    def __init__(self, stage: ConsoleStage, parallel: Parallel) -> None:
        self._stage = stage
        self._parallel = parallel
        self._history = BreakerHistory(stage)
        self._stuck = {status: StuckStatus(stage, status) for status in STUCK}
        self._queues = queues(stage)

    def view(self, reads: Reads) -> dict[str, Any]:
        """The stage as it is now; ``reads`` names the parts that could not be read."""
        now = utc_now()
        found = self._parallel.run(reads, self._parts(now))
        found |= self._parallel.run(reads, self._details(found, now))
        return Shown(found, now).as_json(reads)

    def _parts(self, now: datetime) -> Parts:
        return {
            **{parts.stuck(each): partial(self._stuck[each].look, MOST_STUCK) for each in STUCK},
            parts.WAITING: partial(self._newest, OrderStatus.PAYMENT_INITIATED),
            parts.REFUSED: partial(last_refusal, self._stage),
            parts.COUNTS: partial(counts_by_minute, self._stage, now),
            parts.ALARMS: partial(alarms, self._stage),
            parts.RECOVERY: self._recovery_settings,
            **{parts.queue(name): partial(depth, self._stage, name) for name in self._queues},
            **{
                parts.breaker(each): partial(self._stage.breakers.read, each)
                for each in ProviderName
            },
            **{
                parts.history(each): partial(self._history.changes, each, now)
                for each in ProviderName
            },
            **{
                parts.count(each): partial(self._count, each, now)
                for each in OrderStatus
                if each not in STUCK
            },
        }

    def _details(self, found: Found, now: datetime) -> Parts:
        """What is looked into because of what was found."""
        uncounted = {
            parts.count(each): partial(self._count, each, now)
            for each in STUCK
            if (look := found.get(parts.stuck(each))) is None or look.number is None
        }
        letters: Parts = {
            parts.letters(name): partial(
                look_into, self._stage, name, found[parts.queue(name)]["waiting"]
            )
            for name in self._queues
            if holds_dead_letters(name) and found.get(parts.queue(name), {}).get("waiting")
        }
        failed = found.get(parts.stuck(OrderStatus.FAILED))
        if failed is None or not failed.orders:
            return {**uncounted, **letters}
        deployed = partial(self._deployed_at, failed.orders)
        return {parts.DEPLOYED: deployed, **uncounted, **letters}

    def _newest(self, status: OrderStatus) -> list[Order]:
        """One more than are shown tells that there are more."""
        return self._stage.orders.newest(status, MAX_ORDERS + 1)

    def _count(self, status: OrderStatus, now: datetime) -> Count:
        """Orders of one status, from the index; of those that have ended, the last hour's."""
        since = now - WINDOW if status in CLOSED else None
        return Count(status, *self._stage.orders.count(status, since, None))

    def _recovery_settings(self) -> RecoverySettings:
        name = self._stage.output("RecoveryParameter")
        answer = self._stage.client("ssm").get_parameter(Name=name)
        return RecoverySettings.model_validate_json(answer["Parameter"]["Value"])

    def _deployed_at(self, failed: list[Order]) -> datetime | None:
        """When the definition was deployed that the latest failed execution ran."""
        latest = sorted(failed, key=lambda order: order.updated_at, reverse=True)
        arn = next(filter(None, (order.execution_arn for order in latest)), None)
        if arn is None:
            return None
        sfn = self._stage.client("stepfunctions")
        try:
            answer = sfn.describe_state_machine_for_execution(executionArn=arn)
        except sfn.exceptions.ExecutionDoesNotExist:
            return None
        deployed: datetime = answer["updateDate"]
        return deployed
