"""What becomes of a list's lines: matched, unmatched, and worth remembering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from orderflow.catalog.names import normalise
from orderflow.matching.chooser import Answer, Unanswered
from orderflow.matching.offers import Offer
from orderflow.orders.lines import Alternative, MatchedBy, MatchedLine, RequestedLine, UnmatchedLine

#: Reasons for an unmatched line, in words for the customer.
NO_SUCH_PRODUCT: Final = "We have no such product."
NOT_LOOKED_UP: Final = "We could not look this up now."

_WORTH_REMEMBERING: Final = Decimal("0.70")
# A choice that passes over a much likelier name is one order's: it is not remembered for others.
_NOT_FAR_BEHIND: Final = 0.1
_ALTERNATIVES: Final = 3


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
    """The product of a line, how it was found, and how sure that is (0 to 1)."""

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
        """Whether a choice is needed."""
        return self.known is None and bool(self.offers)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line; without a match, ``pending`` is why the model did not decide."""

    prospect: Prospect
    match: Match | None
    pending: Unanswered | None = None

    @property
    def reason(self) -> str:
        """Why there is no match, for the customer."""
        refusal = self.prospect.refusal
        return NOT_LOOKED_UP if self.pending and refusal == NO_SUCH_PRODUCT else refusal


def result_of(outcomes: Sequence[Outcome], answer: Answer) -> MatchResult:
    """What all outcomes come to."""
    matched = [(each.prospect, each.match) for each in outcomes if each.match]
    return MatchResult(
        lines=[_matched(prospect, match) for prospect, match in matched],
        unmatched=[
            UnmatchedLine(
                text=each.prospect.line.text,
                reason=each.reason,
                alternatives=_alternatives(each.prospect.offers),
            )
            for each in outcomes
            if each.match is None
        ],
        learned={
            normalise(prospect.line.name): match.offer.product.id
            for prospect, match in matched
            if _is_worth_remembering(prospect, match)
        },
        answer=answer,
        pending=frozenset(each.pending for each in outcomes if each.pending),
    )


def _is_worth_remembering(prospect: Prospect, match: Match) -> bool:
    """Whether others may be given this choice, too; one customer's words can steer the model."""
    if match.by is not MatchedBy.MODEL or match.confidence < _WORTH_REMEMBERING:
        return False
    return match.offer.score >= prospect.offers[0].score - _NOT_FAR_BEHIND


def _matched(prospect: Prospect, match: Match) -> MatchedLine:
    line, offer = prospect.line, match.offer
    product = offer.product
    others = [other for other in prospect.offers if other.product.id != product.id]
    return MatchedLine(
        text=line.text,
        product_id=product.id,
        name=product.name,
        quantity=line.quantity,
        unit=line.unit,
        packs=offer.packs,
        pack_size=product.pack_size,
        unit_price_kobo=product.price_kobo,
        line_total_kobo=offer.cost_kobo,
        matched_by=match.by,
        confidence=match.confidence,
        notes=line.notes,
        packing=offer.packing,
        alternatives=_alternatives(others),
    )


def _alternatives(offers: Sequence[Offer]) -> list[Alternative]:
    return [
        Alternative(
            product_id=offer.product.id,
            name=offer.product.name,
            similarity=rounded(offer.score),
        )
        for offer in offers[:_ALTERNATIVES]
    ]


def rounded(value: float | Decimal) -> Decimal:
    """To hundredths."""
    return Decimal(str(value)).quantize(Decimal("0.01"))
