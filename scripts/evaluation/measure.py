"""Everything that is measured of parser and matcher."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from orderflow.catalog.csv_file import read_csv
from orderflow.catalog.product import Product
from orderflow.matching.matcher import CatalogIndex
from scripts.evaluation.baselines import other_parsers, scorer_finders
from scripts.evaluation.labelled import (
    LabelledList,
    Split,
    load_dev_lines,
    load_lists,
    load_meant,
    split_lists,
)
from scripts.evaluation.parsing import (
    Accuracy,
    Parser,
    our_parser,
    read_lists,
    read_rewrites,
    read_single_lines,
)
from scripts.evaluation.perturbations import Rewrite, rewrites, written_dev_line, written_line
from scripts.evaluation.queries import Query, Row, make_queries
from scripts.evaluation.retrieval import (
    Found,
    find_all,
    load_rows,
    match_lists,
    our_finder,
    rows_of,
)
from scripts.evaluation.simulation import Window, simulate
from scripts.evaluation.speed import (
    Latency,
    ParserSpeed,
    parser_speed,
    rival_latency,
    search_latency,
)
from scripts.local.stack.seed import CATALOG

OURS: Final = "ours"
#: Rapidfuzz alone needs some 50 ms a question and scorer: so many of each slice are enough.
QUERIES_FOR_RIVALS: Final = 100
_SEED: Final = 20261127


@dataclass(frozen=True, slots=True)
class Matching:
    """Right answers in the large catalog by who gave them, and how our own lists were matched."""

    products: int
    finding: Mapping[str, Sequence[Found]]
    own_lists: Mapping[str, Sequence[Found]]


class Measurements:
    """Measures one thing after the other.

    Args:
        data: the folder of the shared data; what it lacks is left out.
        each: how many questions of each slice the matcher is asked.
    """

    def __init__(self, data: Path, each: int) -> None:
        self._dev = load_dev_lines(data / "parse_dev.jsonl")
        self._lists = load_lists()
        self._products: list[Product] = read_csv(CATALOG)
        self._rows: list[Row] = load_rows(data / "catalog.csv") or rows_of(self._products)
        self._each = each

    def reading(self) -> dict[str, list[Accuracy]]:
        """What each parser understands, in slices."""
        parsers = {OURS: our_parser, **other_parsers()}
        return {name: self._read(parser) for name, parser in parsers.items()}

    def parser_speed(self) -> ParserSpeed:
        """How fast our parser is, on the development lines or else the names of our lists."""
        own = [line.name for each in self._lists for line in each.lines]
        return parser_speed([line.text for line in self._dev] or own)

    def matching(self) -> Matching:
        """What our matcher and rapidfuzz's scorers find."""
        ours = our_finder(CatalogIndex(row.product() for row in self._rows))
        rivals = scorer_finders(self._rows)
        finding = {OURS: find_all(ours, self._queries)}
        finding |= {name: find_all(find, self._few_queries) for name, find in rivals.items()}
        meant = load_meant(product.id for product in self._products)
        own_lists = {
            part: match_lists(lists, self._products, meant)
            for part, lists in (("tuning", self._split.tuning), ("held out", self._split.held_out))
        }
        return Matching(len(self._rows), finding, own_lists)

    def latencies(self) -> dict[str, list[Latency]]:
        """How long a line takes among more and more products."""
        texts = [query.text for query in self._few_queries]
        return {
            OURS: search_latency(self._rows, texts),
            "WRatio": rival_latency(self._rows, texts[:: len(texts) // 40 or 1]),
        }

    def windows(self, orders: int) -> list[Window]:
        """How many lines of so many orders need the model."""
        return simulate(self._lists, self._products, orders)

    @cached_property
    def _split(self) -> Split:
        return split_lists(self._lists)

    @cached_property
    def _queries(self) -> list[Query]:
        return make_queries(self._rows, self._each, _SEED)

    @cached_property
    def _few_queries(self) -> list[Query]:
        counts: dict[str, int] = {}
        few: list[Query] = []
        for query in self._queries:
            counts[query.slice] = counts.get(query.slice, 0) + 1
            if counts[query.slice] <= QUERIES_FOR_RIVALS:
                few.append(query)
        return few

    def _read(self, parser: Parser) -> list[Accuracy]:
        dev = [(line.text, line.label()) for line in self._dev]
        written = [item for item in map(written_dev_line, self._dev) if item]
        accuracies = [
            read_single_lines("development lines", parser, dev),
            *_read_messy("development lines", parser, rewrites(written, _SEED)),
            *_read_messy("held-out lines", parser, _rewritten(self._split.held_out)),
            read_lists("own lists, tuning", parser, self._split.tuning),
            read_lists("own lists, held out", parser, self._split.held_out),
        ]
        return [accuracy for accuracy in accuracies if accuracy.lines]


def _rewritten(lists: Sequence[LabelledList]) -> list[Rewrite]:
    rng = random.Random(_SEED)  # noqa: S311  # nosec B311 # no secret
    return rewrites([written_line(line, rng) for each in lists for line in each.lines], _SEED)


def _read_messy(of: str, parser: Parser, texts: Sequence[Rewrite]) -> list[Accuracy]:
    return [one.renamed(f"{of}, {one.slice}") for one in read_rewrites(parser, texts)]
