"""How many lists one customer may send: a token bucket for each customer, in a table of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from botocore.exceptions import ClientError
from pydantic import Field

from orderflow.clock import epoch_ms
from orderflow.errors import ConfigurationError, RetryLaterError, StoreUnavailable
from orderflow.platform.aws_errors import error_code
from orderflow.platform.dynamodb.token_buckets import Also, Rate, TokenBucket
from orderflow.platform.observability import logger, metrics
from orderflow.platform.parameters import load_parameter
from orderflow.records import Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

#: The table's key: the customer's Cognito ``sub``.
KEY: Final = "customerId"
#: The bucket's time, in epoch ms; see :mod:`orderflow.platform.dynamodb.token_buckets`.
SUBMITTED: Final = "submittedAt"
#: The start of the attributes that remember orders; the order's id follows.
ORDER: Final = "order:"

#: Of one customer, at least so many of the last orders are remembered.
REMEMBERED: Final = 50

#: One of so many lists looks whether twice as many are, and forgets the oldest. To read all of them
#: with each list takes longer than to count it.
_LOOKS: Final = 16

#: An item that no order has changed is kept for so long after its bucket has filled again.
_KEPT_SECONDS: Final = 24 * 3600

#: The wait after DynamoDB has throttled the customer's own item.
_THROTTLED_SECONDS: Final = 5
_THROTTLING: Final = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}
)

_TWO_MINUTES: Final = 120

#: So many customers are remembered between invocations.
_MOST_BUSY: Final = 1000


class TooManyOrdersError(RetryLaterError):
    """The customer has sent as many lists as the limit allows."""


class SubmissionLimit(Record, extra="forbid", frozen=True):
    """The limit, which operations can change while the system runs (one SSM parameter, JSON).

    A customer may send ``capacity`` lists at once, and one more each ``refill_seconds``.
    """

    capacity: int = Field(default=10, ge=1, le=100_000)
    refill_seconds: int = Field(default=360, ge=1, le=86_400)

    @property
    def rate(self) -> Rate:
        """The limit as a bucket has it."""
        return Rate(self.capacity, self.refill_seconds * 1000)

    def expires_at(self, now: int) -> int:
        """The TTL (epoch s) of an item that is written now (epoch ms).

        The bucket is full again by then, so its item can go.
        """
        return now // 1000 + self.capacity * self.refill_seconds + _KEPT_SECONDS


#: The canary sends a list every five minutes, and operators run it by hand.
CANARY_LIMIT: Final = SubmissionLimit(capacity=20, refill_seconds=120)


def load_submission_limit(parameter_name: str) -> SubmissionLimit:
    """The limit; see :func:`load_parameter`."""
    return load_parameter(parameter_name, SubmissionLimit)


class BusyCustomers:
    """How far customers' buckets were used when this process last saw them."""

    def __init__(self) -> None:
        self._sent: dict[str, float] = {}

    def last(self, customer_id: str) -> float:
        """The bucket's time (epoch ms) then; minus infinity where none is known."""
        return self._sent.get(customer_id, -math.inf)

    def note(self, customer_id: str, last: float) -> None:
        """The bucket has this time (epoch ms)."""
        self._sent.pop(customer_id, None)
        self._sent[customer_id] = last
        if len(self._sent) > _MOST_BUSY:
            del self._sent[next(iter(self._sent))]


class SubmissionLimiter:
    """Counts the lists that customers send.

    Args:
        table: a boto3 DynamoDB table resource with the key :data:`KEY` and the TTL ``ttl``.
        limit: returns the present limit.
        clock: the present, in epoch ms.
        busy: remembers customers between invocations; saves a write for one who sends several lists
            in a short time, and decides nothing.
    """

    def __init__(
        self,
        table: Table,
        limit: Callable[[], SubmissionLimit],
        clock: Callable[[], int] = epoch_ms,
        busy: BusyCustomers | None = None,
    ) -> None:
        self._table = table
        self._limit = limit
        self._clock = clock
        self._busy = busy if busy is not None else BusyCustomers()

    def admit(self, customer_id: str, order_id: str) -> None:
        """Count a list that is about to become this order, unless this order is counted already.

        Where the limit can't be read, or DynamoDB is out, the list is admitted: an outage of ours
        must not stop orders, and no customer can cause it. Where DynamoDB throttles the customer's
        item, the list is refused: that is what a flood of one customer's requests causes.

        Raises:
            TooManyOrdersError: the customer has to wait. Nothing is counted.
        """
        try:
            wait_seconds = self._count(self._limit(), customer_id, order_id)
        except (StoreUnavailable, ConfigurationError) as error:
            logger.error("submission not limited", extra={"problem": str(error)})
            metrics.add_metric("SubmissionsNotLimited", "Count", 1)
            return
        if wait_seconds:
            metrics.add_metric("SubmissionsLimited", "Count", 1)
            raise _refusal(wait_seconds)

    def _count(self, limit: SubmissionLimit, customer_id: str, order_id: str) -> int:
        """Take a token for the order; returns the wait in seconds, 0 if it has one."""
        now = self._clock()
        bucket = TokenBucket(self._table, {KEY: customer_id}, SUBMITTED)
        until_full = Also(
            sets=["#ttl = :ttl"], names={"ttl": "ttl"}, values={"ttl": limit.expires_at(now)}
        )
        try:
            taken = bucket.take(
                limit.rate,
                now,
                taker=f"{ORDER}{order_id}",
                also=until_full,
                supposed=self._busy.last(customer_id),
                whole=_looks(order_id),
            )
        except StoreUnavailable as error:
            if _is_throttling(error):
                return _THROTTLED_SECONDS
            raise
        self._busy.note(customer_id, taken.last)
        if taken.granted:
            _forget_oldest(bucket, taken.before)
        return math.ceil(taken.wait_ms / 1000)


def _looks(order_id: str) -> bool:
    """Whether this order's list looks at the whole item."""
    return crc32(order_id.encode()) % _LOOKS == 0


def _forget_oldest(bucket: TokenBucket, item: Mapping[str, Any]) -> None:
    """Keep the item small. Orders that have a record need not be remembered."""
    orders = sorted(
        (name for name in item if name.startswith(ORDER)), key=lambda order: item[order]
    )
    if len(orders) >= 2 * REMEMBERED:
        bucket.forget(orders[:-REMEMBERED])


def _is_throttling(error: StoreUnavailable) -> bool:
    cause = error.__cause__
    return isinstance(cause, ClientError) and error_code(cause) in _THROTTLING


def _refusal(seconds: int) -> TooManyOrdersError:
    minutes = math.ceil(seconds / 60)
    wait = f"{minutes} minutes" if seconds > _TWO_MINUTES else f"{seconds} seconds"
    return TooManyOrdersError(
        f"You have sent many lists in a short time. Please try again in {wait}.", seconds
    )
