"""How the console's views take 10,000 orders: ``python -m tests.bench.console``.

One stack, the same views, with 100 orders in the table and then with 10,000: the ratio of the
medians does not depend on the machine. Writes ``docs/performance/console.md``.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

from orderflow.clock import utc_now
from orderflow.orders.model import Failure, Order, Parked, StatusChange
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import SHARD, SHARDS, to_item
from orderflow.orders.store.shards import shard_of
from scripts.console.operators import Operators
from scripts.console.stage import ConsoleStage, Reads, counted_reads
from scripts.console.views import Views
from scripts.demo_shop.accounts import PoolAccounts
from scripts.demo_shop.sessions import Sessions
from scripts.local.stack.state import PROJECT
from tests.support.factories import an_order
from tests.support.shop import Shop
from tests.support.stacks import running_shop

REPORT: Final = PROJECT / "docs" / "performance" / "console.md"
FEW: Final = 100
MANY: Final = 10_000
ROUNDS: Final = 7
BOUND: Final = 3.0

#: An outage in a busy hour: of a hundred orders so many have each status.
_MIX: Final = {
    OrderStatus.PAYMENT_COMPLETED: 60, OrderStatus.PAYMENT_INITIATED: 15, OrderStatus.EXPIRED: 5,
    OrderStatus.CANCELLED: 3, OrderStatus.REJECTED: 2, OrderStatus.PAYMENT_DELAYED: 8,
    OrderStatus.NEEDS_ATTENTION: 4, OrderStatus.FAILED: 2, OrderStatus.MATCHED: 1,
}  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """A view's median time (seconds), and what it read."""

    seconds: float
    requests: int
    records: int


def main() -> int:
    """Measure, write the report, and fail where a view takes more than three times as long."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_shop(Path(folder), "console", time_factor=1) as shop,
    ):
        _stop_consumers(shop)
        views = _views(shop)
        placed = shop.orders.newest(None, 1)
        few = _measured_with(shop, views, FEW - len(placed))
        many = _measured_with(shop, views, MANY - FEW)
    REPORT.write_text(report(few, many), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))
    return int(any(many[name].seconds > BOUND * each.seconds for name, each in few.items()))


def _views(shop: Shop) -> Views:
    accounts = PoolAccounts(shop.deployment.user_pool)
    return Views(ConsoleStage.of(shop.deployment), Operators(accounts, Sessions(accounts.refresh)))


def _stop_consumers(shop: Shop) -> None:
    """Nothing reacts to the orders that are written here: the console alone is measured."""
    shop.awaiting_payment("1 loaf bread")
    shop.stop_reconciling()
    client = shop.deployment.client("lambda")
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def _measured_with(shop: Shop, views: Views, more: int) -> dict[str, Measured]:
    table = shop.deployment.orders_table
    orders = list(islice(_orders(), more))
    with table.batch_writer() as batch:
        for order in orders:
            batch.put_item(Item={**to_item(order), SHARD: shard_of(order.order_id, SHARDS)})
    real = next(each for each in shop.orders.newest(None, 400) if shop_placed(each))
    return {name: _measure(view) for name, view in _requests(views, real, orders[-1]).items()}


def shop_placed(order: Order) -> bool:
    """Whether the order went through the workflow, and was not just written here."""
    return order.history[0].by != "bench"


def _orders() -> Iterator[Order]:
    """Orders of the last hours, in the mix of an outage."""
    statuses = cycle(status for status, number in _MIX.items() for _ in range(number))
    for number, status in enumerate(statuses):
        at = utc_now() - timedelta(seconds=number)
        order_id = str(uuid.uuid4())
        fields: dict[str, Any] = {"created_at": at, "updated_at": at, "status": status}
        fields["history"] = [StatusChange(status=status, at=at, by="bench")]
        if status in {OrderStatus.PAYMENT_DELAYED, OrderStatus.NEEDS_ATTENTION}:
            fields["parked"] = Parked(task_token="t", provider="paystack", park_count=0, at=at)
        if status is OrderStatus.FAILED:
            fields["failure"] = Failure(error="KeyError", state="MatchProducts",
                                        execution_arn="arn", at=at)  # fmt: skip
            fields["execution_arn"] = None
        yield an_order(order_id=order_id, customer_id=str(uuid.uuid4()), **fields)


def _requests(views: Views, real: Order, written: Order) -> dict[str, Callable[[Reads], Any]]:
    order_id = real.order_id
    return {
        "Now": views.now,
        "Order": lambda reads: views.order(reads, order_id),
        "Execution": lambda reads: views.run(reads, order_id),
        "Search: the newest": views.search,
        "Search: an id's beginning": lambda reads: views.search(reads, written.order_id[:10]),
        "Search: a customer": lambda reads: views.search(reads, written.customer_id),
        "Search: a payment": lambda reads: views.search(reads, written.payment_reference or ""),
        "Search: an error": lambda reads: views.search(reads, "keyerror"),
        "Search: a status": lambda reads: views.search(reads, status="FAILED"),
    }


def _measure(view: Callable[[Reads], Any]) -> Measured:
    seconds = []
    for _ in range(ROUNDS):
        with counted_reads() as reads:
            started = time.perf_counter()
            view(reads)
            seconds.append(time.perf_counter() - started)
    return Measured(statistics.median(seconds[1:]), reads.requests, reads.records)


def report(few: dict[str, Measured], many: dict[str, Measured]) -> str:
    """The figures as Markdown."""
    rows = [
        f"| {name} | {few[name].seconds * 1000:.0f} | {many[name].seconds * 1000:.0f} "
        f"| {many[name].seconds / few[name].seconds:.1f} "
        f"| {few[name].requests} / {many[name].requests} "
        f"| {few[name].records} / {many[name].records} |"
        for name in few
    ]
    return "\n".join([
        "# The console with 10,000 orders", "",
        f"Written by `make bench-console`: medians of {ROUNDS - 1} readings of each view on one "
        f"local stack, with {FEW} orders",
        f"in the table and then with {MANY:,}, in the mix of an outage. The emulator's index reads "
        "a whole partition for",
        "each query; DynamoDB reads a page. What a view reads is bounded, and it says so.", "",
        "| view | ms with 100 | ms with 10,000 | ratio | requests | records |",
        "|---|---|---|---|---|---|",
        *rows, "",
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
