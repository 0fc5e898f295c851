"""Limits an action to once an interval for each provider, across all callers.

The time of the last action is an attribute of the provider's item in the ``breakers`` table: a
token bucket of one token.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from orderflow.breakers.state import State
from orderflow.errors import StoreUnavailable
from orderflow.platform.dynamodb import condition_failed, translated_errors
from orderflow.platform.dynamodb.token_buckets import Also, Rate, TokenBucket
from orderflow.platform.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

#: A breaker without an item is CLOSED at epoch 0. If this write creates the item it says so too:
#: otherwise the conditions of the breaker's transitions would never hold.
_AS_A_BREAKER: Final = (
    "#state = if_not_exists(#state, :CLOSED)",
    "#epoch = if_not_exists(#epoch, :zero)",
    "#failures = if_not_exists(#failures, :zero)",
    "#opens = if_not_exists(#opens, :zero)",
)


class RateLimiter:
    """Grants actions. An action is named by the attribute for its time; times are epoch ms.

    Every method raises :class:`~orderflow.errors.StoreUnavailable` when DynamoDB throttles, fails
    or can't be reached.
    """

    def __init__(self, breakers: Table) -> None:
        self._table = breakers

    def try_acquire(
        self, provider: str, action: str, now: int, interval_ms: int, epoch: int = 0
    ) -> bool:
        """Whether the caller may act: no caller has, in the interval before ``now``.

        Args:
            provider: the provider's name.
            action: the attribute for the action's time.
            now: the time of this action.
            interval_ms: the shortest time between two actions.
            epoch: the breaker's epoch, if actions of earlier epochs don't count.
        """
        also = Also(
            sets=(*_AS_A_BREAKER, "#atEpoch = :atEpoch"),
            or_if="#atEpoch < :atEpoch",
            names={
                "atEpoch": f"{action}Epoch",
                **{name: name for name in ("state", "epoch", "failures", "opens")},
            },
            values={"atEpoch": epoch, "CLOSED": str(State.CLOSED), "zero": 0},
        )
        bucket = TokenBucket(self._table, {"provider": provider}, action)
        return bucket.take(Rate(capacity=1, interval_ms=interval_ms), now, also=also).granted

    def release(self, provider: str, action: str, acquired_at: int) -> None:
        """Allow the next caller to act, because the action failed.

        Changes nothing if another caller has acted since.
        """
        try:
            with translated_errors():
                self._table.update_item(
                    Key={"provider": provider},
                    UpdateExpression="REMOVE #at",
                    ConditionExpression="#at = :acquired",
                    ExpressionAttributeNames={"#at": action},
                    ExpressionAttributeValues={":acquired": acquired_at},
                )
        except ClientError as error:
            if not condition_failed(error):
                raise


def once_an_interval(
    limiter: RateLimiter,
    provider: str,
    action: str,
    *,
    now: int,
    interval_ms: int,
    act: Callable[[], None],
) -> None:
    """Act if the limiter allows it; after a failure, which is raised, the next caller may act."""
    if not limiter.try_acquire(provider, action, now, interval_ms):
        return
    try:
        act()
    except Exception:
        try:
            limiter.release(provider, action, now)
        except StoreUnavailable:
            logger.error("no alert for one interval", extra={"provider": provider})
        raise
