"""What others make of the same questions: rapidfuzz's scorers, and ingredient-parser-nlp."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from orderflow.units import UNIT_SPELLINGS
from scripts.evaluation.parsing import ParsedLine, Parser
from scripts.evaluation.queries import Row

#: Finds the id of the likeliest product.
Finder = Callable[[str], str | None]

SCORERS: Final[Mapping[str, Callable[..., float]]] = {
    "ratio": fuzz.ratio,
    "token_sort_ratio": fuzz.token_sort_ratio,
    "token_set_ratio": fuzz.token_set_ratio,
    "WRatio": fuzz.WRatio,
}


def scorer_finders(rows: Sequence[Row]) -> dict[str, Finder]:
    """A finder for each of rapidfuzz's usual scorers, over all names."""
    names = {row.id: default_process(row.name) for row in rows}
    return {name: _finder(names, scorer) for name, scorer in SCORERS.items()}


def _finder(names: Mapping[str, str], scorer: Callable[..., float]) -> Finder:
    def find(text: str) -> str | None:
        found = process.extractOne(default_process(text), names, scorer=scorer)
        return str(found[2]) if found else None

    return find


def other_parsers() -> dict[str, Parser]:
    """Other parsers that are installed; `make evaluate` installs none."""
    return {"ingredient-parser-nlp": _ingredient_parser()} if find_spec("ingredient_parser") else {}


def _ingredient_parser() -> Parser:
    parse_ingredient = import_module("ingredient_parser").parse_ingredient

    def read(text: str) -> list[ParsedLine]:
        # It reads one ingredient at a time: what divides a list is left to whoever calls it.
        return [_reading(parse_ingredient(line)) for line in text.splitlines() if line.strip()]

    return read


def _reading(parsed: Any) -> ParsedLine:
    amount = next(iter(parsed.amount), None)
    name = " ".join(part.text for part in parsed.name)
    if amount is None:
        return ParsedLine(Decimal(1), "", name)
    # A range is read as its upper end, here as there.
    quantity = getattr(amount, "quantity_max", None) or amount.quantity
    unit = str(amount.unit).lower().removesuffix(".")
    try:
        exact = Decimal(str(float(quantity)))
    except (TypeError, ValueError):
        exact = Decimal(1)
    return ParsedLine(exact, UNIT_SPELLINGS.get(unit, unit), name)
