"""Tells what a cell holds: a number, an amount, a unit, a sum of money, a tick, or words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from orderflow.grocery_list.quantities.amount import Amount
from orderflow.grocery_list.quantities.amounts import read_amount
from orderflow.grocery_list.scanning.numerals import VULGAR_FRACTIONS
from orderflow.grocery_list.scanning.token_kinds import Kind, token_at, written
from orderflow.grocery_list.scanning.tokens import tokenize
from orderflow.grocery_list.words.nothing import UNNEEDED
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.vocabulary import CURRENCIES
from orderflow.units import MEASURES, UNIT_SPELLINGS


class Value:
    """What a cell holds."""

    BLANK: Final = 0
    NUMBER: Final = 1
    AMOUNT: Final = 2  # a number with a unit, or in words
    UNIT: Final = 3
    MONEY: Final = 4  # with a currency, or two decimals
    TICK: Final = 5
    WORDS: Final = 6


#: What a cell holds that has the same as the one above it.
DITTO: Final = frozenset({'"', "''", "″", "〃", ",,", "“", "”", "-do-", "do", "ditto", '-"-', "^"})
_NOTHING: Final = frozenset({"", "-", "–", "—", "n/a", "na", "nil", "?", "_", "--", "---", "."})  # noqa: RUF001
#: How a cell says that the thing is not wanted.
NONE_OF_IT: Final = UNNEEDED | {"0"}
#: Ticks, and their opposite.
TICKS: Final = frozenset({"[x]", "[✓]", "[✔]", "x", "✓", "✔", "✅", "☑", "☒", "yes", "y", "true"})
UNTICKED: Final = frozenset({"[ ]", "[]", "☐", "□", "no", "n", "false", "✗", "✘", "❌"})
_FIGURE: Final = re.compile(
    rf"\d+(?:[.,/]\d+)*(?: ?[{''.join(VULGAR_FRACTIONS)}])?|[{''.join(VULGAR_FRACTIONS)}]"
)
_SIGNED: Final = re.compile(
    r"(?:@\s?)?[₦$€£₹¢#@]\s?\d[\d.,]*k?|\d[\d.,]*\s?[₦$€£₹¢]|n\d[\d,]{2,}(?:\.\d\d)?|\d[\d.,]*k"
    r"|\d+p|(?:rs|ngn|inr|usd|gbp|ghs|kes)\b\.?\s?\d[\d.,]*|\d[\d,]*/[-=]",
    re.IGNORECASE,
)
_PRICE_TAG: Final = re.compile(r"\d[\d,]*\.\d\d")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+")
# Numbers that are all as large, and round, are prices.
_LEAST_SUM: Final = 100
_STEP: Final = 50
_LARGEST_COUNT: Final = 9_999
_FEW: Final = 24
_LONGEST: Final = 60  # characters
_COUNTING: Final = words_in("nos no pcs pc ea each units unit count ct pk")


class Reading(NamedTuple):
    """The amount that a cell says, and what it says besides ("ripe" of "3 ripe")."""

    amount: Amount | None
    rest: str


@lru_cache(maxsize=1024)
def value_in(text: str) -> int:
    """What the cell holds, as one of :class:`Value`."""
    folded = text.lower()
    if folded in _NOTHING:
        return Value.BLANK
    if folded in TICKS or folded in UNTICKED:
        return Value.TICK
    if folded.strip(".()") in UNIT_SPELLINGS:
        return Value.UNIT
    if _SIGNED.fullmatch(folded) or _PRICE_TAG.fullmatch(folded):
        return Value.MONEY
    if _FIGURE.fullmatch(folded):
        return Value.NUMBER
    reading = reading_of(text)
    return Value.AMOUNT if reading.amount and not reading.rest else Value.WORDS


@lru_cache(maxsize=512)
def reading_of(text: str) -> Reading:
    """The amount that begins the cell, if one does: "2 bags", "1 keg (25L)", "x3", "3 ripe"."""
    if len(text) > _LONGEST:
        return Reading(None, text)
    tokens = tokenize(text)
    start = 0
    while token_at(tokens, start).lower in {"about", "approx", "-", ":"} and start < len(tokens):
        start += 1
    if start == len(tokens) or any(token.kind == Kind.MONEY for token in tokens):
        return Reading(None, text)
    if any(token.lower in CURRENCIES for token in tokens):
        return Reading(None, text)
    if tokens[start].kind == Kind.PACK_OF and start + 1 == len(tokens):
        return Reading(Amount(tokens[start].value, "", start + 1), "")
    amount = read_amount(tokens, start)
    if amount is None:
        return Reading(None, text)
    end = amount.end
    following = token_at(tokens, end)
    if following.kind == Kind.TIMES or (
        not amount.unit and following.lower in _COUNTING and end + 1 == len(tokens)
    ):
        end += 1
    return Reading(amount, written(tokens[end:]).strip("()[] ,-–"))  # noqa: RUF001


def is_serial(values: Sequence[str]) -> bool:
    """Whether the cells number the rows, each by one more than the one before."""
    numbers = [value.strip(".)#( ") for value in values if value]
    if len(numbers) < min(2, len(values)) or not all(map(str.isdecimal, numbers)):
        return False
    first = int(numbers[0][:9])
    return first <= 1 and numbers == [str(first + place) for place in range(len(numbers))]


def are_sums(values: Sequence[str]) -> bool:
    """Whether most of the numbers among the cells are sums of money, or codes: large and round."""
    numbers = [value.replace(",", "") for value in values if value_in(value) == Value.NUMBER]
    if any(value_in(value) == Value.MONEY for value in values):
        return True
    round_ones = [
        number
        for number in numbers
        if number.isdecimal()
        and (
            (int(number[:9]) >= _LEAST_SUM and not int(number[:9]) % _STEP)
            or int(number[:9]) > _LARGEST_COUNT
        )
    ]
    grouped = sum(_THOUSANDS.fullmatch(value) is not None for value in values)
    return bool(numbers) and (2 * len(round_ones) > len(numbers) or 2 * grouped > len(numbers))


def figure(text: str) -> Decimal | None:
    """The number that a cell holds; None for any other."""
    plain = text.replace(",", "").strip("₦$€£₹ ")
    return Decimal(plain) if re.fullmatch(r"\d{1,9}(?:\.\d{1,4})?", plain) else None


class Column(NamedTuple):
    """The cells below a head, and how many of them hold what."""

    cells: Sequence[str]
    counts: Counter[int]

    @classmethod
    def of(cls, cells: Sequence[str]) -> Column:
        """The column of these cells."""
        return cls(cells, Counter(value_in(cell) for cell in cells if cell.lower() not in DITTO))

    def filled(self) -> int:
        """How many cells say anything."""
        return self.counts.total() - self.counts[Value.BLANK]

    def mostly(self, *values: int) -> bool:
        """Whether more than half of what is said are such values."""
        return 2 * sum(self.counts[value] for value in values) > self.filled()

    def measures(self) -> bool:
        """Whether all that is said are measures: "5kg"."""
        readings = [reading_of(cell).amount for cell in self.cells if cell]
        return bool(readings) and all(each and each.unit in MEASURES for each in readings)

    def counts_few(self) -> bool:
        """Whether all that is said are numbers as few packs have."""
        numbers = [figure(cell) for cell in self.cells if cell]
        return all(number is not None and number <= _FEW for number in numbers)
