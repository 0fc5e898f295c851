"""Tells what a clause of a list is about: items, people, money, places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.talk_words import (
    ADDRESS_OPENINGS,
    AUXILIARIES,
    COMMANDS,
    CONJUNCTIONS,
    GREETINGS,
    MONEY_MATTERS,
    NEGATIONS,
    PLACES,
    PRONOUNS,
    SIGN_OFFS,
    STREETS,
    SUBJECTS,
    TALK_OPENINGS,
    WANTING,
)
from orderflow.grocery_list.words.vocabulary import ARTICLES, REMARK_OPENING
from orderflow.units import UNIT_SPELLINGS

# A command stands among the first so many words of a clause that it introduces.
_LONGEST_LEAD_IN: Final = 16
_LONGEST_SIGNATURE: Final = 3
_LATE_SUBJECT: Final = 3  # "For tonight I'm ..."
_LONGEST_STREET: Final = 4
_SAYING: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.PACK_OF, Kind.MONEY, Kind.TIME})
_PHONE_DIGITS: Final = 7
_MATTER_WORDS: Final = frozenset(
    [
        "about",
        "is",
        "=",
        "approx",
        "approximately",
        "max",
        "maximum",
        "due",
        "fee",
        "fees",
        "so",
        "far",
        "to",
        "pay",
        "the",
        "my",
        "all",
        "together",
        "come",
        "comes",
        "be",
        "of",
        "for",
        "only",
        "around",
        "ngn",
        "amount",
        "payment",
        "card",
        "cash",
        "received",
        "tendered",
        "given",
        "left",
    ]
)


def lead_in(clause: Sequence[Token]) -> int:
    """How many tokens come before what the clause asks for: "Hey Siri, add" two avocados.

    0 where it asks for nothing, or at once.
    """
    if TALK_OPENINGS.match(clause, _behind_conjunctions(clause)):
        return 0
    subject = _opens_with_subject(clause)
    for place, token in enumerate(clause[:_LONGEST_LEAD_IN]):
        if token.lower in COMMANDS:
            return _behind_command(clause, place + 1) if place + 1 < len(clause) else 0
        if not subject and (_is_amount(clause, place) or token.lower in GOODS):
            return 0
    return 0


def _behind_command(clause: Sequence[Token], position: int) -> int:
    """The first token behind a command and those that follow it: "make you buy am for me"."""
    end = position
    for ahead in range(position, min(position + 4, len(clause) - 1)):
        if clause[ahead].lower in COMMANDS:
            end = ahead + 1
        elif is_number(clause[ahead]) or clause[ahead].lower in GOODS:
            break
    while end < len(clause) and clause[end].lower in _BEHIND_COMMANDS:
        end += 1
    return end


_BEHIND_COMMANDS: Final = frozenset(
    ["me", "us", "am", "up", "down", "join", "for", "you", "d", "the", "following", "these", "out"]
)


def _opens_with_subject(clause: Sequence[Token]) -> bool:
    start = _behind_conjunctions(clause)
    return any(token.lower in SUBJECTS for token in clause[start : start + _LATE_SUBJECT])


def _behind_conjunctions(clause: Sequence[Token]) -> int:
    start = 0
    while start < len(clause) - 1 and (
        clause[start].lower in CONJUNCTIONS or clause[start].kind not in _SAYING
    ):
        start += 1
    return start


def _is_amount(clause: Sequence[Token], place: int) -> bool:
    """Whether a number of something stands there; "a" and "one" are in many a sentence."""
    token = clause[place]
    if token.lower in ARTICLES or token.lower == "one":
        return token_at(clause, place + 1).lower in UNIT_SPELLINGS
    return is_number(token)


def is_talk(clause: Sequence[Token]) -> bool:
    """Whether the clause says something and asks for nothing."""
    start = _behind_conjunctions(clause)
    if TALK_OPENINGS.match(clause, start):
        return True
    if any(_is_amount(clause, place) for place in range(start, len(clause))):
        return False
    words = [token.lower for token in clause[start:]]
    if _is_formula(words):
        return True
    if words[0] in PRONOUNS and len(words) > 1 and clause[start + 1].kind == Kind.WORD:
        return words[1] not in WANTING and not (words[1] in AUXILIARIES and _asks(words))
    return _holds_auxiliary(clause, start + 1)


def _holds_auxiliary(clause: Sequence[Token], start: int) -> bool:
    """Whether a verb makes a sentence of the clause, before a remark begins."""
    for place in range(start, len(clause)):
        if REMARK_OPENING.match(clause, place):
            return False
        if clause[place].lower in AUXILIARIES:
            return True
    return False


def _is_formula(words: Sequence[str]) -> bool:
    """Whether these are a greeting or a farewell, perhaps with a name: "Hi love"."""
    is_short = len(words) <= _LONGEST_SIGNATURE and GOODS.isdisjoint(words)
    return is_short and (words[0] in GREETINGS or words[0] in SIGN_OFFS)


def _asks(words: Sequence[str]) -> bool:
    """Whether these ask for something that follows: "I would like milk", "do we need milk"."""
    return any(word in WANTING for word in words[2:4])


def is_refusal(clause: Sequence[Token]) -> bool:
    """Whether the clause says what not to bring: "skip the milk", "we don't need eggs"."""
    start = _behind_conjunctions(clause)
    if clause[start].lower in {"skip", "forget"}:
        return True
    for place, token in enumerate(clause[start:_LONGEST_LEAD_IN], start):
        if token.lower in GOODS:
            return False
        if token.lower in NEGATIONS:
            following = token_at(clause, place + 1).lower
            return following in COMMANDS or following in {"need", "want", "buy", "bother"}
    return False


def is_money_matter(clause: Sequence[Token]) -> bool:
    """Whether the clause is a total, a budget or a fee: "Total about £13", "I have 10k"."""
    start = _behind_conjunctions(clause)
    first = clause[start].lower
    if first in MONEY_MATTERS:
        return all(
            token.kind in {Kind.MONEY, Kind.NUMBER}
            or token.lower in _MATTER_WORDS
            or token.lower in MONEY_MATTERS
            for token in clause[start + 1 :]
        )
    if not any(token.kind == Kind.MONEY for token in clause):
        return False
    words = {token.lower for token in clause}
    if not words.isdisjoint(GOODS) or not words.isdisjoint(COMMANDS - {"have"}):
        return False
    return (
        first in SUBJECTS
        or not words.isdisjoint(MONEY_MATTERS)
        or (
            words <= (_MATTER_WORDS | {token.lower for token in clause if token.kind == Kind.MONEY})
            and len(clause) > 1
            and first not in {"of", "for", "about", "around", "only"}
        )
    )


def is_figure(clause: Sequence[Token]) -> bool:
    """Whether the clause is a number or a sum and nothing else: what follows "Total:"."""
    return bool(clause) and all(token.kind in {Kind.MONEY, Kind.NUMBER} for token in clause)


def address_follows(clause: Sequence[Token]) -> bool:
    """Whether an address or a telephone number is named from here to the line's end."""
    if not clause:
        return False
    start = _behind_conjunctions(clause)
    length = ADDRESS_OPENINGS.match(clause, start)
    if not length or (start + length == len(clause) and clause[-1].lower == "to"):
        return False
    return not any(
        token.kind == Kind.NUMBER and token_at(clause, place + 1).lower in UNIT_SPELLINGS
        for place, token in enumerate(clause)
    )


def is_address(clause: Sequence[Token]) -> bool:
    """Whether the clause holds a telephone number, or a number and a street: "45 Green Lane"."""
    for place, token in enumerate(clause):
        if token.kind == Kind.WORD and token.text.isdecimal() and len(token.text) >= _PHONE_DIGITS:
            return len(clause) > 1
        if token.kind == Kind.NUMBER and not _is_counted(clause, place):
            ahead = clause[place + 2 : place + _LONGEST_STREET]
            if any(_is_street(each) for each in ahead):
                return True
    return (
        clause[0].lower in {"flat", "apartment", "apt", "suite"}
        and len(clause) > 1
        and (clause[1].text[0].isdecimal())
    )


def _is_street(token: Token) -> bool:
    """Whether a street's name ends there: "road", or "Lane", which in small letters is a thing."""
    return token.lower in STREETS or (token.lower in PLACES and token.text[0].isupper())


def _is_counted(clause: Sequence[Token], place: int) -> bool:
    return token_at(clause, place + 1).lower in UNIT_SPELLINGS


def signs_off(clause: Sequence[Token]) -> bool:
    """Whether a name may follow: "Thanks", "Kind regards"."""
    return (bool(clause) and clause[0].lower in SIGN_OFFS) or (
        len(clause) > 1 and clause[1].lower in SIGN_OFFS
    )


def is_signature(clause: Sequence[Token]) -> bool:
    """Whether the clause may be the name of who signs: "Sarah xx"."""
    return 0 < len(clause) <= _LONGEST_SIGNATURE and all(
        token.kind == Kind.WORD and token.lower not in GOODS and not is_number(token)
        for token in clause
    )
