"""Writes docs/performance/capacity.md from the measured order and the table of quotas."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Final

from orderflow.recovery.settings import RecoverySettings
from scripts.capacity.capacity import Limit, Plan, plan
from scripts.capacity.quotas import quota_table
from scripts.cost.measured_order import measured_order

RATES: Final = (1, 10, 50, 100, 1000)
_PARKED: Final = (100, 1000, 10_000)

#: What there is up to 100 orders a second; a test finds each file.
BUILT: Final = (
    (
        "Each status lies in four partitions of its index, 1,000 write units a second each",
        "docs/decisions/0035-each-status-in-several-partitions.md",
    ),
    (
        "Streams are read ten batches at once of each shard, and updates in batches of 40",
        "cdk/constructs/event_sources.py",
    ),
    (
        "The webhook and the customers' return reserve concurrency of their own",
        "cdk/constructs/functions/api.py",
    ),
    (
        "Where AWS throttles, a submission is refused with `retryAfterSeconds`, before an order exists",
        "docs/decisions/0037-busy-is-no-failure.md",
    ),
    (
        "One customer's lists are limited by a token bucket",
        "docs/decisions/0038-submissions-are-limited-by-a-token-bucket.md",
    ),
    (
        "Throttled Tasks are retried for up to 14 minutes, and what failed by throttling is started again",
        "workflows/order.asl.yaml",
    ),
    (
        "Parked orders go on at a bounded rate, which operations may change at any time",
        "functions/orderflow/recovery/settings.py",
    ),
)


def page() -> str:
    """The whole page."""
    return "\n".join([*_introduction(), *_rates(), *_quotas(), *_recovery(), *_what_to_do()]) + "\n"


def _introduction() -> Iterator[str]:
    measured, table = measured_order(), quota_table()
    yield "# How many orders a second"
    yield ""
    yield "Written by `make cost` from the order that was measured ([cost](cost.md)) and AWS's published quotas"
    yield "([scripts/capacity/quotas.json](../../scripts/capacity/quotas.json)); `orders capacity --rate 50` computes the same"
    yield "for any rate. Every order is counted as one that asks the model, as in a new shop."
    yield ""
    yield (
        f"Measured on {measured.measured} on the local stack; quotas read on {table.looked_up}. {table.note} "
        "Durations of functions are the local stack's on a busy machine: concurrency is estimated too high "
        "rather than too low."
    )
    yield ""


def _rates() -> Iterator[str]:
    yield "## What breaks first"
    yield ""
    yield "| orders a second | breaks first | then | beyond its default quota |"
    yield "|---:|---|---|---|"
    for rate in RATES:
        found = plan(measured_order(), rate)
        first, then = (_broken(found, number) for number in (0, 1))
        names = ", ".join(limit.quota.name for limit in found.broken) or "nothing"
        yield f"| {rate:,} | {first} | {then} | {names} |"
    yield ""


def _broken(found: Plan, number: int) -> str:
    if number >= len(found.broken):
        return "-"
    limit = found.broken[number]
    return f"{limit.quota.name}, at {limit.rate:,.3g}/s"


def _quotas() -> Iterator[str]:
    yield "## Quotas"
    yield ""
    yield "| quota | limit | an order needs | reached at, orders/s | raised by | what to do | source |"
    yield "|---|---:|---:|---:|---|---|---|"
    for limit in plan(measured_order(), 1).limits:
        yield _quota(limit)
    yield ""


def _quota(limit: Limit) -> str:
    quota = limit.quota
    rate = f"{limit.rate:,.3g}" if isfinite(limit.rate) else "-"
    note = f" ({quota.evidence})" if quota.evidence else ""
    return (
        f"| {quota.name}: {quota.what} | {quota.limit:,.4g} | {limit.demand:,.3g} | {rate} | {quota.raised} | "
        f"{quota.remedy} | <{quota.source}>{note} |"
    )


def _recovery() -> Iterator[str]:
    settings = RecoverySettings()
    yield "## Recovery after an outage"
    yield ""
    yield (
        f"Parked orders go on at {settings.resume_rate_per_second:g} a second at most "
        "(`resume_rate_per_second`), and by no more than what the default quotas leave beside new orders."
    )
    yield ""
    yield f"| new orders a second | {' | '.join(f'{number:,} parked' for number in _PARKED)} |"
    yield f"|---:|{'---:|' * len(_PARKED)}"
    for rate in RATES:
        found = plan(measured_order(), rate)
        times = (found.recovery_seconds(number, settings) for number in _PARKED)
        cells = " | ".join(f"{time:,.0f} s" if isfinite(time) else "never" for time in times)
        yield f"| {rate:,} | {cells} |"
    yield ""
    yield "*Never*: new orders alone take a quota whole, which has to be raised first."
    yield ""


def _what_to_do() -> Iterator[str]:
    yield "## Up to 100 orders a second"
    yield ""
    yield "Built:"
    yield ""
    for what, path in BUILT:
        yield f"- {what} ([{Path(path).name}](../../{path}))."
    yield ""
    yield "To ask AWS and PayStack for, weeks before: e-mails (100 a second and 9 million a day; with `own_receipts` twice that), the model's"
    yield "requests (6,000 a minute), Lambda's concurrency where measured durations on AWS say so, transitions"
    yield f"({measured_order().transitions} an order) and PayStack's own limit, which ends at 20 links a second: above that"
    yield "orders are parked, not lost, and wait for each other. `orders capacity --rate 100` lists what an order needs."
    yield ""
    yield "## Beyond"
    yield ""
    yield "- **StartExecution** ends at 300 a second: a queue before it (SQS, $0.40 a million requests, three for"
    yield "  each order) takes bursts and starts executions at a steady rate; accepting then is a message, and the"
    yield "  order's id is no longer its execution's. A higher quota costs nothing and changes nothing: ask first."
    yield "- **Transitions** beyond the quota delay orders and lose none. Express workflows have no such quota, and"
    yield "  what else they have not is in [cost](cost.md#beside-other-designs)."
    yield "- **One breaker's item** is read by each order: 3,000 read units a second of one key are 6,000 reads."
    yield "  Before that, the functions' own caches of the breaker, read every second, replace the state's read."
    yield "- **Index partitions**: `index_shards` may grow to 64; each further shard makes a query of a status read"
    yield "  one more partition, half a read unit each time, and writes cost the same."
    yield "- **Stream consumers**: one Lambda invocation reads up to 40 changes; at 1,000 orders a second the orders"
    yield "  table has some 30 partitions, and so the stream 30 shards of 10 batches at once."
    yield ""


def write(project: Path) -> Path:
    """Writes the page into a checkout."""
    path = project / "docs" / "performance" / "capacity.md"
    path.write_text(page(), encoding="utf-8")
    return path
