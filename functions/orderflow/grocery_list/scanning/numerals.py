# ruff: noqa: RUF001 - the fraction slash is this module's matter
"""The values of numbers in figures: "1,000", "1.5", "3/4", "2½"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

# Longer digit runs are bar codes and telephone numbers.
_MOST_DIGITS: Final = 6
_COMMON_DENOMINATORS: Final = frozenset({2, 3, 4, 8})
_LARGEST_DENOMINATOR: Final = 16
_LARGEST_OF_ONE: Final = 64  # "1/32 teaspoon"
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\.\d{3}){2,})")
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
_GROUPING: Final = re.compile(r"[.,]")


def _vulgar_fractions(characters: str) -> dict[str, Decimal]:
    compatible = {character: unicodedata.normalize("NFKC", character) for character in characters}
    parts = {character: form.split("⁄") for character, form in compatible.items()}
    return {
        character: Decimal(above) / Decimal(below) for character, (above, below) in parts.items()
    }


#: The value of each fraction that is one character.
VULGAR_FRACTIONS: Final[Mapping[str, Decimal]] = _vulgar_fractions("¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞")


@lru_cache(maxsize=1024)
def value_of(digits: str) -> Decimal | None:
    """What a number of the scanner's means, or None where it can't be a quantity."""
    if digits[0] == "&":  # "&frac12;": as web pages write a half
        return Decimal(digits[5]) / Decimal(digits[6])
    if "/" in digits or "⁄" in digits:
        return _fraction(digits)
    if digits[-1] not in VULGAR_FRACTIONS:
        return _plain(digits)
    whole = _plain(digits[:-1]) if len(digits) > 1 else Decimal(0)
    return None if whole is None else whole + VULGAR_FRACTIONS[digits[-1]]


def _fraction(digits: str) -> Decimal | None:
    """The value of "3/4". Unusual ones are names: "80/20" mince, "31/40" prawns."""
    above, _, below = digits.replace("⁄", "/").partition("/")
    if not (above.isdecimal() and below.isdecimal() and len(above) + len(below) <= _MOST_DIGITS):
        return None
    numerator, denominator = int(above), int(below)
    if not denominator:
        return None
    largest = _LARGEST_DENOMINATOR if numerator > 1 else _LARGEST_OF_ONE
    if denominator in _COMMON_DENOMINATORS or numerator < denominator <= largest:
        return Decimal(numerator) / denominator
    return None


def _plain(digits: str) -> Decimal | None:
    """The value of digits with or without separators for decimals and thousands.

    A comma before exactly three digits separates thousands ("1,000 g"); a point does not ("1.500
    kg" is what scales print), unless there are several.
    """
    whole, decimals = digits, ""
    if _THOUSANDS.fullmatch(digits):
        whole = _GROUPING.sub("", digits)
    elif not digits.isdecimal():
        point = max(digits.rfind(","), digits.rfind("."))
        whole, mark, decimals = digits[:point], digits[point], digits[point + 1 :]
        if mark not in whole and _GROUPED.fullmatch(whole):
            whole = _GROUPING.sub("", whole)
    if len(whole) > _MOST_DIGITS or (len(whole) > 1 and whole[0] == "0"):
        return None
    if not (whole or "0").isdecimal():
        return None
    return Decimal(f"{whole or 0}.{decimals[:_MOST_DIGITS]}")
