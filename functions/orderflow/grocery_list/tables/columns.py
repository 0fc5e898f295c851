"""Tells the columns of a table apart: by their heads, and by what stands below these.

A head that is not known, and one that may mean several things ("Amount", "No", "Unit"), is what
its cells are: numbers that count up are the rows' own, large round ones are money.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from orderflow.grocery_list.tables.heads import Role, role_of, sign_of, unit_of
from orderflow.grocery_list.tables.values import (
    Column,
    Value,
    are_sums,
    figure,
    is_serial,
    reading_of,
)

_FEWEST: Final = 2
_MOSTLY_FIGURES: Final = (Value.NUMBER, Value.AMOUNT)
# Heads of columns that may be of quantities, the likeliest first.
_QUANTITIES: Final = (
    Role.QUANTITY,
    Role.NEEDED,
    Role.COUNT,
    Role.UNIT,
    None,
    Role.SERIAL,
    Role.TOTAL,
)


class Columns(NamedTuple):
    """Which columns, by their numbers, hold what; None where none does.

    ``units`` are those that heads name, by column: 1 -> "kg" for "Item | Qty (kg)". ``sign`` is the
    currency's. ``alternatives`` are quantities, too, where a row has none in ``quantity``.
    """

    width: int
    item: int
    quantity: int | None
    alternatives: tuple[int, ...]
    unit: int | None
    price: int | None
    have: int | None
    notes: tuple[int, ...]
    units: dict[int, str]
    sign: str

    def orders(self) -> bool:
        """Whether any column says how much is asked for, or what it costs."""
        return any(place is not None for place in (self.quantity, self.price, self.unit))

    def first(self) -> int:
        """The first column that is of the order."""
        places = (self.item, self.quantity, self.unit, self.price, *self.alternatives, *self.notes)
        return min(place for place in places if place is not None)


def columns_of(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns | None:
    """The columns of a table with these heads; None where none of them is of things."""
    roles = [role_of(head) if head else Role.OTHER for head in heads]
    columns = [Column.of([row[place] for row in rows]) for place in range(len(heads))]
    for place, column in enumerate(columns):
        if not heads[place] and column.mostly(Value.WORDS, Value.AMOUNT) and column.filled():
            roles[place] = None
    return _Finder(heads, roles, columns).found()


def columns_without_heads(rows: Sequence[Sequence[str]]) -> Columns | None:
    """The columns of rows without heads; None where these are no table of things."""
    count = len(rows[0])
    columns = [Column.of([row[place] for row in rows]) for place in range(count)]
    first = next((place for place, column in enumerate(columns) if column.filled()), 0)
    roles: list[str | None] = [
        _role_of_cells(column, is_first=place == first) for place, column in enumerate(columns)
    ]
    _mark_sizes(columns, roles)
    found = _Finder([""] * count, roles, columns).found()
    if found is None or found.quantity is not None or found.price is not None:
        return found
    return found if count == _FEWEST and _number_rows(columns) else None


def _number_rows(columns: Sequence[Column]) -> bool:
    """Whether the first of two columns numbers the rows, of which the other says all."""
    numbers, said = columns
    has_amounts = any(reading_of(cell).amount for cell in said.cells)
    return is_serial(numbers.cells) and (has_amounts or len(numbers.cells) > _FEWEST)


def _mark_sizes(columns: Sequence[Column], roles: list[str | None]) -> None:
    """Take measures for sizes where another column has counts: "Rice | 5kg | 2"."""
    measured = [place for place, column in enumerate(columns) if column.measures()]
    counted = [
        place
        for place, column in enumerate(columns)
        if roles[place] is None and column.mostly(Value.NUMBER) and column.counts_few()
    ]
    if len(measured) == len(counted) == 1:
        roles[measured[0]], roles[counted[0]] = Role.UNIT, Role.QUANTITY


def _role_of_cells(column: Column, *, is_first: bool) -> str | None:
    if is_first and is_serial(column.cells):
        return Role.CODE
    if column.mostly(Value.TICK) or not column.filled():
        return Role.OTHER
    if column.mostly(Value.UNIT):
        return Role.UNIT
    return None


class _Finder:
    """Finds what each column is for, each for one thing."""

    def __init__(
        self, heads: Sequence[str], roles: list[str | None], columns: Sequence[Column]
    ) -> None:
        self._heads, self._roles, self._columns = heads, roles, columns
        self._left = set(range(len(columns)))

    def found(self) -> Columns | None:
        """The columns; None where none is of things."""
        item = self._take(self._items())
        if item is None:
            return None
        have = self._take(self._with(Role.HAVE, Value.TICK, Value.WORDS))
        quantity = self._take(self._quantities())
        price = self._take(self._prices())
        unit = self._take(self._units())
        alternatives = tuple(self._further_quantities(quantity))
        notes = tuple(sorted(self._notes()))
        units = {place: unit_of(head) for place, head in enumerate(self._heads) if unit_of(head)}
        signs = [sign for head in self._heads if (sign := sign_of(head))]
        return Columns(
            len(self._columns), item, quantity, alternatives, unit, price, have, notes, units,
            signs[0] if signs else "",
        )  # fmt: skip

    def _take(self, places: Iterator[int]) -> int | None:
        place = next(places, None)
        self._left.discard(-1 if place is None else place)
        return place

    def _with(self, role: str | None, *values: int) -> Iterator[int]:
        """The columns left whose heads have the role, and most of whose cells the values."""
        for place in sorted(self._left):
            if self._roles[place] == role and self._columns[place].mostly(*values):
                yield place

    def _items(self) -> Iterator[int]:
        names = (Value.WORDS, Value.AMOUNT, Value.UNIT)
        yield from self._with(Role.ITEM, *names)
        yield from self._with(Role.DESCRIPTION, *names)
        distinct = [
            place
            for place in self._with(None, Value.WORDS)
            if len(set(self._columns[place].cells)) == len(self._columns[place].cells)
        ]
        yield from distinct
        yield from self._with(None, Value.WORDS)
        yield from self._with(Role.NEEDED, Value.WORDS)  # "To buy"
        if not any(self._columns):
            yield from self._with(Role.ITEM)

    def _quantities(self) -> Iterator[int]:
        yield from self._sums()
        for role in _QUANTITIES:
            for place in self._with(role, *_MOSTLY_FIGURES):
                if not self._may_be_no_quantity(place):
                    yield place
            if role == Role.QUANTITY:
                yield from (place for place in sorted(self._left) if self._roles[place] == role)

    def _sums(self) -> Iterator[int]:
        """The column that adds up all other numbers of its row: "Home | Office | Total"."""
        for place in self._with(Role.TOTAL, Value.NUMBER):
            others = [
                self._columns[other].cells
                for other in sorted(self._left - {place})
                if self._roles[other] in {None, Role.COUNT}
                and self._columns[other].mostly(Value.NUMBER)
            ]
            added = [sum(filter(None, map(figure, cells))) for cells in zip(*others, strict=True)]
            if len(others) >= _FEWEST and added == list(map(figure, self._columns[place].cells)):
                yield place

    def _may_be_no_quantity(self, place: int) -> bool:
        """Whether the numbers may number the rows, or be money: their head does not tell."""
        role, cells = self._roles[place], self._columns[place].cells
        if role in {Role.SERIAL, Role.COUNT} and is_serial(cells):
            return self._others(place)
        if self._is_unit(place + 1):
            return False
        return role in {None, Role.TOTAL, Role.UNIT, Role.SERIAL} and are_sums(cells)

    def _is_unit(self, place: int) -> bool:
        return place in self._left and self._columns[place].mostly(Value.UNIT)

    def _others(self, place: int) -> bool:
        """Whether another column may hold the quantities."""
        return any(
            other != place
            and self._roles[other] != Role.PRICE
            and self._columns[other].mostly(*_MOSTLY_FIGURES)
            for other in self._left
        )

    def _prices(self) -> Iterator[int]:
        figures = (Value.MONEY, Value.NUMBER)
        yield from self._with(Role.PRICE, *figures)
        yield from self._with(Role.TOTAL, *figures)
        for place in self._with(Role.UNIT, *figures):
            if are_sums(self._columns[place].cells):
                yield place
        if not any(self._heads):
            yield from self._with(None, *figures)
        else:
            yield from self._with(None, Value.MONEY)

    def _units(self) -> Iterator[int]:
        yield from self._with(Role.UNIT, Value.UNIT, Value.AMOUNT, Value.WORDS)
        yield from self._with(Role.COUNT, Value.UNIT, Value.AMOUNT)
        yield from self._with(None, Value.UNIT)
        yield from self._with(None, Value.AMOUNT)

    def _further_quantities(self, quantity: int | None) -> Iterator[int]:
        """The other columns of numbers in units, as in "Item | Kg | Bags"."""
        if quantity is None or not unit_of(self._heads[quantity]):
            return
        for place in sorted(self._left):
            if unit_of(self._heads[place]) and self._columns[place].mostly(*_MOSTLY_FIGURES):
                self._left.discard(place)
                yield place

    def _notes(self) -> Iterator[int]:
        for role in (Role.NOTE, Role.DESCRIPTION, Role.ITEM, None):
            yield from self._with(role, Value.WORDS, Value.AMOUNT)
