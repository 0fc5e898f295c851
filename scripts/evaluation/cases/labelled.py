"""The labelled data for parser and matcher, and its split into tuning and held-out lists.

Our own lists are in ``tests/data``. Data that may be used but not shipped is outside of the
project; measurements leave it out where it is missing.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import filter as matching
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field

DATA: Final = Path(__file__).parents[3] / "tests" / "data"
#: Splits our lists into tuning and held-out lists. A new seed makes old figures incomparable.
SPLIT_SEED: Final = 20261125
_HELD_OUT_SHARE: Final = 0.5
_QUANTITY_TOLERANCE: Final = Decimal("0.0001")

T = TypeVar("T")


class LabelledLine(BaseModel):
    """The label of one line of a list.

    ``meant`` is a key of ``relevant_products.json``, which lists the products that satisfy it;
    None if the shop does not sell it.
    """

    model_config = ConfigDict(frozen=True)

    quantity: Decimal = Field(gt=0)
    unit: str
    name: str = Field(min_length=1)
    notes: tuple[str, ...] = ()
    meant: str | None = None

    def has_quantity(self, quantity: Decimal) -> bool:
        """Whether the quantity is equal to this one, to four decimals."""
        return abs(self.quantity - quantity) <= _QUANTITY_TOLERANCE


class LabelledList(BaseModel):
    """A shopper's list as written, and the labels of its lines. The id starts with the region."""

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    lines: tuple[LabelledLine, ...]

    @property
    def region(self) -> str:
        """``nigerian`` or ``general``."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Split:
    """Our lists in two halves: ``tuning`` may be read, ``held_out`` only scored."""

    tuning: tuple[LabelledList, ...]
    held_out: tuple[LabelledList, ...]


def load_lists(path: Path = DATA / "shopping_lists.jsonl") -> tuple[LabelledList, ...]:
    """All of our labelled lists.

    Raises:
        pydantic.ValidationError: a line of the file is not a labelled list.
    """
    return tuple(_read_jsonl(path, LabelledList.model_validate_json))


def split_lists(lists: Sequence[LabelledList], seed: int = SPLIT_SEED) -> Split:
    """Split lists at random; the same seed gives the same split."""
    return Split(*split_in_halves(lists, seed))


def split_in_halves(
    items: Sequence[T], seed: int = SPLIT_SEED
) -> tuple[tuple[T, ...], tuple[T, ...]]:
    """The items for tuning and those held out; the same seed gives the same split."""
    rng = random.Random(seed)  # noqa: S311  # nosec B311 # no secret
    chosen = set(rng.sample(range(len(items)), round(len(items) * _HELD_OUT_SHARE)))
    return (
        tuple(each for place, each in enumerate(items) if place not in chosen),
        tuple(each for place, each in enumerate(items) if place in chosen),
    )


def load_relevant_products(
    product_ids: Iterable[str], path: Path = DATA / "relevant_products.json"
) -> dict[str, frozenset[str]]:
    """The ids of the products in the shipped catalog that satisfy each ``meant`` of the labels."""
    patterns: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    ids = list(product_ids)
    return {
        key: frozenset(id_ for pattern in globs for id_ in matching(ids, pattern))
        for key, globs in patterns.items()
    }


class DevLine(BaseModel):
    """A line of the shared development data: recipe phrases with their labels."""

    text: str
    quantity: Decimal
    unit: str
    name: str

    def label(self) -> LabelledLine:
        """The same label in the form of our own lists."""
        return LabelledLine(quantity=self.quantity, unit=self.unit, name=self.name)


def load_dev_lines(path: Path) -> list[DevLine]:
    """The shared development lines; empty if the file is missing."""
    return _read_jsonl(path, DevLine.model_validate_json) if path.exists() else []


def _read_jsonl(path: Path, read: Callable[[str], T]) -> list[T]:
    with path.open(encoding="utf-8") as lines:
        return [read(line) for line in lines]
