"""Remembers what sentences ask for without an amount, until the list asks for it anew.

"we need yam and oil. Buy yam 3 tubers" asks for three tubers of yam, and for oil.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from orderflow.grocery_list.quantities.numbers import is_number
from orderflow.grocery_list.scanning.token_kinds import Kind, Token
from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.words.goods import GOODS, NAMING_WORDS

_BETWEEN: Final = frozenset({Kind.AND, Kind.COMMA})

# A thing by the stems of its words: "palm oil".
_Thing = tuple[str, ...]


class _Need(NamedTuple):
    """A thing that is asked for: ``tokens[start:end]`` of what may be items."""

    start: int
    end: int


class Needs:
    """The things that sentences ask for or lack, by what they are."""

    def __init__(self) -> None:
        self._open: dict[_Thing, _Need] = {}
        self._superseded: list[_Need] = []
        self._lacking: list[_Thing] = []  # in this sentence
        self._last_end = -1

    def add(self, tokens: Sequence[Token], start: int, *, lacks: bool = False) -> None:
        """Remember the things among the tokens, which begin at ``start`` of what may be items."""
        place = start
        for divides, run in groupby(tokens, key=lambda token: token.kind in _BETWEEN):
            part = list(run)
            things = [] if divides or _counts(part) else list(_things(part))
            if len(things) == 1:
                self._last_end = place + len(part)
                self._lacking += things if lacks else ()
                self._open[things[0]] = _Need(place, self._last_end)
            place += len(part)

    def ends_at(self, place: int) -> bool:
        """Whether a thing that is asked for ends before that place of what may be items."""
        return place == self._last_end

    def supersede(self, asked: Sequence[Token]) -> None:
        """Forget the things that these tokens ask for, too."""
        if not self._open:
            return
        for thing in _things(asked):
            need = self._open.pop(thing, None)
            if need is None and _counts(asked):
                need = self._open.pop(thing[-1:], None)  # "no oil", then "2 litres groundnut oil"
            if need:
                self._superseded.append(need)

    def end_sentence(self, *, asks_for_others: bool) -> None:
        """Forget what the sentence lacks, where that is only why others are bought."""
        for thing in self._lacking if asks_for_others else ():
            need = self._open.pop(thing, None)
            if need:
                self._superseded.append(need)
        self._lacking.clear()

    def without_superseded(self, tokens: list[Token]) -> tuple[list[Token], list[SetAside]]:
        """The tokens without the things that were asked for anew, and where these stand."""
        left: list[Token] = []
        end = 0
        aside: list[SetAside] = []
        for need in sorted(self._superseded):
            left += tokens[end : need.start]
            end = need.end
            span = (tokens[need.start].start, tokens[end - 1].end)
            aside.append(SetAside(Reason.TALK, span))
        return left + tokens[end:], aside


def _counts(tokens: Iterable[Token]) -> bool:
    return any(is_number(token) for token in tokens)


def _things(tokens: Sequence[Token]) -> Iterator[_Thing]:
    for is_thing, run in groupby(tokens, key=lambda token: token.lower in NAMING_WORDS):
        words = [token.lower for token in run] if is_thing else []
        if not GOODS.isdisjoint(words):
            yield tuple(word.removesuffix("s").removesuffix("e") for word in words)
