"""How often a shop's orders still need the model, as names are remembered.

Customers draw what they write from our labelled lists by a Zipf mix: few names make most of the
lines, and one line in twenty is misspelt in a way that may never occur again. The model is the
stand-in of the local stage.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from orderflow.catalog.product import Product
from orderflow.matching.chooser import Answer, Choice, Question
from orderflow.matching.matcher import CatalogIndex, match_lines
from orderflow.matching.rules import Rules
from orderflow.orders.lines import RequestedLine
from scripts.evaluation.labelled import LabelledLine, LabelledList
from scripts.evaluation.queries import misspelt
from scripts.local.stand_ins.bedrock import Candidate, Line, choose

_SEED: Final = 20261126
_LINES_OF_AN_ORDER: Final = (3, 12)
_MISSPELT_SHARE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Window:
    """Some orders in a row: their lines, and how many of these were put to the model.

    ``asked_without_memory`` is the same for a shop that remembers nothing.
    """

    last_order: int
    lines: int
    asked: int
    asked_without_memory: int
    orders: int
    orders_asking: int

    @property
    def share(self) -> float:
        """Of lines, 0 to 1."""
        return self.asked / self.lines

    @property
    def share_without_memory(self) -> float:
        """Of lines, 0 to 1, were nothing remembered."""
        return self.asked_without_memory / self.lines


@dataclass(slots=True)
class _Shop:
    """A matcher with or without a memory."""

    index: CatalogIndex
    products: dict[str, Product]
    remembers: bool
    aliases: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    def take(self, lines: Sequence[RequestedLine]) -> int:
        """Match an order; how many of its lines the model was asked about."""
        self.asked = 0
        result = match_lines(lines, self.index, self.products, self.aliases, self._choose, Rules())
        if self.remembers:
            self.aliases |= result.learned
        return self.asked

    def _choose(self, questions: Sequence[Question]) -> Answer:
        self.asked += len(questions)
        return Answer(tuple(_choice(place, each) for place, each in enumerate(questions)))


def simulate(
    lists: Sequence[LabelledList], products: Sequence[Product], orders: int, window: int = 100
) -> list[Window]:
    """Let so many orders come in, one after the other, and count in windows of some."""
    index, by_id = CatalogIndex(products), {product.id: product for product in products}
    shop = _Shop(index, by_id, remembers=True)
    forgetful = _Shop(index, by_id, remembers=False)
    windows: list[Window] = []
    counts: list[tuple[int, int, int]] = []
    for number, lines in enumerate(_orders(lists, orders), start=1):
        counts.append((len(lines), shop.take(lines), forgetful.take(lines)))
        if number % window == 0:
            windows.append(_window(number, counts))
            counts.clear()
    return windows


def _window(number: int, counts: Sequence[tuple[int, int, int]]) -> Window:
    lines, asked, without = (sum(column) for column in zip(*counts, strict=True))
    asking = sum(asked > 0 for _, asked, _ in counts)
    return Window(number, lines, asked, without, len(counts), asking)


def _orders(lists: Sequence[LabelledList], orders: int) -> Iterator[list[RequestedLine]]:
    rng = random.Random(_SEED)  # noqa: S311  # nosec B311 # no secret
    items = list({line.name.casefold(): line for each in lists for line in each.lines}.values())
    rng.shuffle(items)
    weights = [1 / rank for rank in range(1, len(items) + 1)]
    for _ in range(orders):
        chosen = rng.choices(items, weights, k=rng.randint(*_LINES_OF_AN_ORDER))
        yield [_written(item, rng) for item in chosen]


def _written(item: LabelledLine, rng: random.Random) -> RequestedLine:
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
