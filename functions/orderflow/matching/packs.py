"""How many packs of a product cover what was asked. Pure arithmetic on exact decimals.

A unit is a canonical singular name of the list parser ("cup", "kilogram", "loaf"); "" asks for
pieces. The rules, in order:

1. Amounts of one kind (mass, volume, pieces, or the very same container) are converted and rounded
   up: 1 kg of a 500 g pack is 2 packs, 3 eggs of a dozen 1 pack.
2. Volume against mass is converted as if it were water, 1 ml to the gram: close enough to count
   packs of rice, flour or powdered milk by the cup.
3. A measured amount of something sold by the piece takes one pack for each started kilogram or
   litre: 2 kg of yam sold as tubers is 2 tubers.
4. Cloves, slices and sprigs are parts of a pack. Anything else counts packs: 2 tins of what is sold
   by weight, 3 cartons, 4 of an unknown unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Final

from orderflow.catalog.product import Product

MAX_PACKS: Final = 999

_MASS_IN_GRAMS: Final = {
    "milligram": Decimal("0.001"),
    "gram": Decimal(1),
    "kilogram": Decimal(1000),
    "ounce": Decimal("28.349523125"),
    "pound": Decimal("453.59237"),
    # Market measures are heaped tins and bowls of grain; these are their usual weights.
    "derica": Decimal(900),
    "mudu": Decimal(1500),
    "congo": Decimal(1500),
    "paint": Decimal(4000),
}
_VOLUME_IN_MILLILITRES: Final = {
    "milliliter": Decimal(1),
    "centiliter": Decimal(10),
    "deciliter": Decimal(100),
    "liter": Decimal(1000),
    "cup": Decimal(240),
    "tablespoon": Decimal(15),
    "dessertspoon": Decimal(10),
    "teaspoon": Decimal(5),
    "fluid ounce": Decimal("29.5735295625"),
    "pint": Decimal("473.176473"),
    "quart": Decimal("946.352946"),
    "gallon": Decimal("3785.411784"),
    "dash": Decimal("0.6"),
    "pinch": Decimal("0.3"),
}
#: Units that count single things.
PIECES: Final = frozenset({"", "piece"})
#: Containers of many packs.
OF_MANY: Final = frozenset({"carton", "case", "crate"})
#: Containers that one pack comes in: words of size are about the pack, and it may be halved.
OF_ONE: Final = frozenset(
    ("bag", "bar", "basket", "block", "bottle", "box", "bucket", "can", "container", "jar", "jug")
) | {"keg", "package", "pot", "pouch", "punnet", "sachet", "sack", "tub", "tube", "wrap"}
# What a container holds where the product is sold by the piece, as eggs are.
_PIECES_IN: Final = {"crate": Decimal(30), "tray": Decimal(30)}
_PARTS_IN_A_PACK: Final = {
    "clove": Decimal(10),
    "rasher": Decimal(8),
    "slice": Decimal(20),
    "sprig": Decimal(10),
}
_STARTED: Final = Decimal(1000)


class Fit(IntEnum):
    """How well the unit asked for fits the unit that a product is sold in; lower is better."""

    MEASURED = 0
    BY_WATER = 1
    BY_PACK = 2


@dataclass(frozen=True, slots=True)
class Cover:
    """The packs that cover an amount, and how that was worked out.

    ``is_exact``: they hold what was asked, and no more.
    """

    packs: int
    fit: Fit
    is_exact: bool


def packs_needed(quantity: Decimal, unit: str, pack_quantity: Decimal, pack_unit: str) -> Fraction:
    """How many packs hold ``quantity`` ``unit``, to the exact part of a pack."""
    asked, held, _ = _comparable(quantity, unit, pack_quantity, pack_unit)
    return Fraction(asked) / Fraction(held)


def is_weight(unit: str) -> bool:
    """Whether the unit is one of mass."""
    return unit in _MASS_IN_GRAMS


def is_measure(unit: str) -> bool:
    """Whether the unit is one of mass or volume."""
    return unit in _MASS_IN_GRAMS or unit in _VOLUME_IN_MILLILITRES


def content(product: Product) -> Decimal:
    """How much a pack of the product holds: grams or millilitres of what is measured."""
    quantity, unit = product.pack_quantity, product.pack_unit
    return quantity * _grams_or_millilitres(unit) if is_measure(unit) else quantity


def one_of_each_size(products: Iterable[Product]) -> list[Product]:
    """The cheapest pack of each size, the smallest first."""
    cheapest_last = sorted(products, key=lambda each: (content(each), -each.price_kobo))
    return list({content(each): each for each in cheapest_last}.values())


def nearest_sizes(product: Product, products: Iterable[Product]) -> list[Product]:
    """Other packs than the product's, the nearest first: half as much is as near as twice."""
    held = content(product)
    others = (each for each in products if each.id != product.id)
    return sorted(others, key=lambda each: max(content(each) / held, held / content(each)))


def cover(quantity: Decimal, unit: str, pack_quantity: Decimal, pack_unit: str) -> Cover | None:
    """The fewest packs of ``pack_quantity`` ``pack_unit`` that hold ``quantity`` ``unit``.

    Returns:
        The packs, or None where that is no number from 1 to ``MAX_PACKS``.
    """
    asked, held, fit = _comparable(quantity, unit, pack_quantity, pack_unit)
    if not 0 < asked <= held * MAX_PACKS:
        return None
    whole, rest = divmod(asked, held)
    return Cover(int(whole) + (1 if rest else 0), fit, is_exact=not rest)


def _comparable(
    quantity: Decimal, unit: str, pack_quantity: Decimal, pack_unit: str
) -> tuple[Decimal, Decimal, Fit]:
    """What is asked and what one pack holds, as two amounts of the same thing."""
    if unit == pack_unit:
        return quantity, pack_quantity, Fit.MEASURED
    if is_measure(unit):
        return _measured(quantity, unit, pack_quantity, pack_unit)
    return _counted(quantity, unit, pack_quantity, pack_unit)


def _measured(
    quantity: Decimal, unit: str, pack_quantity: Decimal, pack_unit: str
) -> tuple[Decimal, Decimal, Fit]:
    asked = quantity * _grams_or_millilitres(unit)
    if not is_measure(pack_unit):
        return asked, _STARTED, Fit.BY_PACK
    same_kind = (unit in _MASS_IN_GRAMS) == (pack_unit in _MASS_IN_GRAMS)
    held = pack_quantity * _grams_or_millilitres(pack_unit)
    return asked, held, Fit.MEASURED if same_kind else Fit.BY_WATER


def _counted(
    quantity: Decimal, unit: str, pack_quantity: Decimal, pack_unit: str
) -> tuple[Decimal, Decimal, Fit]:
    if unit in PIECES:
        # "6 bottles" of water are 6 pieces; a bag of 5 kg is one.
        pieces_held = Decimal(1) if is_measure(pack_unit) else pack_quantity
        return quantity, pieces_held, Fit.MEASURED
    if unit in _PIECES_IN and pack_unit in PIECES:
        return quantity * _PIECES_IN[unit], pack_quantity, Fit.MEASURED
    return quantity, _PARTS_IN_A_PACK.get(unit, Decimal(1)), Fit.BY_PACK


def _grams_or_millilitres(unit: str) -> Decimal:
    return _MASS_IN_GRAMS.get(unit) or _VOLUME_IN_MILLILITRES[unit]
