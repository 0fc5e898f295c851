"""Tells what a clause of a list is about: items, people, money, places."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.talk.courtesy import without_courtesy
from orderflow.grocery_list.talk.lead_ins import (
    COOKING,
    behind_conjunctions,
    is_amount,
    says_where,
    tells_when,
)
from orderflow.grocery_list.words.goods import GOODS, GOODS_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import (
    ADDRESS_OPENINGS,
    ADDRESSED,
    ASIDES,
    AT_HOME,
    AUXILIARIES,
    COMMANDS,
    CONJUNCTIONS,
    GREETINGS,
    HAVING,
    MONEY_MATTERS,
    NEGATIONS,
    OCCASIONS,
    PLACES,
    PRONOUNS,
    SIGN_OFFS,
    STREETS,
    SUBJECTS,
    TALK_OPENINGS,
    WANTING,
)
from orderflow.grocery_list.words.vocabulary import DESCRIPTIONS, REMARK_OPENING, WRAPPING
from orderflow.units import UNIT_SPELLINGS

_REMOVING: Final = frozenset({"remove", "delete", "cancel", "clear", "drop", "empty"})
_ORDERS: Final = frozenset({"list", "order", "basket", "cart", "trolley"})
_LATEST_NEGATION: Final = 16
_LONGEST_SIGNATURE: Final = 3
_LONGEST_GREETING: Final = 6
_LONGEST_STREET: Final = 4
_TIMES_OF_DAY: Final = frozenset(["morning", "afternoon", "evening"])
_TIME_UNITS: Final = words_in(
    "mins min minutes minute hours hour hrs days weeks years am pm km miles"
)
# Behind "'s" these make an "is" of it: "Tyler's on a cleanse".
_BEHIND_IS: Final = words_in("on in at a an the not so very away out back been got allergic not")
_AT: Final = frozenset({"at", "near", "from"})
_THESE: Final = words_in("these following things items stuff")
_PAST: Final = words_in(
    "ordered bought sent used ate drank finished forgot cooked made paid brought"
)
_LATEST_PAST: Final = 4  # words: "and yesterday I ordered"
_ASKING_WHETHER: Final = words_in("check confirm see ask know find")
_WHETHER: Final = frozenset({"if", "whether"})
_UNNEEDED: Final = {
    *(("no", "need"), ("not", "needed"), ("not", "required")),
    *(
        (negation, verb)
        for negation in ("mat", "nahi", "nahin")
        for verb in ("lana", "lena", "chahiye")
    ),
}
_OBJECTS: Final = words_in("them it him her yourself everything everyone am")
_POSSESSIVES: Final = words_in("the my your our their his her this that back below under")
_NO_VERBS: Final = (
    COMMANDS
    | CONJUNCTIONS
    | _REMOVING
    | AUXILIARIES
    | PRONOUNS
    | DESCRIPTIONS
    | REMARK_OPENING.first_words
    | words_in("""
    all both half only just also even especially plus like with of in on at by to from than as
    into over under about around up off out near after before until till more most much less
    same very not another any some each every a an one two
""")
)
_LATEST_DOING: Final = 4  # words: "for tonight I'm making"
_BEING: Final = words_in("am are i'm we're is was were be been")
_ASKING: Final = words_in("""
    needing wanting looking ordering craving requesting missing running
    getting buying picking
""")
# Clauses without a thing are about people where one of these stands in them.
_OF_PEOPLE: Final = (
    AUXILIARIES
    | (PRONOUNS - {"it", "i"})
    | words_in("""
    everything everyone yet tonight yesterday me your sorry cook prepare usual who whose which
    going gone come comes came went goes coming working sleeping tired forgot forget know knows knew
    told tell waiting meet call called sent leave leaving lovely happy hoping wish bought broke
    looks looked seems feels saw seen visit visiting staying traffic weather busy late soon
    longest ago settle refund adjust account appreciate grateful promise promised
""")
)
_BEFORE_TIMES: Final = words_in("at by after before from till until around")
_GUESTS: Final = words_in("people guests persons adults")
_PEOPLE: Final = _GUESTS | {"kids", "children", "us", "you", "them"}
# "keke fare", "delivery fee"
_FEES: Final = words_in("""
    fare fee fees transport logistics total budget saving savings discount debit credit refund
""")
_LONGEST_FEE: Final = 3
_PHONE_DIGITS: Final = 7
_MATTER_WORDS: Final = words_in("""
    about is = approx approximately max maximum due fee fees so far to pay the my all together come
    comes be of for on by only around in should ngn amount payment card cash received tendered given left
""")


def is_talk(clause: Sequence[Token]) -> bool:
    """Whether the clause says something and asks for nothing."""
    start = behind_conjunctions(clause)
    if TALK_OPENINGS.match(clause, start):
        return True
    words = [token.lower for token in clause[start:]]
    if _is_in_stock(words) or (words[0] in _BEFORE_TIMES and is_figure(clause[start + 1 :])):
        return True  # "we've got milk already", "by 5"
    if len(words) > 1 and (_is_instruction(clause, start) or _inquires(words)):
        return True
    if _tells_of_past(words):
        return True
    if tells_when(clause, start) or says_where(clause, start):
        return True
    if any(_counts_things(clause, place) for place in range(start, len(clause))):
        return False
    return _is_formula(clause[start:], words) or _makes_sentence(clause, start, words)


def _makes_sentence(clause: Sequence[Token], start: int, words: Sequence[str]) -> bool:
    """Whether the words are a sentence about people or things, not a request."""
    if _tells_of_doing(words):
        return True
    if words[0] in PRONOUNS and len(words) > 1 and clause[start + 1].kind == Kind.WORD:
        if words[0] in {"it's", "its"} and words[1] in GOODS:
            return False  # "It's peas and 4 potatoes"
        if words[1] == "dey":  # "I dey come", unlike "I dey need"
            return words[2:3] != [] and words[2] not in WANTING | COMMANDS
        return words[1] not in WANTING
    if not COMMANDS.isdisjoint(words) and GOODS.isdisjoint(words):
        return not _THESE.isdisjoint(words) or _holds_any(clause, start + 1, AUXILIARIES)
    if not GOODS.isdisjoint(words):
        return _holds_any(clause, start + 1, AUXILIARIES)
    if words[-1] in {"list", "lists", "order"} and len(words) <= _LONGEST_SIGNATURE:
        return True  # "updated list!"
    if "price" in words or "prices" in words:
        return True  # "tell me the price of yam"
    if words[0] in _AT and len(words) > 1:
        return True  # "at Mile 12"
    if not _GUESTS.isdisjoint(words) or (len(words) > 1 and OCCASIONS.issuperset(words)):
        return True  # "12 people coming", "Saturday BBQ", "party on Saturday"
    if any(token.kind == Kind.TIME for token in clause) or _holds_is(words):
        return True
    return _holds_any(clause, start, _OF_PEOPLE) or ASIDES.issuperset(words)


def _holds_is(words: Sequence[str]) -> bool:
    """Whether an "is" is part of a word: "Tyler's on a cleanse", unlike "shepherd's pie"."""
    return any(
        word.endswith("'s") and (following in _BEHIND_IS or following.endswith("ing"))
        for word, following in pairwise(words)
    )


def _is_instruction(clause: Sequence[Token], start: int) -> bool:
    """Whether the clause tells people to do a thing: "lock them away", "ring the bell twice"."""
    first, following = clause[start], token_at(clause, start + 1).lower
    if first.kind != Kind.WORD or first.lower in _NO_VERBS or first.lower in GOODS_WORDS:
        return False
    if following in _OBJECTS:
        return True
    if first.lower in WRAPPING.first_words:
        return False
    return following in _POSSESSIVES and start + 2 < len(clause)


def _tells_of_past(words: Sequence[str]) -> bool:
    """Whether these tell what was done: "yesterday I ordered 2 crates"."""
    return any(
        before in SUBJECTS and word in _PAST for before, word in pairwise(words[:_LATEST_PAST])
    )


def _inquires(words: Sequence[str]) -> bool:
    """Whether these ask for an answer: "check if they have ugba", unlike "... and get some"."""
    return any(
        word in _ASKING_WHETHER and not _WHETHER.isdisjoint(words[place + 1 : place + 3])
        for place, word in enumerate(words)
    )


def _tells_of_doing(words: Sequence[str]) -> bool:
    """Whether these say what is being done, or will be: "I'm making lasagne", "to make pancake"."""
    place = next((at for at, word in enumerate(words[:_LATEST_DOING]) if word in _BEING), -1)
    verb = words[words[0] == "to" :][:2]
    if verb and verb[0] in COOKING and verb[-1] not in SUBJECTS:
        return True
    doing = words[place + 1] if place >= 0 and place + 1 < len(words) else ""
    return doing.endswith("ing") and doing not in _ASKING and doing not in GOODS


def _counts_things(clause: Sequence[Token], place: int) -> bool:
    """Whether there is so much of a thing, unlike "at 7" and "six of us"."""
    if not is_amount(clause, place):
        return False
    following = token_at(clause, place + 1).lower
    before = clause[place - 1].lower if place else ""
    if following in _TIME_UNITS or (before in AUXILIARIES and not following):
        return False
    ends = place + 1 == len(clause) or following in CONJUNCTIONS  # "at 3 so I can't go"
    is_time = ends and before in _BEFORE_TIMES
    is_people = following in _PEOPLE or (
        following == "of" and token_at(clause, place + 2).lower in _PEOPLE
    )
    return not (is_time or is_people)


def _holds_any(clause: Sequence[Token], start: int, words: frozenset[str]) -> bool:
    """Whether one of the words makes a sentence of the clause, before a remark begins."""
    for place in range(start, len(clause)):
        if place and REMARK_OPENING.match(clause, place):
            return False
        if clause[place].lower in words:
            return True
    return False


def _is_formula(clause: Sequence[Token], words: Sequence[str]) -> bool:
    """Whether these greet, address or take leave of people, perhaps by name: "Aunty Bisi abeg"."""
    if not _TIMES_OF_DAY.isdisjoint(words) and len(words) <= _LONGEST_GREETING:
        return GOODS.isdisjoint(words)  # "Iya Basira good morning o"
    if words[0] not in GREETINGS and words[0] not in SIGN_OFFS and words[0] not in ADDRESSED:
        return False
    if any(token.kind in {Kind.NUMBER, Kind.MONEY} for token in clause):
        return False
    if words[-1] == "honey":
        return True  # "Hey honey"
    named = [token.lower for token in without_courtesy(clause)]
    return len(named) <= _LONGEST_SIGNATURE and GOODS.isdisjoint(named)


def _is_in_stock(words: Sequence[str]) -> bool:
    """Whether these say what there is already: "we've got 2 pints in the fridge"."""
    return (
        words[-1] in AT_HOME
        and "if" not in words
        and not HAVING.isdisjoint(words)
        and COMMANDS.isdisjoint(words)
    )


def is_refusal(clause: Sequence[Token]) -> bool:
    """Whether the clause says what not to bring: "skip the milk", "we don't need eggs"."""
    start = behind_conjunctions(clause)
    if clause[start].lower in {"skip", "forget"}:
        return True
    if _is_unneeded(clause) or _is_unneeded(without_courtesy(clause)):
        return True
    words = {token.lower for token in clause}
    if clause[start].lower in _REMOVING and not words.isdisjoint(_ORDERS):
        return words.isdisjoint(COMMANDS)  # "remove the eggs from my list"
    for place, token in enumerate(clause[start:_LATEST_NEGATION], start):
        if token.lower in GOODS:
            return False
        if token.lower in NEGATIONS:
            following = token_at(clause, place + 1).lower
            if following == "dey":  # "dem no dey sell am"
                following = token_at(clause, place + 2).lower
            return following in COMMANDS or following in {"bother", "think", "sell"}
    return False


def _is_unneeded(clause: Sequence[Token]) -> bool:
    """Whether it ends with a refusal: "akara no need", "the bread is not needed"."""
    return tuple(token.lower for token in clause[-2:]) in _UNNEEDED


def is_money_matter(clause: Sequence[Token]) -> bool:
    """Whether the clause is a total, a budget or a fee: "Total about £13", "I have 10k"."""
    start = behind_conjunctions(clause)
    first = clause[start].lower.rstrip("0123456789")
    if first in MONEY_MATTERS:
        return all(
            token.kind in {Kind.MONEY, Kind.NUMBER}
            or token.text[0].isdigit()
            or token.lower in _MATTER_WORDS
            or token.lower in MONEY_MATTERS
            for token in clause[start + 1 :]
        )
    if clause[-1].lower in _FEES and len(clause) - start <= _LONGEST_FEE:
        return GOODS.isdisjoint(token.lower for token in clause)
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
    start = behind_conjunctions(clause)
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
