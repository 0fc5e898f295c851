"""Reads amounts from tokens: numbers with their units, multiples and pack sizes.

    amount  := "x" measure                                "milk x 2"
             | number ["x"] measure [counted unit]        "2 x 500g", "3 400g cans"
             | measure "x" measure                        "500g x 2"
             | measure measure                            "1 kg 500 g"
             | counted measure ["of"] measure             "3 packs of 6", "2 bags of 5kg"
             | measure container                          "5kg bag"
             | unit "of" [measure]                        "bag of", "pack of 6"
    measure := single [("-" | "to" | "or") single]        a range: its upper end
    single  := number [size] [unit ["and" "a" part]]

Every rule looks at a bounded number of tokens, whatever follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from orderflow.grocery_list.numbers import (
    NUMBER_SPELLINGS,
    is_number,
    links_range,
    read_number,
    token_at,
)
from orderflow.grocery_list.tokens import Kind, Token, tokenize, written
from orderflow.grocery_list.vocabulary import (
    AFTER_AMOUNT,
    ARTICLES,
    CLOSING_SIZES,
    LABELS,
    PARTS,
    SIZES,
)
from orderflow.units import COUNTED_UNITS, MEASURES, UNIT_SPELLINGS

# How many of the second unit make one of the first, where people write both: "1 lb 8 oz".
_SUBDIVISIONS: Final = {
    ("kilogram", "gram"): 1000,
    ("liter", "milliliter"): 1000,
    ("pound", "ounce"): 16,
}
_MOST_SIZES: Final = 2
# "5 kg bag": what is sold in such containers is often named by what they hold.
_CONTAINERS: Final = frozenset(
    ("bag", "bottle", "box", "bucket", "can", "carton", "container", "jar", "keg", "package")
) | {"sachet", "sack", "tub", "tube"}
_SIZES_OF_PACKS: Final = MEASURES - {"cup", "tablespoon", "teaspoon"}
# An amount goes on, or ends, with a word only if it is one of these.
_CONTINUING: Final = frozenset((*UNIT_SPELLINGS, *NUMBER_SPELLINGS, *SIZES, *AFTER_AMOUNT))
# Of tokens: "two and a half to three and a half large cups".
_LONGEST_CLOSING_AMOUNT: Final = 10


class Amount(NamedTuple):
    """How much is asked for: 2 "cup". ``end`` is the first token that is no part of it.

    ``unit_word`` is the unit as written; ``notes`` are sizes of packs ("400g") or units ("large").
    """

    quantity: Decimal
    unit: str
    end: int
    unit_word: str = ""
    notes: tuple[str, ...] = ()


class _Unit(NamedTuple):
    name: str
    end: int
    word: str
    sizes: tuple[str, ...]


def read_amount(tokens: Sequence[Token], start: int) -> Amount | None:
    """The longest amount that begins at ``start``, with an "of" or "more" behind it."""
    if token_at(tokens, start).kind == Kind.TIMES:
        amount = _measure(tokens, start + 1)
    else:
        measure = _measure(tokens, start)
        outer = measure or _unit_alone(tokens, start)
        amount = _combined(tokens, start, outer) if outer else None
    if amount is None:
        return None
    end = amount.end
    while token_at(tokens, end).lower in AFTER_AMOUNT:
        end += 1
    return amount if end == amount.end else amount._replace(end=end)


def read_whole_amount(tokens: Sequence[Token]) -> Amount | None:
    """What the tokens say where they are an amount and nothing else."""
    amount = read_amount(tokens, 0) if tokens else None
    return amount if amount and amount.end == len(tokens) else None


def amount_in_text(text: str) -> Amount | None:
    """What a text says that is an amount and nothing else: "500 g"."""
    return read_whole_amount(tokenize(text))


def read_closing_amount(tokens: Sequence[Token]) -> tuple[int, Amount] | None:
    """The longest amount that ends with the last token, and where it begins (never at 0)."""
    count = len(tokens)
    if count and _ends_amounts(tokens[-1]):
        return None
    for start in range(max(1, count - _LONGEST_CLOSING_AMOUNT), count):
        token = tokens[start]
        if is_counting(tokens, start) or token.kind == Kind.TIMES:
            amount = read_amount(tokens, start)
            if amount is not None and amount.end == count:
                return start, amount
    return None


def is_unit(token: Token) -> bool:
    """Whether the token is a unit as shoppers write it."""
    return token.lower in UNIT_SPELLINGS


def is_counting(tokens: Sequence[Token], position: int) -> bool:
    """Whether a number stands there that is no part of a name: "hepatitis a", "size 3"."""
    token = tokens[position]
    if not is_number(token) or _labels(tokens, position - 1):
        return False
    return token.lower not in ARTICLES or position < len(tokens) - 1


def _labels(tokens: Sequence[Token], position: int) -> bool:
    """Whether a word such as "size" stands there, unless it is the end of "big size"."""
    if position < 0 or tokens[position].lower not in LABELS:
        return False
    return position == 0 or tokens[position - 1].lower not in CLOSING_SIZES


def _unit_alone(tokens: Sequence[Token], start: int) -> Amount | None:
    """One "bag of rice". Without the "of" it would be a name: "bag clips"."""
    unit = _unit(tokens, start)
    if unit is None:
        return None
    one = _with_part(tokens, Amount(Decimal(1), unit.name, unit.end, unit.word, unit.sizes))
    return one if token_at(tokens, one.end).lower == "of" else None


def _combined(tokens: Sequence[Token], start: int, outer: Amount) -> Amount:
    """The amount together with the one behind it, where that belongs to it."""
    separator = token_at(tokens, outer.end)
    if _ends_amounts(separator):
        return outer
    counted = outer.unit in COUNTED_UNITS
    times = separator.kind == Kind.TIMES
    linked = times or (counted and separator.lower == "of")
    after = outer.end + linked
    inner = None if token_at(tokens, after).lower in ARTICLES else _measure(tokens, after)
    if inner is None:
        return outer._replace(end=after) if times else _in_container(tokens, start, outer)
    if not outer.unit and inner.unit in MEASURES:
        size = written(tokens[after : inner.end])
        return _packs_of_a_size(tokens, outer, inner, size) or _product(outer, inner)
    if linked or (counted and inner.unit):
        return _product(outer, inner)
    if (outer.unit, inner.unit) in _SUBDIVISIONS:
        rest = inner.quantity / _SUBDIVISIONS[outer.unit, inner.unit]
        return outer._replace(quantity=outer.quantity + rest, end=inner.end)
    return outer


def _ends_amounts(token: Token) -> bool:
    """Whether the token is a word that no amount has: it settles most amounts at once."""
    return token.kind == Kind.WORD and token.lower not in _CONTINUING


def _in_container(tokens: Sequence[Token], start: int, content: Amount) -> Amount:
    """The one bag of "5kg bag", its size as a note; other amounts as they are."""
    pack = _unit(tokens, content.end) if content.unit in _SIZES_OF_PACKS else None
    if pack is None or pack.name not in _CONTAINERS:
        return content
    size = written(tokens[start : content.end])
    return Amount(Decimal(1), pack.name, pack.end, pack.word, (size, *pack.sizes))


def _packs_of_a_size(
    tokens: Sequence[Token], outer: Amount, inner: Amount, size: str
) -> Amount | None:
    """The cans of "2 x 400g cans", their size as a note; None where no counted unit follows."""
    pack = _unit(tokens, inner.end)
    if pack is None or pack.name not in COUNTED_UNITS:
        return None
    return Amount(outer.quantity, pack.name, pack.end, pack.word, (size, *pack.sizes))


def _product(outer: Amount, inner: Amount) -> Amount:
    unit = inner.unit if inner.unit or outer.unit in COUNTED_UNITS else outer.unit
    notes = outer.notes + inner.notes
    return Amount(outer.quantity * inner.quantity, unit, inner.end, inner.unit_word, notes)


def _measure(tokens: Sequence[Token], start: int) -> Amount | None:
    first = _single(tokens, start)
    if first is None or not first.unit or not links_range(token_at(tokens, first.end)):
        return first
    second = _single(tokens, first.end + 1)
    return first if second is None or second.unit not in MEASURES else second


def _single(tokens: Sequence[Token], start: int) -> Amount | None:
    number = read_number(tokens, start)
    if number is None:
        return None
    unit = _unit(tokens, number.end)
    if unit is None:
        return Amount(number.value, "", number.end)
    return _with_part(tokens, Amount(number.value, unit.name, unit.end, unit.word, unit.sizes))


def _with_part(tokens: Sequence[Token], amount: Amount) -> Amount:
    """The amount with the "and a half" behind it: "a kilo and a half"."""
    if token_at(tokens, amount.end).kind != Kind.AND:
        return amount
    part = PARTS.get(token_at(tokens, amount.end + 2).lower)
    if part is None or token_at(tokens, amount.end + 1).lower not in ARTICLES:
        return amount
    return amount._replace(quantity=amount.quantity + part, end=amount.end + 3)


def _unit(tokens: Sequence[Token], start: int) -> _Unit | None:
    end = start
    while end < start + _MOST_SIZES and token_at(tokens, end).lower in SIZES:
        end += 1
    token = token_at(tokens, end)
    # Cooks write "T" for a tablespoon and "t" for a teaspoon.
    name = "tablespoon" if token.text == "T" else UNIT_SPELLINGS.get(token.lower)
    if name is None:
        return None
    sizes = tuple(size.text for size in tokens[start:end]) if end > start else ()
    return _Unit(name, end + 1, token.text, sizes)
