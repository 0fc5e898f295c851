"""Phrases of one word or more, and how they are recognised among tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

_PAIR: Final = 2


class _Word(Protocol):
    @property
    def lower(self) -> str: ...


class Phrases:
    """A set of phrases, each of one word or more, that can be recognised within a token list.

    "plus_more" stands for the one token "plus more", as fixed names are one token.

    ``first_words`` are the words that some phrase begins with, ``second_words`` those that follow.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        self._by_last: dict[str, list[tuple[str, ...]]] = {}
        for words in sorted(set(map(_token_words, phrases)), key=len, reverse=True):
            self._by_first.setdefault(words[0], []).append(words)
            self._by_last.setdefault(words[-1], []).append(words)
        self.first_words: frozenset[str] = frozenset(self._by_first)
        self.last_words: frozenset[str] = frozenset(self._by_last)
        self.second_words: frozenset[str] = frozenset(
            words[1] for several in self._by_first.values() for words in several if len(words) > 1
        )

    def match(self, tokens: Sequence[_Word], start: int) -> int:
        """How many tokens the longest phrase that begins at ``start`` takes; 0 without one."""
        candidates = self._by_first.get(tokens[start].lower)
        if not candidates:
            return 0
        second = tokens[start + 1].lower if start + 1 < len(tokens) else ""
        for words in candidates:
            length = len(words)
            if length == 1 or (
                words[1] == second
                and (length == _PAIR or _spell(tokens[start : start + length], words))
            ):
                return length
        return 0

    def match_end(self, tokens: Sequence[_Word], end: int) -> int:
        """How many tokens the longest phrase that ends before ``end`` takes; 0 without one."""
        for words in self._by_last.get(tokens[end - 1].lower, ()):
            if _spell(tokens[max(0, end - len(words)) : end], words):
                return len(words)
        return 0


def _token_words(phrase: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in phrase.split())


def _spell(tokens: Sequence[_Word], words: tuple[str, ...]) -> bool:
    return tuple(token.lower for token in tokens) == words


def words_in(block: str) -> frozenset[str]:
    """The words of a block, which white space separates."""
    return frozenset(block.split())


def phrases_in(block: str) -> list[str]:
    """The phrases of a block, which commas and line ends separate."""
    return [phrase.strip() for phrase in block.strip().replace("\n", ",").split(",")]
