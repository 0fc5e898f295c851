"""The measurements as tables, for the terminal and for a Markdown report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from rich.table import Table

from scripts.evaluation.measure import OURS, QUERIES_FOR_BASELINES, Retrieval
from scripts.evaluation.messages import MessageAccuracy
from scripts.evaluation.parsing import Accuracy
from scripts.evaluation.retrieval import RetrievalScore
from scripts.evaluation.simulation import Window
from scripts.evaluation.speed import Latency, ParserSpeed

#: Slices whose queries are no names of products, but words that shoppers use for them.
_WORDS_OF_SHOPPERS: Final = ("plain word", "synonym", "two words")
_PARTS: Final = ("quantity", "unit", "name", "everything")
_WINDOWS_SHOWN: Final = 5
# Slice -> lines right, precision, messages right.
_MESSAGE_TARGETS: Final = {
    "shoppers, development": (0.97, 0.97, 0.85),
    "shoppers, own, held out": (0.95, 0.95, 0.80),
    "shoppers, new, held out": (0.95, 0.95, 0.80),
    "shoppers, outside, held out": (0.95, 0.95, 0.80),
}
_TAGS_WITH_TARGETS: Final = ("price", "pidgin", "dictation")
_TARGET_OF_TAGS: Final = 0.90


class Sheet(NamedTuple):
    """A table: its title, the headings of its columns, and rows with one text per column."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def for_terminal(self) -> Table:
        """The table for Rich; its first column is aligned to the left."""
        table = Table(title=self.title, title_justify="left")
        for place, column in enumerate(self.columns):
            table.add_column(column, justify="right" if place else "left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def markdown(self) -> str:
        """The table in Markdown, below its title as a heading."""
        rules = ("---", *("---:" for _ in self.columns[1:]))
        lines = (self.columns, rules, *self.rows)
        return f"## {self.title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


class TargetResult(NamedTuple):
    """A target of parser or matcher, and the measured value."""

    metric: str
    target: str
    measured: str
    is_met: bool


def targets_sheet(targets: Iterable[TargetResult]) -> Sheet:
    """The targets, the measured values, and whether each target is met."""
    rows = [
        (each.metric, each.target, each.measured, "yes" if each.is_met else "**no**")
        for each in targets
    ]
    return Sheet("Targets", ("metric", "target", "measured", "met"), rows)


def parsing_targets(parsing: Mapping[str, Sequence[Accuracy]]) -> list[TargetResult]:
    """The targets of the parser's accuracy."""
    ours = {accuracy.slice: accuracy for accuracy in parsing[OURS]}
    targets = []
    dev = ours.get("development lines")
    for part, target in zip(_PARTS, (0.995, 0.99, 0.98, 0.97), strict=True):
        if dev:
            targets.append(_at_least(f"development lines: {part}", target, dev.share(part)))
    perturbed = [one for name, one in ours.items() if name.startswith("held-out lines")]
    worst = min(perturbed, key=lambda one: one.share("everything"))
    metric = f"perturbed held-out lines, the worst style ({worst.slice.split(', ')[1]})"
    targets.append(_at_least(metric, 0.95, worst.share("everything")))
    held_out = ours["own lists, held out"].share("everything")
    return [*targets, _at_least("own lists, held out: everything", 0.95, held_out)]


def speed_targets(speed: ParserSpeed) -> list[TargetResult]:
    """The targets of the parser's speed."""
    slowest = f"{speed.slowest_ms:.1f} ms (`{speed.slowest}`)"
    return [
        TargetResult(
            "lines per second",
            ">= 20,000",
            f"{speed.lines_per_second:,.0f}",
            speed.lines_per_second >= 20_000,  # noqa: PLR2004 - the target itself
        ),
        TargetResult("slowest 5,000 characters", "< 20 ms", slowest, speed.slowest_ms < 20),  # noqa: PLR2004
    ]


def retrieval_targets(retrieval: Retrieval, latencies: Sequence[Latency]) -> list[TargetResult]:
    """The targets of the matcher's accuracy, speed and memory."""
    largest = latencies[-1]
    return [
        *(
            target
            for score in retrieval.by_matcher[OURS]
            for target in _retrieval_targets_of(score)
        ),
        _below(
            f"time for a line among {largest.products:,} products, median",
            5,
            largest.median_ms,
            "ms",
        ),
        _below("time for a line, 95th percentile", 5, largest.p95_ms, "ms"),
        _below("build time of the index", 2, largest.build_seconds, "s"),
        _below("memory of the index", 150, largest.megabytes, "MB"),
    ]


def _retrieval_targets_of(score: RetrievalScore) -> list[TargetResult]:
    first, five = (0.90, 0.97) if score.slice.startswith(_WORDS_OF_SHOPPERS) else (0.98, 0.99)
    targets = [_at_least(f"first product correct: {score.slice}", first, score.share)]
    if score.share_among_five is not None:
        among = _at_least(f"one of five correct: {score.slice}", five, score.share_among_five)
        targets.append(among)
    return targets


def simulation_targets(windows: Sequence[Window]) -> list[TargetResult]:
    """Whether the share of lines that need the model falls."""
    first, last = windows[0], windows[-_WINDOWS_SHOWN:]
    late = sum(each.model_lines for each in last) / sum(each.lines for each in last)
    measured = f"{_percent(first.share)} of the first {first.last_order} orders' lines, then "
    measured += f"{_percent(late)}; without remembered names {_percent(first.share_without_memory)}"
    return [TargetResult("lines that need the model", "falls", measured, late < first.share)]


def parsing_sheet(parsing: Mapping[str, Sequence[Accuracy]]) -> Sheet:
    """The accuracy of each parser."""
    rows = [
        (accuracy.slice, name, str(accuracy.lines), *(_percent(accuracy.share(p)) for p in _PARTS))
        for name, accuracies in parsing.items()
        for accuracy in accuracies
    ]
    return Sheet("Parsing", ("slice", "parser", "lines", *_PARTS), rows)


def messages_sheet(messages: Mapping[str, Sequence[MessageAccuracy]]) -> Sheet:
    """The accuracy on whole messages, by source and tag."""
    rows = [
        (
            each.slice,
            name,
            str(each.messages),
            str(each.lines),
            *(_percent(share) for share in (each.recall, each.precision, each.whole_share)),
        )
        for name, accuracies in messages.items()
        for each in accuracies
    ]
    heads = ("slice", "parser", "messages", "lines", "lines right", "precision", "messages right")
    return Sheet("Messages of shoppers", heads, rows)


def messages_targets(messages: Mapping[str, Sequence[MessageAccuracy]]) -> list[TargetResult]:
    """The targets of the accuracy on whole messages."""
    ours = {accuracy.slice: accuracy for accuracy in messages[OURS]}
    targets = []
    for slice_, (recall, precision, whole) in _MESSAGE_TARGETS.items():
        accuracy = ours[slice_]
        targets += [
            _at_least(f"{slice_}: lines right", recall, accuracy.recall),
            _at_least(f"{slice_}: precision", precision, accuracy.precision),
            _at_least(f"{slice_}: messages right", whole, accuracy.whole_share),
        ]
    targets += [
        _at_least(f"{name}: {tag}, lines right", _TARGET_OF_TAGS, ours[f"{name}: {tag}"].recall)
        for name in ("held out", "outside, held out")
        for tag in _TAGS_WITH_TARGETS
    ]
    return targets


def retrieval_sheet(retrieval: Retrieval) -> Sheet:
    """The scores of each matcher in the large catalog."""
    ours, *baselines = retrieval.by_matcher
    shares = {name: _by_slice(scores) for name, scores in retrieval.by_matcher.items()}
    rows = [
        (
            score.slice,
            str(score.queries),
            *(_percent(shares[name][score.slice]) for name in shares),
            "" if score.share_among_five is None else _percent(score.share_among_five),
        )
        for score in retrieval.by_matcher[ours]
    ]
    title = (
        f"Retrieval: first product correct, of {retrieval.products:,} products "
        f"(baselines: the first {QUERIES_FOR_BASELINES} queries of each slice)"
    )
    return Sheet(title, ("slice", "queries", ours, *baselines, f"{ours}, of five"), rows)


def own_lists_sheet(own_lists: Mapping[str, Sequence[RetrievalScore]]) -> Sheet:
    """The scores of our own lists in the shipped catalog, without the model."""
    rows = [
        (part, score.slice, str(score.queries), _percent(score.share))
        for part, scores in own_lists.items()
        for score in scores
    ]
    return Sheet(
        "Retrieval: own lists in the shipped catalog",
        ("lists", "matched by", "lines", "correct"),
        rows,
    )


def latency_sheet(latencies: Mapping[str, Sequence[Latency]]) -> Sheet:
    """The time for a line, by matcher and number of products."""
    rows = [
        (
            name,
            f"{each.products:,}",
            *(f"{value:.2f}" for value in (each.median_ms, each.mean_ms, each.p95_ms)),
            f"{each.build_seconds:.2f}" if each.build_seconds else "",
            f"{each.megabytes:.1f}" if each.megabytes else "",
        )
        for name, of_matcher in latencies.items()
        for each in of_matcher
    ]
    heads = ("matcher", "products", "median ms", "mean ms", "p95 ms", "index s", "index MB")
    return Sheet("Time for a line", heads, rows)


def simulation_sheet(windows: Sequence[Window]) -> Sheet:
    """The share of lines that need the model, in a few of the windows."""
    step = max(1, len(windows) // _WINDOWS_SHOWN)
    rows = [
        (
            str(each.last_order),
            str(each.lines),
            _percent(each.share),
            _percent(each.share_without_memory),
            _percent(each.orders_with_call / each.orders),
        )
        for place, each in enumerate(windows)
        if place == 0 or (place + 1) % step == 0
    ]
    heads = (
        "up to order",
        "lines",
        "need the model",
        "without remembered names",
        "orders with a call",
    )
    return Sheet("Lines that need the model", heads, rows)


def _by_slice(scores: Iterable[RetrievalScore]) -> dict[str, float]:
    return {one.slice: one.share for one in scores}


def _at_least(metric: str, target: float, share: float) -> TargetResult:
    return TargetResult(metric, f">= {_percent(target)}", _percent(share), share >= target)


def _below(metric: str, target: float, measured: float, unit: str) -> TargetResult:
    return TargetResult(metric, f"< {target:g} {unit}", f"{measured:.2f} {unit}", measured < target)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
