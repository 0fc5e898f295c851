"""Tells what there is from what is lacking: "we have eggs but no milk", "sugar don finish".

What is there is not bought; what is lacking is, unless the list asks for it elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.quantities.amounts import read_whole_amount
from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.talk.lead_ins import behind_conjunctions
from orderflow.grocery_list.talk.predicates import says_enough
from orderflow.grocery_list.talk.sentences import is_conditional, names_thing
from orderflow.grocery_list.words.goods import GOODS, GOODS_WORDS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import COMMANDS, STOCK_HEADINGS

_HOLDERS: Final = words_in("i we they e it i've we've they've there there's theres")
_HAVING: Final = words_in("have haven't havent got get has hasn't hasnt don't dont")
_BEING: Final = words_in("is are was were isn't aren't isnt")
_CONTRACTED: Final = words_in("i've we've they've there's theres")
_NEGATING: Final = words_in("""
    no not don't dont haven't havent hasn't isn't isnt aren't ain't never hardly barely
""")
_ADVERBS: Final = words_in(
    "still already also only just really actually any do much enough more left"
)
_DETERMINERS: Final = words_in("no any hardly barely the some our my your more much enough even or")
# They end what is lacking: "no milk" left, "no garri" for house.
_BEHIND_THINGS: Final = words_in("""
    left at in for again too either anymore remaining because sef sha o dey yet this today now
    here house home that which since
""")
_AT_HOME: Final = words_in("left already home house here fridge cupboard freezer pantry")
_GONE: Final = words_in("finish finished gone empty low out exhausted")
_SURELY_GONE: Final = words_in("finish finished gone")
_BEFORE_GONE: Final = words_in("""
    is are has have don dey was were all nearly almost run ran running getting sef too also it's
    just completely about totally been
""")
_AFTER_GONE: Final = words_in("o too now again completely sef for house home already ooo oo also")

_BUYING: Final = words_in("get buy bring grab fetch pick send order purchase")
_ADDING: Final = words_in("and too also plus need needs")
_TURNS: Final = words_in("so but just only then i we i'll we'll i'd we'd please can could")
_WITHIN: Final = frozenset({"in", "at", "for"})
_OPENING: Final = _WITHIN | _HOLDERS
_LATEST_HOLDER: Final = 5  # words: "in the store we"
_GOT: Final = frozenset({"got", "have"})
_NEEDING: Final = frozenset({"need", "needs", "missing", "just", "only", "remain", "remains"})
_WANTED: Final = words_in("buying buy need needed get getting required necessary want bring order")
#: They say what is taken on a condition: "if you have pies" I'll take two.
WILLING: Final = words_in("i'll we'll i'd we'd i we")
_MOST_LISTED: Final = 40  # clauses
_LONGEST_TITLE: Final = 6
_LATEST_COMMAND: Final = 4  # words: "so just get"

#: A clause, and what ends it.
Part = tuple[Sequence[Token], Token | None]
#: From a place of a clause to before another.
_Range = tuple[int, int]


def lacking(clause: Sequence[Token], *, goes_on: bool = False) -> _Range | None:
    """Where the clause names what is lacking: "we have no" milk, milk "is finished"; else None.

    Args:
        clause: the tokens between two separators.
        goes_on: a clause about what there is or lacks came before, so that "no milk" says it too.
    """
    start = behind_conjunctions(clause)
    begin, negated = _behind_having(clause, start)
    refuses = token_at(clause, start + 1).lower in COMMANDS  # "don't need"
    if not begin and token_at(clause, start).lower in _NEGATING and not refuses:
        says_where = any(token.lower in _AT_HOME for token in clause[start:])
        follows = goes_on and clause[0].lower != "so"  # "there's rice, so no rice"
        begin, negated = start + 1, follows or says_where
    part = (begin, _end(clause, begin)) if negated else _gone(clause, start)
    if part is None or not _names_things(clause[part[0] : part[1]]):
        return None
    return part


def is_having(clause: Sequence[Token]) -> bool:
    """Whether the clause says what there is, as "we've got 6 eggs" does."""
    start = behind_conjunctions(clause)
    if clause[-1].lower != "left" and clause[start].lower not in _OPENING:
        return False
    words = [token.lower for token in clause]
    if words[-1] == "left" and not GOODS.isdisjoint(words):  # "1 tin of tomatoes left"
        return COMMANDS.isdisjoint(words) and "if" not in words
    if words[start] in _WITHIN:  # "in the house we have"
        opening = range(start, min(len(words), start + _LATEST_HOLDER))
        start = next((at for at in opening if words[at] in _HOLDERS), start)
    begin, negated = _behind_having(clause, start)
    if not begin or negated or token_at(clause, begin).lower == "to":
        return False
    return COMMANDS.isdisjoint(words[begin:]) and not GOODS_WORDS.isdisjoint(words[begin:])


def buys_instead(clause: Sequence[Token]) -> bool:
    """Whether other things are bought for want of what lacks: "no chicken, so get two pizzas"."""
    said = {token.lower for token in clause[:_LATEST_COMMAND]}
    return not said.isdisjoint(_BUYING) and said.isdisjoint(_ADDING)


def has_then_needs(parts: Sequence[Part], place: int) -> bool:
    """Whether a sentence lists what there is, and the next what is needed: "Got eggs. Need tea"."""
    if parts[place][0][0].lower not in _GOT:
        return False
    until = listed_until(parts, place)
    return until < len(parts) and _needs(parts[until][0])


def listed_until(parts: Sequence[Part], place: int) -> int:
    """The place of the first clause that does not list what there is, as the one at ``place`` does.

    The list goes on over commas to a turn ("..., so just") or to an "already".

    Args:
        parts: the clauses, each with what ends it.
        place: that of a clause about what there is.
    """
    if _says_where(parts[place][0]):
        return place + 1
    for ahead in range(place, min(len(parts) - 1, place + _MOST_LISTED)):
        separator = parts[ahead][1]
        if separator is None or separator.kind != Kind.COMMA:
            is_turn = _says_where(parts[ahead][0]) or _needs(parts[ahead + 1][0])
            return ahead + 1 if is_turn else place + 1
        following = parts[ahead + 1][0]
        if following and (following[0].lower in _TURNS or following[0].lower in COMMANDS):
            return ahead + 1
    ends_list = len(parts) - place <= _MOST_LISTED and _says_where(parts[-1][0])
    return len(parts) if ends_list else place + 1


def _needs(clause: Sequence[Token]) -> bool:
    """Whether the sentence says what is needed: "Need flour", "Missing: sugar"."""
    return any(token.lower in _NEEDING for token in clause[:_LATEST_COMMAND])


def _says_where(clause: Sequence[Token]) -> bool:
    return bool(clause) and clause[-1].lower in _AT_HOME


def lists_no_order(title: Sequence[Token]) -> bool:
    """Whether what follows the title is not to be bought: "Already at home:", "NOT buying:"."""
    words = [token.lower for token in title]
    if len(words) > _LONGEST_TITLE or not GOODS.isdisjoint(words):
        return False
    if words[:2] == ["not", "this"]:  # "Not this week:"
        return True
    if " ".join(words) in STOCK_HEADINGS or "already" in words:
        return True
    if "one" in words or "ones" in words:  # "no buy fake one: Milo"
        return False
    return not _NEGATING.isdisjoint(words) and not _WANTED.isdisjoint(words)


def depends(clause: Sequence[Token], following: Sequence[Token], *, is_of_mentioned: bool) -> bool:
    """Whether so much of a thing is bought on this condition: "if the corn is fresh" get 10.

    Args:
        clause: the tokens between two separators.
        following: those up to the next.
        is_of_mentioned: a thing was mentioned that the condition may be about: "if it's cheap".
    """
    if not is_conditional(clause) or not (is_of_mentioned or names_thing(clause)):
        return False
    command = behind_conjunctions(following) if following else 0
    command += token_at(following, command).lower in WILLING
    asks = token_at(following, command).lower in COMMANDS | {"take", "carry", "give", "to"}
    amount = token_at(following, command + 1)
    if following and is_number(following[0]):
        whole = read_whole_amount(following)
        if says_enough(following) or (whole and whole.unit):
            return True  # "if you have sausages" 15 lbs would be wonderful
    return asks and (is_number(amount) or amount.kind == Kind.MONEY)


def things_in(tokens: Sequence[Token]) -> list[list[Token]]:
    """The things that the words name, without their determiners: "no tea and hardly any milk"."""
    things: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == Kind.AND or token.lower == "or":
            things.append([])
        elif things[-1] or token.lower not in _DETERMINERS:
            things[-1].append(token)
    return [thing for thing in things if thing]


def _behind_having(clause: Sequence[Token], start: int) -> tuple[int, bool]:
    """The place behind "we have got" or "I no get", and whether that is negated; else 0."""
    holder = token_at(clause, start).lower
    if holder not in _HOLDERS:
        return 0, False
    having = _HAVING | _BEING if holder.startswith("there") else _HAVING
    negated = has = False
    place = start + 1
    while place < len(clause):
        word = clause[place].lower
        if word not in having and word not in _NEGATING and word not in _ADVERBS:
            break
        negated = negated or word in _NEGATING
        has = has or (word in having and word not in {"don't", "dont"})
        place += 1
    if holder in _CONTRACTED:
        says_how_many = place > start + 1 or is_number(token_at(clause, place))  # "we've only 1"
        has = has or negated or says_how_many or holder.startswith("there")
    return (place, negated) if has and place < len(clause) else (0, False)


def _end(clause: Sequence[Token], begin: int) -> int:
    return next(
        (
            place
            for place in range(begin, len(clause))
            if clause[place].lower in _BEHIND_THINGS or clause[place].kind == Kind.OPEN
        ),
        len(clause),
    )


def _gone(clause: Sequence[Token], start: int) -> _Range | None:
    """Where "milk is finished" and "sugar no dey" name the thing."""
    end = len(clause)
    while end > start and clause[end - 1].lower in _AFTER_GONE:
        end -= 1
    if end - start < len(("milk", "gone")):
        return None
    last, before = clause[end - 1].lower, clause[end - 2].lower
    if last == "dey" and before == "no":
        verb = end - 2
    elif last in _GONE and (before in _BEFORE_GONE or last in _SURELY_GONE):
        verb = end - 1
    else:
        return None
    while verb > start and clause[verb - 1].lower in _BEFORE_GONE:
        verb -= 1
    return start, verb


def _names_things(tokens: Sequence[Token]) -> bool:
    things = things_in(tokens)
    return bool(things) and all(
        any(token.lower in GOODS for token in thing)
        and all(token.kind == Kind.WORD for token in thing)
        for thing in things
    )
