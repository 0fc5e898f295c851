"""Divides what is dictated: assistants that are called again, items that are numbered, asides.

"alexa add milk alexa add four lemons", "item one eggs item two milk", "bread um what else oh milk".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import Kind, Token, joined, token_at
from orderflow.grocery_list.words.phrases import Phrases, phrases_in, words_in
from orderflow.grocery_list.words.vocabulary import NUMBER_WORDS

_ASSISTANTS: Final = words_in("alexa siri google cortana bixby")
_CALLING: Final = words_in("hey ok okay")
_AT_THE_LIST: Final = Phrases(
    [f"{to} {which} list" for to in ("to", "on") for which in ("the", "my", "our")]
)
_ADDING: Final = words_in("add put get buy")
# Said while thinking of the next thing.
_THINKING: Final = Phrases(
    phrases_in("""
what was it, what is it called, where was i, hold on, hang on, oh yeah, oh yes, oh right, oh wait
what else, and what else, let's see, lets see, let me see, let me think, oh and, oh also, oh yes and
oh yeah and, so just, so only, what else do we need, what do we need, that reminds me
""")
)
# Said of a thing, and nothing about it: "coffee I think".
_SURELY: Final = Phrases(
    phrases_in("i think, i guess, i suppose, i believe, i reckon, definitely, probably, you know")
)
_NUMBERING: Final = frozenset({"item", "number"})
_ORDINALS: Final = {
    word: number
    for number, word in enumerate(("first", "second", "third", "fourth", "fifth", "sixth"), 1)
}
_THINGS: Final = frozenset({"item", "thing"})
_MOST_DECIMALS: Final = 2
_TEN: Final = 10
_FEWEST_NUMBERED: Final = 2
_FEWEST_COUNTED_OFF: Final = 3
_LISTS: Final = frozenset({"list", "market", "shop", "shopping", "groceries", "buy", "need"})
_SAID: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.PACK_OF})
#: Without any of these nothing of it was said.
WORDS: Final = (
    _ASSISTANTS
    | _CALLING
    | _NUMBERING
    | _THINGS
    | {"third"}
    | _THINKING.first_words
    | _SURELY.first_words
    | _SURELY.second_words
    | {"colon", "list", "point"}
) - {"i", "and"}
#: Nothing of it begins with another word.
FIRST_WORDS: Final = WORDS | _AT_THE_LIST.first_words | _SURELY.first_words | _THINKING.first_words


def decimal(
    text: str, tokens: Sequence[Token], position: int, whole: Token
) -> tuple[Token, int] | None:
    """The number of "one point five", and the position behind it; None for no such number.

    Args:
        text: the list.
        tokens: its tokens.
        position: that of the "point".
        whole: what stands before it.
    """
    digits: list[str] = []
    for token in tokens[position + 1 : position + 1 + _MOST_DECIMALS]:
        digit = _value(token)
        if not (0 < digit < _TEN and digit == int(digit)):
            break
        digits.append(str(int(digit)))
    if not digits or not _value(whole):
        return None
    value = Decimal(f"{int(_value(whole))}.{''.join(digits)}")
    number = joined(text, whole, tokens[position + len(digits)], Kind.NUMBER)
    return number._replace(value=value), position + len(digits) + 1


def separator(tokens: Sequence[Token], position: int) -> int:
    """How many tokens separate two things at this position; 0 for none."""
    return (
        _call(tokens, position)
        or _THINKING.match(tokens, position)
        or _next_command(tokens, position)
    )


def without_numbering(text: str, tokens: list[Token], words: Collection[str]) -> list[Token]:
    """The tokens with separators for "item one eggs item two milk"."""
    if _NUMBERING.isdisjoint(words) and _THINGS.isdisjoint(words) and "third" not in words:
        return tokens
    places: list[int] = []
    for place, token in enumerate(tokens):
        if _numbers(token, token_at(tokens, place + 1)) == len(places) + 1:
            places.append(place)
    length = 2
    if len(places) < _FEWEST_NUMBERED:  # "first eggs second bread third milk"
        places, length = _ordinals(tokens), 1
    if len(places) < _FEWEST_NUMBERED:  # "item eggs item two lemons"
        places = [
            place
            for place, token in enumerate(tokens)
            if token.lower == "item" and token_at(tokens, place + 1).kind in _SAID
        ]
        length = 1
    if len(places) < _FEWEST_NUMBERED:
        return tokens
    numbered = list(tokens)
    for place in reversed(places):
        mark = joined(text, tokens[place], tokens[place + length - 1], Kind.BREAK)
        numbered[place : place + length] = [mark]
    return numbered


def _ordinals(tokens: Sequence[Token]) -> list[int]:
    """Where things are counted off, three of them at least."""
    places: list[int] = []
    for place, token in enumerate(tokens):
        if _ORDINALS.get(token.lower) == len(places) + 1:
            places.append(place)
    return places if len(places) >= _FEWEST_COUNTED_OFF else []


def _numbers(token: Token, following: Token) -> Decimal | int:
    """The number of "item two" and of "second thing"; 0 for other words."""
    if token.lower in _NUMBERING:
        return _value(following)
    return _ORDINALS.get(token.lower, 0) if following.lower in _THINGS else 0


def _value(token: Token) -> Decimal | int:
    return token.value if token.kind == Kind.NUMBER else NUMBER_WORDS.get(token.lower, 0)


def aside(tokens: Sequence[Token], position: int) -> int:
    """The length of an "I think" that ends what is said of a thing."""
    length = _SURELY.match(tokens, position)
    if not length or token_at(tokens, position + length).kind in _SAID:
        return 0
    return length


def is_colon(tokens: Sequence[Token], position: int) -> bool:
    """Whether a dictated "colon" ends a heading there: "shopping list colon rice"."""
    return tokens[position].lower == "colon" and tokens[position - 1].lower in _LISTS


def _call(tokens: Sequence[Token], position: int) -> int:
    """The length of "hey siri", which calls an assistant again."""
    at = position + (tokens[position].lower in _CALLING)
    if token_at(tokens, at).lower not in _ASSISTANTS:
        return 0
    return at + 1 - position


def _next_command(tokens: Sequence[Token], position: int) -> int:
    """The length of "to the list add" between two things."""
    length = _AT_THE_LIST.match(tokens, position)
    if not length or token_at(tokens, position + length).lower not in _ADDING:
        return 0
    return length + 1
