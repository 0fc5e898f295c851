"""The speed of parser and matcher, and the memory of an index, on this machine."""

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
from scripts.evaluation.baselines import baseline_retrievers
from scripts.evaluation.cases.queries import Row

SIZES: Final = (300, 3_000, 27_000)

#: Texts that tempt parsers into quadratic work, each repeated up to the longest list.
ADVERSARIAL: Final = (
    *("(", ")", "()", "([{", "((1", "a(1 lb)", "[x]", "(1, a)", "1) "),
    *("1", "1 ", "1,", "1/", "1-", "1g-", "½", "1,000", "2x", "1 x ", "1 and a half "),
    *(
        "a ",
        "a,",
        "a;",
        "a:",
        "a - ",
        "a&",
        "and ",
        "or 1 ",
        "hundred ",
        "thousand and ",
        "one point five ",
        "half a ",
        "5-a",
    ),
    *("2 a 3 b ", "a 1 kg ", "5kg bag ", "bag of ", "2kg each of ", "2 red and 3 green "),
    *("no wait ", "sorry 1 ", "2 each: ", "a\n- ", "thanks\n", "finely ", "1g/", "milk eggs "),
    *("\n", ".", "...", "-", "x", "🥕", "please ", "to my list ", "mac and ", "fl ", "₦1 "),
    *("(a)", "1.", "1. ", "a.", "2 x\n", "between 1 and ", "1 lb. ", "9k, 1 lb. ", "head & "),
    *("x if & ", "([{ kg. ", "a'", "of ", "(1) ", "1 a", "~a~", "a/", "buy ", "500\n"),
    "scant ",
)


# The fastest round counts: other work on the machine only slows the others down.
_ROUNDS: Final = 15


class Latency(NamedTuple):
    """Times for one line in a catalog of this size, and the build time and memory of its index."""

    products: int
    median_ms: float
    mean_ms: float
    p95_ms: float
    build_seconds: float = 0.0
    megabytes: float = 0.0


class ParserSpeed(NamedTuple):
    """Lines per second of one core; the unit and the time of the slowest adversarial text."""

    lines_per_second: float
    slowest: str
    slowest_ms: float


def parser_speed(texts: Sequence[str]) -> ParserSpeed:
    """The parser's speed in the fastest round, on these lines and on the adversarial texts."""
    gc.collect()
    gc.freeze()  # the collector need not traverse the evaluation's own data
    seconds = min(_processor_seconds(lambda: _parse_all(texts)) for _ in range(_ROUNDS))
    return ParserSpeed(len(texts) / seconds, *_slowest_text())


def _slowest_text() -> tuple[str, float]:
    # All texts once per round, so that a moment of other work never slows all tries of one text.
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
    """The matcher's speed in samples of the catalog; sizes above the catalog's are skipped."""
    shuffled = random.Random(0).sample(rows, len(rows))  # noqa: S311  # nosec B311 # no secret
    return [_latency(shuffled[:size], queries) for size in sizes if size <= len(rows)]


def baseline_latency(
    rows: Sequence[Row], queries: Sequence[str], sizes: Sequence[int] = SIZES
) -> list[Latency]:
    """The speed of rapidfuzz's WRatio over all names, for the same sizes."""
    return [
        Latency(size, *_search_times([baseline_retrievers(rows[:size])["WRatio"]] * 3, queries))
        for size in sizes
        if size <= len(rows)
    ]


def _latency(rows: Sequence[Row], queries: Sequence[str]) -> Latency:
    products = [row.product() for row in rows]
    tracemalloc.start()
    index = CatalogIndex(products)
    allocated, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # An index remembers what it was asked: each round asks another one.
    indexes = [index]
    build_seconds = min(
        _processor_seconds(lambda: indexes.append(CatalogIndex(products))) for _ in range(2)
    )
    times = _search_times([each.search for each in indexes], queries)
    return Latency(len(rows), *times, build_seconds=build_seconds, megabytes=allocated / 2**20)


def _search_times(
    searches: Sequence[Callable[[str], object]], queries: Sequence[str]
) -> tuple[float, float, float]:
    """Median, mean and 95th percentile, in milliseconds, of the fastest search of each query."""
    rounds = [
        [_processor_seconds(partial(search, text)) * 1000 for text in queries]
        for search in searches
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
