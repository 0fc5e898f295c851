"""Tells what a clause of a list says: that it asks for nothing, or what not to bring."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.talk.lead_ins import (
    COOKING,
    behind_conjunctions,
    behind_message,
    says_where,
    tells_when,
)
from orderflow.grocery_list.talk.matters import LONGEST_SIGNATURE, is_figure
from orderflow.grocery_list.talk.predicates import inquires, is_amount, says_there_is, tells
from orderflow.grocery_list.words.courtesy import without_courtesy
from orderflow.grocery_list.words.goods import GOODS, GOODS_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import (
    ADDRESSED,
    ASIDES,
    AT_HOME,
    AUXILIARIES,
    COMMANDS,
    CONJUNCTIONS,
    GREETINGS,
    HAVING,
    NEGATIONS,
    OCCASIONS,
    PRONOUNS,
    SIGN_OFFS,
    SUBJECTS,
    TALK_OPENINGS,
    WANTING,
)
from orderflow.grocery_list.words.vocabulary import DESCRIPTIONS, REMARK_OPENING, WRAPPING

_REMOVING: Final = words_in("remove delete cancel clear drop empty skip forget")
_ORDERS: Final = frozenset({"list", "order", "basket", "cart", "trolley"})
_FIGURES: Final = frozenset({Kind.NUMBER, Kind.MONEY})
_LATEST_NEGATION: Final = 16
_LONGEST_GREETING: Final = 6
_TIMES_OF_DAY: Final = frozenset(["morning", "afternoon", "evening"])
_TIME_UNITS: Final = words_in(
    "mins min minutes minute hours hour hrs days weeks years am pm km miles"
)
# Behind "'s" these make an "is" of it: "Tyler's on a cleanse".
_BEHIND_IS: Final = words_in("on in at a an the not so very away out back been got allergic not")
_WHO: Final = PRONOUNS | {"e"}
_AT: Final = frozenset({"at", "near", "from"})
_ASKING_OF: Final = frozenset({"is", "are", "does", "did", "has"})
_THESE: Final = words_in("these following things items stuff")
_UNNEEDED: Final = {
    *(("no", "need"), ("not", "needed"), ("not", "required")),
    *(
        (negation, verb)
        for negation in ("mat", "nahi", "nahin")
        for verb in ("lana", "lena", "chahiye")
    ),
}
_REFUSING: Final = frozenset(negation for negation, _ in _UNNEEDED)
_OBJECTS: Final = words_in("them it him her yourself everything everyone am")
_CARING: Final = words_in("""
    check ensure confirm verify inform notify advise contact knock avoid choose select inspect
""")
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
    same very not another any some each every a an one two scratch scrap
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
    speaking longest ago settle refund adjust account appreciate grateful promise promised
""")
)
_SPEAKING: Final = frozenset({"speaking", "side"})  # "Mrs Iyer this side"
_LATEST_SPEAKING: Final = 6  # words
_SUBJECT_AND_VERB: Final = 2  # words: "they're getting"
_BEFORE_TIMES: Final = words_in("at by after before from till until around")
_GUESTS: Final = words_in("people guests persons adults")
_PEOPLE: Final = _GUESTS | {"kids", "children", "us", "you", "them"}


def is_talk(clause: Sequence[Token]) -> bool:
    """Whether the clause says something and asks for nothing."""
    start = behind_conjunctions(clause)
    if TALK_OPENINGS.match(clause, start):
        return not behind_message(clause, start)
    words = [token.lower for token in clause[start:]]
    if (
        says_there_is(words)
        or _is_in_stock(words)
        or (words[0] in _BEFORE_TIMES and is_figure(clause[start + 1 :]))
    ):
        return True  # "we've got milk already", "by 5"
    if len(words) > 1 and _says_what_to_do(clause, start, words):
        return True
    if _introduces(words) or tells(clause, start):
        return True
    if any(_counts_things(clause, place) for place in range(start, len(clause))):
        return False
    return _is_formula(clause[start:], words) or _makes_sentence(clause, start, words)


def _introduces(words: Sequence[str]) -> bool:
    """Whether these say who speaks, or thank: "Aunty speaking from C wing", "thanks a bunch"."""
    if not _SPEAKING.isdisjoint(words[1:_LATEST_SPEAKING]) and GOODS.isdisjoint(words):
        return True
    return words[0] in SIGN_OFFS and words[-2:-1] == ["a"] and GOODS.isdisjoint(words)


def _says_what_to_do(clause: Sequence[Token], start: int, words: Sequence[str]) -> bool:
    """Whether people are told, asked or reminded of something, and no thing is asked for."""
    return (
        _is_instruction(clause, start)
        or inquires(words)
        or tells_when(clause, start)
        or says_where(clause, start)
    )


def _makes_sentence(clause: Sequence[Token], start: int, words: Sequence[str]) -> bool:
    """Whether the words are a sentence about people or things, not a request."""
    if _tells_of_doing(words):
        return True
    if words[0] in _WHO and len(words) > 1 and clause[start + 1].kind == Kind.WORD:
        return _states_of_people(words)
    if not GOODS.isdisjoint(words):
        # "is the new yam in?"
        return words[0] in _ASKING_OF or _holds_any(clause, start + 1, AUXILIARIES)
    if not COMMANDS.isdisjoint(words):
        return not _THESE.isdisjoint(words) or _holds_any(clause, start + 1, AUXILIARIES)
    return _is_of_occasion(words) or _is_of_people(clause, start, words)


def _states_of_people(words: Sequence[str]) -> bool:
    """Whether a pronoun begins a statement: "I dey come", unlike "I dey need"."""
    if words[0] in {"it's", "its"} and words[1] in GOODS:
        return False  # "It's peas and 4 potatoes"
    if words[1] == "dey":
        return words[2:3] != [] and words[2] not in WANTING | COMMANDS
    return words[1] not in WANTING or len(words) == _SUBJECT_AND_VERB


def _is_of_occasion(words: Sequence[str]) -> bool:
    """Whether these name a list, guests, a feast, a place or prices: "party on Saturday"."""
    if words[-1] in {"list", "lists", "order", "run", "haul"} and len(words) <= LONGEST_SIGNATURE:
        return True  # "updated list!"
    if not {"price", "prices"}.isdisjoint(words) or (words[0] in _AT and len(words) > 1):
        return True  # "tell me the price of it", "at Mile 12"
    return not _GUESTS.isdisjoint(words) or (len(words) > 1 and OCCASIONS.issuperset(words))


def _is_of_people(clause: Sequence[Token], start: int, words: Sequence[str]) -> bool:
    """Whether the clause, which names no thing, is about people or times."""
    if Kind.TIME in [token.kind for token in clause] or _holds_is(words):
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
    if first.kind != Kind.WORD or first.lower in _NO_VERBS:
        return False
    if following in _OBJECTS:
        return first.lower not in GOODS or len(clause) - start > _SUBJECT_AND_VERB
    if first.lower in GOODS_WORDS:
        return False
    if first.lower in _CARING:  # "check expiry", "check the date on the milk"
        names_thing = any(token.lower in GOODS for token in clause)
        return not names_thing or (following in _POSSESSIVES and not any(map(is_number, clause)))
    if WRAPPING.match(clause, start):
        return False
    return following in _POSSESSIVES and start + 2 < len(clause)


def _tells_of_doing(words: Sequence[str]) -> bool:
    """Whether these say what is being done, or will be: "I'm making lasagne", "to make pancake"."""
    place = next((at for at, word in enumerate(words[:_LATEST_DOING]) if word in _BEING), -1)
    verb = words[words[0] == "to" :][:2]
    is_trying = verb[1:] == ["to"] and verb[0].endswith("ing")  # "trying to keep it under 12"
    if is_trying or (verb and verb[0] in COOKING and verb[-1] not in SUBJECTS):
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
    if not _FIGURES.isdisjoint([token.kind for token in clause]):
        return False
    if words[-1] == "honey":
        return True  # "Hey honey"
    named = [token.lower for token in without_courtesy(clause)]
    return len(named) <= LONGEST_SIGNATURE and GOODS.isdisjoint(named)


def _is_in_stock(words: Sequence[str]) -> bool:
    """Whether these say what there is already: "we've got 2 pints in the fridge"."""
    if "out of the" in (said := " ".join(words)) and not AT_HOME.isdisjoint(words):
        return "take" in said  # "take the peas out of the freezer"
    return (
        (words[-1] in AT_HOME or words[0] == "got")
        and "if" not in words
        and not HAVING.isdisjoint(words)
        and COMMANDS.isdisjoint(words)
    )


def is_refusal(clause: Sequence[Token]) -> bool:
    """Whether the clause says what not to bring: "skip the milk", "we don't need eggs"."""
    start = behind_conjunctions(clause)
    words = {token.lower for token in clause}
    if _is_unneeded(clause, words):
        return True
    if clause[start].lower in _REMOVING and not words.isdisjoint(_ORDERS):
        return words.isdisjoint(COMMANDS)  # "remove the eggs from my list"
    for place, token in enumerate(clause[start:_LATEST_NEGATION], start):
        if token.lower in GOODS:
            return False
        if token.lower in NEGATIONS:
            following = token_at(clause, place + 1).lower
            if following in {"dey", "longer"}:  # "dem no dey sell am", "we no longer need"
                following = token_at(clause, place + 2).lower
            return following in COMMANDS or following in {"bother", "think", "sell", "worry"}
    return False


def _is_unneeded(clause: Sequence[Token], words: Collection[str]) -> bool:
    """Whether it ends with a refusal: "akara no need", "the bread is cancelled"."""
    if clause[-1].lower in {"cancelled", "canceled"}:
        return len(clause) > 1
    said = () if _REFUSING.isdisjoint(words) else (clause, without_courtesy(clause))
    return any(tuple(token.lower for token in each[-2:]) in _UNNEEDED for each in said)
