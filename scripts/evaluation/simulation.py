"""The share of a shop's lines that need the model, as remembered names accumulate.

Customers draw their lines from our labelled lists by a Zipf distribution: few names make most of
the lines, and one line in twenty is misspelt at random. The model is the stand-in of the local
stage.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from orderflow.catalog.product import Product
from orderflow.matching.chooser import Answer, Choice, Question
from orderflow.matching.matcher import CatalogIndex, match_lines, sizes_apart
from orderflow.matching.rules import Rules
from orderflow.orders.lines import RequestedLine
from scripts.evaluation.cases.labelled import LabelledLine, LabelledList
from scripts.evaluation.cases.queries import misspelt
from scripts.local.stand_ins.bedrock import Candidate, Line, choose

_SEED: Final = 20261126
_LINES_PER_ORDER: Final = (3, 12)
_MISSPELT_SHARE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive orders: their lines, and how many of these the model had to choose for.

    ``model_lines_without_memory`` is the same count for a shop that remembers no names.
    """

    last_order: int
    lines: int
    model_lines: int
    model_lines_without_memory: int
    orders: int
    orders_with_call: int

    @property
    def share(self) -> float:
        """The share of lines that need the model, 0 to 1."""
        return self.model_lines / self.lines

    @property
    def share_without_memory(self) -> float:
        """The same share without remembered names, 0 to 1."""
        return self.model_lines_without_memory / self.lines


@dataclass(slots=True)
class _Shop:
    """A matcher with or without remembered names."""

    index: CatalogIndex
    products: dict[str, Product]
    has_memory: bool
    aliases: dict[str, str] = field(default_factory=dict)
    model_lines: int = 0

    def match_order(self, lines: Sequence[RequestedLine]) -> int:
        """Match an order; return how many of its lines the model had to choose for."""
        self.model_lines = 0
        lines = sizes_apart(lines, self.index)
        result = match_lines(lines, self.index, self.products, self.aliases, self._choose, Rules())
        if self.has_memory:
            self.aliases |= result.learned
        return self.model_lines

    def _choose(self, questions: Sequence[Question]) -> Answer:
        self.model_lines += len(questions)
        return Answer(tuple(_choice(place, each) for place, each in enumerate(questions)))


def simulate(
    lists: Sequence[LabelledList], products: Sequence[Product], orders: int, window: int = 100
) -> list[Window]:
    """Match orders one after the other and count their lines in windows of ``window`` orders."""
    index, by_id = CatalogIndex(products), {product.id: product for product in products}
    shop = _Shop(index, by_id, has_memory=True)
    shop_without_memory = _Shop(index, by_id, has_memory=False)
    windows: list[Window] = []
    counts: list[tuple[int, int, int]] = []
    for number, lines in enumerate(_orders(lists, orders), start=1):
        counts.append((len(lines), shop.match_order(lines), shop_without_memory.match_order(lines)))
        if number % window == 0:
            windows.append(_window(number, counts))
            counts.clear()
    return windows


def _window(number: int, counts: Sequence[tuple[int, int, int]]) -> Window:
    lines, model_lines, without = (sum(column) for column in zip(*counts, strict=True))
    with_call = sum(of_order > 0 for _, of_order, _ in counts)
    return Window(number, lines, model_lines, without, len(counts), with_call)


def _orders(lists: Sequence[LabelledList], orders: int) -> Iterator[list[RequestedLine]]:
    rng = random.Random(_SEED)  # noqa: S311  # nosec B311 # no secret
    items = list({line.name.casefold(): line for each in lists for line in each.lines}.values())
    rng.shuffle(items)
    weights = [1 / rank for rank in range(1, len(items) + 1)]
    for _ in range(orders):
        chosen = rng.choices(items, weights, k=rng.randint(*_LINES_PER_ORDER))
        yield [_requested(item, rng) for item in chosen]


def _requested(item: LabelledLine, rng: random.Random) -> RequestedLine:
    name = item.name
    if rng.random() < _MISSPELT_SHARE:
        name = " ".join(misspelt(name.split(), rng) or [name])
    return RequestedLine(
        text=name, name=name, quantity=item.quantity, unit=item.unit, notes=list(item.notes)
    )


def _choice(place: int, question: Question) -> Choice:
    candidates = [
        Candidate(id=one.id, name=one.name, brand=one.brand, also_called=list(one.synonyms))
        for one in question.candidates
    ]
    line = question.line
    chosen = choose(Line(line=place, name=line.name, notes=line.notes, candidates=candidates))
    return Choice(place, chosen["productId"], Decimal(str(chosen["confidence"])))
