"""Reads amounts from tokens: numbers with their units, multiples and pack sizes.

    amount  := "x" measure                                "milk x 2"
             | number ["x"] measure [counted unit]        "2 x 500g", "3 400g cans"
             | measure "x" measure                        "500g x 2", "70g x 10 packs"
             | measure ["plus"] measure                   "1 kg 500 g", "1 cup plus 2 tbsp"
             | measure "/" measure                        "225g/8oz": the first, said twice
             | counted measure ["of"] measure             "3 packs of 6", "2 bags of 5kg"
             | measure container                          "5kg bag", "40 pcs carton"
             | "pack of" number "x" number                "pack of 12 x 3"
             | unit ["of" [measure]]                      "bag of", "pack of 6", "pinch"

Every rule looks at a bounded number of tokens, whatever follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from orderflow.grocery_list.quantities.amount import Amount, Size, added
from orderflow.grocery_list.quantities.measures import read_measure, with_note, with_part
from orderflow.grocery_list.quantities.numbers import NUMBER_SPELLINGS
from orderflow.grocery_list.quantities.unit_words import Unit, read_unit
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at, written
from orderflow.grocery_list.scanning.tokens import tokenize
from orderflow.grocery_list.words.vocabulary import (
    AFTER_AMOUNT,
    ARTICLES,
    SIZES,
)
from orderflow.units import COUNTED_UNITS, MEASURES, UNIT_SPELLINGS

# "5 kg bag": what is sold in such containers is often named by what they hold.
CONTAINERS: Final = frozenset(
    ("bag", "bottle", "box", "bucket", "can", "carton", "container", "jar", "keg", "package")
) | {"sachet", "sack", "block", "pot", "tub", "tube", "stick", "pouch", "crate", "case"}
#: ... and by how many pieces: "40 pcs carton".
CONTENTS: Final = frozenset({"piece", "roll", "bottle", "can", "sachet"})


# They hold packs, so that a size said with them is a pack's.
_OF_PACKS: Final = frozenset({"carton", "case", "crate"})
#: What packs are sized in; cups and spoons measure what is in them.
SIZES_OF_PACKS: Final = MEASURES - {"cup", "tablespoon", "dessertspoon", "teaspoon"}


# "pinch salt", "pound macaroni": without a number and an "of" these are units all the same.
_BARE: Final = MEASURES | {
    "pinch",
    "dash",
    "handful",
    "bunch",
    "knob",
    "sprig",
    "stalk",
    "splash",
}
# "½ cup 1 stick butter": the same in another unit
_SAID_AGAIN: Final = MEASURES | {"stick"}
_SHORTEST_BARE: Final = 3  # letters: "cup", "kilo"; "g" and "lt" need a number
_LEAST_OF_NAMES: Final = 100  # "3 400g cans" multiplies, "456 400g" does not
# "½ cup minus 1 tbsp": what is bought is the same
_LESS: Final = frozenset({"minus", "less"})
# An amount goes on, or ends, with a word only if it is one of these.
_CONTINUING: Final = frozenset(
    (*UNIT_SPELLINGS, *NUMBER_SPELLINGS, *SIZES, *AFTER_AMOUNT, *_LESS, "by")
)
# "2 tbsp or so honey"
_OR_SO: Final = frozenset({"so", "more", "less"})


def read_amount(tokens: Sequence[Token], start: int) -> Amount | None:
    """The longest amount that begins at ``start``, with an "of" or "more" behind it."""
    if start < len(tokens) and tokens[start].kind == Kind.TIMES:
        amount = read_measure(tokens, start + 1)
    else:
        measure = read_measure(tokens, start)
        outer = measure or _unit_alone(tokens, start)
        amount = _combined(tokens, start, outer) if outer else None
    if amount is None:
        return None
    end, count = amount.end, len(tokens)
    if end + 1 < count and tokens[end].lower == "or" and tokens[end + 1].lower in _OR_SO:
        end += 2
    while end < count and tokens[end].lower in AFTER_AMOUNT:
        end += 1
    return amount if end == amount.end else amount._replace(end=end)


def read_whole_amount(tokens: Sequence[Token]) -> Amount | None:
    """What the tokens say where they are an amount and nothing else."""
    amount = read_amount(tokens, 0) if tokens else None
    return amount if amount and amount.end == len(tokens) else None


def amount_in_text(text: str) -> Amount | None:
    """What a text says that is an amount and nothing else: "500 g"."""
    return read_whole_amount(tokenize(text))


def _unit_alone(tokens: Sequence[Token], start: int) -> Amount | None:
    """One "bag of rice". Without the "of" most would be names: "bag clips"."""
    unit = read_unit(tokens, start)
    if unit is None:
        return None
    one = with_part(tokens, Amount(Decimal(1), unit.name, unit.end, unit.word, unit.sizes))
    after = token_at(tokens, one.end)
    if after.lower == "of" or one.quantity != 1:
        return one
    is_bare = start == 0 and (
        (unit.name in _BARE and len(unit.word) >= _SHORTEST_BARE)
        # "2-inch piece ginger", "thumb-size piece ginger"
        or any(size[0].isnumeric() or "-size" in size for size in unit.sizes)
        or _is_sized_pack(tokens, unit)
    )
    return one if is_bare and after.kind == Kind.WORD else None


def _is_sized_pack(tokens: Sequence[Token], pack: Unit) -> bool:
    """Whether a pack is asked for by its size: "big bag rice", but "big bag rice 1 cup"."""
    last = tokens[-1].lower
    ends_in_amount = last in UNIT_SPELLINGS or last in NUMBER_SPELLINGS or last[0].isnumeric()
    return bool(pack.sizes) and pack.name in CONTAINERS and not ends_in_amount


def _combined(tokens: Sequence[Token], start: int, outer: Amount) -> Amount:
    """The amount together with the one behind it, where that belongs to it."""
    if outer.end >= len(tokens):
        return outer
    separator = tokens[outer.end]
    if ends_amounts(separator) or (start and _ends_name(outer, separator)):
        return outer
    counted = outer.unit in COUNTED_UNITS
    times = separator.kind == Kind.TIMES or _multiplies(tokens, outer)
    linked = times or (counted and separator.lower == "of")
    if separator.kind == Kind.SLASH or separator.lower in _LESS:
        return _said_twice(tokens, outer)
    after = outer.end + (linked or (bool(outer.unit) and separator.kind == Kind.AND))
    inner = None if token_at(tokens, after).lower in ARTICLES else read_measure(tokens, after)
    if inner and token_at(tokens, inner.end).kind == Kind.SLASH:
        inner = _said_twice(tokens, inner)  # "4 x 150g/5oz"
    if inner is None:
        return _times_unit(tokens, outer, after) if times else _in_container(tokens, start, outer)
    of_size = None
    if times or not outer.unit:
        of_size = _packs_and_size(tokens, start, outer, inner, after)
    if linked and not inner.unit and token_at(tokens, inner.end).kind == Kind.TIMES:
        of_size = _packs_of_packs(tokens, outer, inner, after)
    if linked and outer.unit in _OF_PACKS and inner.unit in MEASURES:  # "2 cartons of 70g" noodles
        of_size = packs_of_size(outer, inner, written(tokens[after : inner.end]), inner.end)
    is_multiple = inner.unit in MEASURES if not outer.unit else counted and bool(inner.unit)
    if linked or (is_multiple and separator.kind != Kind.AND):
        return of_size or _product(outer, inner)
    return of_size or _sum(tokens, outer, inner)


def _ends_name(number: Amount, following: Token) -> bool:
    """Whether a large number behind a word is no count of what follows: "Peak 456 400g"."""
    return not number.unit and number.quantity >= _LEAST_OF_NAMES and following.kind == Kind.NUMBER


def _times_unit(tokens: Sequence[Token], outer: Amount, after: int) -> Amount:
    """The two bags of "2 x bags of chips"; a bare multiple where no unit follows the "x"."""
    unit = read_unit(tokens, after) if not outer.unit else None
    if unit is None or outer.quantity != outer.quantity.to_integral_value():
        return outer._replace(end=after)
    return Amount(outer.quantity, unit.name, unit.end, unit.word, unit.sizes)


def _sum(tokens: Sequence[Token], first: Amount, second: Amount) -> Amount:
    """The sum of both and of a third behind them: "1 cup 2 tbsp 1 tsp".

    What does not add up is said twice where nothing stands between: "150g | 1 cup sugar".
    """
    total = added(first, second) or _added_before(first, second)
    if total is None:
        is_between = token_at(tokens, first.end).kind == Kind.AND
        twice = not is_between and first.unit in MEASURES and second.unit in _SAID_AGAIN
        return with_note(tokens, first, second) if twice else first
    third = read_measure(tokens, total.end + (token_at(tokens, total.end).kind == Kind.AND))
    return (third and added(total, third)) or total


def _added_before(smaller: Amount, larger: Amount) -> Amount | None:
    """The sum of "1 tbsp plus 1/2 cup"."""
    total = added(larger, smaller)
    return total._replace(end=larger.end) if total else None


def _packs_and_size(
    tokens: Sequence[Token], start: int, outer: Amount, inner: Amount, after: int
) -> Amount | None:
    """The packs of a size of "12 bottles x 50cl", "70g x 10 packs" or "2 x 400g cans"."""
    if outer.unit in COUNTED_UNITS and inner.unit in MEASURES:
        return packs_of_size(outer, inner, written(tokens[after : inner.end]), inner.end)
    if outer.unit in MEASURES and inner.unit in COUNTED_UNITS:
        return packs_of_size(inner, outer, written(tokens[start : outer.end]), inner.end)
    if not outer.unit and inner.unit in MEASURES:
        return _packs_of_a_size(tokens, outer, inner, written(tokens[after : inner.end]))
    return None


def _multiplies(tokens: Sequence[Token], size: Amount) -> bool:
    """Whether a "by" counts packs of the size: "75cl by 12"."""
    if tokens[size.end].lower != "by" or size.unit not in MEASURES:
        return False
    return token_at(tokens, size.end + 1).kind == Kind.NUMBER


def ends_amounts(token: Token) -> bool:
    """Whether the token is a word that no amount has: it settles most amounts at once."""
    return token.kind == Kind.WORD and token.lower not in _CONTINUING


def _said_twice(tokens: Sequence[Token], outer: Amount) -> Amount:
    """The first of "225g/8oz", "500g/1lb 2oz" or "½ cup minus 1 tbsp", the other as a note."""
    other = read_measure(tokens, outer.end + 1)
    if other is None or not other.unit or not outer.unit:
        return outer
    noted = outer.end + (tokens[outer.end].kind == Kind.SLASH)
    rest = read_measure(tokens, other.end)
    other = (rest and added(other, rest)) or other
    return with_note(tokens[: other.end], outer._replace(end=noted), other)


def _in_container(tokens: Sequence[Token], start: int, content: Amount) -> Amount:
    """The one bag of "5kg bag", its size as a note; other amounts as they are."""
    holds_several = content.unit in CONTENTS and content.quantity > 1
    is_held = holds_several or content.unit in SIZES_OF_PACKS
    pack = read_unit(tokens, content.end) if is_held else None
    if pack is None or pack.name not in CONTAINERS:
        return content
    if holds_several and pack.word.lower().endswith("s"):
        return content
    count, start = _packs_before_dash(tokens, start, pack)
    size = written(tokens[start : content.end])
    packs = Amount(count, pack.name, pack.end, pack.word, pack.sizes)
    return packs_of_size(packs, content, size, pack.end)


def _packs_before_dash(tokens: Sequence[Token], start: int, pack: Unit) -> tuple[Decimal, int]:
    """How many packs "2 - 14 oz cans" are, and where their size begins; one of "8-10 oz bag"."""
    first, dash, second = (token_at(tokens, start + ahead) for ahead in range(3))
    are_numbers = first.kind == second.kind == Kind.NUMBER and dash.kind == Kind.DASH
    is_count = are_numbers and pack.word.lower().endswith("s") and 2 * first.value <= second.value
    if not is_count or first.value != first.value.to_integral_value():
        return Decimal(1), start
    return first.value, start + 2


def _packs_of_a_size(
    tokens: Sequence[Token], outer: Amount, inner: Amount, size: str
) -> Amount | None:
    """The cans of "2 x 400g cans" or steaks of "2 18-ounce steaks", their size as a note."""
    pack = read_unit(tokens, inner.end)
    if pack is None or pack.name not in COUNTED_UNITS:
        if tokens[inner.end - 1].text[0] == "-":  # "two 18-ounce steaks"
            return packs_of_size(outer, inner, size, inner.end)
        return None
    cans = Amount(outer.quantity, pack.name, pack.end, pack.word, pack.sizes)
    return packs_of_size(cans, inner, size, pack.end)


def _packs_of_packs(tokens: Sequence[Token], outer: Amount, inner: Amount, after: int) -> Amount:
    """The carton of "carton of 40 x 70g", with what it holds as a note; "pack of 12 x 3" are 36."""
    content = read_measure(tokens, inner.end + 1)
    if content is None:
        return _product(outer, inner)
    if not content.unit:
        return _product(_product(outer, inner), content)
    held = written(tokens[after : content.end])
    return outer._replace(end=content.end, notes=(held, *outer.notes))


def packs_of_size(packs: Amount, size: Amount, size_written: str, end: int) -> Amount:
    """So many packs, of which each holds that much, or that many pieces."""
    held = Size(size.quantity, size.unit) if size.unit in MEASURES else None
    return packs._replace(notes=(size_written, *packs.notes), size=held, end=end)


def _product(outer: Amount, inner: Amount) -> Amount:
    unit = inner.unit if inner.unit or outer.unit in COUNTED_UNITS else outer.unit
    if inner.unit_word.lower() == "pack" and inner.quantity > 1 and not outer.unit:
        unit = ""  # "2 x 6 pack": twelve things
    notes = outer.notes + inner.notes
    amount = Amount(outer.quantity * inner.quantity, unit, inner.end, inner.unit_word, notes)
    each = inner if inner.unit in MEASURES else outer
    if each.unit in MEASURES:
        return amount._replace(size=Size(each.quantity, each.unit))
    return amount
