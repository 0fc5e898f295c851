"""Finds the verb of a clause: what somebody does, was or will do is told, and not asked for.

"the church potluck got moved to the 14th", "Mike claims he can make pie", "I will send the boy".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import KNOWN_NAME, Kind, Token, token_at
from orderflow.grocery_list.words.goods import COMPOUND_GOODS, GOODS, GOODS_WORDS
from orderflow.grocery_list.words.nothing import DETERMINERS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import (
    ADDRESSED,
    COMMANDS,
    PRONOUNS,
    SUBJECTS,
    SUPPOSING,
)
from orderflow.grocery_list.words.verbs import ASKING, BEING, MODALS, PREDICATING, TELLING
from orderflow.grocery_list.words.vocabulary import ARTICLES, REMARK_OPENING
from orderflow.units import UNIT_SPELLINGS

#: They stand between a subject, its auxiliary and its verb.
ADVERBS: Final = words_in("""
    also already always never still just really actually probably finally only even now ever
    usually normally definitely totally literally kindly quickly then often both all not
""")
_THIRD: Final = words_in("he she it they that who which wey this") | {
    f"{who}'{verb}" for who in ("he", "she", "it", "they", "that") for verb in ("ll", "d", "s")
}
_FIRST: Final = frozenset({"i", "we", "i'll", "we'll"})
# What I or we do is done for nobody who reads it: "I will send the boy".
_DONE_BY_WRITER: Final = words_in(
    "send bring pick add put find write note arrange remember include mark collect carry"
)
_BEFORE_VERBS: Final = ADVERBS | MODALS | BEING
_GETTING: Final = words_in("get buy have order pick grab")
_MAY_GO: Final = words_in("i we you u una to and please abeg make i'll")
_POLITE: Final = words_in("please abeg kindly to and just so pls i you we u need want")
_GOING: Final = words_in("home here there back to paid ready off stuck married going started done")
# What a verb in -ed governs: "moved to the 14th", unlike "smoked salmon".
_GOVERNED: Final = words_in("""
    to up for me us him her them it the a an my our his their on in at by from off out about with
    that she he they we i over back and very too yesterday
""")
_CONTAINING: Final = frozenset({"of", "for"})
# The number behind them says which, or for how many.
_LABELLED: Final = words_in(
    """
    serves feeds code block flat room shop ext pin house gate apt unit mile tower wing floor number
    ref po hostel
    """
)
_WHATEVER: Final = frozenset({"whatever", "whichever"})
_PRAISE: Final = words_in("""
    fine ok okay enough good great perfect plenty lovely nice ideal wonderful brilliant amazing do
    please needed missing all right alright sufficient
""")
#: Before a subject they ask a question.
INVERTED: Final = words_in("can could would will do did have are is")
_ADDING: Final = words_in("also plus and then add another some")
_FIGURES: Final = frozenset({Kind.MONEY, Kind.PACK_OF, Kind.TIMES})
_AUXILIARY: Final = MODALS | BEING | {"can"}
_BARE_VERBS: Final = words_in("be go do make get come take have")
# A subject and its verb in one: "I'm stuck on the 405".
_CONTRACTED: Final = frozenset(
    f"{who}'{verb}"
    for who in ("i", "we", "he", "she", "they")
    for verb in ("m", "re", "s", "ll", "ve", "d")
)
# They ask for what follows: "I'm after", "we'll take".
_IN_NEED: Final = words_in("""
    after out low short nearly almost getting buying picking ordering looking running needing
    wanting asking craving missing making doing in take have get buy order grab down like love
    a about
""")
_READERS: Final = frozenset({"you", "u", "ya"})
_THEM: Final = frozenset({"us", "you", "them", "whom"})
_WRITERS: Final = frozenset({"i", "we", "he", "she", "they"})
_MAY_ASK: Final = (
    COMMANDS
    | SUPPOSING
    | MODALS
    | ASKING
    | _IN_NEED
    | words_in("""
    go dey no don wan fit lack still am are was were is had did do don't get say mean said thank
    would could just also only and or
    """)
)
_MANY: Final = words_in("kids children people men women")
_ASKING_WHETHER: Final = words_in("check confirm see ask know find")
_WHETHER: Final = frozenset({"if", "whether"})
#: What may begin a condition behind a thing.
QUALIFYING: Final = _WHETHER | {"depending"}
_THERE: Final = frozenset({"there's", "theres", "there'll"})
_LATEST_PRAISE: Final = 4  # words: "would be just great"
_LATEST_VERB: Final = 8  # words behind the clause's first


def is_amount(clause: Sequence[Token], place: int) -> bool:
    """Whether a number of something stands there; "a" and "one" are in many a sentence."""
    token = clause[place]
    if place and clause[place - 1].lower in _LABELLED:
        return False
    if token.lower in ARTICLES or token.lower == "one":
        return token_at(clause, place + 1).lower in UNIT_SPELLINGS
    return is_number(token)


def qualifies(clause: Sequence[Token], place: int) -> bool:
    """Whether the rest says when, or how much, of a thing: salt "if you want", "depending on"."""
    names_thing = any(token.lower in GOODS for token in clause[:place])
    return names_thing or clause[place].lower == "depending"


def is_told(clause: Sequence[Token], place: int) -> bool:
    """Whether the command there says what is done, or is a noun: "I will send", "the order"."""
    command, following = clause[place].lower, token_at(clause, place + 1).lower
    at = place - 1
    while at >= 0 and clause[at].lower in _BEFORE_VERBS:
        at -= 1
    subject = clause[at].lower if at >= 0 else ""
    if command in ASKING:
        is_third = subject in _THIRD and following == "to"
        return is_third and token_at(clause, place + 2).lower not in _GETTING
    if command == "get" and following in _GOING:
        return True  # "when you get home"
    between = {token.lower for token in clause[at + 1 : place]}
    if not between.isdisjoint(BEING):
        return True  # "I've been put in charge"
    if at < 0:
        return False
    if at == place - 1 and _is_noun(clause, place):
        return True
    return _is_done(clause, at, command, between)


def _is_done(clause: Sequence[Token], at: int, command: str, between: Collection[str]) -> bool:
    """Whether the subject at that place does what the verb says: "Emeka go bring the money"."""
    subject = clause[at].lower
    if subject == "go":
        return at > 0 and clause[at - 1].lower not in _MAY_GO
    will = not MODALS.isdisjoint(between)
    if subject in _THIRD:
        lets = at > 0 and clause[at - 1].lower == "make"  # "make she keep", which is asked
        return will or not (between or lets)
    if command == "have":
        return _are_many(subject)
    if "will" in between and clause[at].text[0].isupper() and subject not in SUBJECTS:
        return True  # "Sister Ngozi will bring the pots"
    is_willing = will or subject.endswith("'ll")
    return subject in _FIRST and is_willing and command in _DONE_BY_WRITER


def _is_noun(clause: Sequence[Token], place: int) -> bool:
    """Whether a noun stands there, or the verb of one: "the big order", "my pikin get fever"."""
    if token_at(clause, place + 1).lower in _CONTAINING and is_number(token_at(clause, place + 2)):
        return False  # "an order of 5 bags"
    before = [token.lower for token in clause[max(0, place - 2) : place]]
    if before[-1] in DETERMINERS:
        return True
    asks = place > len(before) and clause[place - 3].lower in INVERTED  # "could your driver bring"
    if before[0] not in DETERMINERS or len(before) == 1 or asks:
        return False
    return before[1] not in ADDRESSED and before[1] not in _POLITE and before[1] not in GOODS


def tells(clause: Sequence[Token], start: int) -> bool:
    """Whether a subject and its verb stand there that ask for nothing."""
    first = clause[start].lower
    if first in _CONTRACTED and start + 1 < len(clause) and not _asks(clause, start + 1):
        return not (is_number(clause[start + 1]) or clause[start + 1].lower in _IN_NEED)
    if first in INVERTED and token_at(clause, start + 1).lower in _READERS:
        rest = clause[start + 2 :]
        return bool(rest) and rest[0].lower not in _MAY_ASK and not names_or_counts(rest)
    return (first in _WRITERS and _acts(clause, start + 1)) or _has_verb(clause, start)


def _has_verb(clause: Sequence[Token], start: int) -> bool:
    """Whether the verb behind a subject asks for nothing.

    A verb behind an amount tells of it only where no praise follows: "2 tins would be great".
    """
    counts = False
    for place in range(start + 1, min(len(clause), start + 1 + _LATEST_VERB)):
        token = clause[place]
        if REMARK_OPENING.match(clause, place) or clause[place - 1].lower in _WHATEVER:
            return False
        if token.lower in COMMANDS and token.lower not in ASKING:
            return is_told(clause, place)
        counts = counts or is_amount(clause, place - 1)
        if _is_verb(clause, start, place):
            return not (_asks(clause, place) or (counts and _will_do(clause, place)))
        if counts and token.lower in GOODS and clause[start].lower in SUBJECTS:
            return False
    return False


def names_or_counts(clause: Sequence[Token]) -> bool:
    """Whether the clause names a common thing or one of the catalog, or so much of any."""
    return clause[0].lower in _ADDING or any(
        token.lower in GOODS
        or tuple(each.lower for each in clause[place : place + 2]) in COMPOUND_GOODS
        or token.kind in _FIGURES
        or token.lower.endswith(KNOWN_NAME)
        or (is_amount(clause, place) and not _is_of_people(clause, place + 1))
        for place, token in enumerate(clause)
    )


def _is_of_people(clause: Sequence[Token], place: int) -> bool:
    """Whether so many people are meant: "two of them vegan"."""
    words = [token.lower for token in clause[place : place + 2]]
    return words[:1] == ["of"] and words[1:] != [] and words[1] in _THEM


def _are_many(word: str) -> bool:
    """Whether the word may be those who have something: "the kids"."""
    return word in _MANY or (word.endswith("s") and word not in SUBJECTS | PRONOUNS)


def _acts(clause: Sequence[Token], place: int) -> bool:
    """Whether a verb stands there that asks for nothing: "we open the doors at 7"."""
    while place < len(clause) and clause[place].lower in ADVERBS:
        place += 1
    verb, following = token_at(clause, place), token_at(clause, place + 1)
    if verb.kind != Kind.WORD or verb.lower in _MAY_ASK or is_number(verb) or not verb.lower:
        return False
    is_past = verb.lower.endswith("ed") or verb.lower in TELLING
    return is_past or not (is_number(following) or verb.lower in GOODS)


def says_there_is(words: Sequence[str]) -> bool:
    """Whether these only say so: "I think there's half a jar", unlike "there's a deal, get 2"."""
    said = words[2:] if words[0] == "i" and words[1:2] and words[1] in SUPPOSING else words
    return bool(said) and said[0] in _THERE and COMMANDS.isdisjoint(said)


def inquires(words: Sequence[str]) -> bool:
    """Whether these ask for an answer: "check if they have ugba", unlike "... and get some"."""
    return any(
        word in _ASKING_WHETHER and not _WHETHER.isdisjoint(words[place + 1 : place + 3])
        for place, word in enumerate(words)
    )


def enough(clause: Sequence[Token]) -> list[Token]:
    """The number of "two'll do" and "three will be plenty"; empty elsewhere."""
    first = clause[0]
    contracts = first.lower.endswith("'ll")
    if not contracts and token_at(clause, 1).lower not in PREDICATING:
        return []
    verb = 0 if contracts else 1
    number = first._replace(lower=first.lower.removesuffix("'ll"))
    if not is_number(number):
        return []
    rest = clause[verb + 1 :]
    return [number] if rest and all(token.lower in _PRAISE | {"be"} for token in rest) else []


def says_enough(clause: Sequence[Token]) -> bool:
    """Whether the clause ends by saying that so much will do: "15 lbs would be wonderful"."""
    place = next((at for at, token in enumerate(clause) if token.lower in PREDICATING), 0)
    return place > 0 and _will_do(clause, place)


def _will_do(clause: Sequence[Token], place: int) -> bool:
    """Whether the verb there only says that so much will do: "is enough", "would be great"."""
    ahead = clause[place + 1 : place + 1 + _LATEST_PRAISE]
    return not ahead or any(token.lower in _PRAISE for token in ahead)


def _asks(clause: Sequence[Token], place: int) -> bool:
    """Whether the verb there, or one behind its auxiliary, asks for things."""
    while place < len(clause) and clause[place].lower in _BEFORE_VERBS:
        place += 1
    return token_at(clause, place).lower in ASKING


def _is_verb(clause: Sequence[Token], start: int, place: int) -> bool:
    word = clause[place].lower
    if word in TELLING and word not in _AUXILIARY:
        return True
    if word == "have":
        return _are_many(clause[place - 1].lower)
    if word not in _AUXILIARY and not word.endswith("ed"):
        return False
    following = token_at(clause, place + 1).lower
    if word == "can":  # unlike "1 can crushed tomatoes"
        return clause[place - 1].lower in PRONOUNS or following in _BARE_VERBS
    if word in _AUXILIARY:
        return following not in PRONOUNS  # "four avocados wait are they cheap"
    return following in _GOVERNED and not any(
        token.lower in GOODS_WORDS or is_number(token) for token in clause[start:place]
    )
