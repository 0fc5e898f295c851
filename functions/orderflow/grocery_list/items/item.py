"""Reads the item in a piece of a grocery list, or the part of one.

    item := [extract] [amount] [preference] name [size] [closing amount] [remark]

Sums of money anywhere in it are its price. Bracketed asides are amounts where there is no other
("eggs (12)"), else remarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from orderflow.grocery_list.items.completions import count_packs
from orderflow.grocery_list.items.drafts import Draft, extent
from orderflow.grocery_list.items.remarks import (
    extract_length,
    split_off_descriptions,
    split_off_late_descriptions,
    split_off_remark,
)
from orderflow.grocery_list.piece import Aside
from orderflow.grocery_list.preparations import is_description
from orderflow.grocery_list.quantities.amount import Amount, Size
from orderflow.grocery_list.quantities.amounts import SIZES_OF_PACKS, read_amount, read_whole_amount
from orderflow.grocery_list.quantities.closing_amounts import read_closing_amount
from orderflow.grocery_list.quantities.prices import take_price
from orderflow.grocery_list.quantities.unit_words import read_unit
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at, written
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.vocabulary import AFTER_AMOUNT, CLOSING, NUMBER_WORDS
from orderflow.units import COUNTED_UNITS, MEASURES, UNIT_SPELLINGS

_FULL_STOPS: Final = frozenset({Kind.STOP, Kind.DOT})
_NAME_KINDS: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.PACK_OF})
_EACH: Final = "each"
# Natural pieces. In "2 milk sachets" and "2 bread rolls" the last word may be part of the name.
_UNITS_BEHIND_NAMES: Final = frozenset({"clove", "sprig", "stalk"})
# Of these, in the singular: "two milo sachet", "milk tin 6".
_CONTAINERS: Final = frozenset({"can", "sachet"})
_JOINING: Final = frozenset({"with", "and", "or", "of", "on"})
_SHORTEST_WITH_UNIT: Final = 2
_MOST_ASIDES: Final = 20  # more of them are read as remarks, whatever they say
# Of packs: "(8 pack)" is one of eight, "(2 pack)" may be two.
_MOST_PACKS: Final = 3
_APPROXIMATELY: Final = words_in("about approx approximately around roughly maybe like say")
# Without another word these are no name.
_NO_NAMES: Final = words_in("""
    at by on in of to for and the me it us you them a an with from or so is lol x xx haha bit bits
    something anything everything nothing stuff things please that this
""")


def read_item(tokens: Sequence[Token], asides: Sequence[Aside]) -> Draft:
    """The item, or the part of one, that the tokens and the asides hold."""
    draft = Draft(*extent(tokens, asides))
    named = _split_off_prices(draft, tokens)
    named = _split_off_extract(draft, named)
    named = _split_off_first_amount(draft, named)
    named = _split_off_container(draft, named, asides)
    if not named and not asides:
        return draft
    named, remark, amount = split_off_remark(named, has_amount=draft.amount is not None)
    if amount:
        draft.take_amount(amount)
    if remark:
        draft.notes.append(remark)
        draft.ends_in_remark = not asides
    named = _split_off_amounts(draft, named)
    named = _split_off_unit(draft, named)
    named, notes = split_off_descriptions(named)
    draft.notes[:0] = notes
    _add_asides(draft, asides)
    draft.name = "" if draft.amount is None and _says_nothing(named) else name_of(named)
    if named and not draft.name:
        return Draft(draft.start, draft.end)
    return draft


def _split_off_prices(draft: Draft, tokens: Sequence[Token]) -> Sequence[Token]:
    if Kind.MONEY not in [token.kind for token in tokens]:
        return tokens
    left, prices = take_price(tokens)
    draft.price = prices[0]
    draft.notes.extend(price.text for price in prices)
    return _without_closing(list(left))


def _split_off_extract(draft: Draft, tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens without the "juice of" before an amount, which becomes a note."""
    length = extract_length(tokens) if tokens else 0
    if length:
        draft.notes.append(written(tokens[:length]))
    return tokens[length:]


def _split_off_first_amount(draft: Draft, tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens without the amount at their beginning."""
    start = _said_of_each(tokens)
    amount = read_amount(tokens, start)
    if amount is None:
        return tokens
    draft.take_amount(amount)
    draft.is_multiple = tokens[0].kind == Kind.TIMES
    draft.is_each = bool(start) or token_at(tokens, amount.end).lower == _EACH
    return tokens[amount.end + (draft.is_each and not start) :]


def _split_off_container(
    draft: Draft, named: Sequence[Token], asides: Sequence[Aside]
) -> Sequence[Token]:
    """The name without the "can" of "(28 oz) can tomatoes", which is one can."""
    if draft.amount or not named or not asides or asides[0].start > named[0].start:
        return named
    unit = read_unit(named, 0)
    is_name = unit is None or unit.name in MEASURES or unit.end == len(named)
    if unit is None or is_name or not read_whole_amount(asides[0].tokens):
        return named
    draft.take_amount(Amount(Decimal(1), unit.name, unit.end, unit.word, unit.sizes))
    return named[unit.end :]


def _said_of_each(tokens: Sequence[Token]) -> int:
    """1 where the number is said twice, as in "one one derica of rice and beans": of each."""
    word = token_at(tokens, 0).lower
    return int(word in NUMBER_WORDS and token_at(tokens, 1).lower == word)


def _split_off_amounts(draft: Draft, named: list[Token]) -> list[Token]:
    """The name without the amounts at its end: "rice 50kg 2 bags" has two."""
    if draft.amount is None:
        named, description = split_off_late_descriptions(named)
        if description:
            draft.notes.append(description)
    without = _split_off_amount(draft, named)
    without, description = split_off_late_descriptions(without)
    if description:
        draft.notes.append(description)
    return _split_off_amount(draft, without)


def _split_off_amount(draft: Draft, named: list[Token]) -> list[Token]:
    """The name without the amount at its end: the item's, its multiple, or the size of its pack."""
    closing = read_closing_amount(named)
    if closing is None:
        return named
    start, amount = closing
    if draft.amount is None:
        draft.take_amount(amount)
    elif named[start].kind == Kind.TIMES and not amount.unit:
        quantity = draft.amount.quantity * amount.quantity
        draft.amount = draft.amount._replace(quantity=quantity)
    elif amount.size and amount.quantity == 1 and not draft.amount.unit:  # "380g tin x6"
        draft.amount = draft.amount._replace(unit=amount.unit)
        draft.notes.extend(amount.notes)
        draft.size = draft.size or amount.size
    elif amount.unit in MEASURES:
        draft.notes.append(written(named[start:]))
        draft.size = draft.size or Size(amount.quantity, amount.unit)
    else:
        return named
    start -= start > 1 and named[start - 1].lower in _APPROXIMATELY  # "onions about three kilos"
    return _without_closing(named[:start])


def _without_closing(named: list[Token]) -> list[Token]:
    """The name without a courtesy that stood before an amount: "rice please 2kg"."""
    end = len(named)
    while end > 1 and 0 < (length := CLOSING.match_end(named, end)) < end:
        end -= length
    return named[:end]


def _split_off_unit(draft: Draft, named: list[Token]) -> list[Token]:
    """The name without the unit that ends it: "3 garlic cloves", "2 thyme sprigs"."""
    amount = _packs(draft) or draft.amount
    if amount is None or amount.unit or len(named) < _SHORTEST_WITH_UNIT:
        return named
    unit = UNIT_SPELLINGS.get(named[-1].lower)
    is_container = unit in _CONTAINERS and amount.quantity > 1 and named[-1].lower[-1] != "s"
    if unit is None or not (is_container or unit in _UNITS_BEHIND_NAMES):
        return named
    if all(is_description(each.lower) for each in named[:-1]):
        return named  # "whole cloves" are a spice
    if named[-2].lower in _JOINING:
        return named
    draft.amount = amount._replace(unit=unit, unit_word=named[-1].text)
    return named[:-1]


def _packs(draft: Draft) -> Amount | None:
    """How many packs of a size there are, where the amount is their total: "sachet 20g x 10"."""
    amount, size = draft.amount, draft.size
    if amount is None or size is None or amount.unit != size.unit:
        return None
    count = amount.quantity / size.quantity
    is_several = count > 1 and count == count.to_integral_value()
    return amount._replace(quantity=count, unit="") if is_several else None


def _add_asides(draft: Draft, asides: Sequence[Aside]) -> None:
    draft.notes.extend(written(aside.tokens) for aside in asides[_MOST_ASIDES:])
    for aside in asides[:_MOST_ASIDES]:
        tokens = [token for token in aside.tokens if token.kind not in _FULL_STOPS]
        if any(token.kind == Kind.MONEY for token in tokens):
            tokens = list(_split_off_prices(draft, tokens))
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
    amount = read_whole_amount(tokens[:-1] if ends_each else tokens)
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
        if is_size and amount.unit not in MEASURES | {"stick"} and amount.quantity > 1:
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


def _says_nothing(tokens: Sequence[Token]) -> bool:
    """Whether these words name no thing by themselves: "some bits", "at"."""
    return all(token.lower in _NO_NAMES for token in tokens)


def name_of(tokens: Sequence[Token]) -> str:
    """The tokens as written, without stray marks at the ends; "" where there are no letters."""
    start, end = 0, len(tokens)
    while start < end and tokens[start].kind not in _NAME_KINDS:
        start += 1
    while start < end and not _may_end_name(tokens[end - 1]):
        end -= 1
    name = written(tokens[start:end]).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return name if any(map(str.isalpha, name)) else ""


def _may_end_name(token: Token) -> bool:
    return token.kind in _NAME_KINDS and token.lower not in AFTER_AMOUNT
