"""Phrases of one word or more, and how they are recognised among tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

_PAIR: Final = 2


class Word(Protocol):
    """A token, or what is spelt as one."""

    @property
    def lower(self) -> str:
        """How the vocabularies spell it."""


class Phrases:
    """A set of phrases, each of one word or more, that can be recognised within a token list.

    "plus_more" stands for the one token "plus more", as fixed names are one token.

    ``first_words`` are the words that some phrase begins with, ``second_words`` those that follow,
    and ``pairs`` both.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        # By the word at either end, then by its neighbour: "" for phrases of one word.
        self._by_first: dict[str, dict[str, list[tuple[str, ...]]]] = {}
        self._by_last: dict[str, dict[str, list[tuple[str, ...]]]] = {}
        for words in sorted(set(map(_token_words, phrases)), key=len, reverse=True):
            second, last_but_one = (words[1], words[-2]) if len(words) > 1 else ("", "")
            self._by_first.setdefault(words[0], {}).setdefault(second, []).append(words)
            self._by_last.setdefault(words[-1], {}).setdefault(last_but_one, []).append(words)
        self.first_words: frozenset[str] = frozenset(self._by_first)
        self.last_words: frozenset[str] = frozenset(self._by_last)
        self.pairs: frozenset[tuple[str, str]] = frozenset(
            (first, second)
            for first, by_second in self._by_first.items()
            for second in by_second
            if second
        )
        self.second_words: frozenset[str] = frozenset(second for _, second in self.pairs)

    def match(self, tokens: Sequence[Word], start: int) -> int:
        """How many tokens the longest phrase that begins at ``start`` takes; 0 without one."""
        by_second = self._by_first.get(tokens[start].lower)
        if by_second is None:
            return 0
        if start + 1 < len(tokens):
            for words in by_second.get(tokens[start + 1].lower, ()):
                length = len(words)
                if length == _PAIR or _spell(tokens[start : start + length], words):
                    return length
        return int("" in by_second)

    def match_end(self, tokens: Sequence[Word], end: int) -> int:
        """How many tokens the longest phrase that ends before ``end`` takes; 0 without one."""
        by_neighbour = self._by_last.get(tokens[end - 1].lower)
        if by_neighbour is None:
            return 0
        if end > 1:
            for words in by_neighbour.get(tokens[end - 2].lower, ()):
                length = len(words)
                if length == _PAIR or _spell(tokens[max(0, end - length) : end], words):
                    return length
        return int("" in by_neighbour)


def _token_words(phrase: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in phrase.split())


def _spell(tokens: Sequence[Word], words: tuple[str, ...]) -> bool:
    return tuple(token.lower for token in tokens) == words


def words_in(block: str) -> frozenset[str]:
    """The words of a block, which white space separates."""
    return frozenset(block.split())


def phrases_in(block: str) -> list[str]:
    """The phrases of a block, which commas and line ends separate."""
    phrases = map(str.strip, block.replace("\n", ",").split(","))
    return [phrase for phrase in phrases if phrase]
