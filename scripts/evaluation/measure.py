"""All measurements of parser and matcher."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from orderflow.catalog.csv_file import read_csv
from orderflow.catalog.product import Product
from orderflow.grocery_list.catalog_names import known_names_of
from orderflow.matching.matcher import CatalogIndex
from scripts.evaluation.baselines import baseline_parsers, baseline_retrievers
from scripts.evaluation.cases.labelled import (
    LabelledList,
    Split,
    load_dev_lines,
    load_lists,
    load_relevant_products,
    split_lists,
)
from scripts.evaluation.cases.labelled_queries import labelled_queries
from scripts.evaluation.cases.perturbations import PerturbedLine, dev_line_text, label_text, perturb
from scripts.evaluation.cases.queries import Query, Row, make_queries
from scripts.evaluation.messages import MessageAccuracy, score_all_messages
from scripts.evaluation.parsing import (
    Accuracy,
    Parser,
    our_parser,
    our_parser_knowing,
    score_lists,
    score_perturbed_lines,
    score_single_lines,
)
from scripts.evaluation.retrieval import (
    RetrievalScore,
    load_rows,
    rows_of,
    score_candidates,
    score_own_lists,
    score_queries,
)
from scripts.evaluation.simulation import Window, simulate
from scripts.evaluation.speed import (
    Latency,
    ParserSpeed,
    baseline_latency,
    parser_speed,
    search_latency,
)
from scripts.local.stack.seed import CATALOG

OURS: Final = "ours"
#: Queries of each slice for the baselines: one rapidfuzz scorer takes some 50 ms for a query.
QUERIES_FOR_BASELINES: Final = 50
_SEED: Final = 20261127


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Scores in the large catalog by matcher, and scores of our own lists by half of the split."""

    products: int
    by_matcher: Mapping[str, Sequence[RetrievalScore]]
    own_lists: Mapping[str, Sequence[RetrievalScore]]


class Measurements:
    """Runs the measurements.

    Args:
        data: the folder of the shared data; measurements whose file is missing there are left out.
        per_slice: how many queries of each slice the matcher answers.
    """

    def __init__(self, data: Path, per_slice: int) -> None:
        self._dev = load_dev_lines(data / "parse_dev.jsonl")
        self._lists = load_lists()
        self._products: list[Product] = read_csv(CATALOG)
        self._rows: list[Row] = load_rows(data / "catalog.csv") or rows_of(self._products)
        self._per_slice = per_slice

    def parsing(self) -> dict[str, list[Accuracy]]:
        """The accuracy of each parser, by slice."""
        parsers = {OURS: our_parser, **baseline_parsers()}
        return {name: self._score_parser(parser) for name, parser in parsers.items()}

    def messages(self) -> dict[str, list[MessageAccuracy]]:
        """Our parser's accuracy on whole messages, without and with the names of the catalog."""
        names = known_names_of(
            name for product in self._products for name in (product.name, *product.synonyms)
        )
        return {
            OURS: score_all_messages(our_parser),
            f"{OURS}, knowing the catalog": score_all_messages(our_parser_knowing(names)),
        }

    def parser_speed(self) -> ParserSpeed:
        """Our parser's speed on the development lines, else on the names of our lists."""
        own = [line.name for each in self._lists for line in each.lines]
        return parser_speed([line.text for line in self._dev] or own)

    def retrieval(self) -> Retrieval:
        """The scores of our matcher and of rapidfuzz's scorers."""
        index = CatalogIndex(row.product() for row in self._rows)
        baselines = baseline_retrievers(self._rows)
        by_matcher = {OURS: score_candidates(index, self._queries)}
        by_matcher |= {
            name: score_queries(find, self._few_queries) for name, find in baselines.items()
        }
        relevant = load_relevant_products(product.id for product in self._products)
        own_lists = {
            part: score_own_lists(lists, self._products, relevant)
            for part, lists in (("tuning", self._split.tuning), ("held out", self._split.held_out))
        }
        return Retrieval(len(self._rows), by_matcher, own_lists)

    def latencies(self) -> dict[str, list[Latency]]:
        """The time for a line, by size of the catalog."""
        texts = [query.text for query in self._few_queries]
        return {
            OURS: search_latency(self._rows, texts),
            "WRatio": baseline_latency(self._rows, texts[:: len(texts) // 40 or 1]),
        }

    def windows(self, orders: int) -> list[Window]:
        """The share of lines that need the model, in windows of simulated orders."""
        return simulate(self._lists, self._products, orders)

    @cached_property
    def _split(self) -> Split:
        return split_lists(self._lists)

    @cached_property
    def _queries(self) -> list[Query]:
        made = make_queries(self._rows, self._per_slice, _SEED)
        return made + labelled_queries(self._rows)

    @cached_property
    def _few_queries(self) -> list[Query]:
        counts: dict[str, int] = {}
        few: list[Query] = []
        for query in self._queries:
            counts[query.slice] = counts.get(query.slice, 0) + 1
            if counts[query.slice] <= QUERIES_FOR_BASELINES:
                few.append(query)
        return few

    def _score_parser(self, parser: Parser) -> list[Accuracy]:
        dev = [(line.text, line.label()) for line in self._dev]
        items = [item for item in map(dev_line_text, self._dev) if item]
        accuracies = [
            score_single_lines("development lines", parser, dev),
            *_score_perturbed("development lines", parser, perturb(items, _SEED)),
            *_score_perturbed("held-out lines", parser, _perturbed(self._split.held_out)),
            score_lists("own lists, tuning", parser, self._split.tuning),
            score_lists("own lists, held out", parser, self._split.held_out),
        ]
        return [accuracy for accuracy in accuracies if accuracy.lines]


def _perturbed(lists: Sequence[LabelledList]) -> list[PerturbedLine]:
    rng = random.Random(_SEED)  # noqa: S311  # nosec B311 # no secret
    return perturb([label_text(line, rng) for each in lists for line in each.lines], _SEED)


def _score_perturbed(source: str, parser: Parser, lines: Sequence[PerturbedLine]) -> list[Accuracy]:
    return [one.renamed(f"{source}, {one.slice}") for one in score_perturbed_lines(parser, lines)]
