"""Tells what a clause asks for from what it says besides: "Hey Siri, add" two avocados."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.quantities.amounts import read_whole_amount
from orderflow.grocery_list.quantities.marks import outside_brackets
from orderflow.grocery_list.scanning.token_kinds import Kind, Token
from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.speech.corrections import HESITATING
from orderflow.grocery_list.talk.clauses import is_refusal, is_talk
from orderflow.grocery_list.talk.lead_ins import lead_in
from orderflow.grocery_list.talk.matters import is_address, is_money_matter
from orderflow.grocery_list.talk.mentions import is_swapping, things_named
from orderflow.grocery_list.talk.predicates import is_amount
from orderflow.grocery_list.talk.sentences import CLAUSE_ENDS
from orderflow.grocery_list.words.courtesy import without_courtesy
from orderflow.grocery_list.words.nothing import says_nothing
from orderflow.grocery_list.words.phrases import words_in

#: What something is said by.
SAYING: Final = frozenset((Kind.WORD, Kind.NUMBER, Kind.PACK_OF, Kind.MONEY, Kind.TIME, Kind.TIMES))
_IN_PLACE: Final = frozenset({("rather", "than"), ("instead", "of")})
_UNNAMED: Final = words_in("things items bits stuff")
# What was named before: "so get both".
_POINTING: Final = words_in("""
    both some them it those these am all am join now please pls abeg
    myself ourselves yourself himself herself themselves
""")


def requested(clause: list[Token], aside: list[SetAside]) -> list[Token]:
    """What of the clause may be an item."""
    if not clause:
        return clause
    if is_money_matter(clause):
        reason = Reason.MONEY
    elif is_address(clause):
        reason = Reason.ADDRESS
    elif is_refusal(clause):
        reason = Reason.REFUSED
        clause = list(without_courtesy(clause)) or clause
    else:
        length = lead_in(clause)
        if length:
            asked = clause[length:]
            says_more = bool(asked) and not is_amount(asked, 0) and is_talk(asked)
            put_aside(aside, Reason.TALK, clause if says_more else clause[:length])
            points = _POINTING.issuperset(token.lower for token in asked) or _names_nothing(asked)
            if says_more or points:
                return []
            return _with_thing(clause[:length], asked)
        if not (_counts_nothing(clause) or is_talk(outside_brackets(clause) or clause)):
            return clause
        reason = Reason.TALK
    put_aside(aside, reason, clause)
    return []


def _with_thing(opening: Sequence[Token], asked: list[Token]) -> list[Token]:
    """What is asked for, with its thing where that was changed: "change the rice to" 10kg."""
    amount = read_whole_amount(asked)
    if amount is None or not amount.unit or not is_swapping(opening):
        return asked
    things = things_named(opening)
    return things[0] + asked if len(things) == 1 else asked


def _names_nothing(asked: Sequence[Token]) -> bool:
    """Whether no thing is named: "some bits", or how many things follow: "3 things"."""
    return says_nothing(asked) or _counts_nothing(asked)


def _counts_nothing(clause: Sequence[Token]) -> bool:
    """Whether these say how many things follow: "3 things"; or for what: "rather than butter"."""
    if tuple(token.lower for token in clause[:2]) in _IN_PLACE:
        return True
    if clause[-1].lower not in _UNNAMED:
        return False
    return says_nothing(clause[is_amount(clause, 0) :])


def put_aside(aside: list[SetAside], reason: str, clause: Sequence[Token]) -> None:
    """Note why the clause is no item; courtesy needs no reason."""
    if not clause:
        return
    said = without_courtesy([token for token in clause if token.kind in SAYING])
    if not said:
        return
    aside.append(SetAside(reason, (clause[0].start, clause[-1].end)))


def take_back_last(kept: list[Token], clause: Sequence[Token], aside: list[SetAside]) -> None:
    """Take back the thing before "I get already", which is there."""
    end = len(kept) - (kept[-1].kind in CLAUSE_ENDS)
    start = end
    while start and kept[start - 1].kind not in CLAUSE_ENDS:
        start -= 1
    put_aside(aside, Reason.REFUSED, [*kept[start:end], *clause])
    del kept[start:end]


def take_back(kept: list[Token], clause: Sequence[Token], aside: list[SetAside]) -> bool:
    """Take back what was asked for and is there: "six eggs, no, we've got eggs"."""
    said = len(kept)
    while said and (kept[said - 1].kind == Kind.COMMA or kept[said - 1].lower in HESITATING):
        said -= 1
    if all(token.kind == Kind.COMMA for token in kept[said:]):
        return False
    thing = next(iter(things_named(clause)), None)
    if thing is None:
        return False
    comma = clause[0]._replace(kind=Kind.COMMA, end=clause[0].start)
    # Read as "cancel eggs" is.
    taken = [clause[0]._replace(lower="cancel"), *thing]
    rest = clause[clause.index(thing[-1]) + 1 :]
    if rest and rest[0].lower == "just":  # "just the cream", which is asked for
        put_aside(aside, Reason.TALK, rest)
        rest = []
    kept[said:] = [comma, *taken, comma._replace(start=thing[-1].end), *rest]
    return True
