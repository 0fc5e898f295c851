"""What one piece of a thing that is sold by weight weighs: "6 tomatoes" are about 600 g.

A shop may say so itself, in its catalog's column ``piece_grams``; for all other products the table
``pieces.csv`` holds typical weights, each with its source.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final

from orderflow.catalog.index.plainness import QUALITIES
from orderflow.catalog.names import words
from orderflow.catalog.product import Product

_COLOURS: Final = frozenset({"brown", "green", "purple", "red", "white", "yellow"})


def piece_grams(product: Product) -> Decimal | None:
    """The weight of one piece in grams; None where it is not known what a piece would be.

    Only fresh, whole things have one: "Red Onions" and "Fresh Tomatoes", not "Canned Tomatoes".
    """
    return product.piece_grams or _typical(product.name, product.synonyms)


@cache
def _typical(name: str, synonyms: Sequence[str]) -> Decimal | None:
    weights = _table()
    known = (weights.get(_plain(each)) for each in (name, *synonyms))
    return next(filter(None, known), None)


@cache
def _table() -> dict[tuple[str, ...], Decimal]:
    source = files("orderflow.catalog").joinpath("pieces.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(source.splitlines())
    return {words(row["name"]): Decimal(row["piece_grams"]) for row in rows}


def _plain(name: str) -> tuple[str, ...]:
    return tuple(word for word in words(name) if word not in QUALITIES | _COLOURS)
