"""Tells what marks mean between the items of a list: slashes, brackets, numbering."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.quantities.lengths import LENGTHS, is_glued_length
from orderflow.grocery_list.quantities.measures import is_unit
from orderflow.grocery_list.quantities.numbers import NUMBER_SPELLINGS, is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.phrases import words_in
from orderflow.units import UNIT_SPELLINGS

_VOWELS: Final = frozenset("aeiou")
_WITH_VOWELS: Final = words_in("oz ozs gal gals lit lits floz fl teasp env envs")
_ABBREVIATIONS: Final = frozenset(
    unit
    for unit in UNIT_SPELLINGS
    if unit in _WITH_VOWELS or unit.startswith("fl") or _VOWELS.isdisjoint(unit)
)
_SHORT_FORM: Final = range(3, 8)  # letters
_OF_NUMBERS: Final = frozenset({Kind.NUMBER, Kind.PACK_OF, Kind.TIMES, Kind.DASH, Kind.AND})
_OF_AMOUNTS: Final = _OF_NUMBERS | {Kind.SLASH}
_AMOUNT_WORDS: Final = NUMBER_SPELLINGS | UNIT_SPELLINGS.keys()
_ROMAN: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}


def is_amount_word(token: Token) -> bool:
    """Whether the token is a number or a unit."""
    return is_number(token) or is_unit(token)


def are_of_amounts(tokens: Sequence[Token]) -> bool:
    """Whether each token may stand in an amount, or between two that say the same."""
    return all(token.kind in _OF_AMOUNTS or token.lower in _AMOUNT_WORDS for token in tokens)


def is_amount(tokens: Sequence[Token]) -> bool:
    """Whether there are only numbers and units."""
    return bool(tokens) and all(map(is_amount_word, tokens))


def is_abbreviation(token: Token) -> bool:
    """Whether the token abbreviates a unit, and may have a full stop: "lb", unlike "fillets".

    So does a short word without vowels that names no unit here: "dsp".
    """
    if token.lower in UNIT_SPELLINGS:
        return token.lower in _ABBREVIATIONS
    return is_short_form(token)


def is_short_form(token: Token) -> bool:
    """Whether the word is short and has no vowels: "dsp", "bsp"."""
    word = token.text
    return (
        len(word) in _SHORT_FORM and word.isalpha() and word.islower() and not _VOWELS & set(word)
    )


def slashes_by_line(tokens: Sequence[Token]) -> dict[int, int]:
    """How many slashes between words there are on the line of each slash."""
    counts: dict[int, int] = {}
    line: list[int] = []
    for position, token in enumerate(tokens):
        if token.kind == Kind.SLASH and _separates(tokens, position):
            line.append(position)
        elif token.kind == Kind.SLASH:
            counts[position] = 0
        elif token.kind == Kind.NEWLINE:
            counts.update(dict.fromkeys(line, len(line)))
            line = []
    return counts | dict.fromkeys(line, len(line))


def _separates(tokens: Sequence[Token], slash: int) -> bool:
    """Whether the slash has words on both sides, or blanks, but is not that of "3 cm / 1 in"."""
    before, after = tokens[slash - 1], token_at(tokens, slash + 1)
    if before.lower in LENGTHS and after.kind == Kind.NUMBER:
        return False
    if is_glued_length(before.lower) and is_glued_length(after.lower):  # "2cm/1in"
        return False
    if before.kind == Kind.WORD and after.kind == Kind.WORD:
        return True
    return before.end < tokens[slash].start and tokens[slash].end < after.start


def joins_words(said: Sequence[Token], tokens: Sequence[Token], dash: int) -> bool:
    """Whether the dash is that of "white- or yellow-skinned potatoes" or of "2 - cups flour".

    Args:
        said: what the item has before it.
        tokens: those of the list.
        dash: where it stands.
    """
    before, mark, after = said[-1], tokens[dash], token_at(tokens, dash + 1)
    is_word = before.kind == Kind.WORD and after.lower in {"or", "and"}
    if is_word and before.end == mark.start and mark.end < after.start:
        return True
    return is_before_unit(said, tokens, dash)


def is_before_unit(said: Sequence[Token], tokens: Sequence[Token], dash: int) -> bool:
    """Whether only a number and a dash stand before a unit: "2 - cups"; see :func:`joins_words`."""
    return is_unit(token_at(tokens, dash + 1)) and all(each.kind in _OF_NUMBERS for each in said)


def label(token: Token) -> int:
    """The number that "3", "c" or "iii" gives an item; 0 for what numbers none."""
    if token.kind == Kind.NUMBER:
        return int(token.value) if token.text.isdecimal() else 0
    if token.lower in _ROMAN:
        return _ROMAN[token.lower]
    is_letter = len(token.lower) == 1 and "a" <= token.lower <= "z"
    return ord(token.lower) - ord("a") + 1 if is_letter else 0


def matching_brackets(tokens: Sequence[Token]) -> dict[int, int]:
    """Where each bracket that closes on its line does so; brackets around a line are left out."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for position, token in enumerate(tokens):
        if token.kind == Kind.NEWLINE:
            opened.clear()
        elif token.kind == Kind.OPEN:
            opened.append(position)
        elif token.kind == Kind.CLOSE and opened:
            pairs[opened.pop()] = position
    return {
        first: last
        for first, last in pairs.items()
        if not (_begins_line(tokens, first) and _ends_line(tokens, last))
    }


def outside_brackets(tokens: list[Token]) -> list[Token]:
    """The tokens without what stands in brackets: "rosemary (dried is fine)"."""
    if Kind.OPEN not in [token.kind for token in tokens]:
        return tokens
    depth = 0
    outside = []
    for token in tokens:
        depth += token.kind == Kind.OPEN
        if not depth:
            outside.append(token)
        depth -= token.kind == Kind.CLOSE and depth > 0
    return outside


def _begins_line(tokens: Sequence[Token], position: int) -> bool:
    return position == 0 or tokens[position - 1].kind == Kind.NEWLINE


def _ends_line(tokens: Sequence[Token], position: int) -> bool:
    return token_at(tokens, position + 1).kind == Kind.NEWLINE
