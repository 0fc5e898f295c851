"""Token buckets in DynamoDB, which limit an action across all callers.

A bucket is one number: the time of the last action. An action that finds the bucket full sets it to
the present, any other moves it on by the time that one token takes, ahead of the clock in a burst.
This is the virtual scheduling form of the generic cell rate algorithm (ITU-T I.371, annex A) with
``theoretical arrival time = last action + interval``. It takes no arithmetic that DynamoDB lacks,
and a condition on the number decides and takes the token in one write. So concurrent callers never
take more tokens than there are.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from botocore.exceptions import ClientError

from orderflow.errors import StoreUnavailable
from orderflow.platform.dynamodb import (
    condition_failed,
    item_at_failure,
    placeholders,
    translated_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@dataclass(frozen=True)
class Rate:
    """``capacity`` (at least 1) actions at once, and one more each ``interval_ms``."""

    capacity: int
    interval_ms: int

    def wait_ms(self, last: float, now: int) -> int:
        """The time until there is a token; 0 if there is one.

        Args:
            last: the stored time of the last action, in epoch ms; minus infinity for none.
            now: the present, in epoch ms.
        """
        return int(max(last - self.latest(now), 0))

    def full(self, now: int) -> int:
        """The bucket is full if the last action was at this time or before."""
        return now - self.interval_ms

    def latest(self, now: int) -> int:
        """The bucket has a token if the last action was at this time or before."""
        return now + (self.capacity - 2) * self.interval_ms


@dataclass(frozen=True)
class Also:
    """What else a write that takes a token does, in DynamoDB's expressions.

    Attributes:
        sets: assignments, such as ``#ttl = :ttl``.
        or_if: a condition on which the bucket counts as full.
        names: attributes by their placeholders, without the ``#``.
        values: values by their placeholders, without the ``:``.
    """

    sets: Sequence[str] = ()
    or_if: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


_NOTHING_ELSE: Final = Also()


@dataclass(frozen=True)
class Taken:
    """The answer to a caller who wants a token.

    Attributes:
        wait_ms: the time until there is a token; 0 if the caller has one.
        before: what the write changed of the bucket's item, as it was before; the whole item where
            no token was taken, or where it was asked for.
        last: the time of the last action after that, in epoch ms.
    """

    wait_ms: int
    before: Mapping[str, Any]
    last: float

    @property
    def granted(self) -> bool:
        """Whether the caller has a token."""
        return self.wait_ms == 0


#: Each write that another caller's precedes gave that caller a token: so many are busy enough.
_MOST_WRITES: Final = 100


class TokenBucket:
    """One bucket: an attribute of an item.

    Every method raises :class:`~orderflow.errors.StoreUnavailable` when DynamoDB throttles, fails
    or can't be reached.

    Args:
        table: a boto3 DynamoDB table resource.
        key: the item's.
        attribute: holds the bucket's time, in epoch ms.
    """

    def __init__(self, table: Table, key: Mapping[str, str], attribute: str) -> None:
        self._table = table
        self._key = dict(key)
        self._attribute = attribute

    def take(
        self,
        rate: Rate,
        now: int,
        *,
        taker: str | None = None,
        also: Also = _NOTHING_ELSE,
        supposed: float = -math.inf,
        whole: bool = False,
    ) -> Taken:
        """Take a token, if there is one.

        One write does it where the bucket is as full as supposed. Otherwise that write fails and
        returns the item, which says whether there is a token; a second write takes it.

        Args:
            rate: the bucket's size and how fast it fills.
            now: the present, in epoch ms.
            taker: an attribute that remembers this taker; its value is ``now``. A taker who is
                remembered has a token already and takes none.
            also: what else the write does.
            supposed: the time of the last action, in epoch ms, as far as the caller knows.
            whole: whether the caller is to have the whole item.
        """
        before: Mapping[str, Any] = {self._attribute: supposed}
        returned: Literal["ALL_OLD", "UPDATED_OLD"] = "ALL_OLD" if whole else "UPDATED_OLD"
        for _ in range(_MOST_WRITES):
            is_full = self._last(before) <= rate.full(now)
            try:
                before = self._write(rate, now, taker, also, returned, is_full=is_full)
            except ClientError as error:
                if not condition_failed(error):
                    raise
                before = item_at_failure(error)
            else:
                return Taken(0, before, now if is_full else self._last(before) + rate.interval_ms)
            last = self._last(before)
            if taker in before:
                return Taken(0, before, last)
            if wait := rate.wait_ms(last, now):
                return Taken(wait, before, last)
            # There is a token for the next write, unless another caller's comes between.
        raise StoreUnavailable(f"{_MOST_WRITES} writes of a token bucket lost to other callers'.")

    def forget(self, takers: Collection[str]) -> None:
        """Forget takers that are remembered."""
        names = {f"#taker{number}": taker for number, taker in enumerate(takers)}
        with translated_errors():
            self._table.update_item(
                Key=self._key,
                UpdateExpression=f"REMOVE {', '.join(names)}",
                ExpressionAttributeNames=names,
            )

    def _last(self, item: Mapping[str, Any]) -> float:
        return float(item.get(self._attribute, -math.inf))

    def _write(
        self,
        rate: Rate,
        now: int,
        taker: str | None,
        also: Also,
        returned: Literal["ALL_OLD", "UPDATED_OLD"],
        *,
        is_full: bool,
    ) -> Mapping[str, Any]:
        """Take a token from a full bucket, or from a partly used one; returns what was before."""
        update, condition = _expressions(also, is_full=is_full, remembers=taker is not None)
        text = f"{update} {condition}"
        names = {"at": self._attribute, "taker": str(taker), **also.names}
        values = {
            "now": now,
            "interval": rate.interval_ms,
            "full": rate.full(now),
            "latest": rate.latest(now),
            **also.values,
        }
        with translated_errors():
            answer = self._table.update_item(
                Key=self._key,
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={
                    f"#{name}": names[name] for name in placeholders("#", text)
                },
                ExpressionAttributeValues={
                    f":{name}": values[name] for name in placeholders(":", text)
                },
                ReturnValues=returned,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        return answer.get("Attributes", {})


def _expressions(also: Also, *, is_full: bool, remembers: bool) -> tuple[str, str]:
    """The update and the condition of the write that takes a token."""
    if is_full:
        alternatives = ["attribute_not_exists(#at)", "#at <= :full", *filter(None, [also.or_if])]
        time, conditions = ":now", [f"({' OR '.join(alternatives)})"]
    else:
        time, conditions = "#at + :interval", ["#at > :full", "#at <= :latest"]
    sets = [f"#at = {time}", *also.sets]
    if remembers:
        sets.append("#taker = :now")
        conditions.append("attribute_not_exists(#taker)")
    return f"SET {', '.join(sets)}", " AND ".join(conditions)
