"""Notices customers who ask for many orders that are not theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from orderflow.clock import epoch_ms
from orderflow.errors import StoreUnavailable
from orderflow.orders.submission_limits import KEY
from orderflow.platform.dynamodb.token_buckets import Also, Rate, TokenBucket
from orderflow.platform.observability import logger, metrics

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

#: Counts refusals beyond :data:`TOLERATED`.
METRIC: Final = "CustomersProbing"

#: So many refusals of one customer are normal, and one more each minute: an app may ask for an
#: order that its customer has just sent before the order is stored.
TOLERATED: Final = Rate(capacity=20, interval_ms=60_000)

#: The time of the bucket, an attribute of the customer's item in the ``submissions`` table.
_REFUSED: Final = "refusedAt"

_KEPT_SECONDS: Final = 24 * 3600


class AccessRefusals:
    """Counts the refusals of each customer in a token bucket.

    Args:
        table: the ``submissions`` table.
        clock: the present, in epoch ms.
    """

    def __init__(self, table: Table, clock: Callable[[], int] = epoch_ms) -> None:
        self._table = table
        self._clock = clock

    def note(self, customer_id: str) -> None:
        """Count a refusal; report it in a metric if the customer has had too many.

        Where the table can't be written the refusal is not counted: the answer must not depend on
        it.
        """
        now = self._clock()
        bucket = TokenBucket(self._table, {KEY: customer_id}, _REFUSED)
        kept = Also(
            sets=["#ttl = if_not_exists(#ttl, :ttl)"],
            names={"ttl": "ttl"},
            values={"ttl": now // 1000 + _KEPT_SECONDS},
        )
        try:
            tolerated = bucket.take(TOLERATED, now, also=kept).granted
        except StoreUnavailable as error:
            logger.error("access refusal not counted", extra={"problem": str(error)})
            return
        if not tolerated:
            logger.warning("a customer probes", extra={"customer_id": customer_id})
            metrics.add_metric(METRIC, "Count", 1)
