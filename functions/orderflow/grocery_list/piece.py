"""A piece of a list: the tokens between two separators."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from orderflow.grocery_list.scanning.token_kinds import Token


class Link:
    """What stands between a piece and the one before it."""

    LINE: Final = 1  # a line end, a bullet, a semicolon, a full stop: they have nothing in common
    COMMA: Final = 2
    COLON: Final = 3
    DASH: Final = 4
    AND: Final = 5
    CORRECTION: Final = 6  # what follows is said instead of what came before


class Aside(NamedTuple):
    """Bracketed text: the tokens between the brackets, and the place of the whole."""

    tokens: list[Token]
    start: int
    end: int


@dataclass(slots=True)
class Piece:
    """The tokens between two separators.

    ``is_heading``: a colon follows; ``before_and``: an "and". ``opening`` is the correction that
    the piece begins with: "no wait".
    """

    link: int
    tokens: list[Token] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    emoji: list[Token] = field(default_factory=list)
    is_heading: bool = False
    before_and: bool = False
    opening: Token | None = None

    def end(self, link: int) -> None:
        """Note what follows; the dash of "6 each - scones, rolls" is a colon."""
        is_each = bool(self.tokens) and self.tokens[-1].lower == "each"
        self.is_heading = link == Link.COLON or (link == Link.DASH and is_each)
        self.before_and = link == Link.AND

    def __bool__(self) -> bool:
        return bool(self.tokens or self.asides or self.emoji)
