"""Finds what a till printed, and makes a row of each thing on it.

A till prints a thing with its price on a line; how many of it stand on the line before or behind,
and the price that they cost together tells which. What is above the first thing is the head, what
is behind the total the foot, and both are set aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.tables.cells import Line
from orderflow.grocery_list.tables.rows import Row
from orderflow.grocery_list.tables.till_lines import (
    PRICED,
    Count,
    Of,
    TillLine,
    till_line,
    without_codes,
)
from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.sums import closes, is_of_money, label_of, names_a_till

_MOST_LINES: Final = 250  # of which a list has a hundred at most
_FEWEST_PRICED: Final = 3  # with a sum among them
_FEWEST_SUMS: Final = 2
_NEAR: Final = Decimal("0.05")  # of a sum: rounding, and the weight of a bag
_CENTS: Final = re.compile(r"[.,]\d\d$|p$")
_MONEY: Final = frozenset({Of.SUM, Of.CLOSE, Of.TAKEN_OFF, Of.COUNT, Of.PRICE})
_NONE: Final = TillLine(Of.NOTHING, 0, 0)


class Printed(NamedTuple):
    """The numbers of the lines that a till printed of one thing, and the row that they make."""

    lines: tuple[int, ...]
    row: Row


def may_be_receipt(text: str) -> bool:
    """Whether any line ends in a price as tills print it: a text without one holds no receipt."""
    return PRICED.search(text) is not None


def receipt_of(lines: Sequence[Line]) -> Receipt | None:
    """The receipt that the lines are or hold; None where they are none."""
    if len(lines) > _MOST_LINES:
        return None
    read = [till_line(line) for line in lines]
    receipt = Receipt(read)
    if receipt.is_whole:
        return receipt
    if any(line.of == Of.WORDS and closes(line.name) for line in read):
        with_bare_sums = Receipt([till_line(line, bare=True) for line in lines])
        if with_bare_sums.is_whole and with_bare_sums.adds_up():
            return with_bare_sums
    return receipt if any(line.of == Of.COUNT for line in read) else None


class Receipt:
    """The lines that a till printed."""

    def __init__(self, lines: Sequence[TillLine]) -> None:
        self._lines = lines
        kinds = [line.of for line in lines if line.value is not None or line.how_many]
        #: Whether the list is a receipt as a whole, or holds no more than counts of some things.
        self.is_whole = (
            (Of.THING in kinds or Of.COUNT in kinds)
            and (
                not {Of.CLOSE, Of.SUM}.isdisjoint(kinds)
                or any(names_a_till(line.name) for line in lines)
                or [bool(line.quantity) for line in lines].count(True) >= _FEWEST_PRICED
            )
            and len(kinds) >= _FEWEST_PRICED
            and _is_printed(lines)
        )

    def adds_up(self) -> bool:
        """Whether the prices of the things make a sum that follows."""
        sums = {line.value for line in self._lines if line.of == Of.CLOSE}
        return sum(line.value or 0 for line in self._lines if line.of == Of.THING) in sums

    def printed(self, taken: set[int]) -> Iterator[Printed]:
        """What the till printed of each thing, and what else it printed with the reason why not.

        Args:
            taken: the numbers of lines that are part of a table.
        """
        counts = self._counts(taken)
        voided = self._voided()
        closed = seen = False
        for number, line in enumerate(self._lines):
            if number in taken or line.of == Of.NOTHING:
                continue
            count = counts.get(number)
            if count is not None or (line.of == Of.THING and self.is_whole and not closed):
                if ", " in line.name and not line.name.isupper():
                    continue  # several things at one price
                seen = True
                yield self._thing(number, count, is_void=number in voided)
            elif number in counts.values() or not self.is_whole:
                continue
            elif line.of in _MONEY or closed:
                closed = closed or (line.of == Of.CLOSE and (seen or bool(taken)))
                if line.of == Of.WORDS and not line.name.isupper() and self._is_asked_for(number):
                    continue
                yield _aside(number, line, Reason.MONEY)
            elif not (seen and _is_written(line)) and (
                line.of == Of.THING or not number or not self._is_asked_for(number)
            ):
                yield _aside(number, line, Reason.HEADING)

    def _thing(self, number: int, count: int | None, *, is_void: bool) -> Printed:
        line = self._lines[number]
        price, quantity = line.price, line.quantity
        numbers: tuple[int, ...] = (number,)
        start, end = line.start, line.end
        if count is not None:
            other = self._lines[count]
            start, end = min(start, other.start), max(end, other.end)
            numbers = (number, count)
            quantity = other.how_many.quantity if other.how_many else quantity
            price = price or other.price
        reason = Reason.REFUSED if is_void else ""
        return Printed(
            numbers, Row(start, end, without_codes(line.name), quantity, "", price, (), reason)
        )

    def _counts(self, taken: set[int]) -> dict[int, int]:
        """The number of the line of its count, or of its price, by that of each thing."""
        found: dict[int, int] = {}
        for number, line in enumerate(self._lines):
            if number in taken or line.of not in {Of.COUNT, Of.PRICE}:
                continue
            before, after = self._named_before(number, found), number + 1
            if line.of == Of.PRICE:
                if self.is_whole and before == number - 1 and self._at(before).of == Of.WORDS:
                    found[before] = number
            elif (
                line.how_many and (thing := self._counted(line.how_many, before, after)) is not None
            ):
                found[thing] = number
        return found

    def _named_before(self, number: int, found: dict[int, int]) -> int | None:
        """The thing that stands before a line, behind another remark of the till's at most."""
        for place in (number - 1, number - 2):
            if place in found or place < 0 or self._lines[place].of == Of.COUNT:
                return None
            line = self._lines[place]
            names = line.of == Of.WORDS and place == number - 1 and not is_of_money(line.name)
            if line.of == Of.THING or names:
                return place
        return None

    def _counted(self, count: Count, before: int | None, after: int) -> int | None:
        """The thing that the count is of: the one whose price is nearest to the count's."""
        distances = [
            (_distance(count, self._at(place)), place)
            for place in (before, after)
            if place is not None and self._at(place).of == Of.THING
        ]
        nearest = min((each for each in distances if each[0] <= _NEAR), default=None)
        if nearest is not None and count.total is None:
            return nearest[1]
        if before is not None and self._at(before).of == Of.WORDS:
            return before
        return nearest[1] if nearest else None

    def _voided(self) -> set[int]:
        """The numbers of things that a line with a minus takes back, at the same price."""
        voided: set[int] = set()
        for number, line in enumerate(self._lines):
            if line.of != Of.TAKEN_OFF:
                continue
            words = set(label_of(line.name).split())
            for place in range(number - 1, -1, -1):
                thing = self._lines[place]
                names = set(label_of(thing.name).split())
                if thing.of == Of.THING and thing.value == line.value and names & words:
                    voided.add(place)
                    break
        return voided

    def _is_asked_for(self, number: int) -> bool:
        """Whether a line without a price may be a shopper's own words: it names a thing."""
        line = self._lines[number]
        return ":" not in line.name and not GOODS.isdisjoint(label_of(line.name).split())

    def _at(self, number: int) -> TillLine:
        return self._lines[number] if number < len(self._lines) else _NONE


def _is_printed(lines: Sequence[TillLine]) -> bool:
    """Whether more than a total, which a shopper writes below a list as well, tells of a till."""
    things = [line.name for line in lines if line.of == Of.THING]
    capitals = sum(map(str.isupper, things))
    sums = sum(line.of in {Of.SUM, Of.CLOSE, Of.TAKEN_OFF} for line in lines)
    prices = [line.price for line in lines if line.of == Of.THING]
    return (
        capitals * 2 > len(things)
        or (len(prices) > 1 and all(_CENTS.search(price) for price in prices))
        or sums >= _FEWEST_SUMS
        or any(line.of == Of.COUNT or line.quantity or names_a_till(line.name) for line in lines)
    )


def _is_written(line: TillLine) -> bool:
    """Whether a line among things may be of one whose price is a bare number: "Vim 600"."""
    words = line.name.split()
    if is_of_money(line.name) or line.name.isupper():
        return False
    return len(words) > 1 and words[-1].isdecimal()


def _distance(count: Count, thing: TillLine) -> Decimal:
    """How far the price of the thing is from the count's, as a share of it."""
    if thing.value is None or not thing.value:
        return Decimal(1)
    return abs(count.cost - thing.value) / thing.value


def _aside(number: int, line: TillLine, reason: str) -> Printed:
    return Printed((number,), Row(line.start, line.end, line.name, reason=reason))
