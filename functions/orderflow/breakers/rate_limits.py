"""Acts that happen at most once an interval for a provider, whoever tries and however often.

When it last happened is noted on the provider's item in the ``breakers`` table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from orderflow.breakers.state import State
from orderflow.platform.dynamodb import condition_failed, translated_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

#: A breaker without an item is CLOSED at epoch 0; an item that we are the first to write must say
#: so, or the breaker's own conditions would never hold.
_TAKE: Final = (
    "SET #act = :now, #actEpoch = :actEpoch, #state = if_not_exists(#state, :CLOSED), "
    "#epoch = if_not_exists(#epoch, :zero), #failures = if_not_exists(#failures, :zero), "
    "#opens = if_not_exists(#opens, :zero)"
)


class RateLimiter:
    """Who may act. Acts are attributes' names; times are epoch ms.

    Every method raises :class:`~orderflow.errors.StoreUnavailable` when DynamoDB throttles, fails
    or can't be reached.
    """

    def __init__(self, breakers: Table) -> None:
        self._table = breakers

    def try_acquire(
        self, provider: str, act: str, now: int, interval_ms: int, epoch: int = 0
    ) -> bool:
        """Whether the caller may act: nobody has, in the interval before ``now``.

        Args:
            epoch: the breaker's, where each epoch has its own acts: those of earlier ones don't
                count.
        """
        try:
            with translated_errors():
                self._table.update_item(
                    Key={"provider": provider},
                    UpdateExpression=_TAKE,
                    ConditionExpression=(
                        "attribute_not_exists(#act) OR #act <= :before OR #actEpoch < :actEpoch"
                    ),
                    ExpressionAttributeNames={
                        "#act": act,
                        "#actEpoch": f"{act}Epoch",
                        **{f"#{name}": name for name in ("state", "epoch", "failures", "opens")},
                    },
                    ExpressionAttributeValues={
                        ":now": now,
                        ":before": now - interval_ms,
                        ":actEpoch": epoch,
                        ":CLOSED": str(State.CLOSED),
                        ":zero": 0,
                    },
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True

    def release(self, provider: str, act: str, taken_at: int) -> None:
        """The act failed: the next caller may try. Nothing, where another has acted since."""
        try:
            with translated_errors():
                self._table.update_item(
                    Key={"provider": provider},
                    UpdateExpression="REMOVE #act",
                    ConditionExpression="#act = :taken",
                    ExpressionAttributeNames={"#act": act},
                    ExpressionAttributeValues={":taken": taken_at},
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
