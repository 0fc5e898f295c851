"""What became of the lines of a list: basket lines, questions to the customer, refusals.

Lines that end at the same product are one basket line: their amounts are added up before packs are
counted. A bare count that no household buys ("beans 500", where 500 may be money) is not bought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_UP, Decimal
from itertools import islice
from typing import Final

from orderflow.catalog.names import normalise
from orderflow.matching.chooser import Answer, Unanswered
from orderflow.matching.offers import Offer, amount_asked, joint_offer, packs_asked, sum_of_lines
from orderflow.matching.packs import MAX_PACKS, PIECES
from orderflow.matching.rules import Rules
from orderflow.orders.lines import Alternative, MatchedBy, MatchedLine, RequestedLine, UnmatchedLine

#: Reasons for an unmatched line, in words for the customer.
NO_SUCH_PRODUCT: Final = "We have no such product."
NOT_LOOKED_UP: Final = "We could not look this up now."
AMOUNT_REFUSED: Final = f"We can't sell that amount: it is not between 1 and {MAX_PACKS} packs."
AMOUNT_ASKED: Final = "We did not buy this: please see our question."

_WORTH_REMEMBERING: Final = Decimal("0.70")
# A choice that passes over a much likelier name is one order's: it is not remembered for others.
_NOT_FAR_BEHIND: Final = 0.1
_ALTERNATIVES: Final = 3
_PRECISION: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class MatchResult:
    """What became of every line, and what is worth remembering.

    ``learned`` holds the normalised names that the model resolved, with their product ids.
    ``pending`` says of lines that have no product why the model did not decide about them; it may
    find one another time.
    """

    lines: list[MatchedLine]
    unmatched: list[UnmatchedLine]
    learned: dict[str, str]
    answer: Answer
    pending: frozenset[Unanswered]


@dataclass(frozen=True, slots=True)
class Match:
    """The offer that a line ended at, how that was found, and how sure it is, 0 to 1."""

    offer: Offer
    by: MatchedBy
    confidence: Decimal


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a line may become: ``refusal`` tells the customer why, should it become nothing."""

    line: RequestedLine
    known: Match | None
    offers: tuple[Offer, ...]
    refusal: str

    @property
    def is_unclear(self) -> bool:
        """Whether something has to be chosen."""
        return self.known is None and bool(self.offers)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line; without a match, ``pending`` is why the model did not decide."""

    prospect: Prospect
    match: Match | None
    pending: Unanswered | None = None

    @property
    def refusal(self) -> str:
        """Why there is no match, for the customer."""
        refusal = self.prospect.refusal
        return NOT_LOOKED_UP if self.pending and refusal == NO_SUCH_PRODUCT else refusal


@dataclass(frozen=True, slots=True)
class _Bought:
    """Lines that end at one product, and the offer that covers them; None if nothing does."""

    prospects: tuple[Prospect, ...]
    match: Match
    offer: Offer | None

    @property
    def lines(self) -> list[RequestedLine]:
        return [prospect.line for prospect in self.prospects]

    @property
    def product_id(self) -> str:
        return (self.offer or self.match.offer).product.id


def match_result(outcomes: Sequence[Outcome], answer: Answer, rules: Rules) -> MatchResult:
    """The basket lines of an order, the lines without a product, and what was learned."""
    lines: list[MatchedLine] = []
    unmatched: list[UnmatchedLine] = []
    chosen: list[tuple[Prospect, Match]] = []
    for outcome in outcomes:
        prospect, match = outcome.prospect, outcome.match
        if match is None:
            unmatched.append(_refused(prospect, outcome.refusal))
        elif question := _question_of_amount(prospect.line, match.offer, rules):
            unmatched.append(_refused(prospect, AMOUNT_ASKED, question))
        else:
            chosen.append((prospect, match))
    for bought in _added_up([_Bought((each,), match, match.offer) for each, match in chosen]):
        if bought.offer is None:
            unmatched += [_refused(prospect, AMOUNT_REFUSED) for prospect in bought.prospects]
        else:
            lines.append(_basket_line(bought, bought.offer))
    learned = {
        normalise(prospect.line.name): match.offer.product.id
        for prospect, match in chosen
        if _is_worth_remembering(prospect, match)
    }
    pending = frozenset(each.pending for each in outcomes if each.pending)
    return MatchResult(lines, unmatched, learned, answer, pending)


def rounded(value: float | Decimal) -> Decimal:
    """A similarity or confidence with two decimals."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def _question_of_amount(line: RequestedLine, offer: Offer, rules: Rules) -> str:
    """What to ask where a bare count is above what is bought of such things; "" for nothing."""
    product = offer.product
    if line.unit or line.quantity <= rules.highest_count(product.category):
        return ""
    count = f"{line.quantity.normalize():f}"
    unit = "pieces" if product.pack_unit in PIECES else "packs"
    return (
        f'Do you want {count} {unit} of "{product.name}" ({product.pack_size})? '
        f'If so, please order "{count} {unit}". If {count} is a price, please leave it out.'
    )


def _added_up(single: Sequence[_Bought]) -> list[_Bought]:
    """Lines of one product together. The sum may need another pack: then it joins that one's."""
    groups: dict[str, list[_Bought]] = {}
    for bought in single:
        groups.setdefault(bought.product_id, []).append(bought)
    if len(groups) == len(single):
        return list(single)
    return _added_up([_joined(group) if len(group) > 1 else group[0] for group in groups.values()])


def _joined(group: Sequence[_Bought]) -> _Bought:
    """Several as one, with the least certain of their matches."""
    prospects = tuple(prospect for bought in group for prospect in bought.prospects)
    match = min((bought.match for bought in group), key=lambda match: match.confidence)
    offer = group[0].offer or group[0].match.offer
    joint = joint_offer([prospect.line for prospect in prospects], offer)
    return _Bought(prospects, replace(match, offer=offer), joint)


def _basket_line(bought: _Bought, offer: Offer) -> MatchedLine:
    product = offer.product
    quantity, unit = _amount(bought.lines, offer)
    others = [
        other
        for prospect in bought.prospects
        for other in prospect.offers
        if other.product.id != product.id
    ]
    sizes = [replace(offer, product=each) for each in offer.other_sizes]
    currencies = {line.price_currency for line in bought.lines if line.price}
    return MatchedLine(
        text=", ".join(line.text for line in bought.lines),
        product_id=product.id,
        name=product.name,
        quantity=quantity,
        unit=unit,
        packs=offer.packs,
        pack_size=product.pack_size,
        unit_price_kobo=product.price_kobo,
        line_total_kobo=offer.cost_kobo,
        matched_by=bought.match.by,
        confidence=bought.match.confidence,
        notes=_notes(bought.lines),
        packing=offer.packing,
        price_note=", ".join(filter(None, (line.price for line in bought.lines))) or None,
        price_note_kobo=bought.lines[0].price_kobo if len(bought.lines) == 1 else None,
        price_note_currency=currencies.pop() if len(currencies) == 1 else None,
        alternatives=_alternatives(others, sizes),
    )


def _amount(lines: Sequence[RequestedLine], offer: Offer) -> tuple[Decimal, str]:
    """What the lines ask for together, in their unit, or else in that of the packs."""
    if joint := sum_of_lines(lines):
        return amount_asked(joint, offer)
    product = offer.product
    needed = packs_asked(lines, offer)
    amount = Decimal(needed.numerator) * product.pack_quantity / Decimal(needed.denominator)
    return amount.quantize(_PRECISION, ROUND_UP), product.pack_unit


def _notes(lines: Sequence[RequestedLine]) -> list[str]:
    """The distinct remarks of the lines, without the prices, which have a field of their own."""
    notes = (note for line in lines for note in line.notes if note != line.price)
    return list(dict.fromkeys(notes))


def _refused(prospect: Prospect, reason: str, question: str | None = None) -> UnmatchedLine:
    return UnmatchedLine(
        text=prospect.line.text,
        reason=reason,
        question=question,
        alternatives=_alternatives(prospect.offers),
    )


def _is_worth_remembering(prospect: Prospect, match: Match) -> bool:
    """Whether others may be given this choice, too; one customer's words can steer the model."""
    if match.by is not MatchedBy.MODEL or match.confidence < _WORTH_REMEMBERING:
        return False
    return match.offer.score >= prospect.offers[0].score - _NOT_FAR_BEHIND


def _alternatives(offers: Sequence[Offer], sizes: Sequence[Offer] = ()) -> list[Alternative]:
    """The other sizes of a line about sizes, then the likeliest products, each once."""
    distinct = {offer.product.id: offer for offer in reversed(offers)}
    likeliest = {each.product.id: each for each in sizes}
    for offer in sorted(distinct.values(), key=lambda offer: -offer.score):
        likeliest.setdefault(offer.product.id, offer)
    return [
        Alternative(
            product_id=offer.product.id,
            name=offer.product.name,
            similarity=rounded(offer.score),
        )
        for offer in islice(likeliest.values(), _ALTERNATIVES)
    ]
