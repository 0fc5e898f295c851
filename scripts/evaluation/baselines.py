"""Baselines to compare with: rapidfuzz's scorers and ingredient-parser-nlp."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from orderflow.units import UNIT_SPELLINGS
from scripts.evaluation.cases.queries import Row
from scripts.evaluation.parsing import ParsedLine, Parser

#: Returns the id of the most likely product for a text.
Retriever = Callable[[str], str | None]

SCORERS: Final[Mapping[str, Callable[..., float]]] = {
    "ratio": fuzz.ratio,
    "token_sort_ratio": fuzz.token_sort_ratio,
    "token_set_ratio": fuzz.token_set_ratio,
    "WRatio": fuzz.WRatio,
}


def baseline_retrievers(rows: Sequence[Row]) -> dict[str, Retriever]:
    """A retriever for each of rapidfuzz's usual scorers, over all names."""
    names = {row.id: default_process(row.name) for row in rows}
    return {name: _retriever(names, scorer) for name, scorer in SCORERS.items()}


def _retriever(names: Mapping[str, str], scorer: Callable[..., float]) -> Retriever:
    def find(text: str) -> str | None:
        found = process.extractOne(default_process(text), names, scorer=scorer)
        return str(found[2]) if found else None

    return find


def baseline_parsers() -> dict[str, Parser]:
    """The parsers of other projects that are installed; `make evaluate` installs none."""
    return {"ingredient-parser-nlp": _ingredient_parser()} if find_spec("ingredient_parser") else {}


def _ingredient_parser() -> Parser:
    parse_ingredient = import_module("ingredient_parser").parse_ingredient

    def parse(text: str) -> list[ParsedLine]:
        # The library parses one ingredient at a time; the caller has to split the list.
        return [_parsed(parse_ingredient(line)) for line in text.splitlines() if line.strip()]

    return parse


def _parsed(parsed: Any) -> ParsedLine:
    amount = next(iter(parsed.amount), None)
    name = " ".join(part.text for part in parsed.name)
    if amount is None:
        return ParsedLine(Decimal(1), "", name)
    # Of a range the upper end counts, as in our parser.
    quantity = getattr(amount, "quantity_max", None) or amount.quantity
    unit = str(amount.unit).lower().removesuffix(".")
    try:
        exact = Decimal(str(float(quantity)))
    except (TypeError, ValueError):
        exact = Decimal(1)
    return ParsedLine(exact, UNIT_SPELLINGS.get(unit, unit), name)
