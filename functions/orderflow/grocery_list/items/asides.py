"""Reads what stands in an item besides its name: sums of money, and bracketed asides.

Asides are amounts where there is no other ("eggs (12)"), else remarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.items.completions import count_packs
from orderflow.grocery_list.items.drafts import Draft
from orderflow.grocery_list.piece import Aside
from orderflow.grocery_list.quantities.amount import Size
from orderflow.grocery_list.quantities.amounts import SIZES_OF_PACKS, read_amount, read_whole_amount
from orderflow.grocery_list.quantities.closing_amounts import read_closing_amount
from orderflow.grocery_list.quantities.prices import take_price
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, written
from orderflow.grocery_list.words.vocabulary import APPROXIMATELY, CLOSING
from orderflow.units import COUNTED_UNITS, MEASURES

_FULL_STOPS: Final = frozenset({Kind.STOP, Kind.DOT})
_EACH: Final = "each"
_MOST_ASIDES: Final = 20  # more of them are read as remarks, whatever they say
# Of packs: "(8 pack)" is one of eight, "(2 pack)" may be two.
_MANY: Final = 100  # packs: "16 ounces (452)" are grams
_MOST_PACKS: Final = 3


def split_off_prices(draft: Draft, tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens without the sums among them, which become the item's price and notes."""
    if Kind.MONEY not in [token.kind for token in tokens]:
        return tokens
    left, prices = take_price(tokens)
    draft.price = prices[0]
    draft.notes += [price.text for price in prices]
    if len(left) > 1 and left[0].lower == "for" and tokens[0].kind == Kind.MONEY:
        left = left[1:]  # "1k for garri"
    return without_closing(list(left))


def without_closing(named: list[Token]) -> list[Token]:
    """The name without a courtesy that stood before an amount: "rice please 2kg"."""
    end = len(named)
    while end > 1 and 0 < (length := CLOSING.match_end(named, end)) < end:
        end -= length
    return named[:end]


def add_asides(draft: Draft, asides: Sequence[Aside]) -> None:
    """Give the item the amounts, prices and remarks that stand in brackets."""
    draft.notes.extend(written(aside.tokens) for aside in asides[_MOST_ASIDES:])
    for aside in asides[:_MOST_ASIDES]:
        tokens = [token for token in aside.tokens if token.kind not in _FULL_STOPS]
        if any(token.kind == Kind.MONEY for token in tokens):
            tokens = list(split_off_prices(draft, tokens))
            if not tokens:
                continue
        is_first = draft.amount is None
        _add_aside(draft, aside.tokens, tokens)
        if is_first and draft.amount:
            draft.bracketed = written(aside.tokens)


def _add_aside(draft: Draft, written_tokens: Sequence[Token], tokens: Sequence[Token]) -> None:
    if tokens and tokens[0].kind == Kind.CORRECTION and _amend(draft, tokens[1:]):
        return
    ends_each = bool(tokens) and tokens[-1].lower == _EACH
    about = bool(tokens) and tokens[0].lower in APPROXIMATELY
    amount = read_whole_amount(tokens[about : len(tokens) - ends_each])
    if draft.amount is None and amount:
        if amount.unit_word.lower() == "pack" and amount.quantity > _MOST_PACKS:
            amount = amount._replace(unit="")  # "wraps (8 pack)" are eight
        draft.take_amount(amount)
        draft.ends_each = ends_each
        return
    if draft.amount and amount:
        if (amount.quantity, amount.unit) == (draft.amount.quantity, ""):
            return  # "five (5) tubers" says it twice
        is_size = draft.amount.unit in SIZES_OF_PACKS
        is_count = amount.unit not in MEASURES | {"stick"} and 1 < amount.quantity < _MANY
        if is_size and is_count:
            count_packs(draft, draft.amount, amount)
            return
        if draft.amount.unit in COUNTED_UNITS and amount.unit in MEASURES:
            draft.size = draft.size or Size(amount.quantity, amount.unit)
    remark = written(_split_off_listed_amount(draft, written_tokens))
    draft.notes.extend(filter(None, [remark]))


def _amend(draft: Draft, tokens: Sequence[Token]) -> bool:
    """Whether the tokens are an amount, which the draft takes: "milk 2 litres (make that 3)"."""
    amount = read_whole_amount(tokens)
    if amount is None:
        return False
    unit = amount.unit or (draft.amount.unit if draft.amount else "")
    draft.amount = amount._replace(unit=unit)
    return True


def _split_off_listed_amount(draft: Draft, tokens: Sequence[Token]) -> Sequence[Token]:
    """The aside without the amount before its first or behind its last comma, if that is new."""
    commas = [place for place, token in enumerate(tokens) if token.kind == Kind.COMMA]
    if draft.amount:
        return tokens
    if not commas:
        return _split_off_counted(draft, tokens)
    first, last = commas[0], commas[-1]
    for part, rest in ((tokens[:first], tokens[first + 1 :]), (tokens[last + 1 :], tokens[:last])):
        amount = read_whole_amount(part)
        if amount:
            draft.take_amount(amount)
            return rest
    return tokens


def _split_off_counted(draft: Draft, tokens: Sequence[Token]) -> Sequence[Token]:
    """The aside without the amount at either end: "(12 pouches)", "(basmati 2kg)"."""
    amount = read_amount(tokens, 0) if tokens else None
    if amount:
        draft.take_amount(amount)
        return tokens
    closing = read_closing_amount(tokens)
    if closing and closing[1].unit:
        draft.take_amount(closing[1])
        return tokens[: closing[0]]
    return tokens
