"""Sets aside what is said around items: greetings, commands, addresses, totals, thanks.

Sentences end at line ends, full stops and the like; commas, colons and dashes divide them into
clauses. A clause that says something about people is talk; of one that asks for things ("when you
come back buy suya"), what comes before them is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from orderflow.grocery_list.quantities.marks import matching_brackets, outside_brackets
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.talk.clauses import (
    address_follows,
    is_address,
    is_figure,
    is_money_matter,
    is_refusal,
    is_signature,
    is_talk,
    signs_off,
)
from orderflow.grocery_list.talk.courtesy import without_courtesy
from orderflow.grocery_list.talk.lead_ins import is_amount, lead_in
from orderflow.grocery_list.talk.mentions import Mention, bare_amount, mention
from orderflow.grocery_list.words.talk_words import CONJUNCTIONS, FIELDS, TALK_WORDS

_SENTENCE_ENDS: Final = frozenset({Kind.NEWLINE, Kind.STOP, Kind.BREAK})
_SAYING: Final = frozenset(
    (Kind.WORD, Kind.NUMBER, Kind.PACK_OF, Kind.MONEY, Kind.TIME, Kind.TIMES)
)
_ASKING: Final = frozenset({"could", "can", "would", "please", "pls", "abeg", "kindly"})
_BEFORE_SUMS: Final = frozenset({Kind.COLON, Kind.DASH})
_CLAUSE_ENDS: Final = _SENTENCE_ENDS | {Kind.COMMA, Kind.COLON, Kind.DASH}


def without_talk(tokens: list[Token], words: Collection[str]) -> tuple[list[Token], list[SetAside]]:
    """The tokens that may be items, and what was set aside, in the list's order.

    Args:
        tokens: those of the list.
        words: how the vocabularies spell these.
    """
    if TALK_WORDS.isdisjoint(words):
        return tokens, []
    kept: list[Token] = []
    aside: list[SetAside] = []
    signed_off = in_address = is_sum = False
    mentioned: Mention | None = None
    for clause, separator in _clauses(tokens):
        goes_on = in_address and not _ends_address(clause, separator)
        if goes_on or address_follows(clause) or _is_field(clause, separator):
            in_address = separator is not None and separator.kind != Kind.NEWLINE
            _put_aside(aside, Reason.ADDRESS, clause)
        elif is_sum and is_figure(clause):
            _put_aside(aside, Reason.MONEY, clause)
        elif signed_off and is_signature(clause) and not _is_title(separator):
            signed_off = False
            _put_aside(aside, Reason.TALK, clause)
        else:
            in_address = False
            signed_off = signs_off(clause) or (signed_off and not clause)
            asked = _without_talk(clause, aside)
            if kept and kept[-1].kind == Kind.STOP and _begins_anew(clause, asked):
                kept[-1] = kept[-1]._replace(kind=Kind.BREAK)  # "2kg. Add salt" abbreviates nothing
            if clause and not asked:
                mentioned = mention(clause, aside)
            elif asked and mentioned:
                asked = _with_mentioned(mentioned, clause, asked, kept, aside)
                mentioned = None
            kept += asked
        if separator:
            mentioned = None if separator.kind == Kind.NEWLINE else mentioned
            is_sum = separator.kind in _BEFORE_SUMS and bool(clause) and is_money_matter(clause)
            kept.append(separator)
    return kept, aside


def _clauses(tokens: Sequence[Token]) -> Iterator[tuple[list[Token], Token | None]]:
    """The tokens between separators, each with the one that ends it."""
    clause: list[Token] = []
    closing = matching_brackets(tokens) if any(token.kind == Kind.OPEN for token in tokens) else {}
    outside = 0  # where the brackets end that are open
    for place, token in enumerate(tokens):
        outside = max(outside, closing.get(place, 0))
        if place < outside:
            clause.append(token)
            continue
        if token.lower == "so" and len(clause) > 1 and _asks(tokens, place + 1):
            yield clause, None  # "The milk is gone so could you" get some
            clause = []
        if token.kind in _CLAUSE_ENDS and not (token.kind == Kind.DASH and _is_range(clause)):
            yield clause, token
            clause = []
        else:
            clause.append(token)
    if clause:
        yield clause, None


def _asks(tokens: Sequence[Token], place: int) -> bool:
    return token_at(tokens, place).lower in _ASKING


def _with_mentioned(
    mentioned: Mention,
    clause: list[Token],
    asked: list[Token],
    kept: list[Token],
    aside: list[SetAside],
) -> list[Token]:
    """What is asked for, behind the thing that was mentioned where it is no more than an amount."""
    amount = bare_amount(asked, is_command=asked[0] is not clause[0])
    if not amount:
        return asked
    if kept and kept[-1].kind in _CLAUSE_ENDS:
        kept.pop()  # it stood between the thing and its amount
    return mentioned.take(aside) + amount


def _begins_anew(clause: Sequence[Token], asked: Sequence[Token]) -> bool:
    """Whether a sentence begins with the clause: "Add salt", "Also salt"."""
    if not asked:
        return False
    first = clause[0]
    return asked[0] is not first or (first.lower in CONJUNCTIONS and first.text[0].isupper())


def _ends_address(clause: Sequence[Token], separator: Token | None) -> bool:
    """Whether what follows an address on its line are items: "Items: 3 packs semolina"."""
    return _is_title(separator) or bool(clause and lead_in(clause))


def _is_field(clause: Sequence[Token], separator: Token | None) -> bool:
    """Whether a form's field is named whose value follows: "Date:"."""
    return _is_title(separator) and " ".join(token.lower for token in clause) in FIELDS


def _is_title(separator: Token | None) -> bool:
    """Whether the clause before the separator is a title: "Items:"."""
    return separator is not None and separator.kind == Kind.COLON


def _is_range(clause: Sequence[Token]) -> bool:
    return bool(clause) and clause[-1].kind == Kind.NUMBER


def _without_talk(clause: list[Token], aside: list[SetAside]) -> list[Token]:
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
            _put_aside(aside, Reason.TALK, clause if says_more else clause[:length])
            return [] if says_more else asked
        if not is_talk(outside_brackets(clause) or clause):
            return clause
        reason = Reason.TALK
    _put_aside(aside, reason, clause)
    return []


def _put_aside(aside: list[SetAside], reason: str, clause: Sequence[Token]) -> None:
    """Note why the clause is no item; courtesy needs no reason."""
    if not clause:
        return
    said = without_courtesy([token for token in clause if token.kind in _SAYING])
    if not said:
        return
    aside.append(SetAside(reason, (clause[0].start, clause[-1].end)))
