"""Finds what takes back or changes what was said before: "no wait", "scratch the muffins"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.goods import COMPOUND_GOODS, GOODS
from orderflow.grocery_list.words.phrases import Phrases, phrases_in, words_in
from orderflow.grocery_list.words.talk_words import FILLERS
from orderflow.units import UNIT_SPELLINGS

#: How many words back what is said again may stand: "flour one kilo sorry flour two kilos".
LATEST_SAID: Final = 4
_SPEAKERS: Final = frozenset({"i", "we"})
#: Words that something is said by.
SAID: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.PACK_OF})
#: What may stand behind a correction.
GAPS: Final = frozenset({Kind.COMMA, Kind.DASH, Kind.COLON})
CORRECTIONS: Final = Phrases(
    """no wait|wait no|no no wait|wait|no sorry|sorry i meant|sorry i mean|i meant|i mean|sorry
sorry make that|sorry make it|actually make that|actually make it|actually no|actually|make that
make it|no make it|no make that|no no make am|no make am|make am|no no make it|scrap that
scratch that|scratch that make it|scrap that make it|or rather|rather|correction|oops|oops i meant
no make|no no make|no i mean|no i meant|make e be|no make e be|sorry no|no no""".replace(
        "\n", "|"
    ).split("|")
)
# Without a number behind them these are only words.
_AMBIGUOUS: Final = frozenset(
    phrases_in("""
sorry, wait, actually, make it, make that, make am, make e be, rather, no no, i mean, no make it
correction, oops, sorry no, no make, no no make, wait no, actually no, no sorry
""")
)
_TAKING: Final = frozenset({"take", "get", "do", "put", "give", "buy", "bring"})
_HAVE: Final = frozenset({"have", "got", "still", "already"})
_HOLDING: Final = frozenset({"i've", "we've", "there's"})
TAKING_BACK: Final = frozenset({"scratch", "scrap", "cancel", "leave"})
#: What comes before something is taken back.
HESITATING: Final = words_in("actually no sorry wait oh")
_MOST_REPEATED: Final = 3  # "no wait, sorry, make that": as many corrections in a row are one


def correction(tokens: Sequence[Token], position: int) -> int:
    """How many tokens at this position say that what follows is meant instead; 0 for none."""
    if tokens[position].lower == "no" and token_at(tokens, position + 1).kind == Kind.COMMA:
        more = CORRECTIONS.match(tokens, position + 2) if position + 2 < len(tokens) else 0
        more = more or int(token_at(tokens, position + 2).lower in _TAKING)  # "no, take 50 g"
        if not begins_amount(tokens, position + 2 + more):
            return 0
        return 2 + more if more else int(position > 0)  # "no, make e be 10", "no, 4 bags"
    if tokens[position].lower == "no" and _says_again(tokens, position):
        return 1
    length = _length(tokens, position)
    if not length:
        return 0
    for _ in range(_MOST_REPEATED):
        if position + length < len(tokens):
            length += CORRECTIONS.match(tokens, position + length)
    if token_at(tokens, position + length).lower == "just":
        length += 1
    after = position + length
    after += token_at(tokens, after).kind in GAPS
    spoken = " ".join(token.lower for token in tokens[position : position + length])
    said_again = token_at(tokens, after).lower in {
        token.lower for token in tokens[max(0, position - LATEST_SAID) : position]
    }
    if spoken in _AMBIGUOUS and not (said_again or begins_amount(tokens, after)):
        return 0
    follows = token_at(tokens, after).kind in SAID or begins_amount(tokens, after)
    return length if follows else 0


def remembers(tokens: Sequence[Token], position: int) -> int:
    """The length of a "no wait" before what is there already: "no wait I have butter"."""
    length = _length(tokens, position)
    has = token_at(tokens, position + length).lower, token_at(tokens, position + length + 1).lower
    return length if has[0] in _HOLDING or (has[0] in _SPEAKERS and has[1] in _HAVE) else 0


def _says_again(tokens: Sequence[Token], position: int) -> bool:
    """Whether another number of the same follows: "four bananas no five bananas"."""
    if not begins_amount(tokens, position + 1) or position == 0:
        return False
    if tokens[position - 1].lower in FILLERS or is_number(tokens[position - 1]):
        return True  # "ten no eleven"
    if position > 1 and is_number(tokens[position - 2]) and _ends_amount(tokens, position + 2):
        return True  # "six carrots no eight"
    unit = token_at(tokens, position + 2).lower.rstrip("s")
    if unit in UNIT_SPELLINGS and _ends_amount(tokens, position + 3):
        before = tokens[max(0, position - LATEST_SAID) : position]
        return any(token.lower.rstrip("s") == unit for token in before)  # "3 cups"
    return unit == tokens[position - 1].lower.rstrip("s")


def _ends_amount(tokens: Sequence[Token], position: int) -> bool:
    """Whether no thing is named there: behind the "eight" of "no eight because"."""
    following = token_at(tokens, position)
    return following.kind != Kind.WORD or following.lower in {"because", "cos", "please"}


def begins_amount(tokens: Sequence[Token], position: int) -> bool:
    """Whether a number stands there, or half of something."""
    position += token_at(tokens, position).kind == Kind.TIMES  # "make that x6"
    return position < len(tokens) and (
        is_number(tokens[position]) or tokens[position].lower == "half"
    )


def taken_back(tokens: Sequence[Token], position: int) -> int:
    """The place behind the thing of "scratch the muffins"; 0 elsewhere."""
    if tokens[position].lower not in TAKING_BACK or token_at(tokens, position + 1).lower != "the":
        return 0
    thing = tuple(token.lower for token in tokens[position + 2 : position + 4])
    if thing in COMPOUND_GOODS:
        return position + 4
    if tokens[position].lower == "cancel" and token_at(tokens, position + 3).kind == Kind.AND:
        return 0  # "cancel the rice and beans", which may take back both
    return position + 3 if thing and thing[0] in GOODS else 0


def _length(tokens: Sequence[Token], position: int) -> int:
    """How many tokens a correction takes: "no wait", "no scratch that"; 0 for none."""
    length = CORRECTIONS.match(tokens, position)
    if length or tokens[position].lower != "no" or position + 1 == len(tokens):
        return length
    more = CORRECTIONS.match(tokens, position + 1)
    return more + 1 if more else 0
