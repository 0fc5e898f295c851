"""Reads the item in a piece of a grocery list, or the part of one.

    item := [extract] [amount] [preference] name [size] [closing amount] [remark]

Sums of money anywhere in it are its price. Bracketed asides are amounts where there is no other
("eggs (12)"), else remarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from orderflow.grocery_list.items.asides import add_asides, split_off_prices, without_closing
from orderflow.grocery_list.items.drafts import Draft, extent
from orderflow.grocery_list.items.extracts import extract_length
from orderflow.grocery_list.items.remarks import (
    refuses,
    split_off_descriptions,
    split_off_late_descriptions,
    split_off_remark,
)
from orderflow.grocery_list.piece import Aside
from orderflow.grocery_list.preparations import is_description
from orderflow.grocery_list.quantities.amount import Amount, Size
from orderflow.grocery_list.quantities.amounts import (
    CONTAINERS,
    CONTENTS,
    SIZES_OF_PACKS,
    packs_of_size,
    read_amount,
    read_whole_amount,
)
from orderflow.grocery_list.quantities.closing_amounts import read_closing_amount
from orderflow.grocery_list.quantities.impossible import says_none
from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.quantities.unit_words import read_unit
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at, written
from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.words.goods import COMPOUND_GOODS, GOODS
from orderflow.grocery_list.words.nothing import says_nothing
from orderflow.grocery_list.words.verbs import PREDICATING
from orderflow.grocery_list.words.vocabulary import (
    AFTER_AMOUNT,
    APPROXIMATELY,
    CLOSING_SIZES,
    NUMBER_WORDS,
)
from orderflow.units import COUNTED_UNITS, MEASURES, UNIT_SPELLINGS

_NAME_KINDS: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.PACK_OF})
_EACH: Final = "each"
# Natural pieces. In "2 milk sachets" and "2 bread rolls" the last word may be part of the name.
_UNITS_BEHIND_NAMES: Final = frozenset({"clove", "sprig", "stalk"})
# Of these, in the singular: "two milo sachet", "milk tin 6".
_CONTAINERS: Final = frozenset({"can", "sachet", "crate", "carton", "derica", "mudu", "congo"})
_JOINING: Final = frozenset({"with", "and", "or", "of", "on"})
_SHORTEST_WITH_UNIT: Final = 2
_LEAST_OF_BRAND: Final = 100
_MOST_OF_BRAND: Final = 10_000
_ROUND: Final = 10
# Measures that stand before what they are of, and the number behind it: "mudu gero 2".
_MEASURES_FIRST: Final = frozenset({"mudu", "derica", "congo", "paint"})
_MOST_BEHIND_AMOUNT: Final = 2  # words: "atta 5 kg Aashirvaad"
_BEFORE_AMOUNTS: Final = APPROXIMATELY | {"maybe", "like", "say", "na"}


def read_item(tokens: Sequence[Token], asides: Sequence[Aside]) -> Draft:
    """The item, or the part of one, that the tokens and the asides hold."""
    draft = Draft(*extent(tokens, asides))
    if any(says_none(aside.tokens) for aside in asides):  # "rice (none)", "rice (0)"
        return Draft(draft.start, draft.end, reason=Reason.REFUSED)
    named = split_off_prices(draft, tokens)
    named = _split_off_extract(draft, named)
    named = _split_off_first_amount(draft, named)
    named = _split_off_container(draft, named, asides)
    named, asides = _split_off_held(draft, named, asides)
    if not named and not asides:
        return draft
    named, remark, amount = split_off_remark(named, has_amount=draft.amount is not None)
    if amount:
        draft.take_amount(amount)
    if remark and refuses(remark, name_of(named)):  # "parmesan no not parmesan"
        return Draft(draft.start, draft.end, reason=Reason.REFUSED)
    if remark:
        draft.notes.append(remark)
        named = without_closing(named)
        draft.ends_in_remark = not asides
    named = _split_off_amounts(draft, named)
    if draft.amount is None:
        named = _split_off_inner_amount(draft, named)
    named = _split_off_unit(draft, named)
    named, notes = split_off_descriptions(named)
    draft.notes[:0] = notes
    add_asides(draft, asides)
    if draft.amount and named and named[0].lower in PREDICATING and says_nothing(named):
        return draft  # "1kg is enough"
    draft.name = "" if draft.amount is None and says_nothing(named) else name_of(named)
    if named and not draft.name:
        return Draft(draft.start, draft.end)
    return draft


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
    if amount is None or (amount.quantity >= _LEAST_OF_BRAND and _is_of_brand(tokens, amount)):
        return tokens
    draft.take_amount(amount)
    draft.is_multiple = tokens[0].kind == Kind.TIMES
    draft.is_each = bool(start) or token_at(tokens, amount.end).lower == _EACH
    return tokens[amount.end + (draft.is_each and not start) :]


def _is_of_brand(tokens: Sequence[Token], amount: Amount) -> bool:
    """Whether a large number begins a name: "1664 beer 6", "777 pickle one bottle"."""
    if amount.unit or tokens[0].kind != Kind.NUMBER:
        return False
    closing = read_closing_amount(tokens[amount.end :])
    is_odd = amount.quantity < _MOST_OF_BRAND and amount.quantity % _ROUND != 0
    return closing is not None and (is_odd or bool(closing[1].unit))


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


def _split_off_held(
    draft: Draft, named: Sequence[Token], asides: Sequence[Aside]
) -> tuple[Sequence[Token], Sequence[Aside]]:
    """The name without the container that ends it, and what one holds: "rice bag (50kg)"."""
    if draft.amount or len(named) < _SHORTEST_WITH_UNIT or not asides:
        return named, asides
    before, last = named[-2], named[-1].lower
    is_name = not COMPOUND_GOODS.isdisjoint({(before.lower, last), (before.lower, f"{last}s")})
    unit = "" if is_name or is_number(before) else UNIT_SPELLINGS.get(last, "")  # "bin bag"
    held = read_whole_amount(asides[0].tokens)
    if unit not in CONTAINERS or held is None or asides[0].start < named[-1].end:
        return named, asides
    if held.unit not in SIZES_OF_PACKS and held.unit not in CONTENTS:
        return named, asides
    one = Amount(Decimal(1), unit, len(named), named[-1].text)
    draft.take_amount(packs_of_size(one, held, written(asides[0].tokens), one.end))
    return named[:-1], asides[1:]


def _said_of_each(tokens: Sequence[Token]) -> int:
    """1 where the number is said twice, as in "one one derica of rice and beans": of each."""
    if len(tokens) <= 1 or tokens[0].lower != tokens[1].lower:
        return 0
    return int(tokens[0].lower in NUMBER_WORDS)


def _split_off_amounts(draft: Draft, named: list[Token]) -> list[Token]:
    """The name without the amounts at its end: "rice 50kg 2 bags" has two."""
    if draft.amount is None:
        named, description = split_off_late_descriptions(named)
        if description:
            draft.notes.append(description)
    if draft.amount is None and _ends_in_sized_pack(named):
        unit = UNIT_SPELLINGS[named[-1].lower]
        note = (named[-2].text,)
        draft.take_amount(Amount(Decimal(1), unit, len(named), named[-1].text, note))
        named = named[:-2]
    without = _split_off_amount(draft, named)
    without = _split_off_first_measure(draft, without)
    without, description = split_off_late_descriptions(without)
    if description:
        draft.notes.append(description)
    return without if without is named else _split_off_amount(draft, without)


def _split_off_first_measure(draft: Draft, named: list[Token]) -> list[Token]:
    """The name without the measure that begins it: "mudu gero 2" are two of these."""
    unit = UNIT_SPELLINGS.get(named[0].lower, "") if len(named) > 1 else ""
    if unit not in _MEASURES_FIRST or draft.amount is None or draft.amount.unit:
        return named
    draft.amount = draft.amount._replace(unit=unit, unit_word=named[0].text)
    return named[1:]


def _ends_in_sized_pack(named: Sequence[Token]) -> bool:
    """Whether one pack is asked for by its size: "coriander small bunch"."""
    if len(named) <= _SHORTEST_WITH_UNIT or named[-1].lower.endswith("s"):
        return False
    is_pack = UNIT_SPELLINGS.get(named[-1].lower) in COUNTED_UNITS
    return is_pack and named[-2].lower in CLOSING_SIZES and not is_number(named[-3])


def _split_off_inner_amount(draft: Draft, named: list[Token]) -> list[Token]:
    """The name without a weight and what is said behind it: "mutton 750 g with bone"."""
    for place in range(1, len(named) - 1):
        if named[place].kind != Kind.NUMBER:
            continue
        amount = read_amount(named, place)
        if amount is None or not amount.unit or amount.end == len(named):
            return named
        behind = named[amount.end :]
        says_more = behind[0].lower == "with" or len(behind) <= _MOST_BEHIND_AMOUNT
        if not says_more or any(each.lower in GOODS for each in behind):
            return named
        draft.take_amount(amount)
        draft.notes.append(written(behind))
        return without_closing(named[:place])
    return named


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
    start -= start > 1 and named[start - 1].lower in _BEFORE_AMOUNTS  # "onions about three kilos"
    return without_closing(named[:start])


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
