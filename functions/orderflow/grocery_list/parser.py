"""Understands a grocery list: plain words in, quantities, units and names out.

The grammar is documented in docs/grocery-list.md. The text is cut into tokens (grocery_tokens),
these into pieces (grocery_pieces); each piece is read on its own (grocery_items), then joined with
its neighbour where one completes the other ("milk, 2 l"). Time is linear in the text's length.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from orderflow.grocery_list.amounts import Amount
from orderflow.grocery_list.items import Draft, read_piece
from orderflow.grocery_list.run_ons import split_runs
from orderflow.grocery_list.segments import Link, split_pieces
from orderflow.grocery_list.tokens import tokenize
from orderflow.grocery_list.vocabulary import DESCRIPTIONS
from orderflow.units import COUNTED_UNITS, MEASURES

#: The longest text that is read, in characters; what is beyond is reported as not understood.
MAX_CHARACTERS: Final = 5_000
#: The most lines that a list may have; what is beyond is reported as not understood.
MAX_LINES: Final = 100

_ONE: Final = Decimal(1)
_PRECISION: Final = Decimal("0.0001")
# Holds the product of all numbers that one line can multiply, so that rounding it never fails.
_WIDE: Final = Context(prec=60)
_COMPLETING: Final = frozenset({Link.COMMA, Link.COLON, Link.DASH})

Span = tuple[int, int]


class GroceryLine(NamedTuple):
    """One thing asked for.

    Attributes:
        quantity: how many or how much, at most four decimals, above zero; 1 where none was written.
        unit: canonical singular name of a unit (``orderflow.units``); "" counts the things.
        name: the thing as written, number and case included, without amount and remarks.
        notes: remarks as written, without brackets ("if available"); sizes of packs ("400g").
        span: where in the list it stands, ``list[span[0]:span[1]]``.
        text: the list's text there.
    """

    quantity: Decimal
    unit: str
    name: str
    notes: tuple[str, ...]
    span: Span
    text: str


class GroceryList(NamedTuple):
    """What was understood of a list, in its order.

    Attributes:
        lines: the things asked for, at most ``MAX_LINES``.
        not_understood: spans of the list that are neither an item nor mere courtesy.
        truncated: the list is longer than ``MAX_CHARACTERS``, or has more than ``MAX_LINES`` lines,
            understood or not; the rest is one span of ``not_understood``.
    """

    lines: tuple[GroceryLine, ...]
    not_understood: tuple[Span, ...]
    truncated: bool = False


def parse(text: str) -> GroceryList:
    """Read a grocery list. Never raises; of a list that is too long, the beginning is read."""
    assembly = _Assembly(text)
    for piece in split_pieces(tokenize(text[:MAX_CHARACTERS])):
        for part in split_runs(piece):
            draft = read_piece(part)
            if draft is not None:
                assembly.add(draft, part.link, is_heading=part.is_heading)
        if assembly.overflow is not None:
            break
    return assembly.finish()


class _Assembly:
    """Joins drafts into items: one may complete the one before it on its line, or the next."""

    def __init__(self, text: str) -> None:
        self.overflow: int | None = None  # where the line begins that is one too many
        self._text = text
        self._items: list[Draft] = []
        self._rejected: list[Span] = []
        self._current: Draft | None = None  # what the next draft may complete
        self._waiting: Draft | None = None  # an amount that a name may follow: "2 - milk"
        self._heading: Draft | None = None  # an item, unless nothing completes it: "Dairy:"
        self._each: Amount | None = None  # what there is of each item up to the line's end

    def add(self, draft: Draft, link: int, *, is_heading: bool) -> None:
        """Take in the next draft of the list."""
        if link == Link.LINE:
            self._end_line()
        if draft.name:
            self._add_item(draft, link, is_heading=is_heading)
        elif draft.amount:
            self._add_amount(draft, draft.amount, link)
        elif draft.notes and self._current and link != Link.LINE:
            self._complete(self._current, draft, draft.notes)
        else:
            self._reject(draft)

    def finish(self) -> GroceryList:
        """The items and the spans that are not understood, each in the list's order."""
        self._end_line()
        unread = MAX_CHARACTERS if self.overflow is None else self.overflow
        rejected = sorted(self._rejected)
        truncated = bool(self._text[unread:].strip())
        if truncated:
            rejected.append((unread, len(self._text.rstrip())))
        lines = tuple(_line(self._text, item) for item in self._items)
        return GroceryList(lines, tuple(rejected), truncated)

    def _add_item(self, draft: Draft, link: int, *, is_heading: bool) -> None:
        if self._waiting and draft.amount is None and _may_follow(self._waiting, link):
            draft.start, draft.amount = self._waiting.start, self._waiting.amount
            draft.notes = self._waiting.notes + draft.notes
            self._waiting = None
        elif self._current and draft.amount is None and link == Link.DASH:
            self._complete(self._current, draft, [_single_spaced(self._text, draft)])
            return
        elif self._current and link == Link.AND:
            _lend_noun(self._current, draft)
        self._settle()
        self._share_amount(draft)
        self._append(draft)
        self._current = draft
        self._heading = draft if is_heading and draft.amount is None else None

    def _share_amount(self, draft: Draft) -> None:
        """Give the item the amount that an earlier one has of each: "2kg each of ..."."""
        if draft.amount is None:
            draft.amount = self._each
        else:
            self._each = draft.amount if draft.is_each else None

    def _add_amount(self, draft: Draft, amount: Amount, link: int) -> None:
        if self._current and self._current.amount is None and link in _COMPLETING:
            self._current.amount = amount
            self._complete(self._current, draft, draft.notes)
        elif self._current and link == Link.COMMA and _is_size(self._current.amount, amount):
            self._complete(self._current, draft, [_single_spaced(self._text, draft)])
        else:
            self._settle()
            self._waiting, self._current = draft, None

    def _complete(self, item: Draft, draft: Draft, notes: Iterable[str]) -> None:
        item.notes.extend(notes)
        item.end = draft.end
        self._heading = None

    def _reject(self, draft: Draft) -> None:
        self._settle()
        self._append(draft)
        self._current = None

    def _end_line(self) -> None:
        self._settle()
        self._current = self._each = None

    def _settle(self) -> None:
        """Decide on what the next draft might have completed, and did not."""
        if self._heading is None and self._waiting is None:
            return
        heading, self._heading = self._heading, None
        if heading and self._items and self._items[-1] is heading:
            self._items.pop()
            self._rejected.append((heading.start, heading.end))
        waiting, self._waiting = self._waiting, None
        if waiting and waiting.amount:
            self._settle_amount(waiting, waiting.amount)

    def _settle_amount(self, draft: Draft, amount: Amount) -> None:
        """Nothing named what there is so much of: "5 cloves" are cloves; "5 kg" stays unclear."""
        if amount.unit in COUNTED_UNITS:
            draft.name, draft.amount = amount.unit_word, amount._replace(unit="")
        self._append(draft)

    def _append(self, draft: Draft) -> None:
        if len(self._items) + len(self._rejected) >= MAX_LINES:
            if self.overflow is None:
                self.overflow = draft.start
        elif draft.name:
            self._items.append(draft)
        else:
            self._rejected.append((draft.start, draft.end))


def _may_follow(amount: Draft, link: int) -> bool:
    """Whether a name behind this link may belong to the amount before it."""
    if link == Link.COMMA:  # "2, limes", but "5 cloves, limes" are two things
        return amount.amount is not None and amount.amount.unit not in COUNTED_UNITS
    return link in _COMPLETING


def _is_size(counted: Amount | None, measure: Amount) -> bool:
    """Whether the second amount says how large the packs of the first are: "1 bottle ..., 2l"."""
    return counted is not None and counted.unit in COUNTED_UNITS and measure.unit in MEASURES


def _lend_noun(item: Draft, following: Draft) -> None:
    """Name what "2 red and 3 green peppers" has two of."""
    words = following.name.split()
    described = [word for word in words if word.lower() in DESCRIPTIONS]
    nouns = words[len(described) :]
    if item.amount is None or following.amount is None or not described or not nouns:
        return
    if words[: len(described)] == described and item.name.lower() in DESCRIPTIONS:
        item.name = " ".join([item.name, *nouns])


def _single_spaced(text: str, draft: Draft) -> str:
    return " ".join(text[draft.start : draft.end].split())


def _line(text: str, item: Draft) -> GroceryLine:
    return GroceryLine(
        quantity=_rounded(item.amount.quantity) if item.amount else _ONE,
        unit=item.amount.unit if item.amount else "",
        name=item.name,
        notes=tuple(item.notes),
        span=(item.start, item.end),
        text=text[item.start : item.end],
    )


@lru_cache(maxsize=1024)
def _rounded(quantity: Decimal) -> Decimal:
    """The quantity without needless zeros and exponents, so that equal ones print alike."""
    if quantity == quantity.to_integral_value():
        return Decimal(int(quantity))
    return max(quantity.quantize(_PRECISION, context=_WIDE), _PRECISION).normalize(_WIDE)
