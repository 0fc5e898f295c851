"""Divides sentences into clauses, at punctuation and where another statement begins.

"we've got eggs but there's no flour so get 1kg" says what there is, what is lacking, what to buy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final

from orderflow.grocery_list.quantities.marks import matching_brackets
from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import (
    ANNOUNCING,
    AUXILIARIES,
    COMMANDS,
    CONJUNCTIONS,
    NEGATIONS,
    PRONOUNS,
    SUBJECTS,
    SUPPOSING,
    TALK_OPENINGS,
    WANTING,
)
from orderflow.grocery_list.words.verbs import BEING, HANDING, MODALS
from orderflow.grocery_list.words.vocabulary import REMARK_OPENING

#: They end a sentence.
SENTENCE_ENDS: Final = frozenset({Kind.NEWLINE, Kind.STOP, Kind.BREAK})
#: They end a clause.
CLAUSE_ENDS: Final = SENTENCE_ENDS | {Kind.COMMA, Kind.COLON, Kind.DASH}
# "so far", "so that", "so much": no consequence follows.
_NO_CONSEQUENCE: Final = words_in("far that much many long as on")
# They ask as whom they stand for: subjects of a sentence of their own.
_SPEAKERS: Final = (PRONOUNS & SUBJECTS) - words_in("what when where who why how that's una you u")
_VERBS: Final = WANTING | AUXILIARIES | words_in("have had got don't do")
# With a verb behind them, these begin a sentence, but behind what introduces or asks.
_WHO: Final = frozenset(
    f"{who}{verb}"
    for who in ("i", "we", "he", "she", "they", "it")
    for verb in ("", "'ll", "'d", "'ve", "'re", "'m", "'s")
) - {"it"}
_BEFORE_WHO: Final = (
    words_in("""
    if when because cos since as that what which who whom where why how than until till before
    after while whether and but so or then please though although unless like whatever like say
    wetin wey make once whenever i we maybe perhaps the a oh ehn
""")
    | AUXILIARIES
    | MODALS
    | BEING
    | words_in("do don't have am")
)
_ASKING: Final = words_in("could can would please pls abeg kindly")
_SAYING: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.PACK_OF})
_IF: Final = frozenset({"if", "when", "agar", "should"})
_DOING: Final = COMMANDS | {"do", "just", "only", "please"}
_LACKING: Final = frozenset({"no", "hardly"})
_TAKING: Final = frozenset({"take", "carry", "give", "to"})
_THANKS: Final = frozenset({"thx", "thanks", "tnx", "ta", "cheers"})
_FAILING: Final = (["if", "no"], ["if", "none"], ["failing", "that"])
_FOR_WANT: Final = frozenset({"if", "failing", "otherwise"})
_LATEST_IF: Final = 3  # words: "and Aunty, if"
_OPENING: Final = (
    {"so", "but", "or", "if"} | COMMANDS | _TAKING | _SPEAKERS | _WHO | ANNOUNCING.first_words
)
_LONGEST_CONDITION: Final = 12  # words
_NOT: Final = NEGATIONS | words_in("can't cant cannot couldn't isn't isnt aren't none haven't")
_THERE: Final = words_in("find dey see get have got available there sell stock")
_WITH_NOT: Final = words_in("dey fit go be in even able to yet still")
_GONE: Final = words_in("finished finish gone unavailable out sold")
_WITH_GONE: Final = words_in("it it's e is they they're are dem have has don all either")
_TURNING: Final = frozenset({"but", "or", "if"})
_INSTEAD: Final = COMMANDS | {"then", "just", "use", "take"}
_REMOVING: Final = words_in("cancel remove delete skip")
# "could you please", "actually I want to".
_BEFORE_REMOVAL: Final = _ASKING | words_in("""
    u you make will i we i'd we'd want need like to let's and but so then also actually sorry just
    have
""")
_LATEST_REMOVAL: Final = 8
_LONGEST: Final = 60  # words of a clause, so that a list is not read again at each "and" of it
_SAYING_SOMETHING: Final = SUBJECTS | AUXILIARIES | COMMANDS
_LATEST_VERB: Final = 5  # words behind "and": "and the bin bags are nearly gone"


def clauses(tokens: Sequence[Token]) -> Iterator[tuple[list[Token], Token | None]]:
    """The tokens between separators, each with the one that ends it; None at the list's end."""
    clause: list[Token] = []
    has_brackets = Kind.OPEN in [token.kind for token in tokens]
    closing = matching_brackets(tokens) if has_brackets else {}
    outside = 0  # where the brackets end that are open
    for place, token in enumerate(tokens):
        outside = max(outside, closing.get(place, 0))
        if place < outside:
            clause.append(token)
            continue
        if clause and (
            (token.lower == "otherwise" and clause[0].lower == "if")
            or (clause[-1].kind == Kind.EMOJI and token.lower in COMMANDS)
            or (clause[-1].lower in _THANKS and TALK_OPENINGS.match(tokens, place))
        ):
            yield clause, token._replace(kind=Kind.COMMA, end=token.start)
            clause = []
        may_begin = clause and (token.kind == Kind.AND or token.lower in _OPENING)
        if may_begin and _begins_statement(tokens, place, clause):
            yield clause, token._replace(kind=Kind.COMMA, end=token.start)
            clause = []
            if token.kind == Kind.AND:
                continue
        if token.kind in CLAUSE_ENDS and not (token.kind == Kind.DASH and _is_range(clause)):
            yield clause, token
            clause = []
        else:
            clause.append(token)
    if clause:
        yield clause, None


def _begins_statement(tokens: Sequence[Token], place: int, clause: Sequence[Token]) -> bool:
    """Whether the clause ends before this token, without punctuation."""
    token, following = tokens[place], token_at(tokens, place + 1)
    if token.lower == "so":
        is_degree = tokens[place - 1].lower in BEING  # "was so sweet"
        is_consequence = (
            len(clause) > 1 and not is_degree and following.lower not in _NO_CONSEQUENCE
        )
        return is_consequence and (_asks(tokens, place + 1) or is_sentence(clause[-_LONGEST:]))
    if token.lower in _TURNING or token.kind == Kind.AND:
        return _turns(tokens, place, clause)
    if following.lower == "me":  # "give me 6"
        following = token_at(tokens, place + 2)
    begins_amount = is_number(following) or following.kind == Kind.MONEY
    if begins_amount and (token.lower in COMMANDS or token.lower in _TAKING):
        return is_conditional(clause)
    if _says_more(tokens, place):
        return True
    if tokens[place - 1].lower not in GOODS:
        return False
    return _says_what_there_is(tokens, place) or bool(ANNOUNCING.match(tokens, place))


def _turns(tokens: Sequence[Token], place: int, clause: Sequence[Token]) -> bool:
    """Whether the "and", "but" or "if" there joins sentences: "cancel the milk" and add tea."""
    word = tokens[place].lower
    if word in {"or", "if"} or (word == "but" and token_at(tokens, place + 1).lower == "if"):
        return _opens_fallback(tokens, place)
    if tokens[place].kind == Kind.AND and removal(clause[:_LATEST_REMOVAL]):
        return token_at(tokens, place + 1).lower in _DOING | _TAKING | HANDING
    return _states(tokens, place + 1) and is_sentence(clause[-_LONGEST:])


def _says_more(tokens: Sequence[Token], place: int) -> bool:
    """Whether another sentence begins there: "one bag" he's not eating them, "I said" I'd do it."""
    return (
        tokens[place].lower in _WHO
        and tokens[place - 1].kind in _SAYING
        and tokens[place - 1].lower not in _BEFORE_WHO
        and token_at(tokens, place + 1).kind == Kind.WORD
    )


def _asks(tokens: Sequence[Token], place: int) -> bool:
    """Whether a request follows a "so": "so could you", "so get 3"."""
    first = token_at(tokens, place).lower
    return first in _ASKING or (first in COMMANDS and is_number(token_at(tokens, place + 1)))


def _says_what_there_is(tokens: Sequence[Token], place: int) -> bool:
    """Whether a subject and a verb stand there, and more: "we've got flour"."""
    if tokens[place].lower not in _SPEAKERS or token_at(tokens, place + 1).lower not in _VERBS:
        return False
    behind = token_at(tokens, place + 2)
    return behind.kind in _SAYING and behind.lower not in COMMANDS


def unavailable(clause: Sequence[Token]) -> int:
    """The place behind the condition that a thing is not there: "but if e no dey" buy that; or 0.

    What is at the writer's home is another matter: "if we have no milk".
    """
    start = 1 + (clause[0].lower in {"but", "or"})
    words = [token.lower for token in clause[start : start + _LONGEST_CONDITION]]
    if clause[start - 1].lower != "if" or not words or words[0] in {"i", "we"}:
        return 0
    end = next((at for at, word in enumerate(words) if word in _NOT or word in _GONE), len(words))
    if end < len(words) and words[end] in _GONE:
        end = end + 1 if _WITH_GONE.issuperset(words[:end]) else 0
    else:
        end = _behind_negation(words, end)
    if not end:
        return 0
    while end < len(words) and not (words[end] in _INSTEAD or is_number(clause[start + end])):
        end += 1
    return start + end


def _behind_negation(words: Sequence[str], place: int) -> int:
    """The place behind "no dey", "can't find" or the "no" of "no yam"; 0 for anything else."""
    verb = place + 1
    while verb < len(words) and words[verb] in _WITH_NOT - _THERE:
        verb += 1
    if verb < len(words) and words[verb] in _THERE:
        return verb + 1
    names = words[place + 1 : place + 2] != [] and words[place + 1] in GOODS
    is_none = words[place : place + 1] == ["none"]
    return place + 1 if is_none or (words[place : place + 1] == ["no"] and names) else 0


def _opens_fallback(tokens: Sequence[Token], place: int) -> bool:
    """Whether a condition begins there that a thing is not there, and what is bought instead."""
    if place and tokens[place - 1].lower in {"but", "or"}:
        return False  # it begins before
    ahead = tokens[place : place + _LONGEST_CONDITION]
    ahead = list(takewhile(lambda token: token.kind not in CLAUSE_ENDS, ahead))
    end = unavailable(ahead) if len(ahead) > 1 else 0
    ends = token_at(tokens, place + len(ahead)).kind
    return end > 0 and (end < len(ahead) or ends not in SENTENCE_ENDS)


def removal(clause: Sequence[Token]) -> int:
    """The place behind the verb that takes things off the list: "please cancel" 2 milk; else 0."""
    for place, token in enumerate(clause[:-1]):
        if token.lower in _REMOVING:
            return place + 1
        if token.lower == "forget" and clause[place + 1].lower in {"the", "about"}:
            return place + 1
        if token.lower not in _BEFORE_REMOVAL:
            return 0
    return 0


def is_conditional(clause: Sequence[Token]) -> bool:
    """Whether the clause is a condition: "if you see corn", unlike "if e no dey" (another)."""
    if _IF.isdisjoint([token.lower for token in clause[:_LATEST_IF]]):
        return False
    return NEGATIONS.isdisjoint(token.lower for token in clause)


def names_thing(clause: Sequence[Token]) -> bool:
    """Whether a thing is named, as in "the salmon's wild"."""
    return any(token.lower.removesuffix("'s") in GOODS for token in clause)


def begins_anew(clause: Sequence[Token], asked: Sequence[Token]) -> bool:
    """Whether a sentence begins with the clause: "Add salt", "Also salt"."""
    if not asked:
        return False
    first = clause[0]
    return asked[0] is not first or (first.lower in CONJUNCTIONS and first.text[0].isupper())


def opens_alternative(clause: Sequence[Token]) -> bool:
    """Whether the sentence says what is bought for want of what was asked for: "if not, send"."""
    if clause[0].lower not in _FOR_WANT:
        return False
    words = [token.lower for token in clause]
    return words in _FAILING or words[0] == "otherwise" or words[:2] == ["if", "not"]


def is_sentence(clause: Sequence[Token]) -> bool:
    """Whether the words say something, unlike "red and green peppers"."""
    return not _SAYING_SOMETHING.isdisjoint([token.lower for token in clause])


def _states(tokens: Sequence[Token], start: int) -> bool:
    """Whether a sentence of its own begins there: "I think", "the bin bags are nearly gone"."""
    first = token_at(tokens, start)
    if first.lower in _LACKING or (first.lower in _DOING and tokens[start - 1].lower == "but"):
        return True
    if first.lower in _SPEAKERS:
        return token_at(tokens, start + 1).kind == Kind.WORD and not _supposes(tokens, start + 1)
    for place in range(start, min(start + _LATEST_VERB, len(tokens))):
        token = tokens[place]
        if (
            token.kind != Kind.WORD
            or token.lower in COMMANDS
            or REMARK_OPENING.match(tokens, place)
        ):
            return False
        if token.lower in AUXILIARIES:
            return place > start
    return False


def _supposes(tokens: Sequence[Token], place: int) -> bool:
    """Whether an "I think" is said of a thing, and not of people: "I think one more jar"."""
    if tokens[place].lower not in SUPPOSING:
        return False
    return token_at(tokens, place + 1).lower not in _SPEAKERS


def _is_range(clause: Sequence[Token]) -> bool:
    return bool(clause) and clause[-1].kind == Kind.NUMBER
