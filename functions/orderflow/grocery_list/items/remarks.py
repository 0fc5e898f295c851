"""Divides what is said of a thing from its name: remarks, alternatives, preparations, sizes.

Each function takes tokens and returns those that may be the name; the rest becomes notes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.preparations import (
    ends_with_preparation,
    is_description,
    is_preparation,
)
from orderflow.grocery_list.quantities.amount import Amount
from orderflow.grocery_list.quantities.amounts import read_amount
from orderflow.grocery_list.quantities.closing_amounts import read_closing_amount
from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at, written
from orderflow.grocery_list.words.goods import GOODS, GOODS_WORDS, SHARED_NOUNS
from orderflow.grocery_list.words.nothing import UNNEEDED
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.verbs import PREDICATING
from orderflow.grocery_list.words.vocabulary import (
    AFTER_AMOUNT,
    AFTER_SIZE,
    ARTICLES,
    CLOSING_SIZES,
    DESCRIPTIONS,
    DETACHED_REMARK_ENDING,
    DETACHED_REMARK_OPENING,
    LEADING_SIZES,
    PREFERENCES,
    REMARK_OPENING,
    SIZES,
    SPLITTING_REMARKS,
)
from orderflow.units import COUNTED_UNITS

_SHORTEST_ENDED_REMARK: Final = 2
_LEFTOVERS: Final = words_in("extra more bit additional")
_OF_LEFTOVERS: Final = _LEFTOVERS | {"for", "their", "its"}
_WALA: Final = frozenset({"wala", "wali", "wale"})
_PACKS: Final = words_in("pack packs packet bag box bottle jar tub carton")
_LONGEST_KIND: Final = 3  # tokens: "the original"
_LONGEST_ONE: Final = 4  # tokens: "a decent sized one"
#: The words that a remark may begin with.
REMARK_WORDS: Final = REMARK_OPENING.first_words
_PURPOSES: Final = frozenset(
    {"for", "to", "if", "because", "cos"}
)  # "1 tbsp oil, plus ½ tsp to serve"
_NEED_UNITS: Final = frozenset({"or", "abi", "for", "any"})
_CUTS: Final = words_in("pieces chunks cubes slices strips wedges rounds rings halves bones")
# Behind a comma these are no things: "2 tsp salt, scant", "mint, chiffonade".
_LONE_REMARKS: Final = LEADING_SIZES | words_in("""
    halves quarters chiffonade julienne batons
""")
_REFUSING: Final = frozenset({"no", "not"})
_ONES: Final = frozenset({"one", "ones"})
_OTHERWISE: Final = frozenset({"otherwise", "else"})
# "12s": so many in a pack; "800q": a size that was misread.
_PACK_SIZE: Final = re.compile(r"\d+(?:s|m|cm|mm|ply|w)|\d{3,}[a-z]")


def is_remark(tokens: Sequence[Token], *, detached: bool) -> bool:
    """Whether the tokens are a remark and no thing; ``detached`` ones follow an item."""
    if REMARK_OPENING.match(tokens, 0):
        return True
    if not detached:
        return False
    if DETACHED_REMARK_OPENING.match(tokens, 0) or is_preparation(tokens):
        return True
    first, last = tokens[0].lower, tokens[-1].lower
    if (first in SIZES and last in _CUTS) or (len(tokens) == 1 and first in _LONE_REMARKS):
        return True
    words = {token.lower for token in tokens}
    if "if" in words and not words.isdisjoint(_OTHERWISE):
        return True
    return _describes_conditionally(tokens)


def _describes_conditionally(tokens: Sequence[Token]) -> bool:
    """Whether a remark follows descriptions alone: "brown if possible"."""
    for position, token in enumerate(tokens):
        if position and token.lower in REMARK_WORDS and REMARK_OPENING.match(tokens, position):
            return token.lower not in _WITHIN_NAMES or not _is_within_name(tokens, position)
        if not is_description(token.lower):
            return False
    return False


def refuses(remark: str, name: str) -> bool:
    """Whether the remark takes the thing back: "not needed", "no not parmesan"."""
    if remark.lower() in UNNEEDED:
        return bool(name)
    words = remark.lower().split()
    said = [word for word in words if word not in _REFUSING]
    return bool(name) and len(said) < len(words) and " ".join(said) == name.lower()


def points_back(name: str) -> bool:
    """Whether the words only describe the thing before: (onions, ten) "big ones"."""
    *described, last = name.lower().split() or [""]
    return last in _ONES and all(is_description(word) for word in described)


def ends_as_remark(tokens: Sequence[Token]) -> bool:
    """Whether these are "the ripe ones", "any kind", but not "one" or "2 big ones"."""
    if len(tokens) < _SHORTEST_ENDED_REMARK:
        return False
    first, last = tokens[0].lower, tokens[-1].lower
    if first == "the" and (last in _PACKS | _WALA or _names_kind(tokens)):
        return len(tokens) <= _LONGEST_ONE  # "the eight pack", "the cashew wala"
    if last not in DETACHED_REMARK_ENDING or _names_size(tokens):
        return False
    if last == "one" and tokens[-2].lower in GOODS:  # "salad cream one"
        return first == "the"
    if first in ARTICLES:  # "a decent sized one"
        said = {each.lower for each in tokens}
        return len(tokens) <= _LONGEST_ONE and said.isdisjoint(GOODS | REMARK_WORDS)
    return not (is_number(tokens[0]) or is_number(tokens[-2]))


def _names_kind(tokens: Sequence[Token]) -> bool:
    """Whether no thing is named, but a kind of the one before: "the original"."""
    if tokens[-1].text[0].isupper():
        return False  # "the Radio Times"
    return len(tokens) <= _LONGEST_KIND and not any(
        token.kind != Kind.WORD or token.lower in GOODS_WORDS or is_number(token)
        for token in tokens[1:]
    )


def _names_size(tokens: Sequence[Token]) -> bool:
    """Whether a thing is named by its size: "Cheerios family size", unlike "large size"."""
    if tokens[-1].lower != "size" or len(tokens) <= _SHORTEST_ENDED_REMARK:
        return False
    return tokens[0].text[0].isupper() and not is_description(tokens[0].lower)


def split_off_remark(
    tokens: Sequence[Token], *, has_amount: bool
) -> tuple[list[Token], str, Amount | None]:
    """The tokens of the name, the remark behind it, and the amount that the remark ends with."""
    named: list[Token] = []
    for position, token in enumerate(tokens):
        if (named or (has_amount and token.lower in _PURPOSES)) and _opens_remark(tokens, position):
            start = position - _is_preposition(named)
            named = named[: len(named) - (position - start)]
            remark, amount = _without_amount(tokens[start:], has_amount=has_amount)
            return named, written(remark), amount
        if named or token.lower not in AFTER_AMOUNT:
            named.append(token)
    return named, "", None


def _opens_remark(tokens: Sequence[Token], position: int) -> bool:
    token = tokens[position]
    if token.kind == Kind.WORD:
        if token.lower in REMARK_WORDS and REMARK_OPENING.match(tokens, position):
            return token.lower not in _WITHIN_NAMES or not _is_within_name(tokens, position)
        if token.lower in PREDICATING:  # "cat food he's not eating"
            return True
        if token.lower == "the":  # "cheese the grated kind"
            closing = read_closing_amount(tokens[position:])  # "kpomo the soft one" 8 pieces
            return ends_as_remark(tokens[position:]) or (
                closing is not None and ends_as_remark(tokens[position : position + closing[0]])
            )
        return ends_with_preparation(tokens, position)
    return token.kind in {Kind.TIME, Kind.SLASH}


_WITHIN_NAMES: Final = frozenset({"or", "but"})


def _is_within_name(tokens: Sequence[Token], position: int) -> bool:
    """Whether an "or" or a "but" belongs to the name.

    It does behind descriptions ("fresh or frozen peas", "ripe but firm
    bananas"), and before words that share a noun ("chicken or vegetable stock").
    """
    after = token_at(tokens, position + 1)
    if position and tokens[position - 1].kind == Kind.DASH:  # "white- or yellow-skinned"
        return True
    words = [token.lower for token in tokens[:position]]
    rest = [token.lower for token in tokens[position + 1 :]]
    nouns = [word for word in rest if not is_description(word)]
    if not nouns or after.kind != Kind.WORD:
        return False
    named = [word for word in words if not is_description(word)]
    if not named:
        return True
    if len(named) > 1 or len(rest) == 1 or "of" in rest or rest[0] in ARTICLES:
        return False
    return rest[-1] in SHARED_NOUNS


_PREPOSITIONS: Final = words_in("""
    at by before b4 from until till after around about or but
""")


def _is_preposition(named: Sequence[Token]) -> bool:
    return len(named) > 1 and named[-1].lower in _PREPOSITIONS


def _without_amount(
    remark: Sequence[Token], *, has_amount: bool
) -> tuple[Sequence[Token], Amount | None]:
    """The remark without the amount that is the item's, too: "butter or margarine 250g"."""
    closing = None if has_amount else read_closing_amount(remark)
    splits = remark[0].lower in SPLITTING_REMARKS
    splits = splits or (remark[0].lower == "the" and not ends_as_remark(remark))
    if closing is None or not splits:
        return remark, None
    is_marked = bool(closing[1].unit) or remark[closing[0]].kind == Kind.TIMES
    if remark[0].lower in _NEED_UNITS and not is_marked:
        return remark, None
    return remark[: closing[0]], closing[1]


def split_off_late_descriptions(named: list[Token]) -> tuple[list[Token], str]:
    """The name and its amount without the descriptions behind both: "yoghurt 4 cups plain"."""
    end = len(named)
    if end > 1 and named[end - 1].lower in AFTER_SIZE and named[end - 2].lower in DESCRIPTIONS:
        end -= 1
    while end and named[end - 1].lower in DESCRIPTIONS:
        end -= 1
    if end == len(named) or read_closing_amount(named[:end]) is None:
        return named, ""
    return named[:end], written(named[end:])


def _is_repeated(named: Sequence[Token], end: int) -> bool:
    """Whether a size is said twice: "tomato small small"."""
    return named[end - 1].lower == named[end - 2].lower


def _is_preference(word: str) -> bool:
    """Whether the word is a remark also where it begins a name: "organic", "1-inch-thick"."""
    return word in PREFERENCES or (word.endswith("-thick") and word[0].isnumeric())


def split_off_descriptions(named: list[Token]) -> tuple[list[Token], list[str]]:
    """The name without the preference before it and the size behind it."""
    notes: list[str] = []
    start = int(len(named) > 1 and _is_preference(named[0].lower))
    if start:
        notes.append(named[0].text)
    end = len(named)
    if end > start + 1 and _PACK_SIZE.fullmatch(named[end - 1].lower):
        return named[start : end - 1], [*notes, named[end - 1].text]
    if end > start + _SHORTEST_ENDED_REMARK and named[end - 1].lower in _ONES:
        first = end - 1  # "bagels plain ones"
        while first > start + 1 and is_description(named[first - 1].lower):
            first -= 1
        if first < end - 1:
            return named[start:first], [*notes, written(named[first:end])]
    size_end = end
    end -= named[end - 1].lower in AFTER_SIZE if end else 0
    if end > start + 1 and named[end - 1].lower in CLOSING_SIZES:
        first = end - 1 - (end > start + _SHORTEST_ENDED_REMARK and _is_repeated(named, end))
        notes.append(written(named[first:size_end]))
        return named[start:first], notes
    return named[start:size_end], notes


def is_leftover(tokens: Sequence[Token]) -> bool:
    """ "and extra for greasing", "plus a bit more": more of the same, for some purpose."""
    if _OF_LEFTOVERS.isdisjoint([token.lower for token in tokens]):
        return False
    amount = read_amount(tokens, 0)
    start = amount.end if amount else 0
    first, second = token_at(tokens, start).lower, token_at(tokens, start + 1).lower
    if amount and first == "for":  # "1 tbsp for drizzling", not "a card for Nan"
        return amount.unit not in COUNTED_UNITS
    if first in {"their", "its"} and not amount:
        return True
    return first in _LEFTOVERS and second in {"", "for", "to", "more", "if", "as"}
