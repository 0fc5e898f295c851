"""How long parser and matcher take, and how much memory an index holds, on this machine."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Sequence
from statistics import median, quantiles
from typing import Final, NamedTuple

import psutil

from orderflow.grocery_list import MAX_CHARACTERS, parse
from orderflow.matching import CatalogIndex
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


class Latency(NamedTuple):
    """Of one line among so many products, in milliseconds; the index's build and memory."""

    products: int
    median_ms: float
    p95_ms: float
    build_seconds: float
    megabytes: float


def lines_a_second(texts: Sequence[str], rounds: int = 5) -> float:
    """How many lines the parser reads in a second of processor time, at its best."""
    return len(texts) / min(_processor_seconds(lambda: _parse_all(texts)) for _ in range(rounds))


def slowest_text(rounds: int = 3) -> tuple[str, float]:
    """Of the adversarial texts, what takes longest, and its milliseconds."""
    times = {
        unit: min(_processor_seconds(_parsing(unit)) for _ in range(rounds)) * 1000
        for unit in ADVERSARIAL
    }
    slowest = max(times, key=times.__getitem__)
    return slowest, times[slowest]


def search_latency(
    rows: Sequence[Row], queries: Sequence[str], sizes: Sequence[int] = SIZES
) -> list[Latency]:
    """The matcher's speed with parts of the catalog of these sizes, as far as it reaches."""
    shuffled = random.Random(0).sample(rows, len(rows))  # noqa: S311 - nobody is to be surprised
    return [_latency(shuffled[:size], queries) for size in sizes if size <= len(rows)]


def _latency(rows: Sequence[Row], queries: Sequence[str]) -> Latency:
    gc.collect()
    before = psutil.Process().memory_info().rss
    started = time.process_time()
    index = CatalogIndex(row.product() for row in rows)
    built = time.process_time() - started
    megabytes = (psutil.Process().memory_info().rss - before) / 2**20
    times = [_processor_seconds(lambda text=text: index.search(text)) * 1000 for text in queries]  # type: ignore[misc]
    return Latency(len(rows), median(times), quantiles(times, n=20)[-1], built, max(0, megabytes))


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
