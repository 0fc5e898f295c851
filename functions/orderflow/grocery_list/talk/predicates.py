"""Finds the verb of a clause: what somebody does, was or will do is told, and not asked for.

"the church potluck got moved to the 14th", "Mike claims he can make pie", "I will send the boy".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.goods import GOODS, GOODS_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import COMMANDS, PRONOUNS
from orderflow.grocery_list.words.verbs import ASKING, BEING, MODALS, TELLING
from orderflow.grocery_list.words.vocabulary import REMARK_OPENING

#: They stand between a subject, its auxiliary and its verb.
ADVERBS: Final = words_in("""
    also already always never still just really actually probably finally only even now ever
    usually normally definitely totally literally kindly quickly then often both all not
""")
_THIRD: Final = words_in("he she it they that who which this") | {
    f"{who}'{verb}" for who in ("he", "she", "it", "they", "that") for verb in ("ll", "d", "s")
}
_FIRST: Final = frozenset({"i", "we", "i'll", "we'll"})
# What I or we do is done for nobody who reads it: "I will send the boy".
_DONE_BY_WRITER: Final = words_in(
    "send bring pick add put find write note arrange remember include mark collect carry"
)
_DETERMINERS: Final = words_in("the my our your his her their this that last same an no any each")
# What a verb in -ed governs: "moved to the 14th", unlike "smoked salmon".
_GOVERNED: Final = words_in("""
    to up for me us him her them it the a an my our his their on in at by from off out about with
    that she he they we i over back and very too yesterday
""")
_WHATEVER: Final = frozenset({"whatever", "whichever"})
_LATEST_VERB: Final = 8  # words behind the clause's first


def is_told(clause: Sequence[Token], place: int) -> bool:
    """Whether the command there says what is done, or is a noun: "I will send", "the order"."""
    if clause[place].lower in ASKING:
        return False
    at = place - 1
    has_modal = False
    while at >= 0 and (clause[at].lower in ADVERBS or clause[at].lower in MODALS):
        has_modal = has_modal or clause[at].lower in MODALS
        at -= 1
    if at < 0:
        return False
    subject = clause[at].lower
    if at == place - 1 and subject in _DETERMINERS:
        return True
    if subject in _THIRD:
        return at == place - 1 or has_modal
    will = has_modal or subject.endswith("'ll")
    return subject in _FIRST and will and clause[place].lower in _DONE_BY_WRITER


def tells(clause: Sequence[Token], start: int) -> bool:
    """Whether a subject and its verb stand there that ask for nothing."""
    for place in range(start + 1, min(len(clause), start + 1 + _LATEST_VERB)):
        if REMARK_OPENING.match(clause, place) or clause[place - 1].lower in _WHATEVER:
            return False
        token = clause[place]
        if token.lower in COMMANDS and token.lower not in ASKING:
            return False
        if _is_verb(clause, start, place):
            return not _asks(clause, place)
    return False


def _asks(clause: Sequence[Token], place: int) -> bool:
    """Whether the verb there, or one behind its auxiliary, asks for things."""
    while place < len(clause) and (
        clause[place].lower in ADVERBS | MODALS | BEING
    ):
        place += 1
    return token_at(clause, place).lower in ASKING


def _is_verb(clause: Sequence[Token], start: int, place: int) -> bool:
    word = clause[place].lower
    if word in MODALS or word in BEING or word in TELLING:
        return True
    if not word.endswith("ed") or token_at(clause, place + 1).lower not in _GOVERNED:
        return False
    return not any(token.lower in GOODS_WORDS or is_number(token) for token in clause[start:place])
