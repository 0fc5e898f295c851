"""How long parser and matcher take, and how much memory an index holds, on this machine."""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from statistics import mean, median, quantiles
from typing import Final, NamedTuple

from orderflow.grocery_list.parser import MAX_CHARACTERS, parse
from orderflow.matching.matcher import CatalogIndex
from scripts.evaluation.baselines import scorer_finders
from scripts.evaluation.queries import Row

SIZES: Final = (300, 3_000, 27_000)

#: Texts that tempt parsers into quadratic work, each repeated up to the longest list.
ADVERSARIAL: Final = (
    *("(", ")", "()", "([{", "((1", "a(1 lb)", "[x]", "(1, a)", "1) "),
    *("1", "1 ", "1,", "1/", "1-", "1g-", "½", "1,000", "2x", "1 x ", "1 and a half "),
    *("a ", "a,", "a;", "a:", "a - ", "a&", "and ", "or 1 ", "hundred ", "half a ", "5-a"),
    *("2 a 3 b ", "a 1 kg ", "5kg bag ", "bag of ", "2kg each of ", "2 red and 3 green "),
    *("\n", ".", "...", "-", "x", "🥕", "please ", "to my list ", "mac and ", "fl ", "₦1 "),
)


# The best of so many counts: other work on the machine can only make the others slower.
_ROUNDS: Final = 15


class Latency(NamedTuple):
    """Of one line among so many products, in milliseconds; the index's build and memory."""

    products: int
    median_ms: float
    mean_ms: float
    p95_ms: float
    build_seconds: float = 0.0
    megabytes: float = 0.0


class ParserSpeed(NamedTuple):
    """Lines a second of one core; what the slowest adversarial text repeats, its milliseconds."""

    lines_a_second: float
    slowest: str
    slowest_ms: float


def parser_speed(texts: Sequence[str]) -> ParserSpeed:
    """How fast the parser is, at its best: on these lines, and on what tempts it to be slow."""
    gc.collect()
    gc.freeze()  # the evaluation's own data is nothing for the collector to walk through
    seconds = min(_processor_seconds(lambda: _parse_all(texts)) for _ in range(_ROUNDS))
    return ParserSpeed(len(texts) / seconds, *_slowest_text())


def _slowest_text() -> tuple[str, float]:
    # Round after round, so that a moment of other work does not fall on all of one text's tries.
    rounds = [
        {unit: _processor_seconds(_parsing(unit)) * 1000 for unit in ADVERSARIAL}
        for _ in range(_ROUNDS)
    ]
    times = {unit: min(times[unit] for times in rounds) for unit in ADVERSARIAL}
    slowest = max(times, key=times.__getitem__)
    return slowest, times[slowest]


def search_latency(
    rows: Sequence[Row], queries: Sequence[str], sizes: Sequence[int] = SIZES
) -> list[Latency]:
    """The matcher's speed with parts of the catalog of these sizes, as far as it reaches."""
    shuffled = random.Random(0).sample(rows, len(rows))  # noqa: S311  # nosec B311 # no secret
    return [_latency(shuffled[:size], queries) for size in sizes if size <= len(rows)]


def rival_latency(
    rows: Sequence[Row], queries: Sequence[str], sizes: Sequence[int] = SIZES
) -> list[Latency]:
    """The same of rapidfuzz's WRatio over all names."""
    return [
        Latency(size, *_search_times(scorer_finders(rows[:size])["WRatio"], queries))
        for size in sizes
        if size <= len(rows)
    ]


def _latency(rows: Sequence[Row], queries: Sequence[str]) -> Latency:
    products = [row.product() for row in rows]
    build = min(_processor_seconds(lambda: CatalogIndex(products)) for _ in range(3))
    tracemalloc.start()
    index = CatalogIndex(products)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    times = _search_times(index.search, queries)
    return Latency(len(rows), *times, build_seconds=build, megabytes=held / 2**20)


def _search_times(
    search: Callable[[str], object], queries: Sequence[str]
) -> tuple[float, float, float]:
    """Median, mean and 95th percentile, in milliseconds."""
    rounds = [
        [_processor_seconds(partial(search, text)) * 1000 for text in queries] for _ in range(3)
    ]
    times = [min(tries) for tries in zip(*rounds, strict=True)]
    return median(times), mean(times), quantiles(times, n=20)[-1]


def _parse_all(texts: Sequence[str]) -> None:
    for text in texts:
        parse(text)


def _parsing(unit: str) -> Callable[[], object]:
    text = (unit * MAX_CHARACTERS)[:MAX_CHARACTERS]
    return lambda: parse(text)


def _processor_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
