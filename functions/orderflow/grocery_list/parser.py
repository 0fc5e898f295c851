"""Understands a grocery list: plain words in, quantities, units and names out.

The grammar is documented in docs/grocery-list.md. The text is cut into tokens (``tokens``); what is
talk, a heading or a total is set aside (``talk``, ``headings``), sums of money are marked
(``market_prices``); the rest is cut into pieces (``segments``), each of which is read on its own
(``items``) and joined with its neighbours where one completes the other (``assembly``). Time is
linear in the text's length.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from orderflow.grocery_list.assembly import MAX_LINES, Assembly
from orderflow.grocery_list.items.drafts import Draft
from orderflow.grocery_list.items.pieces import read_piece
from orderflow.grocery_list.items.plain_lines import read_plain_line
from orderflow.grocery_list.piece import Link, Piece
from orderflow.grocery_list.quantities.amount import rounded
from orderflow.grocery_list.quantities.market_prices import BEHIND_PRICES, mark_prices
from orderflow.grocery_list.quantities.sums_in_words import SUM_WORDS
from orderflow.grocery_list.run_ons import split_runs
from orderflow.grocery_list.scanning.no_words import settle_no
from orderflow.grocery_list.scanning.things_with_amounts import with_commas_between
from orderflow.grocery_list.scanning.token_kinds import Kind, Token
from orderflow.grocery_list.scanning.tokens import tokenize
from orderflow.grocery_list.segments import split_pieces
from orderflow.grocery_list.set_aside import SetAside, without_struck_out
from orderflow.grocery_list.speech.spoken import SPOKEN_WORDS, as_meant
from orderflow.grocery_list.surroundings.frames import without_frames, without_totals
from orderflow.grocery_list.surroundings.numbered import without_numbered
from orderflow.grocery_list.tables.finding import without_tables
from orderflow.grocery_list.tables.reading import read_row
from orderflow.grocery_list.tables.rows import Row
from orderflow.grocery_list.talk.headings import without_headings
from orderflow.grocery_list.talk.spans import without_talk
from orderflow.grocery_list.words.talk_words import TALK_WORDS
from orderflow.grocery_list.words.vocabulary import CURRENCIES, NAIRA

if TYPE_CHECKING:
    from orderflow.grocery_list.known_names import KnownNames

__all__ = ["MAX_CHARACTERS", "MAX_LINES", "GroceryLine", "GroceryList", "parse"]

#: The longest text that is read, in characters; what is beyond is reported as not understood.
MAX_CHARACTERS: Final = 5_000

_PLAIN: Final = frozenset({Kind.WORD, Kind.NUMBER})
# What changes a line besides its items.
MARKED_WORDS: Final = (
    TALK_WORDS
    | SPOKEN_WORDS
    | BEHIND_PRICES
    | {*CURRENCIES, *SUM_WORDS, "each", "per", "worth", "own"}
)
_FIGURES: Final = frozenset({Kind.NUMBER, Kind.MONEY})
_OF_MONEY: Final = CURRENCIES.keys() | SUM_WORDS
_ONE: Final = Decimal(1)
_LONGEST_LINE: Final = 100  # characters

Span = tuple[int, int]


class GroceryLine(NamedTuple):
    """One thing asked for.

    Attributes:
        quantity: how many or how much, at most four decimals, above zero; 1 where none was written.
        unit: canonical singular name of a unit (``orderflow.units``); "" counts the things.
        name: the thing as written, number and case included, without amount and remarks.
        notes: remarks as written, without brackets ("if available"); sizes of packs ("400g").
        span: where in the list it stands, ``list[span[0]:span[1]]``.
        text: the list's text there.
        size_quantity: what one pack holds where the list says so ("2 cans, 400g"), in
            ``size_unit``; None where it does not.
        size_unit: a measure's canonical name.
        price: a sum of money that stands with the item, as written ("N500 each"); "" for none.
        price_kobo: the sum where it is one of naira.
        price_currency: the code of the sum's currency (ISO 4217). A sum without one is in the one
            currency that the list names elsewhere, else in naira; "" for no sum.
    """

    quantity: Decimal
    unit: str
    name: str
    notes: tuple[str, ...]
    span: Span
    text: str
    size_quantity: Decimal | None = None
    size_unit: str = ""
    price: str = ""
    price_kobo: int | None = None
    price_currency: str = ""


class GroceryList(NamedTuple):
    """What was understood of a list, in its order.

    Attributes:
        lines: the things asked for, at most ``MAX_LINES``.
        not_understood: spans of the list that are neither an item nor mere courtesy, in order.
        truncated: the list is longer than ``MAX_CHARACTERS``, or has more than ``MAX_LINES`` lines,
            understood or not, or as many corrections; the rest is one span of ``not_understood``.
        set_aside: which of ``not_understood`` were read and are no items, and why.
    """

    lines: tuple[GroceryLine, ...]
    not_understood: tuple[Span, ...]
    truncated: bool = False
    set_aside: tuple[SetAside, ...] = ()


def parse(text: str, vocabulary: KnownNames | None = None) -> GroceryList:
    """Read a grocery list. Never raises; of a list that is too long, the beginning is read.

    Args:
        text: the list as written.
        vocabulary: the catalog's names: they stay whole, and tell apart what nothing separates.
    """
    plain = read_plain_line(text) if vocabulary is None else None
    if plain is not None:
        quantity, unit, name = plain
        line = GroceryLine(rounded(quantity), unit, name, (), (0, len(text)), text)
        return GroceryList((line,), ())
    return parse_by_grammar(text, vocabulary)


def parse_by_grammar(text: str, vocabulary: KnownNames | None = None) -> GroceryList:
    """What :func:`parse` makes of a list, also where it needs no grammar."""
    assembly = Assembly(text)
    read, rows, aside = _without_layout(text[:MAX_CHARACTERS])
    tokens = settle_no(read, _tokens_of(read, rows, vocabulary))
    known = vocabulary.plain if vocabulary else ()
    words = {token.lower for token in tokens}
    tokens, unread = without_numbered(read, tokens, words, known)
    if unread:
        aside += unread
        words = {token.lower for token in tokens}
    kinds = {token.kind for token in tokens}
    if not _is_plain(tokens, words, kinds):
        tokens, unread = _without_surroundings(read, tokens, words, kinds, known)
        aside += unread
        kinds = {token.kind for token in tokens}
    corrections = 0
    for piece in split_pieces(tokens, kinds):
        corrections += piece.opening is not None
        if piece.opening and corrections > MAX_LINES:
            assembly.overflow = piece.opening.start
            break
        for part in split_runs(piece, known):
            draft = _read_part(part, rows, vocabulary, after_remark=assembly.after_remark)
            if draft is not None:
                assembly.add(draft, part.link, is_heading=part.is_heading)
            elif part.link == Link.LINE:
                assembly.end_line()  # "Oh, and teabags" goes on with nothing before it
        if assembly.overflow is not None:
            break
    assembly.end_line()
    assembly.leave_out(known, has_asides=bool(aside))
    return _result(text, assembly, aside)


def _tokens_of(text: str, rows: Mapping[int, Row], names: KnownNames | None) -> list[Token]:
    tokens = tokenize(text)
    if rows:
        tokens = [_as_row(token, rows) if token.start in rows else token for token in tokens]
    return tokens if names is None else names.merged(text, tokens)


def _read_part(
    part: Piece, rows: Mapping[int, Row], vocabulary: KnownNames | None, *, after_remark: bool
) -> Draft | None:
    """What the piece says, or the row of a table that it stands for."""
    if rows and part.tokens and part.tokens[0].kind == Kind.ROW:
        return read_row(rows[part.tokens[0].start], partial(_read_cell, vocabulary=vocabulary))
    return read_piece(part, after_remark=after_remark)


def _read_cell(cell: str, vocabulary: KnownNames | None) -> list[Draft]:
    """The things that a cell names, which nothing but marks can divide."""
    assembly = Assembly(cell)
    tokens = _tokens_of(cell, {}, vocabulary)
    for piece in split_pieces(tokens, {token.kind for token in tokens}):
        draft = read_piece(piece, after_remark=assembly.after_remark)
        if draft is not None:
            assembly.add(draft, piece.link, is_heading=piece.is_heading)
    assembly.end_line()
    return assembly.items


def _as_row(token: Token, rows: Mapping[int, Row]) -> Token:
    return token._replace(kind=Kind.ROW, lower="@" if rows[token.start].price else "")


def _without_layout(text: str) -> tuple[str, dict[int, Row], list[SetAside]]:
    """The text with blanks in place of what is struck out or frames a list, and rows of tables."""
    text, aside = without_struck_out(text)
    if "\n" not in text and ":" not in text and len(text) <= _LONGEST_LINE:
        return text, {}, aside  # no program writes around so little
    text, unread = without_frames(text)
    aside += unread
    tables = without_tables(text)
    text = tables.text
    aside += tables.aside
    text, unread = without_totals(text)
    return text, tables.rows, aside + unread


def _apart(spans: Iterable[Span], lines: Sequence[Span]) -> list[Span]:
    """The spans without those that a line encloses, as a remark in the midst of an item."""
    left = iter((*lines, (MAX_CHARACTERS, MAX_CHARACTERS)))
    line = next(left)
    apart: list[Span] = []
    for span in spans:
        while line[1] <= span[0] and line[0] < MAX_CHARACTERS:
            line = next(left)
        if span[1] <= line[0] and (not apart or apart[-1][1] <= span[0]):
            apart.append(span)
    return apart


def _is_plain(tokens: Sequence[Token], words: set[str], kinds: set[int]) -> bool:
    """Whether the list is one line that ends in a word, without a sum, a mark or any talk."""
    if not tokens or tokens[-1].kind != Kind.WORD:
        return False
    if not kinds <= _PLAIN or not MARKED_WORDS.isdisjoint(words):
        return False
    # Of two numbers one may be a sum: "oil 3,200 2L".
    return (Kind.NUMBER, Kind.NUMBER) not in pairwise([token.kind for token in tokens])


def _without_surroundings(
    text: str,
    tokens: list[Token],
    words: set[str],
    kinds: set[int],
    known: Collection[tuple[str, ...]],
) -> tuple[list[Token], list[SetAside]]:
    """The tokens of the items, with their prices marked, and what was set aside."""
    tokens = as_meant(text, with_commas_between(tokens, kinds), words)
    if not (kinds.isdisjoint(_FIGURES) and _OF_MONEY.isdisjoint(words)):
        tokens = mark_prices(text, tokens, words)
    headings: list[SetAside] = []
    if Kind.NEWLINE in kinds:
        tokens, headings = without_headings(text, tokens)
    tokens, talk = without_talk(tokens, words, known)
    return tokens, headings + talk


def _result(text: str, assembly: Assembly, aside: Iterable[SetAside]) -> GroceryList:
    """The items and the spans that are not understood, each in the list's order."""
    unread = MAX_CHARACTERS if assembly.overflow is None else assembly.overflow
    currency = _currency(assembly.items)
    lines = tuple([_line(text, item, currency) for item in assembly.items])
    set_aside = [*aside, *assembly.set_aside]
    if not set_aside and not assembly.rejected and unread >= len(text):
        return GroceryList(lines, ())
    set_aside = sorted(
        (each for each in set_aside if each.span[0] < unread), key=lambda each: each.span
    )
    rejected = _apart(
        sorted((*assembly.rejected, *(each.span for each in set_aside))),
        [line.span for line in lines],
    )
    truncated = bool(text[unread:].strip())
    if truncated:
        rejected.append((unread, len(text.rstrip())))
    reported = set(rejected)
    set_aside = [each for each in set_aside if each.span in reported]
    return GroceryList(lines, tuple(rejected), truncated, tuple(set_aside))


def _currency(items: Iterable[Draft]) -> str:
    """The currency of sums that name none."""
    named = {item.price.currency for item in items if item.price and item.price.currency}
    return named.pop() if len(named) == 1 else NAIRA


def _line(text: str, item: Draft, currency: str) -> GroceryLine:
    price = item.price
    if price:
        currency = price.currency or currency
    return GroceryLine(
        quantity=rounded(item.amount.quantity) if item.amount else _ONE,
        unit=item.amount.unit if item.amount else "",
        name=item.name,
        notes=tuple(item.notes),
        span=(item.start, item.end),
        text=text[item.start : item.end],
        size_quantity=rounded(item.size.quantity) if item.size else None,
        size_unit=item.size.unit if item.size else "",
        price=price.text if price else "",
        price_kobo=price.kobo if price and currency == NAIRA else None,
        price_currency=currency if price else "",
    )
