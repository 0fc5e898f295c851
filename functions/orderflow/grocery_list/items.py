"""Reads one piece of a grocery list on its own: an item, an amount, a remark, or nothing.

    piece := [courtesy] [extract] [amount] [preference] name [size] [closing amount] [courtesy] [remark]

Sums of money anywhere in it are its price. Bracketed asides are amounts where there is no other
("eggs (12)"), else remarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from orderflow.grocery_list.amounts import (
    Amount,
    Size,
    read_amount,
    read_closing_amount,
    read_whole_amount,
)
from orderflow.grocery_list.courtesy import without_courtesy
from orderflow.grocery_list.goods import GOODS
from orderflow.grocery_list.impossible import is_impossible
from orderflow.grocery_list.numbers import is_number
from orderflow.grocery_list.phrases import words_in
from orderflow.grocery_list.preparations import is_description, is_preparation
from orderflow.grocery_list.prices import Price, take_price
from orderflow.grocery_list.remarks import (
    ends_as_remark,
    extract_length,
    is_remark,
    split_off_descriptions,
    split_off_late_descriptions,
    split_off_remark,
)
from orderflow.grocery_list.segments import Aside, Link, Piece
from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.token_kinds import Kind, Token, token_at, written
from orderflow.grocery_list.vocabulary import AFTER_AMOUNT, ARTICLES, NUMBER_WORDS, REMARK_OPENING
from orderflow.units import COUNTED_UNITS, MEASURES

_FULL_STOPS: Final = frozenset({Kind.STOP, Kind.DOT})
_NAME_KINDS: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.PACK_OF})
_EACH: Final = "each"
# Without another word these are no name.
_NO_NAMES: Final = words_in("""
    at by on in of to for and the me it us you them a an with from or so is lol x xx haha bit bits
    something anything everything nothing stuff things please that this
""")
_REFUSING: Final = words_in("no not don't dont do never without")
_APPROXIMATELY: Final = words_in("about approx approximately around roughly")
_LONGEST_ITEM: Final = 150  # tokens; more of them are read as a name, whatever they say
_PREPOSITIONS: Final = words_in("in into to of about with at by or and from over")
_IN_THAT_CASE: Final = frozenset({"so", "yes", "available", "possible"})


@dataclass(slots=True)
class Draft:
    """What a piece says. Without name, amount and notes it is not understood.

    ``start`` and ``end`` delimit it in the list; ``size`` is what one pack holds. The amount
    ``is_each`` of the items that follow, too, as in "2kg each of beef and fish", or ``ends_each``
    of those before it: "rice and beans 5kg each". ``completes`` the item before it, whatever stands
    between: "if so, 2 pints". It ``is_multiple`` where its amount is marked as a number of packs ("x
    2", "Qty: 2"), ``is_implicit`` where it is a unit alone ("tins of milk"), and ``is_remark`` where nothing in it can be a thing. One that
    ``is_approximate`` may say an amount again. A ``reason`` says why it is no item.
    """

    start: int
    end: int
    name: str = ""
    amount: Amount | None = None
    notes: list[str] = field(default_factory=list)
    size: Size | None = None
    price: Price | None = None
    is_each: bool = False
    ends_each: bool = False
    completes: bool = False
    is_multiple: bool = False
    is_implicit: bool = False
    is_remark: bool = False
    is_approximate: bool = False
    reason: str = ""


def read_piece(piece: Piece, *, after_remark: bool = False) -> Draft | None:
    """What the piece says; None where it is courtesy alone.

    Args:
        piece: the tokens between two separators.
        after_remark: the piece before it was a remark, so that an "and" may go on with it.
    """
    tokens = without_courtesy(piece.tokens)
    if len(tokens) > _LONGEST_ITEM:
        return Draft(*_extent(tokens, piece.asides), name=_name(tokens))
    ends_each = len(tokens) > 1 and _ends_each(tokens)
    if (ends_each and not is_number(tokens[-2])) or (ends_each and len(tokens) > 2):  # noqa: PLR2004
        tokens = tokens[:-1]
    detached = piece.link not in {Link.LINE, Link.CORRECTION}
    if detached and piece.link != Link.AND and piece.tokens and is_preparation(piece.tokens):
        tokens = piece.tokens  # "zest only": the last word is no courtesy here
    if detached and piece.tokens and _says_what_for(piece.tokens):
        return _remark(piece.tokens, piece.asides)
    if detached and ends_as_remark(piece.tokens):
        return _remark(piece.tokens, piece.asides)
    if tokens and is_impossible(tokens):
        return Draft(*_extent(tokens, piece.asides), reason=Reason.IMPOSSIBLE)
    if tokens and _answers(tokens):
        draft = _item(tokens[2:], piece.asides)
        draft.start, draft.completes = tokens[0].start, True
        return draft
    if piece.link == Link.LINE and tokens and _describes(tokens) and not piece.asides:
        return Draft(
            *_extent(tokens, ()), notes=[written(tokens)], is_remark=True, completes=True
        )
    if tokens and _is_remark(tokens, piece, after_remark=after_remark, detached=detached):
        return _remark(tokens, piece.asides)
    if tokens or piece.asides:
        draft = _item(tokens, piece.asides)
        draft.ends_each = draft.ends_each or ends_each
        draft.is_approximate = piece.tokens[:1] != [] and piece.tokens[0].lower in _APPROXIMATELY
        return draft
    return None if piece.tokens else Draft(piece.emoji[0].start, piece.emoji[-1].end)


def _says_what_for(tokens: Sequence[Token]) -> bool:
    """ "to glaze"; or a measure alone that is none of amounts: "7cm"."""
    if tokens[0].lower == "to":
        return len(tokens) > 1 and tokens[1].lower not in {"my", "the"}
    return len(tokens) == 1 and tokens[0].lower.endswith(("cm", "mm")) and tokens[0].text[0].isdigit()


def _is_remark(
    tokens: Sequence[Token], piece: Piece, *, after_remark: bool, detached: bool
) -> bool:
    if detached and is_leftover(tokens):
        return True
    if piece.link == Link.AND and not after_remark:
        return bool(REMARK_OPENING.match(tokens, 0))
    if piece.link == Link.AND and _goes_on(tokens):
        return True
    return is_remark(tokens, detached=detached)


def _goes_on(tokens: Sequence[Token]) -> bool:
    """Whether the words go on with a remark: "pin boned", "covering"."""
    last = tokens[-1].lower
    if is_description(last):
        return not any(is_number(token) for token in tokens)
    return len(tokens) == 1 and last.endswith("ing") and last not in GOODS


def _describes(tokens: Sequence[Token]) -> bool:
    """Whether a line only describes what the line before it names: "firm"."""
    return all(is_description(token.lower) for token in tokens)


def is_leftover(tokens: Sequence[Token]) -> bool:
    """ "and extra for greasing", "plus a bit more": more of the same, for some purpose."""
    start = 1 if tokens[0].lower in ARTICLES or is_number(tokens[0]) else 0
    words = [token.lower for token in tokens[start : start + 2]]
    if start and words == ["or", "so"]:
        return True
    return words[:1] in (["extra"], ["more"], ["bit"]) and (
        len(words) == 1 or words[1] in {"for", "to", "more", "if"}
    )


def _answers(tokens: Sequence[Token]) -> bool:
    """Whether the piece answers the question before it: "if so, 2 pints"."""
    return (
        len(tokens) > 2  # noqa: PLR2004 - "if", "so" and an amount
        and tokens[0].lower == "if"
        and tokens[1].lower in _IN_THAT_CASE
        and is_number(tokens[2])
    )


def _ends_each(tokens: Sequence[Token]) -> bool:
    """Whether the amount at the end is one of each item so far: "5kg each", unlike "£2 each"."""
    return tokens[-1].lower == _EACH and not any(token.kind == Kind.MONEY for token in tokens)


def _remark(tokens: Sequence[Token], asides: Sequence[Aside]) -> Draft:
    draft = Draft(*_extent(tokens, asides), is_remark=True)
    if tokens[0].lower in _REFUSING:
        draft.reason = Reason.REFUSED
    closing = read_closing_amount(tokens)
    if closing and closing[1].unit and _is_complete(tokens[: closing[0]]):
        tokens = tokens[: closing[0]]  # "prawns, shell on 400g"
        _take_amount(draft, closing[1])
    draft.notes.append(written(tokens))
    draft.notes.extend(written(aside.tokens) for aside in asides if aside.tokens)
    return draft


def _is_complete(tokens: Sequence[Token]) -> bool:
    """Whether the remark needs no amount behind it, as "cut into" does."""
    return tokens[-1].lower not in _PREPOSITIONS and is_preparation(tokens)


def _item(tokens: Sequence[Token], asides: Sequence[Aside]) -> Draft:
    """The item, or the part of one, that the tokens and the asides hold."""
    draft = Draft(*_extent(tokens, asides))
    named = _split_off_prices(draft, tokens)
    named = _split_off_extract(draft, named)
    named = _split_off_first_amount(draft, named)
    named, remark, amount = split_off_remark(named, has_amount=draft.amount is not None)
    if amount:
        _take_amount(draft, amount)
    if remark:
        draft.notes.append(remark)
    named = _split_off_amounts(draft, named)
    named, notes = split_off_descriptions(named)
    draft.notes[:0] = notes
    _add_asides(draft, asides)
    draft.name = "" if draft.amount is None and _says_nothing(named) else _name(named)
    if named and not draft.name:
        return Draft(draft.start, draft.end)
    return draft


def _split_off_prices(draft: Draft, tokens: Sequence[Token]) -> Sequence[Token]:
    if not any(token.kind == Kind.MONEY for token in tokens):
        return tokens
    left, prices = take_price(tokens)
    draft.price = prices[0]
    draft.notes.extend(price.text for price in prices)
    return left


def _split_off_extract(draft: Draft, tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens without the "juice of" before an amount, which becomes a note."""
    length = extract_length(tokens) if tokens else 0
    if length:
        draft.notes.append(written(tokens[:length]))
    return tokens[length:]


def _split_off_first_amount(draft: Draft, tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens without the amount at their beginning."""
    start = _said_of_each(tokens)
    amount = read_amount(tokens, start)
    if amount is None:
        return tokens
    _take_amount(draft, amount)
    draft.is_multiple = tokens[0].kind == Kind.TIMES
    draft.is_implicit = tokens[0].kind == Kind.WORD and not is_number(tokens[0])
    draft.is_each = bool(start) or token_at(tokens, amount.end).lower == _EACH
    return tokens[amount.end + (draft.is_each and not start) :]


def _said_of_each(tokens: Sequence[Token]) -> int:
    """1 where the number is said twice, as in "one one derica of rice and beans": of each."""
    word = token_at(tokens, 0).lower
    return int(word in NUMBER_WORDS and token_at(tokens, 1).lower == word)


def _take_amount(draft: Draft, amount: Amount) -> None:
    draft.amount = amount
    draft.size = draft.size or amount.size
    draft.notes.extend(amount.notes)


def _split_off_amounts(draft: Draft, named: list[Token]) -> list[Token]:
    """The name without the amounts at its end: "rice 50kg 2 bags" has two."""
    if draft.amount is None:
        named, description = split_off_late_descriptions(named)
        if description:
            draft.notes.append(description)
    without = _split_off_amount(draft, named)
    if len(without) == len(named):
        return named
    without, description = split_off_late_descriptions(without)
    if description:
        draft.notes.append(description)
    return _split_off_amount(draft, without)


def _split_off_amount(draft: Draft, named: list[Token]) -> list[Token]:
    """The name without the amount at its end: the item's, its multiple, or the size of its pack."""
    closing = read_closing_amount(named)
    if closing is None:
        return named
    start, amount = closing
    if draft.amount is None:
        _take_amount(draft, amount)
    elif named[start].kind == Kind.TIMES and not amount.unit:
        quantity = draft.amount.quantity * amount.quantity
        draft.amount = draft.amount._replace(quantity=quantity)
    elif draft.is_implicit and not amount.unit:  # "tins of milk 2"
        draft.amount = draft.amount._replace(quantity=amount.quantity)
    elif amount.unit in MEASURES:
        draft.notes.append(written(named[start:]))
        draft.size = draft.size or Size(amount.quantity, amount.unit)
    else:
        return named
    return named[:start]


def _add_asides(draft: Draft, asides: Sequence[Aside]) -> None:
    for aside in asides:
        tokens = [token for token in aside.tokens if token.kind not in _FULL_STOPS]
        if any(token.kind == Kind.MONEY for token in tokens):
            tokens = list(_split_off_prices(draft, tokens))
            if not tokens:
                continue
        _add_aside(draft, aside.tokens, tokens)


def _add_aside(draft: Draft, written_tokens: Sequence[Token], tokens: Sequence[Token]) -> None:
    ends_each = bool(tokens) and tokens[-1].lower == _EACH
    amount = read_whole_amount(tokens[:-1] if ends_each else tokens)
    if draft.amount is None and amount:
        _take_amount(draft, amount)
        draft.ends_each = ends_each
        return
    if draft.amount and amount:
        if (amount.quantity, amount.unit) == (draft.amount.quantity, ""):
            return  # "five (5) tubers" says it twice
        if draft.amount.unit in COUNTED_UNITS and amount.unit in MEASURES:
            draft.size = draft.size or Size(amount.quantity, amount.unit)
    remark = written(_split_off_listed_amount(draft, written_tokens))
    draft.notes.extend(filter(None, [remark]))


def _split_off_listed_amount(draft: Draft, tokens: Sequence[Token]) -> Sequence[Token]:
    """The aside without the amount before its first or behind its last comma, if that is new."""
    commas = [place for place, token in enumerate(tokens) if token.kind == Kind.COMMA]
    if draft.amount:
        return tokens
    if not commas:
        return _split_off_counted(draft, tokens)
    first, last = commas[0], commas[-1]
    for part, rest in ((tokens[:first], tokens[first + 1 :]), (tokens[last + 1 :], tokens[:last])):
        amount = read_whole_amount(part)
        if amount:
            _take_amount(draft, amount)
            return rest
    return tokens


def _split_off_counted(draft: Draft, tokens: Sequence[Token]) -> Sequence[Token]:
    """The aside without the amount at either end: "(12 pouches)", "(basmati 2kg)"."""
    amount = read_amount(tokens, 0) if tokens else None
    if amount:
        _take_amount(draft, amount)
        return tokens
    closing = read_closing_amount(tokens)
    if closing and closing[1].unit:
        _take_amount(draft, closing[1])
        return tokens[: closing[0]]
    return tokens


def _says_nothing(tokens: Sequence[Token]) -> bool:
    """Whether these words name no thing by themselves: "some bits", "at"."""
    return all(token.lower in _NO_NAMES for token in tokens)


def _name(tokens: Sequence[Token]) -> str:
    """The tokens as written, without stray marks at the ends; "" where there are no letters."""
    start, end = 0, len(tokens)
    while start < end and tokens[start].kind not in _NAME_KINDS:
        start += 1
    while start < end and not _may_end_name(tokens[end - 1]):
        end -= 1
    name = written(tokens[start:end]).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return name if any(map(str.isalpha, name)) else ""


def _may_end_name(token: Token) -> bool:
    return token.kind in _NAME_KINDS and token.lower not in AFTER_AMOUNT


def _extent(tokens: Sequence[Token], asides: Sequence[Aside]) -> tuple[int, int]:
    if not asides:
        return tokens[0].start, tokens[-1].end
    places: tuple[Token | Aside, ...] = (*tokens[:1], *tokens[-1:], *asides[:1], *asides[-1:])
    return min(place.start for place in places), max(place.end for place in places)
