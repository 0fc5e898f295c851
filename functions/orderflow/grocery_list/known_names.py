"""The names that a catalog has: with them, lists read as the shop's own words.

Names that would read as something else ("Peak Milk 123", "Golden Morn Maize and Soya Cereal") stay
whole, and names that follow each other without a separator are told apart. The names are made once,
when a catalog is loaded, and packed small enough for one item of a table.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from orderflow.grocery_list.scanning.token_kinds import Kind, Token, joined_name, token_at
from orderflow.units import UNIT_SPELLINGS

# Between the tokens of a name, and between names: neither occurs in a token.
_BETWEEN_TOKENS: Final = "\x1f"
_BETWEEN_NAMES: Final = "\x1e"
_BETWEEN_PARTS: Final = "\x1d"
_SEPARATING: Final = frozenset(
    (Kind.NEWLINE, Kind.COMMA, Kind.STOP, Kind.BREAK, Kind.AND, Kind.DASH, Kind.COLON)
)
LONGEST_PLAIN: Final = 3  # words of a name that may stand among others without a separator

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What a catalog calls its products.

    Attributes:
        plain: short names that read as themselves, by their words: they tell items apart.
        protected: names that would read as something else, by their tokens: they stay whole.
    """

    plain: frozenset[Words]
    protected: frozenset[Words]
    _lengths: dict[str, tuple[int, ...]]

    @classmethod
    def holding(cls, plain: Iterable[Words], protected: Iterable[Words]) -> KnownNames:
        """Those that stand among others, and those that stay whole; see the attributes."""
        names = frozenset(protected)
        lengths: dict[str, set[int]] = {}
        for words in names:
            lengths.setdefault(words[0], set()).add(len(words))
        longest_first = {
            first: tuple(sorted(several, reverse=True)) for first, several in lengths.items()
        }
        return cls(frozenset(plain), names, longest_first)

    def pack(self) -> bytes:
        """The names as few bytes: some 200 KB for 27,000 products."""
        parts = (
            _BETWEEN_NAMES.join(sorted(map(_BETWEEN_TOKENS.join, names)))
            for names in (self.plain, self.protected)
        )
        return zlib.compress(_BETWEEN_PARTS.join(parts).encode(), level=9)

    @classmethod
    def unpack(cls, packed: bytes) -> KnownNames:
        """The names that :meth:`pack` packed.

        Raises:
            ValueError: the bytes are not packed names.
        """
        try:
            plain, protected = zlib.decompress(packed).decode().split(_BETWEEN_PARTS)
        except zlib.error as error:
            raise ValueError("not packed names") from error
        return cls.holding(_unpacked(plain), _unpacked(protected))

    def merged(self, text: str, tokens: list[Token]) -> list[Token]:
        """The tokens, with each protected name as a single word."""
        if self._lengths.keys().isdisjoint(token.lower for token in tokens):
            return tokens
        merged: list[Token] = []
        position = 0
        while position < len(tokens):
            length = self._match(tokens, position)
            if length:
                end = _with_marks(text, tokens, position + length)
                merged.append(joined_name(text, tokens[position].start, end))
            else:
                merged.append(tokens[position])
            position += length or 1
        return merged

    def _match(self, tokens: Sequence[Token], start: int) -> int:
        """How many tokens the longest protected name that begins at ``start`` takes; 0 for none."""
        for length in self._lengths.get(tokens[start].lower, ()):
            if start + length > len(tokens):
                continue
            words = tuple(token.lower for token in tokens[start : start + length])
            if words in self.protected and _is_whole(tokens, start, start + length):
                return length
        return 0


def _with_marks(text: str, tokens: Sequence[Token], behind: int) -> int:
    """Where a name ends with the marks behind its last token that belong to no other: 9" plates."""
    end = tokens[behind - 1].end
    limit = tokens[behind].start if behind < len(tokens) else len(text)
    while end < limit and not text[end].isspace():
        end += 1
    return end


def _is_whole(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether none of the name's words belong to an amount.

    A last number may have a unit behind it ("SMA Gold 1 tin"). A name such as "bottle of palm oil"
    is one only by itself: with a number it is an amount.
    """
    if tokens[end - 1].kind == Kind.NUMBER and token_at(tokens, end).lower in UNIT_SPELLINGS:
        return False
    if tokens[start].lower not in UNIT_SPELLINGS or token_at(tokens, start + 1).lower != "of":
        return True
    is_first = start == 0 or tokens[start - 1].kind in _SEPARATING
    return is_first and token_at(tokens, end).kind in _SEPARATING


def _unpacked(names: str) -> Iterable[Words]:
    return (tuple(name.split(_BETWEEN_TOKENS)) for name in names.split(_BETWEEN_NAMES) if name)
