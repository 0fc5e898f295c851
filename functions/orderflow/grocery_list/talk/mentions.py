"""Finds the thing that an amount alone is of, where only talk names it.

"The milk is finished, get 2 pints" asks for milk, though its first clause asks for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import dropwhile, groupby, takewhile
from typing import Final, NamedTuple

from orderflow.grocery_list.preparations import is_description
from orderflow.grocery_list.quantities.amounts import read_amount
from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token
from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.talk.sentences import CLAUSE_ENDS, removal, unavailable
from orderflow.grocery_list.words.courtesy import without_courtesy
from orderflow.grocery_list.words.goods import GOODS, NAMING_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import COMMANDS, SUBJECTS
from orderflow.grocery_list.words.verbs import LATEST_SWAP, PREDICATING, SWAPPING
from orderflow.grocery_list.words.vocabulary import REMARK_OPENING

_NO_PARTS: Final = frozenset({"the", "all", "both", "not", "too", "very", "nice", "good"})
_WORTH: Final = frozenset({"own", "worth"})
_SUM: Final = 2  # tokens: "500 own"
_DETERMINERS: Final = words_in("the my our that those all about of any")
# What is said of a thing that is taken back: "cancel the milk I ordered".
_BEHIND_REMOVED: Final = SUBJECTS | words_in("from that because as since for off in on please")
#: They introduce what is bought for want of another thing: "salmon - sub: trout".
SUBSTITUTING: Final = frozenset(
    {"sub", "subs", "substitute", "substitutes", "alternative", "alternatively", "alt", "backup"}
)
_LATEST_ASKED: Final = 60  # tokens
_AGAIN: Final = frozenset({"more", "of", "those", "these", "them"})


class Mention(NamedTuple):
    """The one thing that a clause of talk names."""

    tokens: list[Token]
    before: Sequence[Token]
    place: int  # of the clause among what was set aside

    def take(self, aside: list[SetAside]) -> list[Token]:
        """The thing's tokens, which are no longer set aside, nor is what follows them."""
        if self.before:
            said = aside[self.place]
            aside[self.place] = said._replace(span=(said.span[0], self.before[-1].end))
        else:
            del aside[self.place]
        return self.tokens

    def with_amount(
        self,
        asked: list[Token],
        kept: list[Token],
        aside: list[SetAside],
        *,
        is_command: bool,
    ) -> list[Token]:
        """What is asked for, behind this thing where it is no more than an amount.

        Args:
            asked: what of the clause may be an item.
            kept: what may be items so far; a separator between the thing and its amount is taken.
            aside: what was set aside, of which the thing is taken.
            is_command: see :func:`bare_amount`.
        """
        answers = asked[0].lower == "if" and asked[1:2] and asked[1].lower in {"so", "yes"}
        said = asked[2:] if answers else asked
        amount = bare_amount(said, is_command=bool(answers) or is_command) if said else []
        if not amount:
            return asked
        if kept and kept[-1].kind in CLAUSE_ENDS:
            kept.pop()
        return self.take(aside) + amount


def mention(clause: Sequence[Token], aside: Sequence[SetAside]) -> Mention | None:
    """What the clause, the last that was set aside, mentions; None for nothing, or several."""
    if not aside or aside[-1].reason != Reason.TALK or aside[-1].span[1] != clause[-1].end:
        return None
    written, clause = clause, [_without_is(token) for token in clause]
    things = things_named(clause)
    if len(things) != 1:
        return None
    start = next(place for place, token in enumerate(clause) if token is things[0][0])
    end = start + len(things[0])
    is_at = (at for at in range(start, end) if clause[at] is not written[at])
    end = next(is_at, end - 1) + 1  # "the salmon's wild"
    while start and _describes(clause, start - 1):
        start -= 1
    return Mention(list(clause[start:end]), clause[:start], len(aside) - 1)


def is_swapping(clause: Sequence[Token]) -> bool:
    """Whether the clause changes what was asked for: "change the rice"."""
    return any(token.lower in SWAPPING for token in clause[:LATEST_SWAP])


def things_named(clause: Sequence[Token]) -> list[list[Token]]:
    """The things that the clause names."""
    runs = [
        list(run)
        for is_thing, run in groupby(clause, key=lambda token: token.lower in NAMING_WORDS)
        if is_thing
    ]
    return [run for run in runs if any(token.lower in GOODS for token in run)]


def fallback(clause: Sequence[Token], following: Sequence[Token]) -> int:
    """The place behind a condition that a thing is not there, before another; 0 for none.

    Args:
        clause: the tokens between two separators.
        following: those up to the next, if they are of the same sentence.
    """
    end = unavailable(clause) if len(clause) > 1 else 0
    instead = clause[end:] or following
    instead = instead[bool(instead) and instead[0].lower in COMMANDS :]
    return end if instead and not bare_amount(instead, is_command=True) else 0


def not_asked(condition: Sequence[Token], kept: Sequence[Token]) -> list[Token]:
    """The thing that only its condition asks for: kale in "if you can't find kale".

    Right behind another thing the condition is of that one: "milk if no peak get dano".

    Args:
        condition: the tokens of it.
        kept: what may be items so far, of which the last are looked at.
    """
    thing = next(iter(things_named(condition)), [])
    if not thing or (kept and kept[-1].start == kept[-1].end):
        return []
    asked = {token.lower.rstrip("s") for token in kept[-_LATEST_ASKED:]}
    return [] if thing[-1].lower.rstrip("s") in asked | {"stock"} else thing


def removed(clause: Sequence[Token]) -> list[Token]:
    """A "cancel" before each thing that the clause takes off the list; empty where it takes none.

    "could you cancel the rice and 2 tins of milk" becomes "cancel rice, cancel milk".
    """
    start = removal(clause)
    if not start:
        return []
    verb, begin = clause[start - 1], without_courtesy(clause)[0].start
    tokens: list[Token] = []
    for is_and, run in groupby(clause[start:], lambda token: token.kind == Kind.AND):
        said = list(run)
        thing = [] if is_and else _without_amount(said)
        if thing:  # what is said of it, and the "and" before it, is reported with it
            thing[-1] = thing[-1]._replace(end=said[-1].end)
            comma = verb._replace(kind=Kind.COMMA, start=begin, end=begin)
            tokens += [comma, verb._replace(lower="cancel", start=begin), *thing]
        if is_and and tokens:
            begin = said[0].start
    return [*tokens, tokens[0]._replace(start=tokens[-1].end, end=tokens[-1].end)] if tokens else []


def _without_amount(tokens: list[Token]) -> list[Token]:
    """The thing of "the 3 tins of milk I ordered"."""
    tokens = list(dropwhile(_determines, tokens))
    amount = read_amount(tokens, 0) if tokens and is_number(tokens[0]) else None
    named = dropwhile(_determines, tokens[amount.end if amount else 0 :])
    return list(takewhile(lambda token: token.lower not in _BEHIND_REMOVED, named))


def _determines(token: Token) -> bool:
    return token.lower in _DETERMINERS


def _without_is(token: Token) -> Token:
    """The thing of "the salmon's wild"."""
    thing = token.lower.removesuffix("'s")
    if thing == token.lower or thing not in GOODS:
        return token
    return token._replace(text=token.text[:-2], lower=thing, end=token.end - 2)


def _describes(clause: Sequence[Token], place: int) -> bool:
    """Whether the word belongs to the thing behind it: "fresh" fish, "Irish" potatoes."""
    token = clause[place]
    is_name = place > 0 and token.text[0].isupper() and token.lower not in SUBJECTS
    if token.kind != Kind.WORD or token.lower in _NO_PARTS:
        return False
    return is_name or is_description(token.lower)


def bare_amount(asked: Sequence[Token], *, is_command: bool) -> list[Token]:
    """The amount that is all that is asked for, before an "and": "2 pints"; empty where more is.

    Args:
        asked: what of the clause may be an item.
        is_command: whether a command came before it, without which a number needs a unit.
    """
    tokens = list(asked if asked[0].lower == "another" else without_courtesy(asked))
    while tokens and tokens[-1].lower in _AGAIN:
        is_command = is_command or tokens[-1].lower == "more"
        tokens.pop()
    if tokens and tokens[-1].lower in _WORTH and len(tokens) == _SUM:
        return [tokens[0]._replace(kind=Kind.MONEY)]
    if tokens and tokens[0].lower == "another":
        tokens[0] = tokens[0]._replace(kind=Kind.NUMBER, value=Decimal(1))
    if not tokens or not is_number(tokens[0]):
        return [] if any(token.kind != Kind.MONEY for token in tokens) else tokens
    amount = read_amount(tokens, 0)
    if amount is None or not (amount.unit or is_command):
        return []
    is_all = (
        amount.end == len(tokens)
        or tokens[amount.end].kind == Kind.AND
        or tokens[amount.end].lower in PREDICATING
        or bool(REMARK_OPENING.match(tokens, amount.end))
    )
    return tokens if is_all else []
