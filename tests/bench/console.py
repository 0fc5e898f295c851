"""How views and commands take 10,000 orders: ``python -m tests.bench.console``.

One stack, the same views and commands, with 100 orders in the table and then with 10,000: the ratio
of the medians does not depend on the machine. Writes ``docs/performance/console.md``.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final, Protocol

from orderflow.clock import utc_now
from orderflow.orders.model import Failure, Order, Parked, StatusChange
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import SHARD, SHARDS, to_item
from orderflow.orders.store.shards import shard_of
from scripts.cli.deployment import Deployment
from scripts.console.operators import Operators
from scripts.console.stage import ConsoleStage, Reads, counted_reads
from scripts.console.views import Views
from scripts.demo_shop.accounts import PoolAccounts
from scripts.demo_shop.sessions import Sessions
from scripts.local.stack.state import PROJECT
from tests.bench.commands import Timed, commands, measure
from tests.support.factories import an_order
from tests.support.shop import Shop
from tests.support.stacks import running_shop

REPORT: Final = PROJECT / "docs" / "performance" / "console.md"
FEW: Final = 100
MANY: Final = 10_000
ROUNDS: Final = 7
BOUND: Final = 3.0
#: The orders were placed in this time, however many they are.
_SPAN: Final = timedelta(hours=3)

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


@dataclass(frozen=True)
class _Figures:
    """What was measured with one number of orders."""

    views: dict[str, Measured]
    commands: dict[str, Timed]


class _Timed(Protocol):
    @property
    def seconds(self) -> float: ...


def main() -> int:
    """Measure, write the report, and fail where one takes more than three times as long."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_shop(Path(folder), "console", time_factor=1) as shop,
    ):
        _stop_consumers(shop)
        views = _views(shop.deployment)
        placed = shop.orders.newest(None, 1)
        few = _measured_with(shop, views, FEW - len(placed))
        many = _measured_with(shop, views, MANY - FEW)
    REPORT.write_text(report(few, many), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))
    return int(bool(too_slow(few.views, many.views) or too_slow(few.commands, many.commands)))


def too_slow(few: Mapping[str, _Timed], many: Mapping[str, _Timed]) -> list[str]:
    """What takes more than :data:`BOUND` times as long."""
    return [name for name, each in few.items() if many[name].seconds > BOUND * each.seconds]


def _views(deployment: Deployment) -> Views:
    accounts = PoolAccounts(deployment.user_pool)
    return Views(ConsoleStage.of(deployment), Operators(accounts, Sessions(accounts.refresh)))


def _stop_consumers(shop: Shop) -> None:
    """Nothing reacts to the orders that are written here: the console alone is measured."""
    shop.awaiting_payment("1 loaf bread")
    shop.stop_reconciling()
    client = shop.deployment.client("lambda")
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def _measured_with(shop: Shop, views: Views, more: int) -> _Figures:
    table = shop.deployment.orders_table
    orders = list(islice(_orders(_SPAN / more), more))
    with table.batch_writer() as batch:
        for order in orders:
            batch.put_item(Item={**to_item(order), SHARD: shard_of(order.order_id, SHARDS)})
    real = next(each for each in shop.orders.newest(None, 400) if shop_placed(each))
    written = orders[-1]
    return _Figures(
        {
            name: _measure(view)
            for name, view in _requests(shop.deployment, views, real, written).items()
        },
        {name: measure(each, ROUNDS) for name, each in commands(real, written).items()},
    )


def shop_placed(order: Order) -> bool:
    """Whether the order went through the workflow, and was not just written here."""
    return order.history[0].by != "bench"


def _orders(apart: timedelta) -> Iterator[Order]:
    """Orders of the last hours, so far apart, in the mix of an outage."""
    statuses = cycle(status for status, number in _MIX.items() for _ in range(number))
    for number, status in enumerate(statuses):
        at = utc_now() - number * apart
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


def _requests(
    deployment: Deployment, views: Views, real: Order, written: Order
) -> dict[str, Callable[[Reads], Any]]:
    order_id = real.order_id
    return {
        "Now, just started": lambda reads: _views(deployment).now(reads),
        "Now, renewed": views.now,
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


def report(few: _Figures, many: _Figures) -> str:
    """The figures as Markdown."""
    views = [
        f"| {name} | {_times(each, many.views[name])} "
        f"| {each.requests} / {many.views[name].requests} "
        f"| {each.records} / {many.views[name].records} |"
        for name, each in few.views.items()
    ]
    lines = [
        f"| `{name}` | {_times(each, many.commands[name])} | {many.commands[name].says} |"
        for name, each in few.commands.items()
    ]
    slow = [
        *too_slow(few.views, many.views),
        *(f"`{name}`" for name in too_slow(few.commands, many.commands)),
    ]
    return "\n".join([
        "# Views and commands with 10,000 orders", "",
        f"Written by `make bench-console`: medians of {ROUNDS - 1} readings of each on one local "
        f"stack, with {FEW} orders",
        f"of the last three hours in the table and then with {MANY:,}, in the mix of an outage. "
        "What is read is bounded, and",
        "it is said. `orders reconcile` is none of "
        "them: it repairs, looks at all open orders, and checks at most 200 in a run.", "",
        f"Above {BOUND:g} times: {', '.join(slow) or 'none'}.", "",
        "A search by a status finds 2 orders among 100 and a page of 20 among 10,000: its time "
        "grows with what it shows.",
        "Once the status fills a page it takes 5 requests and 58 records (36 entries of the "
        "index, 22 orders), however many orders there are:",
        "[a test](../../tests/unit/console/test_search_reads.py) counts them.", "",
        "## The console's views", "",
        "| view | ms with 100 | ms with 10,000 | ratio | requests | records |",
        "|---|---|---|---|---|---|",
        *views, "",
        "## Commands", "",
        "Within one process: starting Python is left out. What has no last column reads a fixed "
        "number of items.", "",
        "| command | ms with 100 | ms with 10,000 | ratio | with 10,000 it says |",
        "|---|---|---|---|---|",
        *lines, "",
    ])  # fmt: skip


def _times(few: _Timed, many: _Timed) -> str:
    ms = f"{few.seconds * 1000:.0f} | {many.seconds * 1000:.0f}"
    return f"{ms} | {many.seconds / few.seconds:.1f}"


if __name__ == "__main__":
    sys.exit(main())
