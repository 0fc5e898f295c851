"""Finds where a clause begins to ask for things: "Hey Siri, add" two avocados."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import Final

from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.talk.predicates import QUALIFYING, is_amount, is_told, qualifies
from orderflow.grocery_list.words.goods import GOODS, GOODS_WORDS
from orderflow.grocery_list.words.nothing import DETERMINERS, EMPTY
from orderflow.grocery_list.words.phrases import Phrases, words_in
from orderflow.grocery_list.words.talk_words import (
    ANNOUNCING,
    AT_HOME,
    COMMANDS,
    CONDITIONS,
    CONJUNCTIONS,
    FORGOTTEN,
    NEGATIONS,
    POLITE_CONDITIONS,
    QUESTIONS,
    SUBJECTS,
    SUPPOSING,
    TALK_OPENINGS,
)
from orderflow.grocery_list.words.verbs import ASKING, BEING, HANDING, LATEST_SWAP, MODALS, SWAPPING

_LONGEST_LEAD_IN: Final = 16  # words up to the command that introduces things
_LATE_CONDITION: Final = 6
_LATE_SUBJECT: Final = 3  # "For tonight I'm ..."
_LONGEST_COMMAND: Final = 4  # "make you help me buy"
_LONGEST_WHAT: Final = 8  # words
_SAYING: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.PACK_OF, Kind.MONEY, Kind.TIME})
_ASKING: Final = frozenset({"know", "confirm", "check"})
_PLEASE: Final = frozenset({"please", "pls", "plz", "kindly", "abeg"})
_READERS: Final = frozenset({"you", "u", "una", "you're", "anyone"})
_LETTING: Final = MODALS | {"make"}  # "make you package"
_OTHERS: Final = words_in("she he e dem they")
_ASKED_TO: Final = _READERS | _OTHERS
_NO_THINGS: Final = EMPTY | DETERMINERS
_SHOPS: Final = frozenset({"shop", "shops", "store", "stores", "market", "supermarket"})
#: What is done with things.
COOKING: Final = words_in("make cook bake fry prepare preheat simmer boil roast")
_TELLING: Final = frozenset({"tell", "ask"})
_ASKED_FOR: Final = COMMANDS | {"for"}
_ASKED: Final = _OTHERS | {"to"}  # "tell mama make she keep" 4 cups
_IT: Final = frozenset({"it", "am", "them", "everything", "all"})
_TOWARDS: Final = words_in("for in inside on to with at before by")
_INSTEAD: Final = frozenset({"for", "with", "to", "by"})
_WHEN: Final = frozenset({"when", "once", "while", "after", "before", "as"})
# They ask for what follows as a command does: "we're out of" parmesan.
_LACKING: Final = Phrases(
    [
        "out of",
        "low on",
        "short of",
        "do with",
        "could use",
        "in need of",
        "asking for",
        "pop me in",
        "put me in",
        "not forget",
    ]
    + [
        f"{would} {like}"
        for would in ("would", "i'd", "we'd", "he'd", "she'd", "they'd", "you'd")
        for like in ("like", "love")
    ]
)
_BEHIND_COMMANDS: Final = words_in("""
    me us am up down join for of you d the following these out in by aside together his her their
    oya come karo kardo
""")
# They ask for what follows wherever they stand: "for the langar please can we have" lentils.
_HAVING: Final = Phrases(
    [
        f"{can} {who} {have}"
        for can in ("can", "could", "may", "might")
        for who in ("i", "we", "he", "she", "they")
        for have in ("have", "please have", "get", "please get")
    ]
    + ["no forget", "don't forget", "dont forget", "do_not forget"]
)


def lead_in(clause: Sequence[Token]) -> int:
    """How many tokens come before what the clause asks for: "Hey Siri, add" two avocados.

    0 where it asks for nothing, or at once.
    """
    start = behind_conjunctions(clause)
    if len(clause) == 1:
        return 0
    if TALK_OPENINGS.match(clause, start):
        return behind_message(clause, start)
    if tells_when(clause, start) or says_where(clause, start):
        return 0
    announced = _behind_swapped(clause) or _announcing(clause, start)
    if 0 < announced < len(clause):
        return announced
    condition = _condition(clause)
    if condition or _is_conditional(clause):
        return condition
    return _behind_request(clause)


def _behind_request(clause: Sequence[Token]) -> int:
    """The first token behind a command, or behind "out of"; 0 for neither."""
    subject = _opens_with_subject(clause)
    found = depth = 0
    for place, token in enumerate(clause[:_LONGEST_LEAD_IN]):
        depth += (token.kind == Kind.OPEN) - (token.kind == Kind.CLOSE)
        if depth > 0 or token.kind == Kind.CLOSE:
            continue
        if place + 1 < len(clause) and (token.lower in COMMANDS or _is_asked_to(clause, place)):
            if not found and is_told(clause, place):
                continue
            found = _behind_command(clause, place + 1)
        elif found and place >= found and (is_amount(clause, place) or _names(clause, place)):
            break
        elif not found and (
            length := (_HAVING.match(clause, place) if place or clause[0].lower in NEGATIONS else 0)
            or _lacking(clause, place, has_subject=subject)
        ):
            return place + length if place + length < len(clause) else 0
        elif (token.lower in QUALIFYING and qualifies(clause, place)) or (
            not subject and (is_amount(clause, place) or token.lower in GOODS)
        ):
            break
    return found


def _is_asked_to(clause: Sequence[Token], place: int) -> bool:
    """Whether any other verb asks there: "please reserve" 15 loaves, "could you pop in" 2 pints."""
    verb, before = clause[place], clause[place - 1].lower if place else ""
    if before == "mind":
        return verb.lower.endswith("ing")  # "would you mind picking up"
    is_asked = before in _PLEASE or (before in _ASKED_TO and clause[place - 2].lower in _LETTING)
    if not is_asked or verb.kind != Kind.WORD or verb.lower in COMMANDS:
        return False
    behind = _behind_command(clause, place + 1)
    if behind == place + 1 and verb.lower in GOODS_WORDS:
        return False  # "please tuna 2 tins"
    if behind + 1 >= len(clause):
        return False
    hands = verb.lower in HANDING and clause[behind].lower not in _NO_THINGS
    is_for_writer = clause[behind - 1].lower in {"me", "us"}  # "kindly keep for me" kilishi
    return hands or is_for_writer or is_number(clause[behind])


def _lacking(clause: Sequence[Token], place: int, *, has_subject: bool) -> int:
    """The length of a phrase that asks: "out of" milk, unlike "out of the freezer"."""
    length = _LACKING.match(clause, place)
    if not length or token_at(clause, place + length + 1).lower in AT_HOME:
        return 0
    return length if has_subject or (place and clause[place - 1].lower in BEING) else 0


def behind_message(clause: Sequence[Token], start: int) -> int:
    """Where an amount is asked for through others: "tell Ade to bring", "ask them for"; else 0."""
    if clause[start].lower not in _TELLING:
        return 0
    return next(
        (
            place
            for place in range(start + 2, len(clause))
            if is_amount(clause, place)
            and (clause[place - 1].lower in _ASKED_FOR or clause[place - 2].lower in _ASKED)
        ),
        0,
    )


def tells_when(clause: Sequence[Token], start: int) -> bool:
    """Whether the clause says when, and no more: "when you get to the market"."""
    is_when = clause[start].lower in _WHEN and token_at(clause, start + 1).lower in SUBJECTS
    return is_when and all(token.lower not in GOODS for token in clause)


def _behind_swapped(clause: Sequence[Token]) -> int:
    """Where the clause names what is bought instead: "swap the apples for" pears; else 0."""
    swaps = [at for at, token in enumerate(clause[:LATEST_SWAP]) if token.lower in SWAPPING]
    if not swaps or clause[swaps[0] - 1].lower in {"the", "my"}:
        return 0
    words = [token.lower for token in clause]
    return next(
        (
            at + 1
            for at in range(swaps[0] + 2, len(words))
            if words[at] in _INSTEAD and not GOODS.isdisjoint(words[swaps[0] : at])
        ),
        0,
    )


def says_where(clause: Sequence[Token], start: int) -> bool:
    """Whether the clause says what to do with the things: "put it on my account"."""
    if clause[start].lower not in COMMANDS or token_at(clause, start + 1).lower not in _IT:
        return False
    rest = [token.lower for token in clause[start + 2 :]]
    return bool(rest) and rest[0] in _TOWARDS and GOODS.isdisjoint(rest)


def _announcing(clause: Sequence[Token], start: int) -> int:
    """Where the things begin that the clause announces: "what's left is", "I forgot"; else 0."""
    if length := ANNOUNCING.match(clause, start) or _behind_what(clause, start):
        return start + length
    length = FORGOTTEN.match(clause, start)
    if length and any(token.lower in GOODS_WORDS for token in clause[start + length :]):
        return start + length
    opening = [token.lower for token in clause[: _LONGEST_LEAD_IN + 1]]
    return next(
        (
            place + 2  # "pop to the shop for" matches
            for place, (word, following) in enumerate(pairwise(opening))
            if following == "for" and word in _SHOPS
        ),
        0,
    )


def _behind_what(clause: Sequence[Token], start: int) -> int:
    """The length of "what I need off you is"; 0 for none."""
    opening = [token.lower for token in clause[start : start + _LONGEST_WHAT]]
    if opening[0] != "what" or ASKING.isdisjoint(opening):
        return 0
    return next((at + 1 for at, word in enumerate(opening) if word in {"is", "are"}), 0)


def _is_conditional(clause: Sequence[Token]) -> bool:
    """Whether the clause is a remark on what else may do: "if e no dey buy" another."""
    if clause[0].lower != "if" or token_at(clause, 1).lower in {"so", "yes"}:
        return False
    return not (POLITE_CONDITIONS.match(clause, 0) or _passes_by(clause))


def _passes_by(clause: Sequence[Token]) -> bool:
    """Whether the condition is of the reader, and of no thing: "if you pass the bakery grab"."""
    if token_at(clause, 1).lower not in _READERS:
        return False
    condition = takewhile(lambda token: token.lower not in COMMANDS, clause[2:])
    words = {token.lower for token in condition}
    return words.isdisjoint(GOODS) and words.isdisjoint(NEGATIONS) and len(words) < len(clause) - 2


def _names(clause: Sequence[Token], place: int) -> bool:
    """Whether a thing is named that is not only to be cooked: "I wan make pancake, so buy"."""
    return clause[place].lower in GOODS and clause[place - 1].lower not in COOKING


def _condition(clause: Sequence[Token]) -> int:
    """The length of what makes buying conditional: "if you see" fresh fish buy am."""
    if (length := QUESTIONS.match(clause, 0)) and length < len(clause):
        return length
    if clause[0].lower == "if" and not POLITE_CONDITIONS.match(clause, 0):
        length = CONDITIONS.match(clause, 0)
        asks = any(token.lower in COMMANDS for token in clause[length + 1 :])
        return length if asks else 0
    for place, token in enumerate(clause[:_LATE_CONDITION]):
        if token.lower in _ASKING and place + 1 < len(clause):
            length = CONDITIONS.match(clause, place + 1)  # "I want to know if you have" catfish
            return place + 1 + length if length and place + 1 + length < len(clause) else 0
    return 0


def _behind_command(clause: Sequence[Token], position: int) -> int:
    """The first token behind a command and those that follow it: "make you buy am for me"."""
    end = position
    for ahead in range(position, min(position + _LONGEST_COMMAND, len(clause) - 1)):
        if clause[ahead].lower in COMMANDS:
            end = ahead + 1
        elif is_number(clause[ahead]) or clause[ahead].lower in GOODS:
            break
    if clause[end].lower in _IT and token_at(clause, end + 1).lower == "down":
        end += 1  # "write it down"
    while end < len(clause) and clause[end].lower in _BEHIND_COMMANDS:
        end += 1
    return end


def _opens_with_subject(clause: Sequence[Token]) -> bool:
    start = behind_conjunctions(clause)
    return any(token.lower in SUBJECTS for token in clause[start : start + _LATE_SUBJECT])


def behind_conjunctions(clause: Sequence[Token]) -> int:
    """The first token behind the words that begin a clause and say nothing: "and so"."""
    start, last = 0, len(clause) - 1
    while start < last and (
        clause[start].lower in CONJUNCTIONS or clause[start].kind not in _SAYING
    ):
        start += 1
    if clause[start].lower == "i" and token_at(clause, start + 1).lower in SUPPOSING:
        behind = token_at(clause, start + 2)
        return start if behind.lower in SUBJECTS or behind.kind not in _SAYING else start + 2
    return start
