"""Words that mean the same thing in different places: the table ``synonyms.csv``.

Each row has a ``name``, what it ``means`` (names separated by a vertical bar), and a ``kind``:

- ``same``: all of these names mean each other ("courgette", "zucchini").
- ``usual``: the name alone, or with words of quality ("fresh milk"), usually means one of these,
  best first ("milk": "toned milk"); not the other way round.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from orderflow.catalog.index.plainness import QUALITIES
from orderflow.catalog.names import words

_SAME_WORTH: Final = 0.97
_USUAL_WORTH: Final = 0.96
_NEXT_WORTH: Final = 0.004  # each further one is worth so much less
_MOST_READINGS: Final = 6

_Words = tuple[str, ...]


class Reading(NamedTuple):
    """What is asked in other words, and what it is worth beside the words as they stand.

    ``means`` replaces words that the table has; ``before`` and ``after`` stand as they were.
    """

    before: _Words
    means: _Words
    after: _Words
    worth: float


class Synonyms:
    """The rows of the table whose meanings a catalog may know.

    Args:
        vocabulary: the words of the catalog. Meanings with other words are left out.
    """

    def __init__(self, vocabulary: Collection[str]) -> None:
        self._meanings: defaultdict[_Words, dict[_Words, _Meaning]] = defaultdict(dict)
        for name, meaning in _table():
            if all(word in vocabulary for word in meaning.words):
                self._meanings[name].setdefault(meaning.words, meaning)
        self._longest = max(map(len, self._meanings), default=0)

    def readings(self, asked: _Words) -> list[Reading]:
        """What is asked in other words.

        The longest name that the table has is replaced, so "spring onion" is no kind of "onion".
        """
        for length in range(min(self._longest, len(asked)), 0, -1):
            found = [
                Reading(before, meaning.words, after, meaning.worth)
                for start in range(len(asked) - length + 1)
                for before, after in [(asked[:start], asked[start + length :])]
                for meaning in self._meanings.get(asked[start : start + length], {}).values()
                if not meaning.is_usual or QUALITIES.issuperset((*before, *after))
            ]
            if found:
                return found[:_MOST_READINGS]
        return []


class _Meaning(NamedTuple):
    words: _Words
    worth: float
    is_usual: bool


@cache
def _table() -> tuple[tuple[_Words, _Meaning], ...]:
    source = files("orderflow.catalog.index").joinpath("synonyms.csv").read_text(encoding="utf-8")
    return tuple(_pairs(csv.DictReader(source.splitlines())))


def _pairs(rows: Iterable[dict[str, str]]) -> Iterator[tuple[_Words, _Meaning]]:
    for row in rows:
        name, means = words(row["name"]), [words(each) for each in row["means"].split("|")]
        is_usual = row["kind"] == "usual"
        for each in (name,) if is_usual else (name, *means):
            others = [other for other in (name, *means) if other != each]
            worth = _USUAL_WORTH if is_usual else _SAME_WORTH
            for place, other in enumerate(others):
                yield each, _Meaning(other, worth - place * _NEXT_WORTH, is_usual)
