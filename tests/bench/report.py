"""``docs/performance/local.md`` and its plots."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bench-local"})

from matplotlib import pyplot as plt  # noqa: E402 - after the backend was chosen

from tests.bench.load import Load  # noqa: E402

PAGE = Path("docs/performance/local.md")
PLOT = "local.svg"

HEAD = """# The local stack's performance

Written by `make bench-local` on {date}: {rounds} rounds, this build and {base} in turn on the
same machine ({processors} processors, load {load_before:.1f} before and {load_after:.1f} after);
medians. A ratio is this build's figure by the other's.

| measure | {base} | this build | ratio | goal |
|---|---:|---:|---:|---:|
"""


NOTES = """
## How it is measured

Each round starts a fresh stack of each build. Processor time is that of all processes of the stack.
Memory is the sum of proportional set sizes, of workers and of what they are forked from. Imports
run from the packages as they are deployed, with no bytecode kept between runs: `/var/task` is
read-only on AWS. Times by the clock also show whatever else the machine does.

## What the processor time of a warm order is spent on

By process, with 4 customers at once, on 2026-11-30: this build and the one before
docs/decisions/0105, both at the same time on a busy machine, medians of five times 60 orders:

| process | ms before | ms after |
|---|---:|---:|
| MiniStack: requests, Step Functions, DynamoDB, Lambda's Runtime API | 115 | 102 |
| the functions, mostly botocore's requests | 106 | 80 |
| the front door, the stand-ins, and Node with the resolvers | 22 | 20 |

What was taken away before: docs/decisions/0086, 0091 and 0102. An order sends some 22 requests to
its link. By function, of 120 ms of all functions before 0105, with 8 customers at once:
match_products 32, notify_customer 23, create_payment_link 17, api 16, publish_order_updates 16,
parse_order 8 and collect_audit 7.

Of MiniStack's time (samples of what held Python's lock, before 0105): 45 % were DynamoDB's requests
by HTTP, half of it spent in DynamoDB itself, a fifth to authorize and a tenth to record them; 15 %
were other requests, 11 % steps of executions and invocations, 5 % resolvers, 5 % the Runtime API
and 5 % streams. Of the functions': 18 % HTTP, 12 % to read answers and 7 % to make Python's values
of them, 8 % to sign, 7 % to validate and write requests, 8 % to match products, 7 % pydantic, 6 %
X-Ray's documents and 2 % the log; the rest is spread.

## What workers do not share

Python counts references inside the objects, so that an invocation that only reads them copies
their pages. What functions import is in one process that their templates are forked from
(docs/decisions/0097); a template has 18 to 33 MB of its own, of 53 to 65. Of those, and of what it
makes, a new worker copies 1.0 MB by being forked, 0.6 MB by its first invocation and some 7 MB by
its first requests to DynamoDB, mostly to sign, send and read them; further requests write to 20 KB
each. Its first request takes 20 ms of processor time and meets 1,800 page faults; later ones take 4
ms. Requests that were made before the snapshot, with made-up answers, saved 1 to 4 of the 20 ms and
0.9 MB.

After some eighty orders a worker has of its own:

| worker of | MB |
|---|---:|
| match-products, with the index of the catalog | 23 |
| notify-customer, api | 16 |
| publish-order-updates, collect-audit | 13 to 14 |
| parse-order, create-payment-link | 10 to 11 |

## What the unit tests' time is spent on

They were to take 40 s on two cores, and take minutes: there are 8,600 of them now. By
processor time, measured on 2026-11-30 on a busy machine, where all took 806 s with two processes:

| tests of | share |
|---|---:|
| the command line: commands run whole, on tables in memory | 17 % |
| the handlers | 13 % |
| payments, orders, recovery, operations | 8, 7, 7, 6 % |
| the console's pages and figures | 8 % |
| all else, and to collect them twice | 34 % |

A quarter of it was spent before the tests themselves, by their fixtures. Mostly it was moto's and
botocore's: clients and sessions made for each test, 1,300 patterns of addresses registered for each
account, and items measured and copied attribute by attribute. `tests/support/quick_moto.py` does
without, tests share clients, and what tests import is not searched for garbage. Processor time
became, on the same busy machine:

| what | before | after |
|---|---:|---:|
| to collect all tests, one process | 25 s | 17 s |
| tests of the command line | 129 s | 96 s |
| of orders in flight, replays and paced resumptions | 83 s | 49 s |
| of paced resumptions, the stored catalog and pages of orders | 40 s | 24 s |

What is left is some 10 ms a request in botocore and moto, thousands of times; cases of properties;
and imports of the CDK, matplotlib, MiniStack and moto. `make coverage` traces the tests of
`functions/` alone, which are half of all by their time.
"""


@dataclass(frozen=True)
class Measure:
    """One line of the report.

    Attributes:
        key: its key among the figures.
        text: what it is.
        unit: of its figures.
        goal: the ratio that is wanted, at most.
    """

    key: str
    text: str
    unit: str
    goal: float


MEASURES = (
    Measure("first_order", "submission to link, first order on a fresh stack", "s", 0.35),
    Measure("worker", "processor time until a further worker answers", "s", 0.10),
    Measure("memory", "memory (sum of PSS) of 60 warm workers", "MB", 0.35),
    Measure("imports", "processor time to import a handler, no snapshot", "s", 0.6),
    Measure("order", "processor time of a warm order to its link", "ms", 0.65),
    Measure("demo", "`orders demo`, everything built", "s", 0.6),
)

#: What an order under load may take, by what it took.
PROCESSOR_GOAL = 0.55

Figures = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Machine:
    """Where the figures come from; loads are those of the last minute."""

    processors: int
    load_before: float
    load_after: float


@dataclass(frozen=True)
class UnderLoad:
    """Orders at once, of one build.

    Attributes:
        load: what became of them.
        limit: of invocations at once; None for none.
        throttled: refused invocations.
    """

    load: Load
    limit: int | None
    throttled: int


def write(
    root: Path,
    base: str,
    ours: Figures,
    theirs: Figures,
    machine: Machine,
    loads: Mapping[str, UnderLoad],
) -> Path:
    """Writes the page and its plot; the path of the page.

    Args:
        root: the checkout.
        base: the earlier build's commit.
        ours: this build's figures by measure.
        theirs: those of the earlier build.
        machine: that they were measured on.
        loads: orders at once of the builds ``ours`` and ``theirs``; none, one or both.
    """
    page = root / PAGE
    page.parent.mkdir(parents=True, exist_ok=True)
    rounds = max(map(len, ours.values()))
    head = HEAD.format(
        date=date.today().isoformat(),
        rounds=rounds,
        base=f"`{base}`",
        processors=machine.processors,
        load_before=machine.load_before,
        load_after=machine.load_after,
    )
    lines = [_line(each, ours, theirs) for each in MEASURES if each.key in ours]
    under_load = ["", "## Orders at once", "", *_under_load(base, loads)] if loads else []
    plot = ["", "![Ratios of this build's figures to the other's](local.svg)", ""]
    page.write_text(head + "\n".join([*lines, *plot, *under_load]) + "\n" + NOTES)
    _plot(page.with_name(PLOT), ours, theirs)
    return page


def ratio(measure: Measure, ours: Figures, theirs: Figures) -> float:
    """Of the medians."""
    return statistics.median(ours[measure.key]) / statistics.median(theirs[measure.key])


def _line(measure: Measure, ours: Figures, theirs: Figures) -> str:
    here, there = (statistics.median(each[measure.key]) for each in (ours, theirs))
    return (
        f"| {measure.text} | {there:.3g} {measure.unit} | {here:.3g} {measure.unit} "
        f"| {here / there:.2f} | {measure.goal:.2f} |"
    )


def in_words(measured: UnderLoad) -> str:
    """One build's orders at once in a line."""
    return ", ".join(f"{name}: {value}" for name, value in _rows(measured).items())


def _under_load(base: str, loads: Mapping[str, UnderLoad]) -> Iterator[str]:
    names = {"theirs": f"`{base}`", "ours": "this build"}
    columns = [_rows(loads[each]) for each in names if each in loads]
    yield f"| | {' | '.join(names[each] for each in names if each in loads)} |"
    yield f"|---|{'---:|' * len(columns)}"
    for name in columns[0]:
        yield f"| {name} | {' | '.join(column[name] for column in columns)} |"
    if len(loads) == len(names):
        took = loads["ours"].load.processor_ms / loads["theirs"].load.processor_ms
        yield ""
        yield (
            f"An order under load takes **{took:.2f} times** the processor time that it took at "
            f"`{base}`; the goal is {PROCESSOR_GOAL}. Customers wait for each link before they "
            "order again. The earlier build starts hundreds of workers where nothing limits them."
        )


def _rows(measured: UnderLoad) -> dict[str, str]:
    load, lost = measured.load, Counter(measured.load.lost)
    parts = ", ".join(f"{part} {ms:.0f}" for part, ms in load.processor_ms_by_part.items())
    return {
        "orders": f"{load.orders:,}",
        "invocations at once, at most": str(measured.limit or "-"),
        "processor time of an order to its link, ms": f"{load.processor_ms:.0f} ({parts})",
        "links a second": f"{load.per_second:.1f}",
        "median until the link, s": f"{load.percentile(50):.1f}",
        "99th percentile until the link, s": f"{load.percentile(99):.1f}",
        "orders without a link": ", ".join(f"{n} {why}" for why, n in lost.items()) or "0",
        "most memory, GB": f"{load.peak_mb / 1000:.1f}",
        "invocations throttled": f"{measured.throttled:,}",
    }


def _plot(path: Path, ours: Figures, theirs: Figures) -> None:
    shown = [each for each in MEASURES if each.key in ours]
    figure, axes = plt.subplots(figsize=(8.0, 0.6 * len(shown) + 1.2))
    rows = range(len(shown))
    axes.barh(rows, [ratio(each, ours, theirs) for each in shown], label="this build")
    axes.scatter([each.goal for each in shown], rows, marker="|", s=400, color="k", label="goal")
    axes.axvline(1.0, linestyle="--", color="grey")
    axes.set_yticks(rows, [each.text for each in shown])
    axes.invert_yaxis()
    axes.set_xlabel("ratio to the earlier build (1.0)")
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
