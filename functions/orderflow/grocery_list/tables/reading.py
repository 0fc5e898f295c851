"""Reads a row of a table as an item: its cells say what of a line its words would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from orderflow.grocery_list.items.drafts import Draft
from orderflow.grocery_list.items.item import name_of
from orderflow.grocery_list.quantities.amount import Amount, Size
from orderflow.grocery_list.quantities.impossible import is_impossible
from orderflow.grocery_list.quantities.prices import take_price
from orderflow.grocery_list.scanning.tokens import tokenize
from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.tables.rows import Row
from orderflow.grocery_list.tables.values import Value, reading_of, value_in
from orderflow.units import COUNTED_UNITS, MEASURES, UNIT_SPELLINGS

_ONE: Final = Decimal(1)


def read_row(row: Row, read_cell: Callable[[str], Sequence[Draft]]) -> Draft:
    """The row as an item.

    Args:
        row: what stands in its cells.
        read_cell: reads what a cell names, as the lines of a list are read.
    """
    draft = _named(row.item, read_cell)
    inner, draft.amount = draft.amount, None
    draft.start, draft.end = row.start, row.end
    if is_impossible(tokenize(f"{row.quantity} {row.unit} x")):
        return Draft(row.start, row.end, reason=Reason.IMPOSSIBLE)
    _take_quantity(draft, row.quantity)
    _take_unit(draft, row.unit or _noted_unit(draft))
    if inner:
        _take_inner(draft, inner, row.item)
    _take_price(draft, row.price)
    draft.notes += row.notes
    return draft


def _named(cell: str, read_cell: Callable[[str], Sequence[Draft]]) -> Draft:
    """What the cell names, which is one thing: "Salt & pepper", "Onions, red"."""
    drafts = read_cell(cell)
    if len(drafts) == 1 and drafts[0].name and not drafts[0].reason:
        return drafts[0]
    return Draft(0, 0, name=name_of(tokenize(cell)) or " ".join(cell.split()))


def _take_quantity(draft: Draft, text: str) -> None:
    if value_in(text) == Value.MONEY:
        _take_price(draft, text)
        return
    amount, rest = reading_of(text)
    if amount:
        draft.take_amount(amount)
    size = reading_of(rest).amount if rest else None
    if size and size.unit in MEASURES:
        draft.size = draft.size or Size(size.quantity, size.unit)
    if rest:
        draft.notes.append(rest)


def _noted_unit(draft: Draft) -> str:
    """The unit that stands with the name, and is no remark then: "Tomatoes (kg)"."""
    noted = [note for note in draft.notes if note.lower() in UNIT_SPELLINGS]
    if not noted or draft.amount is None:
        return ""
    draft.notes.remove(noted[0])
    return noted[0]


def _take_unit(draft: Draft, text: str) -> None:
    """Take the cell of units: what is counted, or what one of it holds ("400g", "5kg bag")."""
    if value_in(text) == Value.BLANK:
        return
    amount = draft.amount or Amount(_ONE, "", 0)
    unit = UNIT_SPELLINGS.get(text.lower().strip(".()"))
    size, rest = reading_of(text)
    both = reading_of(f"{amount.quantity:f} {text}")
    if unit:
        if not amount.unit:
            draft.amount = amount._replace(unit=unit, unit_word=text)
    elif size and not rest and size.unit in MEASURES:
        draft.size = draft.size or Size(size.quantity, size.unit)
        draft.notes.append(text)
    elif size and not rest and size.size and size.quantity == _ONE:  # "5kg bag"
        draft.size = draft.size or size.size
        draft.amount = amount._replace(unit=amount.unit or size.unit)
        draft.notes += size.notes
    elif both.amount and not both.rest and not amount.unit:  # "1 | dozen"
        draft.amount = both.amount
    else:
        draft.notes.append(text)


def _take_inner(draft: Draft, inner: Amount, cell: str) -> None:
    """Take the amount that stands with the name: a pack's size, where the row has its quantity."""
    if draft.amount is None:
        draft.amount = inner
        return
    said = cell.replace(draft.name, " ").strip(" ,-–()")  # noqa: RUF001
    if inner.size and inner.quantity != _ONE and inner.unit in inner.size.unit:
        draft.size = inner.size
    elif inner.unit in MEASURES:
        draft.size = draft.size or Size(inner.quantity, inner.unit)
    elif inner.unit in COUNTED_UNITS and inner.quantity == _ONE and not draft.amount.unit:
        draft.amount = draft.amount._replace(unit=inner.unit)
    if said and said not in draft.notes:
        draft.notes.append(said)


def _take_price(draft: Draft, text: str) -> None:
    """Take the sum of money that a cell holds, if it does."""
    if not text:
        return
    is_signed = value_in(text) == Value.MONEY and not text[0].isdigit()
    _, prices = take_price(tokenize(text if is_signed else f"@{text}"))
    if prices:
        draft.price = prices[0]._replace(text=text)
        draft.notes.append(text)
