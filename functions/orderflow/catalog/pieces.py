"""Pieces of what is sold by weight or by the bunch: "6 tomatoes" are about 600 g.

A shop may say what a piece weighs, in its catalog's column ``piece_grams``; for all other products
the table ``pieces.csv`` holds typical weights, each with its source, and how many are in a bunch.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
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
    if product.piece_grams:
        return product.piece_grams
    typical = _typical(product.name, product.synonyms)
    return typical.grams if typical else None


def pieces_in_a_bunch(product: Product) -> int | None:
    """How many a usual bunch holds; None for leaves and all else that is not counted singly."""
    typical = _typical(product.name, product.synonyms)
    return typical.in_a_bunch if typical else None


@dataclass(frozen=True, slots=True)
class _Piece:
    grams: Decimal
    in_a_bunch: int | None


@cache
def _typical(name: str, synonyms: Sequence[str]) -> _Piece | None:
    pieces = _table()
    known = (pieces.get(_plain(each)) for each in (name, *synonyms))
    return next(filter(None, known), None)


@cache
def _table() -> dict[tuple[str, ...], _Piece]:
    source = files("orderflow.catalog").joinpath("pieces.csv").read_text(encoding="utf-8")
    return {
        words(row["name"]): _Piece(
            Decimal(row["piece_grams"]), int(row["in_a_bunch"]) if row["in_a_bunch"] else None
        )
        for row in csv.DictReader(source.splitlines())
    }


def _plain(name: str) -> tuple[str, ...]:
    return tuple(word for word in words(name) if word not in QUALITIES | _COLOURS)
