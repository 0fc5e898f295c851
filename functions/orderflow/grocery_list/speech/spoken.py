"""Reads what people say while they dictate: separators, hesitation, and corrections.

"um two no wait three pints of milk full stop" asks for three pints of milk.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from orderflow.grocery_list.preparations import is_description
from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, joined, token_at
from orderflow.grocery_list.speech import dictation
from orderflow.grocery_list.speech.corrections import (
    CORRECTIONS,
    GAPS,
    HESITATING,
    LATEST_SAID,
    SAID,
    TAKING_BACK,
    begins_amount,
    correction,
    remembers,
    taken_back,
)
from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.phrases import Phrases, words_in
from orderflow.grocery_list.words.talk_words import COMMANDS, FILLERS

_SEPARATORS: Final = Phrases(
    (
        "comma",
        "full stop",
        "fullstop",
        "new line",
        "newline",
        "next line",
        "next item",
        "next one",
        "next thing",
    )
)
_STRONG: Final = frozenset({"full stop", "fullstop", "new line", "newline", "next line"})
_SEQUELS: Final = Phrases(("then", "and then", "after that", "also", "and also", "then also"))
_THEM: Final = frozenset({"am", "it", "them", "that", "this", "one", "already"})
_THOSE: Final = frozenset({"them", "'em", "em"})
_ADDING: Final = frozenset({"add", "buy", "get", "bring"})
_ASKING: Final = frozenset({"i", "we"})
_ROUGHLY: Final = frozenset({"maybe", "about", "around", "roughly", "perhaps"})  # "like maybe four"
_WANTING: Final = _ADDING | {"need", "want"}
# "cut in half then into wedges"
_STEPS: Final = words_in("into in cut chop mix add the you i we it")
_WOULD: Final = words_in("would i'd we'd she'd he'd you'd i we you they would'd")
_HESITATION: Final = words_in("um umm ummm uh uhh uhhh uhm erm er hmm hmmm")
_GOING_ON: Final = words_in("of about around maybe like say or and with in for to the a also just")
_CORRECTING: Final = CORRECTIONS.first_words | TAKING_BACK
#: Without any of these nothing was dictated.
SPOKEN_WORDS: Final = (
    _SEPARATORS.first_words
    | _SEQUELS.first_words
    | CORRECTIONS.first_words
    | FILLERS
    | _ADDING
    | {"we", *_THOSE}
    | TAKING_BACK
    | {"line", "item", "period"}
    | dictation.WORDS
) - {"and", "i", "next", "new", "or"}
# What may be more than the word that it is.
_MEANING_MORE: Final = (
    _SEPARATORS.first_words
    | _SEQUELS.first_words
    | CORRECTIONS.first_words
    | FILLERS
    | _ADDING
    | _ASKING
    | dictation.FIRST_WORDS
    | {"period", *_THOSE}
    | TAKING_BACK
)


def as_meant(text: str, tokens: list[Token], words: Collection[str]) -> list[Token]:
    """The tokens without hesitation, with separators and corrections in place of their names.

    Args:
        text: the list.
        tokens: its tokens.
        words: how the vocabularies spell these.
    """
    if SPOKEN_WORDS.isdisjoint(words):
        return tokens
    tokens = dictation.without_numbering(text, tokens, words)
    result: list[Token] = []
    position = 0
    while position < len(tokens):
        if tokens[position].lower in _MEANING_MORE:
            position = _take(text, tokens, position, result)
        else:
            result.append(tokens[position])
            position += 1
    return result


def _take(text: str, tokens: Sequence[Token], position: int, result: list[Token]) -> int:
    """Append what the token at this position means; the position behind it."""
    token = tokens[position]
    if end := _take_correction(text, tokens, position, result):
        return end
    if token.lower == "point" and result:
        number = dictation.decimal(text, tokens, position, result[-1])
        if number:
            result[-1], end = number
            return end
    length = _SEPARATORS.match(tokens, position)
    if length:
        last = tokens[position + length - 1]
        spoken = " ".join(each.lower for each in tokens[position : position + length])
        kind = Kind.BREAK if spoken in _STRONG else Kind.COMMA
        result.append(joined(text, token, last, kind))
        return position + length
    length = _separator(tokens, position, result)
    if length:
        result.append(joined(text, token, tokens[position + length - 1], Kind.COMMA))
        return position + length
    if _counted(tokens, position, result):
        result.pop()
        result.append(joined(text, tokens[position - 1], token, Kind.COMMA))
        return position + 1
    return _take_word(tokens, position, result)


def _take_correction(text: str, tokens: Sequence[Token], position: int, result: list[Token]) -> int:
    """Append what takes something back or changes it; the position behind it, 0 for neither."""
    token = tokens[position]
    if token.lower not in _CORRECTING:
        return 0
    if end := taken_back(tokens, position):
        while result and result[-1].lower in HESITATING:
            result.pop()
        result += _between_commas(tokens[position:end])
        return end
    if length := remembers(tokens, position):
        last = tokens[position + length - 1]
        result.append(joined(text, token, last, Kind.WORD)._replace(lower="no"))
        result.append(last._replace(kind=Kind.COMMA, start=last.end))
        return position + length
    if length := correction(tokens, position):
        if result:  # else nothing came before that it could correct
            result.append(joined(text, token, tokens[position + length - 1], Kind.CORRECTION))
            length += token_at(tokens, position + length).kind in GAPS
        return position + length
    return 0


def _take_word(tokens: Sequence[Token], position: int, result: list[Token]) -> int:
    """Append the token unless it says nothing; the position behind it, and behind an aside."""
    token = tokens[position]
    length = dictation.aside(tokens, position)
    if token.lower == "period" and _ends_sentence(tokens, position):
        result.append(token._replace(kind=Kind.BREAK))
    elif position and dictation.is_colon(tokens, position):
        result.append(token._replace(kind=Kind.COLON))
    elif not length and _is_filler(tokens, position):
        if result and _divides(result[-1], tokens, position):
            result.append(token._replace(kind=Kind.COMMA))
    elif not length:
        result.append(token)
    return position + (length or 1)


def _divides(before: Token, tokens: Sequence[Token], position: int) -> bool:
    """Whether the hesitation stands between a thing and the amount of the next: "bread er 2 milk".

    "onions about um three kilos" is one thing.
    """
    if tokens[position].lower not in _HESITATION or before.kind != Kind.WORD:
        return False
    if before.lower in COMMANDS or before.lower in _GOING_ON or is_number(before):
        return False
    return begins_amount(tokens, position + 1)


def _between_commas(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, apart from what stands around them."""
    first, last = tokens[0].start, tokens[-1].end
    before, behind = Token(Kind.COMMA, "", "", first, first), Token(Kind.COMMA, "", "", last, last)
    return [before, *tokens, behind]


def _counted(tokens: Sequence[Token], position: int, result: Sequence[Token]) -> bool:
    """Whether an "of them" ends the number of a thing: "apples four of them tea"."""
    if tokens[position].lower not in _THOSE or not result or result[-1].lower != "of":
        return False
    return is_number(token_at(tokens, position - 2)) and position > 1


def _separator(tokens: Sequence[Token], position: int, result: Sequence[Token]) -> int:
    """How many tokens separate two things at this position; 0 for none, and before the first."""
    if not result:
        return 0
    length = _adding(tokens, position) or _sequel(tokens, position)
    if length or tokens[position].lower not in dictation.FIRST_WORDS:
        return length
    return dictation.separator(tokens, position)


def _adding(tokens: Sequence[Token], position: int) -> int:
    """The length of a command between two things: "add eggs add bacon", unlike "buy am"."""
    length = 1 + (tokens[position].lower in _ASKING)
    if tokens[position - 1].lower not in GOODS or _in_condition(tokens, position):
        return 0
    command, following = (
        token_at(tokens, position + length - 1),
        token_at(tokens, position + length),
    )
    if is_number(following) and token_at(tokens, position + length + 1).kind != Kind.WORD:
        return 0  # "if there are tomatoes get 6"
    asks = command.lower in (_ADDING if length == 1 else _WANTING)
    return length if asks and following.kind in SAID and following.lower not in _THEM else 0


def _ends_sentence(tokens: Sequence[Token], position: int) -> bool:
    """Whether a dictated "period" is none of a name, as in "period pads"."""
    after = token_at(tokens, position + 1)
    return after.kind != Kind.WORD or is_number(after) or after.lower in COMMANDS | GOODS


def _sequel(tokens: Sequence[Token], position: int) -> int:
    """The "then" before another item; not that of "sliced then chopped"."""
    length = _SEQUELS.match(tokens, position)
    after = token_at(tokens, position + length)
    if not length or (after.lower in COMMANDS and _in_condition(tokens, position)):
        return 0
    is_item = is_number(after) or after.lower in GOODS or after.lower in COMMANDS
    return length if is_item or after.lower == "some" or _is_listed(tokens, position, after) else 0


def _in_condition(tokens: Sequence[Token], position: int) -> bool:
    """Whether a condition goes on: "if no Titus" then buy another."""
    return any(token.lower == "if" for token in tokens[max(0, position - LATEST_SAID) : position])


def _is_listed(tokens: Sequence[Token], position: int, after: Token) -> bool:
    """Whether a "then" stands between things, and not between steps: "sliced then chopped"."""
    before = tokens[position - 1]
    if {before.kind, after.kind} != {Kind.WORD}:
        return False
    steps = [is_description(each.lower) for each in (before, after)]
    return not any(steps) and after.lower not in _STEPS


def _says_like(tokens: Sequence[Token], position: int) -> bool:
    """Whether the word belongs to the "like say" of "e be like say sugar no dey"."""
    if tokens[position].lower == "like":
        return token_at(tokens, position + 1).lower == "say"
    return position > 0 and tokens[position - 1].lower == "like"


def _is_filler(tokens: Sequence[Token], position: int) -> bool:
    token = tokens[position]
    if token.kind != Kind.WORD or token.lower not in FILLERS:
        return False
    if token.lower not in {"like", "say"}:
        return True
    if "say" in {token.lower, token_at(tokens, position + 1).lower} and _says_like(
        tokens, position
    ):
        return False
    if token.lower == "like" and position and tokens[position - 1].lower in _WOULD:
        return False
    after = token_at(tokens, position + 1)
    return is_number(after) or after.lower in FILLERS or after.lower in _ROUGHLY
