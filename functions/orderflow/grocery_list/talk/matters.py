"""Tells clauses about money, places and who signs from those about things: "Total: £13"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import END, Kind, Token, token_at
from orderflow.grocery_list.talk.lead_ins import behind_conjunctions, lead_in
from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import (
    ADDRESS_OPENINGS,
    COMMANDS,
    FIELDS,
    MONEY_MATTERS,
    PLACES,
    SIGN_OFFS,
    STREETS,
    SUBJECTS,
)
from orderflow.grocery_list.words.vocabulary import CURRENCIES
from orderflow.units import UNIT_SPELLINGS

#: The most words of the name that someone signs with.
LONGEST_SIGNATURE: Final = 3
_LONGEST_STREET: Final = 4
_LONGEST_TITLE: Final = 6
# "keke fare", "delivery fee"
_FEES: Final = words_in("""
    fare fee fees transport logistics total budget spend saving savings discount debit credit refund
""")
_ASKING: Final = COMMANDS - {"have"}
_AT_HAND: Final = frozenset({"dey", "hand"})
_HAVING: Final = words_in("have got has get only just with me about")
_LEAST_AT_HAND: Final = 500
_LONGEST_FEE: Final = 3
_PHONE_DIGITS: Final = 7
_MATTER_WORDS: Final = words_in("""
    about is = approx approximately max maximum due fee fees so far to pay the my all together come
    comes be of for on by only around in should ngn amount payment card cash received tendered
    given left ending ends no number charge
""")


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
            or token.lower in CURRENCIES
            for token in clause[start + 1 :]
        )
    if clause[-1].lower in _FEES and len(clause) - start <= _LONGEST_FEE:
        return GOODS.isdisjoint(token.lower for token in clause)
    words = {token.lower for token in clause}
    is_left = token_at(clause, start + 1).lower in {"left", "remaining"}
    is_left = is_left and clause[start].kind == Kind.MONEY
    if words >= _AT_HAND or is_left or (first in SUBJECTS and _says_how_much(clause[start + 1 :])):
        return True  # "3,500 dey my hand", "£15 left till Friday", "I have 5000"
    if Kind.MONEY not in [token.kind for token in clause]:
        return False
    if not words.isdisjoint(GOODS) or not words.isdisjoint(_ASKING):
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


def _says_how_much(tokens: Sequence[Token]) -> bool:
    """Whether a bare, large number is what someone has: (I) "only have 5000"."""
    *having, number = tokens or [END]
    return (
        number.kind == Kind.NUMBER
        and number.value >= _LEAST_AT_HAND
        and bool(having)
        and all(token.lower in _HAVING for token in having)
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


def _is_initial(token: Token) -> bool:
    return len(token.text) == 1 and token.text.isupper()


def is_signature(clause: Sequence[Token]) -> bool:
    """Whether the clause may be the name of who signs: "Sarah xx"."""
    if not clause or len(clause) > _LONGEST_TITLE:
        return False
    is_name = len(clause) <= LONGEST_SIGNATURE or all(
        token.text[0].isupper() or token.kind == Kind.AND for token in clause
    )  # "Facilities Manager, Harper & Lowe Ltd"
    return is_name and all(
        token.lower not in GOODS and not is_number(token)
        for token in clause
        if token.kind != Kind.AND and not _is_initial(token)
    )


def ends_address(clause: Sequence[Token], separator: Token | None) -> bool:
    """Whether what follows an address on its line are items: "Items: 3 packs semolina"."""
    return is_title(separator) or bool(clause and lead_in(clause))


def is_field(clause: Sequence[Token], separator: Token | None) -> bool:
    """Whether a form's field is named whose value follows: "Date:"."""
    if not is_title(separator) or not clause:
        return False
    is_address = clause[-1].lower == "address"
    return is_address or " ".join(token.lower for token in clause) in FIELDS


def is_title(separator: Token | None) -> bool:
    """Whether the clause before the separator is a title: "Items:"."""
    return separator is not None and separator.kind == Kind.COLON
