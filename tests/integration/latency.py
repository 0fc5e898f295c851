"""Measures how long a change of status takes to reach a subscribed client.

``python -m tests.integration.latency [ORDERS]`` starts a stack, places so many orders at once
(100), follows them to their links, prints the latencies and fails where they miss their bounds.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice
from typing import Self

from scripts.local.stack.lifecycle import LocalStack
from tests.support.follower import Inbox, with_token
from tests.support.shop import Shop
from tests.support.waiting import wait_for

ORDERS = 100
#: Concurrent submissions. More would measure how long this machine takes to start as many workers
#: of the API's function; the orders run concurrently in any case.
SUBMITTERS = 4
#: Orders before those that are measured: cold starts are not part of an update's latency, and
#: starting all workers at once would exhaust the native retries.
WARM_UP = (1, 8, 24)
#: The limit of concurrent workers of all functions: a small machine can't start hundreds at once,
#: and updates wait longer for the processor the more workers run.
WORKERS = 8
MEDIAN_BOUND_SECONDS = 1.0
P99_BOUND_SECONDS = 5.0

_LIST = "1 loaf bread, 3 eggs"
_LAST = "PAYMENT_INITIATED"
_PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Latencies:
    """The time from a change of status to its arrival at the client, in seconds."""

    changes: int
    median: float
    p99: float
    longest: float

    @classmethod
    def of(cls, app: Inbox) -> Self:
        seconds = sorted(
            each.at - datetime.fromisoformat(each.update["updatedAt"]).timestamp()
            for each in app.received
        )
        p99 = statistics.quantiles(seconds, n=100, method="inclusive")[-1]
        return cls(len(seconds), statistics.median(seconds), p99, seconds[-1])

    def __str__(self) -> str:
        return (
            f"{self.changes} changes, median {self.median:.2f} s, "
            f"99th percentile {self.p99:.2f} s, longest {self.longest:.2f} s"
        )


def follow_orders(shop: Shop, count: int) -> tuple[Inbox, list[str], Latencies]:
    """Customers place orders concurrently, and each follows theirs until all have their links."""
    customers = [shop.new_customer() for _ in range(min(count, SUBMITTERS))]
    with ExitStack() as stack:
        apps = [
            stack.enter_context(with_token(shop.state.urls.graphql, each.token, each.sub))
            for each in customers
        ]
        with ThreadPoolExecutor(len(customers)) as pool:
            turns = islice(cycle(customers), count)
            order_ids = list(pool.map(lambda customer: customer.insist(_LIST), turns))
        app = wait_for(
            lambda: _together(apps),
            lambda seen: all(_LAST in seen.statuses(order_id) for order_id in order_ids),
            _PATIENCE_SECONDS,
        )
    return app, order_ids, Latencies.of(app)


def _together(apps: Sequence[Inbox]) -> Inbox:
    """What all customers have received; each receives the updates of their own orders alone."""
    return Inbox([each for app in apps for each in app.received])


def main() -> int:
    """Measures and prints; the exit code is 1 if a bound is exceeded."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS
    os.environ["ORDERS_LOCAL_NAME"] = "latency"
    os.environ["ORDERS_LOCAL_TIME_FACTOR"] = "1"  # no other work beside the orders
    os.environ["LAMBDA_ACCOUNT_CONCURRENCY"] = str(WORKERS)
    with LocalStack() as state:
        shop = Shop(state)
        for some in WARM_UP:
            follow_orders(shop, some)
        _, _, latencies = follow_orders(shop, count)
    print(f"{count} orders at once: {latencies}")
    return int(latencies.median >= MEDIAN_BOUND_SECONDS or latencies.p99 >= P99_BOUND_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
