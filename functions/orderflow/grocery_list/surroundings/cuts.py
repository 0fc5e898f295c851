"""Takes parts out of the tokens: dates, places, telephone numbers, which ask for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.set_aside import SetAside

#: They end what is said of one thing.
ENDS: Final = frozenset(
    {Kind.COMMA, Kind.COLON, Kind.DASH, Kind.STOP, Kind.BREAK, Kind.NEWLINE, Kind.ROW}
)
_SAYING: Final = frozenset({Kind.WORD, Kind.NUMBER})


class Cut(NamedTuple):
    """The tokens from ``start`` up to ``end`` are taken out, and said to be set aside.

    Attributes:
        start: the place of the first of them.
        end: the place behind the last of them.
        reason: why they are no item.
        divides: whether what stands before and behind them are two things.
    """

    start: int
    end: int
    reason: str
    divides: bool = True


class Places:
    """Where tokens begin and end in the text; most lists never ask."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens

    @cached_property
    def _starts(self) -> Mapping[int, int]:
        return {token.start: at for at, token in enumerate(self._tokens)}

    @cached_property
    def _ends(self) -> Mapping[int, int]:
        return {token.end: at + 1 for at, token in enumerate(self._tokens)}

    def between(self, start: int, end: int) -> tuple[int, int] | None:
        """The places of the tokens that make up a part of the text.

        None where one reaches beyond the part, as the name of a catalog does.
        """
        first, behind = self._starts.get(start, -1), self._ends.get(end, -1)
        return (first, behind) if 0 <= first < behind else None


def without(tokens: Sequence[Token], cuts: Iterable[Cut]) -> tuple[list[Token], list[SetAside]]:
    """The tokens without the cuts, and where these stand. A comma stands for what divided words."""
    kept, aside, behind = list[Token](), list[SetAside](), 0
    for cut in sorted(cuts):
        if cut.start < behind:
            if cut.end > behind:
                last = aside.pop()
                aside.append(last._replace(span=(last.span[0], tokens[cut.end - 1].end)))
                behind = cut.end
            continue
        kept += tokens[behind : cut.start]
        first = tokens[cut.start]
        if cut.divides and _divides(kept, token_at(tokens, cut.end)):
            kept.append(first._replace(kind=Kind.COMMA, text="", lower=""))
        aside.append(SetAside(cut.reason, (first.start, tokens[cut.end - 1].end)))
        behind = cut.end
    return [*kept, *tokens[behind:]], aside


def _divides(before: Sequence[Token], following: Token) -> bool:
    """Whether words, or numbers, stand on both sides."""
    return bool(before) and before[-1].kind in _SAYING and following.kind in _SAYING
