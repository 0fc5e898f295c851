"""Publishes changes of orders to the API's subscribers, those of one order in their sequence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from orderflow.api.views import order_update
from orderflow.clock import utc_now
from orderflow.errors import OrderflowError
from orderflow.orders.model import Order
from orderflow.platform.observability import logger
from orderflow.validation import fields_in_words

#: Subscribers get the fields that are selected here; other fields are null.
PUBLISH: Final = """
mutation PublishOrderUpdate($input: OrderUpdateInput!) {
  publishOrderUpdate(input: $input) {
    orderId customerId status message totalKobo currency paymentLink updatedAt version correlationId
    paymentReceived cancelRequestedAt refundState
    lines {
      text productId name quantity unit packs packSize unitPriceKobo lineTotalKobo matchedBy
      confidence notes packing priceNote priceNoteKobo priceNoteCurrency
      alternatives { productId name similarity }
    }
  }
}
"""

#: So many orders' changes are sent to the API at the same time.
PARALLEL_ORDERS: Final = 8

#: Older updates are useless: clients that reconnect query the order itself.
MAX_AGE_SECONDS: Final = 600

#: Runs one GraphQL operation (query, variables); by several threads at once.
Execute = Callable[[str, Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One record of the orders table's stream.

    Attributes:
        sequence: the record's number in the stream.
        before: the order's item as it was; empty where there was none.
        after: as it is since then; empty where it was deleted.
        at: the time of the change, in epoch seconds; None where it is not known.
    """

    sequence: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    at: float | None = None

    @property
    def is_news(self) -> bool:
        """Whether customers see something new: the version grows then, and only then."""
        return bool(self.after) and self.before.get("version") != self.after.get("version")

    def is_older_than(self, seconds: float, now: float) -> bool:
        """Whether the change was made so long before ``now`` (epoch seconds)."""
        return self.at is not None and self.at < now - seconds


@dataclass
class PublishResult:
    """The outcome of a batch; the canary's orders are published, and not counted.

    Attributes:
        published: how many updates were published.
        failed: the records to deliver again.
        times: when each published order changed, and when its update was published.
    """

    published: int = 0
    failed: list[str] = field(default_factory=list)
    times: list[tuple[datetime, datetime]] = field(default_factory=list, compare=False)


def publish(
    changes: Iterable[Change], execute: Execute, clock: Callable[[], float] = time.time
) -> PublishResult:
    """Publish the news among the changes: an order's in their sequence, several orders at once.

    After a failure the same order's later changes wait for the repetition, so that they don't
    overtake it; other orders go on. What was published before comes again then, and clients drop
    it by its version. Changes from before :data:`MAX_AGE_SECONDS` are left out.

    Args:
        changes: the records of the stream.
        execute: calls the API.
        clock: the present, in epoch seconds.
    """
    now = clock()
    news_of_orders: dict[Any, list[Change]] = {}
    for change in changes:
        if change.is_news and not change.is_older_than(MAX_AGE_SECONDS, now):
            news_of_orders.setdefault(change.after.get("orderId"), []).append(change)
    outcome = PublishResult()
    with ThreadPoolExecutor(PARALLEL_ORDERS) as pool:
        for each in pool.map(lambda news: _publish_one(news, execute), news_of_orders.values()):
            outcome.published += each.published
            outcome.failed += each.failed
            outcome.times += each.times
    return outcome


def _publish_one(news: Sequence[Change], execute: Execute) -> PublishResult:
    """Publish one order's changes until one fails."""
    result = PublishResult()
    for number, change in enumerate(news):
        order = _published(change, execute)
        if order is None:
            result.failed = [each.sequence for each in news[number:]]
            break
        if not order.synthetic:
            result.published += 1
            result.times.append((order.updated_at, utc_now()))
    return result


def _published(change: Change, execute: Execute) -> Order | None:
    """The published order; None if its update was not published."""
    try:
        order = Order.model_validate(change.after)
        execute(PUBLISH, {"input": order_update(order)})
    except (OrderflowError, ValidationError) as error:
        logger.warning(
            "update not published",
            extra={
                "order_id": change.after.get("orderId"),
                "problem": f"{type(error).__name__}: {_text(error)}",
            },
        )
        return None
    return order


def _text(error: OrderflowError | ValidationError) -> str:
    """The error without the customer's data, which pydantic's text quotes."""
    return fields_in_words(error) if isinstance(error, ValidationError) else str(error)
