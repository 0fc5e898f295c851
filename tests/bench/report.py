"""``docs/performance/local.md`` and its plots."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bench-local"})

from matplotlib import pyplot as plt  # noqa: E402 - after the backend was chosen

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

By process, with 4 customers at once on a busy machine, before and after the supervisor's DynamoDB
proxy became a port of the emulator (docs/decisions/0086):

| process | ms before | ms after |
|---|---:|---:|
| MiniStack: requests, Step Functions, DynamoDB, Lambda's Runtime API | 89 | 73 |
| supervisor: the front door and the stand-ins, mostly their HTTP client (httpx) | 64 | 18 |
| the functions, mostly botocore's requests | 80 | 67 |
| Node: the resolvers | 3 | 4 |

What keeps a worker from sharing more memory: Python counts references inside the objects, so that
an invocation that only reads them copies their pages.
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
    Measure("order", "processor time of a warm order to its link", "ms", 0.55),
    Measure("demo", "`orders demo`, everything built", "s", 0.6),
)

Figures = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Machine:
    """Where the figures come from; loads are those of the last minute."""

    processors: int
    load_before: float
    load_after: float


def write(
    root: Path, base: str, ours: Figures, theirs: Figures, machine: Machine, loads: Sequence[str]
) -> Path:
    """Writes the page and its plot; the path of the page."""
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
    under_load = ["", "## Orders at once", "", *loads] if loads else []
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
