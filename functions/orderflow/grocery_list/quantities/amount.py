"""An amount as a list names it, and the sum of two: "1 kg 500 g", "1 cup plus 2 tbsp"."""

from __future__ import annotations

from decimal import Context, Decimal
from functools import lru_cache
from typing import Final, NamedTuple

# Unit -> what its sums are counted in, and how many of those make one. American kitchen measures,
# as in NIST Handbook 44, appendix C: 3 teaspoons are a tablespoon, 16 tablespoons a cup.
_SCALES: Final = {
    "milligram": ("milligram", 1),
    "gram": ("milligram", 1_000),
    "kilogram": ("milligram", 1_000_000),
    "ounce": ("ounce", 1),
    "pound": ("ounce", 16),
    "milliliter": ("milliliter", 1),
    "centiliter": ("milliliter", 10),
    "deciliter": ("milliliter", 100),
    "liter": ("milliliter", 1_000),
    "teaspoon": ("teaspoon", 1),
    "dessertspoon": ("teaspoon", 2),
    "tablespoon": ("teaspoon", 3),
    "fluid ounce": ("teaspoon", 6),
    "cup": ("teaspoon", 48),
    "pint": ("teaspoon", 96),
    "quart": ("teaspoon", 192),
    "gallon": ("teaspoon", 768),
}
_DECIMALS: Final = Decimal("0.0001")
# Holds the product of all numbers that one line can multiply, so that rounding it never fails.
_WIDE: Final = Context(prec=60)


class Size(NamedTuple):
    """What one pack holds: 400 "gram"."""

    quantity: Decimal
    unit: str


class Amount(NamedTuple):
    """How much is asked for: 2 "cup". ``end`` is the first token that is no part of it.

    ``unit_word`` is the unit as written; ``notes`` are sizes of packs ("400g") or units ("large");
    ``size`` is what one of the packs holds.
    """

    quantity: Decimal
    unit: str
    end: int
    unit_word: str = ""
    notes: tuple[str, ...] = ()
    size: Size | None = None


def added(larger: Amount, smaller: Amount) -> Amount | None:
    """The sum, in the first unit where four decimals hold it; None for what does not add up."""
    if larger.unit not in _SCALES or smaller.unit not in _SCALES:
        return None
    (scale, larger_size), (other_scale, smaller_size) = _SCALES[larger.unit], _SCALES[smaller.unit]
    if scale != other_scale or larger_size < smaller_size:
        return None
    total = larger.quantity * larger_size + smaller.quantity * smaller_size
    quantity = total / larger_size
    notes = larger.notes + smaller.notes
    if quantity == quantity.quantize(_DECIMALS):
        return Amount(quantity, larger.unit, smaller.end, larger.unit_word, notes, larger.size)
    return smaller._replace(quantity=total / smaller_size, notes=notes)


@lru_cache(maxsize=1024)
def rounded(quantity: Decimal) -> Decimal:
    """The quantity without needless zeros and exponents, so that equal ones print alike."""
    if quantity == quantity.to_integral_value():
        return Decimal(int(quantity))
    return max(quantity.quantize(_DECIMALS, context=_WIDE), _DECIMALS).normalize(_WIDE)
