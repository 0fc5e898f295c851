"""Divides the tokens of a list into pieces, each of which is an item or a remark about one.

Separators are line ends, bullets, numbering, punctuation and "and", unless they stand within a
number ("one and a half", "2-3"), an abbreviation ("lb.") or a description ("red and green").
Bracketed text stays with its piece as an aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from orderflow.grocery_list.joined_words import joins_descriptions
from orderflow.grocery_list.piece import Aside, Link, Piece
from orderflow.grocery_list.preparations import is_done_behind
from orderflow.grocery_list.quantities.marks import (
    are_of_amounts,
    is_abbreviation,
    is_amount,
    is_amount_word,
    is_before_unit,
    joins_words,
    label,
    matching_brackets,
    slashes_by_line,
)
from orderflow.grocery_list.quantities.measures import is_unit
from orderflow.grocery_list.quantities.numbers import is_hundred, is_number, is_part
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.vocabulary import (
    ARTICLES,
    LEADING_SIZES,
    NUMBER_WORDS,
    PARTS,
    WRAPPING,
)
from orderflow.units import MEASURES, UNIT_SPELLINGS

_LINKS: Final = {
    Kind.NEWLINE: Link.LINE,
    Kind.BREAK: Link.LINE,
    Kind.STOP: Link.LINE,
    Kind.COMMA: Link.COMMA,
    Kind.COLON: Link.COLON,
    Kind.DASH: Link.DASH,
    Kind.AND: Link.AND,
    Kind.SLASH: Link.COMMA,
    Kind.CORRECTION: Link.CORRECTION,
}
# These may stand within an item.
_BELONGING: Final = frozenset({Kind.AND, Kind.DASH, Kind.SLASH, Kind.STOP})
_LENGTHS: Final = frozenset({"in", "ft"})
_SHORT_MULTIPLIERS: Final = frozenset({"doz", "dz"})
_NUMBERING_MARKS: Final = frozenset({Kind.STOP, Kind.DOT, Kind.CLOSE})
_PLAIN: Final = frozenset({Kind.WORD, Kind.NUMBER})
_NUMERIC: Final = frozenset({Kind.NUMBER, Kind.PACK_OF, Kind.TIMES})
_FIGURES: Final = _NUMERIC | {Kind.DASH, Kind.AND}
_ITEM_KINDS: Final = _NUMERIC | {Kind.WORD, Kind.MONEY, Kind.OPEN, Kind.EMOJI}
_LONGEST_AMOUNT: Final = 16  # tokens; so that no list is read again at each of its full stops
_UNSEEN: Final = frozenset({Kind.OPEN, Kind.CLOSE, Kind.STOP})


def split_pieces(tokens: Sequence[Token], kinds: AbstractSet[int]) -> Iterator[Piece]:
    """The pieces of a list, in order; none is empty.

    Args:
        tokens: those of the list.
        kinds: what kinds of tokens there are among them.
    """
    if tokens and kinds <= _PLAIN:
        yield Piece(Link.LINE, list(tokens))  # nothing can separate, number or bracket
        return
    splitter = _Splitter(tokens, matching_brackets(tokens) if Kind.OPEN in kinds else {})
    position, count = 0, len(tokens)
    while position < count:
        if tokens[position].kind in _PLAIN and (end := splitter.take_words(position)) > position:
            position = end
            continue
        link, after = splitter.separator(position)
        if link is None:
            position = splitter.take(position)
            continue
        if splitter.piece:
            splitter.piece.end(link)
            yield splitter.piece
        splitter.begin(link)
        if link == Link.CORRECTION:
            splitter.piece.opening = tokens[position]
        position = after
    if splitter.piece:
        yield splitter.piece


class _Splitter:
    """Collects one piece after the other."""

    def __init__(self, tokens: Sequence[Token], closing: Mapping[int, int]) -> None:
        self.piece = Piece(Link.LINE)
        self._tokens = tokens
        self._closing = closing
        self._matched = frozenset(self._closing.values())
        self._next_number = 0
        self._slashes: dict[int, int] | None = None

    def begin(self, link: int) -> None:
        """Begin the next piece. Of several separators in a row, a line end counts most."""
        if self.piece:
            self.piece = Piece(link)
        elif self.piece.link != Link.LINE or link == Link.CORRECTION:
            self.piece.link = link

    def separator(self, position: int) -> tuple[int | None, int]:
        """The separator at this position and the position behind it; None where there is none.

        A word or number that stands there is what :meth:`take_words` left: a mark follows it.
        """
        kind = self._tokens[position].kind
        if kind in _PLAIN or position in self._closing:
            after_numbering = self._numbering(position)
            if after_numbering:
                return Link.LINE, after_numbering
        link = _LINKS.get(kind)
        if link is None:
            return None, position
        if link == Link.LINE and self._tokens[position].text in ";*" and self._says_more(position):
            link = Link.COMMA
        if kind in _BELONGING and self.piece.tokens and self._belongs(position):
            return None, position
        return link, position + 1

    def _says_more(self, position: int) -> bool:
        """Whether a mark goes on with the item: "garlic; minced", "1 cup; 240 ml" or "2 cups*"."""
        mark, said = self._tokens[position].text, self.piece.tokens
        if mark != ";":
            return mark == "*" and is_amount(said) and is_unit(said[-1])
        if is_done_behind(self._tokens, position):
            return True
        number, unit, name = (token_at(self._tokens, position + ahead) for ahead in (1, 2, 3))
        if not (is_number(number) and is_unit(unit)):
            return False
        return name.kind == Kind.WORD and is_amount(said)

    def take_words(self, position: int) -> int:
        """Put the words and numbers from here on into the piece, up to a mark or its label."""
        end, tokens, count = position, self._tokens, len(self._tokens)
        while end < count and tokens[end].kind in _PLAIN:
            is_marked = end + 1 < count and tokens[end + 1].kind in _NUMBERING_MARKS
            if is_marked and label(tokens[end]):
                break
            end += 1
        self.piece.tokens += tokens[position:end]
        return end

    def take(self, position: int) -> int:
        """Put the token into the piece; the position behind it, or behind its brackets."""
        token = self._tokens[position]
        if position in self._closing:
            close = self._closing[position]
            if self._tokens[close].start > token.end:  # "()" is nothing
                inside = list(self._tokens[position + 1 : close])
                self.piece.asides.append(Aside(inside, token.start, self._tokens[close].end))
            return close + 1
        if token.kind == Kind.EMOJI:
            self.piece.emoji.append(token)
        elif token.kind not in _UNSEEN and not self._says_nothing(position):
            self.piece.tokens.append(token)
        return position + 1

    def _says_nothing(self, position: int) -> bool:
        """Whether the full stop of "14 g./0.5 oz." or the dash of "2 - cups" stands there."""
        before, kind = self.piece.tokens, self._tokens[position].kind
        if kind == Kind.DOT:
            return bool(before) and is_abbreviation(before[-1])
        return kind == Kind.DASH and is_before_unit(before, self._tokens, position)

    def _numbering(self, position: int) -> int:
        """The position behind "1.", "b)" or "(3)" before an item; 0 where there is none."""
        bracketed = self._closing.get(position) == position + 2
        first = position + bracketed
        if self._tokens[first].kind not in _PLAIN:
            return 0
        mark = token_at(self._tokens, first + 1)
        if mark.kind not in _NUMBERING_MARKS or first + 2 >= len(self._tokens):
            return 0
        numbering, item = self._tokens[first], self._tokens[first + 2]
        number = label(numbering)
        if not number or mark.start != numbering.end:
            return 0
        if item.kind not in _ITEM_KINDS or (first + 1 in self._matched and not bracketed):
            return 0
        if not self._is_next(number, counts=bracketed and item.kind not in _NUMERIC):
            return 0
        self._next_number = number + 1
        return first + 2

    def _is_next(self, number: int, *, counts: bool) -> bool:
        """Whether the number goes on with the numbering, or begins a line.

        If it may count, the numbering begins with one: "(2) Milk" are two of them.
        """
        if number == self._next_number:
            return True
        begins_line = not self.piece and self.piece.link == Link.LINE
        return begins_line and (number == 1 or not counts)

    def _belongs(self, position: int) -> bool:
        """Whether a separator stands within a number, an abbreviation or a description."""
        kind = self._tokens[position].kind
        if kind == Kind.AND:
            return self._joins_number(position) or joins_descriptions(
                self.piece, self._tokens, position
            )
        if kind == Kind.DASH:
            return self._is_range(position) or joins_words(
                self.piece.tokens, self._tokens, position
            )
        if kind == Kind.SLASH:
            return not self._divides(position)
        return kind == Kind.STOP and self._abbreviates(position)

    def _divides(self, position: int) -> bool:
        """Whether a slash stands between items: behind a price, or one of several."""
        following = token_at(self._tokens, position + 1)
        if self.piece.tokens[-1].kind == Kind.MONEY and not is_unit(following):
            return True
        return self._lists_slashes(position)

    def _lists_slashes(self, position: int) -> bool:
        """Whether another slash on this line makes separators of them: "tea / coffee / milk"."""
        if self._slashes is None:
            self._slashes = slashes_by_line(self._tokens)
        return self._slashes[position] > 1

    def _joins_number(self, position: int) -> bool:
        """The "and" of "one and a half", "two hundred and fifty", "between 2 and 3"."""
        before, after = self.piece.tokens[-1], token_at(self._tokens, position + 1)
        if is_unit(before):
            return self._adds_part(position)
        if not is_number(before) or before.lower in ARTICLES:
            return False
        if after.lower in ARTICLES:
            return is_part(token_at(self._tokens, position + 2))
        if is_part(after) or (is_hundred(before) and after.lower in NUMBER_WORDS):
            return True
        if token_at(self._tokens, position + 2).lower in PARTS and is_number(after):
            return True  # "three and two thirds"
        between = [token.lower for token in self.piece.tokens[-2:-1]] == ["between"]
        return between and is_number(after)

    def _adds_part(self, position: int) -> bool:
        """The "and" of "a kilo and a half of beef" or "one crate and half", at the item's end."""
        after = token_at(self._tokens, position + 1)
        at = position + 1 + (after.lower in ARTICLES)
        if token_at(self._tokens, at).lower not in PARTS:
            return False
        behind = token_at(self._tokens, at + 1)
        if behind.lower == "of" or behind.kind not in _PLAIN:
            return True
        return not is_unit(behind) and all(map(is_amount_word, self.piece.tokens))

    def _is_range(self, position: int) -> bool:
        """The dash of "2-3", "1-1/2", "3- to 4-pound" or "500g-1kg"."""
        before, upper = self.piece.tokens[-1], token_at(self._tokens, position + 1)
        if upper.lower == "to":
            upper = token_at(self._tokens, position + 2)
            return upper.kind == Kind.NUMBER and is_number(before)
        if upper.kind != Kind.NUMBER:
            return False
        unit = UNIT_SPELLINGS.get(before.lower)
        if unit and len(self.piece.tokens) > 1:
            other = UNIT_SPELLINGS.get(token_at(self._tokens, position + 2).lower)
            alike = other is not None and (unit in MEASURES) == (other in MEASURES)
            return alike and is_number(self.piece.tokens[-2])
        value = upper.value
        return is_number(before) and (value >= before.value or value < 1)  # not "x 45 - 2 packs"

    def _abbreviates(self, position: int) -> bool:
        """The full stop of "1 lb. butter", unlike that of "butter 1 lb. Eggs"."""
        tokens = self.piece.tokens
        if tokens[-1].lower in _LENGTHS and len(tokens) > 1 and is_number(tokens[-2]):
            return True  # "1 in. of ginger"
        is_short = is_abbreviation(tokens[-1]) or tokens[-1].lower in _SHORT_MULTIPLIERS
        if not is_short or tokens[-1].end != self._tokens[position].start:
            return False
        following = token_at(self._tokens, position + 1).kind
        if following == Kind.AND or (following != Kind.WORD and not is_unit(tokens[-1])):
            return False  # "I need 5kg. And 2 eggs"
        before = len(tokens) - 2
        while before >= 0 and (
            tokens[before].kind in _FIGURES
            or is_number(tokens[before])
            or tokens[before].lower in LEADING_SIZES
        ):
            before -= 1
        if before >= 0 and (is_unit(tokens[before]) or tokens[before].kind == Kind.SLASH):
            # "1 lb. 4 oz. beef", "14 g. / ½ oz. beef"
            return len(tokens) <= _LONGEST_AMOUNT and are_of_amounts(tokens)
        return before < 0 or tokens[before].lower in WRAPPING.first_words
