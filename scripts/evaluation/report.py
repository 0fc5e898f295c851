"""What was measured, as tables for the terminal and for a Markdown report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from rich.table import Table

from scripts.evaluation.measure import OURS, QUERIES_FOR_RIVALS, Matching
from scripts.evaluation.parsing import Accuracy
from scripts.evaluation.retrieval import Found
from scripts.evaluation.simulation import Window
from scripts.evaluation.speed import Latency, ParserSpeed

_PARTS: Final = ("quantity", "unit", "name", "everything")
_WINDOWS_SHOWN: Final = 5


class Sheet(NamedTuple):
    """A table: a title, the heads of its columns, and rows of as many texts."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def for_terminal(self) -> Table:
        """The table as Rich shows it, its first column to the left."""
        table = Table(title=self.title, title_justify="left")
        for place, column in enumerate(self.columns):
            table.add_column(column, justify="right" if place else "left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def markdown(self) -> str:
        """The table in Markdown below its title."""
        rules = ("---", *("---:" for _ in self.columns[1:]))
        lines = (self.columns, rules, *self.rows)
        return f"## {self.title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


class Demand(NamedTuple):
    """Something that parser and matcher have to reach, and what was measured."""

    what: str
    target: str
    measured: str
    is_met: bool


def demands_sheet(demands: Iterable[Demand]) -> Sheet:
    """What was to be reached, and whether it is."""
    rows = [
        (each.what, each.target, each.measured, "yes" if each.is_met else "**no**")
        for each in demands
    ]
    return Sheet("What was to be shown", ("", "target", "measured", "met"), rows)


def reading_demands(reading: Mapping[str, Sequence[Accuracy]]) -> list[Demand]:
    """What the parser has to understand."""
    ours = {accuracy.slice: accuracy for accuracy in reading[OURS]}
    demands = []
    dev = ours.get("development lines")
    for part, target in zip(_PARTS, (0.995, 0.99, 0.98, 0.97), strict=True):
        if dev:
            demands.append(_at_least(f"development lines: {part}", target, dev.share(part)))
    messy = [one for name, one in ours.items() if name.startswith("held-out lines")]
    worst = min(messy, key=lambda one: one.share("everything"))
    what = f"messy rewrites of unseen lines, the worst style ({worst.slice.split(', ')[1]})"
    demands.append(_at_least(what, 0.95, worst.share("everything")))
    unseen = ours["own lists, held out"].share("everything")
    return [*demands, _at_least("own lists, held out: everything", 0.95, unseen)]


def speed_demands(speed: ParserSpeed) -> list[Demand]:
    """How fast the parser has to be."""
    slowest = f"{speed.slowest_ms:.1f} ms (`{speed.slowest}`)"
    return [
        Demand(
            "lines a second",
            ">= 20,000",
            f"{speed.lines_a_second:,.0f}",
            speed.lines_a_second >= 20_000,  # noqa: PLR2004 - the target itself
        ),
        Demand("slowest 5,000 characters", "< 20 ms", slowest, speed.slowest_ms < 20),  # noqa: PLR2004
    ]


def matching_demands(matching: Matching, latencies: Sequence[Latency]) -> list[Demand]:
    """What the matcher has to find, and how fast."""
    whole = latencies[-1]
    return [
        *(
            _at_least(
                f"first product right: {found.slice}",
                0.90 if found.slice == "two words" else 0.97,
                found.share,
            )
            for found in matching.finding[OURS]
        ),
        _below(f"a line among {whole.products:,} products, median", 5, whole.median_ms, "ms"),
        _below("... 95th percentile", 5, whole.p95_ms, "ms"),
        _below("index built", 2, whole.build_seconds, "s"),
        _below("index in memory", 150, whole.megabytes, "MB"),
    ]


def simulation_demands(windows: Sequence[Window]) -> list[Demand]:
    """Whether the model is needed less and less."""
    first, last = windows[0], windows[-_WINDOWS_SHOWN:]
    late = sum(each.asked for each in last) / sum(each.lines for each in last)
    measured = f"{_percent(first.share)} of the first {first.last_order} orders' lines, then "
    measured += f"{_percent(late)}; without memory {_percent(first.share_without_memory)}"
    return [Demand("lines that need the model", "falls", measured, late < first.share)]


def reading_sheet(reading: Mapping[str, Sequence[Accuracy]]) -> Sheet:
    """What each parser understands."""
    rows = [
        (accuracy.slice, name, str(accuracy.lines), *(_percent(accuracy.share(p)) for p in _PARTS))
        for name, accuracies in reading.items()
        for accuracy in accuracies
    ]
    return Sheet("Lists understood", ("slice", "parser", "lines", *_PARTS), rows)


def finding_sheet(matching: Matching) -> Sheet:
    """What each matcher finds in the large catalog."""
    ours, *rivals = matching.finding
    shares = {name: _by_slice(found) for name, found in matching.finding.items()}
    rows = [
        (found.slice, str(found.queries), *(_percent(shares[name][found.slice]) for name in shares))
        for found in matching.finding[ours]
    ]
    title = (
        f"The right product first, of {matching.products:,} "
        f"(rapidfuzz alone: the first {QUERIES_FOR_RIVALS} questions of each slice)"
    )
    return Sheet(title, ("slice", "questions", ours, *rivals), rows)


def own_lists_sheet(own_lists: Mapping[str, Sequence[Found]]) -> Sheet:
    """How lines of our lists were matched in the shipped catalog, without the model."""
    rows = [
        (part, found.slice, str(found.queries), _percent(found.share))
        for part, finds in own_lists.items()
        for found in finds
    ]
    return Sheet(
        "Our lists in the shipped catalog", ("lists", "matched by", "lines", "right"), rows
    )


def latency_sheet(latencies: Mapping[str, Sequence[Latency]]) -> Sheet:
    """How long a line takes among more and more products."""
    rows = [
        (
            name,
            f"{each.products:,}",
            *(f"{value:.2f}" for value in (each.median_ms, each.mean_ms, each.p95_ms)),
            f"{each.build_seconds:.2f}" if each.build_seconds else "",
            f"{each.megabytes:.1f}" if each.megabytes else "",
        )
        for name, several in latencies.items()
        for each in several
    ]
    heads = ("matcher", "products", "median ms", "mean ms", "95 % ms", "index s", "index MB")
    return Sheet("Time for a line", heads, rows)


def simulation_sheet(windows: Sequence[Window]) -> Sheet:
    """How often the model is needed, in a few of the windows."""
    step = max(1, len(windows) // _WINDOWS_SHOWN)
    rows = [
        (
            str(each.last_order),
            str(each.lines),
            _percent(each.share),
            _percent(each.share_without_memory),
            _percent(each.orders_asking / each.orders),
        )
        for place, each in enumerate(windows)
        if place == 0 or (place + 1) % step == 0
    ]
    heads = ("up to order", "lines", "need the model", "without memory", "orders with a call")
    return Sheet("Lines that need the model", heads, rows)


def _by_slice(found: Iterable[Found]) -> dict[str, float]:
    return {one.slice: one.share for one in found}


def _at_least(what: str, target: float, share: float) -> Demand:
    return Demand(what, f">= {_percent(target)}", _percent(share), share >= target)


def _below(what: str, target: float, measured: float, unit: str) -> Demand:
    return Demand(what, f"< {target:g} {unit}", f"{measured:.2f} {unit}", measured < target)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
