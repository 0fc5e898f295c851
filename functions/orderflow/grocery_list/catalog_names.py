"""Makes the names that a catalog has known to the parser."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from orderflow.grocery_list.known_names import LONGEST_PLAIN, KnownNames
from orderflow.grocery_list.parser import parse
from orderflow.grocery_list.scanning.tokens import tokenize

_ONE: Final = Decimal(1)


def known_names_of(names: Iterable[str]) -> KnownNames:
    """The names of a catalog's products, and their synonyms."""
    by_words = {
        words: name for name in names if (words := tuple(token.lower for token in tokenize(name)))
    }
    protected = {words for words, name in by_words.items() if not _reads_as_itself(name)}
    plain = {words for words in by_words.keys() - protected if len(words) <= LONGEST_PLAIN}
    known = KnownNames.holding(plain, protected)
    # Names that only these names would divide: "Oreo Vanilla Cream Biscuits".
    protected |= {
        words
        for words, name in by_words.items()
        if words not in protected and not _reads_as_itself(name, known)
    }
    return KnownNames.holding(plain - protected, protected)


def _reads_as_itself(name: str, known: KnownNames | None = None) -> bool:
    lines = parse(name, known).lines
    written = " ".join(name.split()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return [(line.name, line.quantity, line.unit) for line in lines] == [(written, _ONE, "")]
