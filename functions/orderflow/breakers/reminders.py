"""Reminders of circuit breakers that operators have forced open or closed.

The time of the next reminder is an attribute of the breaker's item in the ``breakers`` table.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from orderflow.breakers.state import BreakerItem, Mode
from orderflow.clock import to_epoch_ms
from orderflow.platform.dynamodb import translated_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

FIRST_REMINDER: Final = timedelta(hours=1)
NEXT_REMINDER: Final = timedelta(days=1)


class _Watched(BreakerItem):
    """A breaker with the time (epoch ms) of the next reminder."""

    remind_at: int | None = None


class ForcedBreakers:
    """Decides when a reminder of a forced breaker is due.

    Every method raises :class:`~orderflow.errors.StoreUnavailable` when DynamoDB throttles, fails
    or can't be reached.
    """

    def __init__(self, breakers: Table) -> None:
        self._table = breakers

    def is_due(self, provider: str, now: datetime, *, take_note: bool) -> bool:
        """Whether a reminder that the provider's breaker is forced is due.

        Args:
            provider: the provider's name.
            now: the present time.
            take_note: whether to store when the first reminder is due, once a breaker is found
                forced, and to remove that time once it is not; False changes nothing.
        """
        with translated_errors():
            answer = self._table.get_item(Key={"provider": provider}, ConsistentRead=True)
        breaker = _Watched.model_validate({**answer.get("Item", {}), "provider": provider})
        if breaker.mode is Mode.AUTO:
            if breaker.remind_at is not None and take_note:
                self._update(provider, "REMOVE remindAt")
            return False
        if breaker.remind_at is None:
            if take_note:
                self._remind_at(provider, now + FIRST_REMINDER)
            return False
        return breaker.remind_at <= to_epoch_ms(now)

    def reminded(self, provider: str, now: datetime) -> None:
        """Store that a reminder was sent now."""
        self._remind_at(provider, now + NEXT_REMINDER)

    def _remind_at(self, provider: str, moment: datetime) -> None:
        self._update(
            provider,
            "SET remindAt = :moment",
            ExpressionAttributeValues={":moment": to_epoch_ms(moment)},
        )

    def _update(self, provider: str, update: str, **values: Any) -> None:
        with translated_errors():
            self._table.update_item(Key={"provider": provider}, UpdateExpression=update, **values)
