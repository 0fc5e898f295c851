"""What the lines of a list look like: their bullets, numbers and prices, and what they share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orderflow.grocery_list.quantities.marks import outside_brackets
from orderflow.grocery_list.quantities.numbers import NUMBER_SPELLINGS
from orderflow.grocery_list.scanning.token_kinds import Kind, Token
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import MEALS, OCCASIONS, SECTIONS
from orderflow.grocery_list.words.vocabulary import ARTICLES

_MOST_LINES: Final = 400
_FEWEST_PRICED: Final = 2
_ALL_SECTIONS: Final = SECTIONS | MEALS
_LONGEST_SECTION: Final = max(len(name.split()) for name in _ALL_SECTIONS)
_MARKS: Final = frozenset({Kind.BREAK, Kind.DASH, Kind.EMOJI})
_NUMBER_WORDS: Final = NUMBER_SPELLINGS - ARTICLES
_NUMERIC: Final = frozenset({Kind.NUMBER, Kind.MONEY, Kind.PACK_OF, Kind.TIMES, Kind.ROW})
_PRICED: Final = frozenset({Kind.MONEY, Kind.ROW})
_DIVIDING: Final = frozenset({Kind.COMMA, Kind.COLON, Kind.DASH, Kind.TIMES})
_NUMBERED: Final = re.compile(r"\(?\d{1,2}[.)]\s")
_KITCHEN: Final = words_in("cup cups tbsp tsp tablespoon tablespoons teaspoon teaspoons")
_TOTALS: Final = (["total"], ["subtotal"], ["balance"], ["sub"])
_PRICE_TAG: Final = re.compile(r"\d\.\d\d\s*$")


@dataclass(slots=True)
class Line:
    """A line's tokens, the same without its bullet, and what matters of these."""

    tokens: list[Token]
    content: list[Token]
    source: str
    words: list[str]
    has_number: bool
    has_price: bool
    has_separator: bool
    names_section: bool
    is_bulleted: bool
    begins_block: bool  # behind an empty line, or first


@dataclass(slots=True)
class Layout:
    """What the lines of a list have in common."""

    bulleted: int
    sections: int
    capitals: int
    priced: int
    filled: int
    measured: int
    blocks: int
    is_receipt: bool

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Layout:
        """The layout of the lines that are not empty."""
        return cls(
            bulleted=sum(line.is_bulleted for line in lines),
            sections=sum(line.names_section for line in lines),
            capitals=sum(line.source.isupper() for line in lines),
            priced=sum(line.has_price for line in lines),
            filled=len(lines),
            measured=sum(not _KITCHEN.isdisjoint(line.words) for line in lines),
            blocks=sum(line.begins_block for line in lines),
            is_receipt=any(line.words[:1] in _TOTALS for line in lines)
            and sum(_PRICE_TAG.search(line.source) is not None for line in lines) >= _FEWEST_PRICED,
        )


def lines_of(text: str, tokens: Sequence[Token]) -> tuple[list[Line], Sequence[Token]]:
    """The lines, and the tokens beyond as many as a list can have with its headings."""
    lines: list[Line] = []
    line: list[Token] = []
    start = 0
    begins_block = True
    for place, token in enumerate(tokens):
        if token.kind == Kind.NEWLINE:
            lines.append(_line(line, text[start : token.start], begins_block=begins_block))
            line, start = [], token.end
            begins_block = token.text.count("\n") > 1
            if len(lines) == _MOST_LINES:
                return lines, tokens[place:]
        else:
            line.append(token)
    lines.append(_line(line, text[start:], begins_block=begins_block))
    return lines, ()


def _line(tokens: list[Token], source: str, *, begins_block: bool) -> Line:
    start = 0
    while start < len(tokens) and tokens[start].kind in _MARKS:
        start += 1
    end = len(tokens)
    while end > start and tokens[end - 1].kind in _MARKS:
        end -= 1
    content = tokens[start:end]
    outside = outside_brackets(content)
    kinds = {token.kind for token in outside}
    words = [token.lower for token in outside if token.kind == Kind.WORD]
    return Line(
        tokens,
        content,
        source.rstrip("\r"),
        words=words,
        has_number=not (kinds.isdisjoint(_NUMERIC) and _NUMBER_WORDS.isdisjoint(words)),
        has_price=not kinds.isdisjoint(_PRICED),
        has_separator=not kinds.isdisjoint(_DIVIDING),
        names_section=len(words) <= _LONGEST_SECTION
        and (" ".join(words) in _ALL_SECTIONS or OCCASIONS.issuperset(words)),
        is_bulleted=len(content) < len(tokens)
        or source[:1] in {" ", "\t"}
        or _NUMBERED.match(source) is not None,
        begins_block=begins_block,
    )
