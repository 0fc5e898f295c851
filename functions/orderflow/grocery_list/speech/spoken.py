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
from orderflow.grocery_list.words.goods import COMPOUND_GOODS, GOODS
from orderflow.grocery_list.words.phrases import Phrases, phrases_in, words_in
from orderflow.grocery_list.words.talk_words import COMMANDS, FILLERS
from orderflow.units import UNIT_SPELLINGS

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
_CORRECTIONS: Final = Phrases(
    """no wait|wait no|no no wait|wait|no sorry|sorry i meant|sorry i mean|i meant|i mean|sorry
sorry make that|sorry make it|actually make that|actually make it|actually no|actually|make that
make it|no make it|no make that|no no make am|no make am|make am|no no make it|scrap that
scratch that|scratch that make it|scrap that make it|or rather|rather|correction|oops|oops i meant
no i mean|no i meant|make e be|no make e be|sorry no|no no""".replace("\n", "|").split("|")
)
# Without a number behind them these are only words.
_AMBIGUOUS: Final = frozenset(
    phrases_in("""
sorry, wait, actually, make it, make that, make am, make e be, rather, no no, i mean, no make it
correction, oops, sorry no, wait no, actually no, no sorry
""")
)
_THEM: Final = frozenset({"am", "it", "them", "that", "this", "one"})
_ADDING: Final = frozenset({"add", "buy", "get", "bring"})
_ASKING: Final = frozenset({"i", "we"})
_HAVE: Final = frozenset({"have", "got", "still", "already"})
_HOLDING: Final = frozenset({"i've", "we've", "there's"})
_ROUGHLY: Final = frozenset({"maybe", "about", "around", "roughly", "perhaps"})  # "like maybe four"
_WANTING: Final = _ADDING | {"need", "want"}
# "cut in half then into wedges"
_STEPS: Final = words_in("into in cut chop mix add the you i we it")
_WOULD: Final = words_in("would i'd we'd she'd he'd you'd i we you they would'd")
_TAKING_BACK: Final = frozenset({"scratch", "scrap", "cancel", "leave"})
#: What comes before something is taken back.
HESITATING: Final = words_in("actually no sorry wait oh")
_HESITATION: Final = words_in("um umm ummm uh uhh uhhh uhm erm er hmm hmmm")
_GOING_ON: Final = words_in("of about around maybe like say or and with in for to the a also just")
_LATEST_SAID: Final = 4  # words: "flour one kilo sorry flour two kilos"
_MOST_REPEATED: Final = 3  # "no wait, sorry, make that": as many corrections in a row are one
#: Without any of these nothing was dictated.
SPOKEN_WORDS: Final = (
    _SEPARATORS.first_words
    | _SEQUELS.first_words
    | _CORRECTIONS.first_words
    | FILLERS
    | _ADDING
    | {"we", "them"}
    | _TAKING_BACK
    | {"line", "item", "period"}
    | dictation.WORDS
) - {"and", "i", "next", "new", "or"}
# What may be more than the word that it is.
_MEANING_MORE: Final = (
    _SEPARATORS.first_words
    | _SEQUELS.first_words
    | _CORRECTIONS.first_words
    | FILLERS
    | _ADDING
    | _ASKING
    | dictation.FIRST_WORDS
    | {"period", "them"}
    | _TAKING_BACK
)
_SAID: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.PACK_OF})
_GAPS: Final = frozenset({Kind.COMMA, Kind.DASH, Kind.COLON})


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
    if end := _taken_back(tokens, position):
        while result and result[-1].lower in HESITATING:
            result.pop()
        result += _between_commas(tokens[position:end])
        return end
    if length := _correction(tokens, position):
        if result:  # else nothing came before that it could correct
            result.append(joined(text, token, tokens[position + length - 1], Kind.CORRECTION))
            length += token_at(tokens, position + length).kind in _GAPS
        return position + length
    if length := _remembers(tokens, position):
        last = tokens[position + length - 1]
        result.append(joined(text, token, last, Kind.WORD)._replace(lower="no"))
        result.append(last._replace(kind=Kind.COMMA, start=last.end))
        return position + length
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
    unit = token_at(tokens, position + 2)
    return _begins_amount(tokens, position + 1) and unit.kind == Kind.WORD


def _taken_back(tokens: Sequence[Token], position: int) -> int:
    """The place behind the thing of "scratch the muffins"; 0 elsewhere."""
    if tokens[position].lower not in _TAKING_BACK or token_at(tokens, position + 1).lower != "the":
        return 0
    thing = tuple(token.lower for token in tokens[position + 2 : position + 4])
    if thing in COMPOUND_GOODS:
        return position + 4
    return position + 3 if thing and thing[0] in GOODS else 0


def _between_commas(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, apart from what stands around them."""
    first, last = tokens[0].start, tokens[-1].end
    before, behind = Token(Kind.COMMA, "", "", first, first), Token(Kind.COMMA, "", "", last, last)
    return [before, *tokens, behind]


def _counted(tokens: Sequence[Token], position: int, result: Sequence[Token]) -> bool:
    """Whether an "of them" ends the number of a thing: "apples four of them tea"."""
    if tokens[position].lower != "them" or not result or result[-1].lower != "of":
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
    return length if asks and following.kind in _SAID and following.lower not in _THEM else 0


def _correction(tokens: Sequence[Token], position: int) -> int:
    if tokens[position].lower == "no" and token_at(tokens, position + 1).kind == Kind.COMMA:
        more = _CORRECTIONS.match(tokens, position + 2) if position + 2 < len(tokens) else 0
        if not _begins_amount(tokens, position + 2 + more):
            return 0
        return 2 + more if more else int(position > 0)  # "no, make e be 10", "no, 4 bags"
    if tokens[position].lower == "no" and _says_again(tokens, position):
        return 1
    length = _CORRECTIONS.match(tokens, position)
    if not length and tokens[position].lower == "no" and position + 1 < len(tokens):
        length = _CORRECTIONS.match(tokens, position + 1)  # "no scratch that"
        length += bool(length)
    if not length:
        return 0
    for _ in range(_MOST_REPEATED):
        if position + length < len(tokens):
            length += _CORRECTIONS.match(tokens, position + length)
    if token_at(tokens, position + length).lower == "just":
        length += 1
    after = position + length
    after += token_at(tokens, after).kind in _GAPS
    spoken = " ".join(token.lower for token in tokens[position : position + length])
    said_again = token_at(tokens, after).lower in {
        token.lower for token in tokens[max(0, position - _LATEST_SAID) : position]
    }
    if spoken in _AMBIGUOUS and not (said_again or _begins_amount(tokens, after)):
        return 0
    return length if token_at(tokens, after).kind in _SAID else 0


def _remembers(tokens: Sequence[Token], position: int) -> int:
    """The length of a "no wait" before what is there already: "no wait I have butter"."""
    length = _CORRECTIONS.match(tokens, position)
    if not length and tokens[position].lower == "no" and position + 1 < len(tokens):
        length = _CORRECTIONS.match(tokens, position + 1)
        length += bool(length)
    has = token_at(tokens, position + length).lower, token_at(tokens, position + length + 1).lower
    return length if has[0] in _HOLDING or (has[0] in _ASKING and has[1] in _HAVE) else 0


def _says_again(tokens: Sequence[Token], position: int) -> bool:
    """Whether another number of the same follows: "four bananas no five bananas"."""
    if not _begins_amount(tokens, position + 1) or position == 0:
        return False
    if tokens[position - 1].lower in FILLERS or is_number(tokens[position - 1]):
        return True  # "ten no eleven"
    if position > 1 and is_number(tokens[position - 2]) and _ends_amount(tokens, position + 2):
        return True  # "six carrots no eight"
    unit = token_at(tokens, position + 2).lower.rstrip("s")
    if unit in UNIT_SPELLINGS and _ends_amount(tokens, position + 3):
        before = tokens[max(0, position - _LATEST_SAID) : position]
        return any(token.lower.rstrip("s") == unit for token in before)  # "3 cups"
    return unit == tokens[position - 1].lower.rstrip("s")


def _ends_amount(tokens: Sequence[Token], position: int) -> bool:
    """Whether no thing is named there: behind the "eight" of "no eight because"."""
    following = token_at(tokens, position)
    return following.kind != Kind.WORD or following.lower in {"because", "cos", "please"}


def _begins_amount(tokens: Sequence[Token], position: int) -> bool:
    return position < len(tokens) and (
        is_number(tokens[position]) or tokens[position].lower == "half"
    )


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
    return any(token.lower == "if" for token in tokens[max(0, position - _LATEST_SAID) : position])


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
