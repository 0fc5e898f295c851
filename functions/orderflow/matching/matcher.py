"""From the lines of a list to the products, packs and prices that answer them.

A line whose name only one family of products bears is *exact*; one that was resolved before is an
*alias*; one whose likeliest name is far ahead of all others is clear. The rest is unclear: the
model chooses among local candidates, or, where it gives no choice, the best name does. Products of
a family differ by their pack alone ("Rice" of 5 kg and of 50 kg): what finds the family,
arithmetic finds the pack. Prices are always the catalog's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Final

from orderflow.catalog.index.search import Candidate, CatalogIndex
from orderflow.catalog.names import normalise
from orderflow.catalog.product import Product
from orderflow.catalog.sizes import size_apart
from orderflow.matching.chooser import Answer, Choice, Chooser, Question, Unanswered, no_answer
from orderflow.matching.offers import Offer, best_offer, preference, size_asked, wished_size
from orderflow.matching.outcomes import (
    AMOUNT_REFUSED,
    NO_SUCH_PRODUCT,
    Match,
    MatchResult,
    Outcome,
    Prospect,
    match_result,
    rounded,
)
from orderflow.matching.rules import Rules
from orderflow.orders.lines import MatchedBy, RequestedLine
from orderflow.units import spellings_of

__all__ = [
    "AMOUNT_REFUSED",
    "NO_SUCH_PRODUCT",
    "Candidate",
    "CatalogIndex",
    "MatchResult",
    "Rules",
    "candidate_ids",
    "match_lines",
    "normalise",
    "sizes_apart",
]

_CERTAIN: Final = Decimal("1.00")
_REMEMBERED: Final = Decimal("0.95")
# Products asked of the index for each family wanted: families often have several packs.
_PACKS_A_FAMILY: Final = 4
_FAINTEST_SCORE: Final = 0.3

_Family = tuple[str, ...]


def match_lines(
    lines: Sequence[RequestedLine],
    index: CatalogIndex,
    products: Mapping[str, Product],
    aliases: Mapping[str, str],
    choose: Chooser | None,
    rules: Rules,
) -> MatchResult:
    """Match every line to a product and its packs, or say why not.

    Args:
        lines: what the customer wants, as :func:`sizes_apart` gives it.
        index: the names of the catalog.
        products: prices and availability by id, of at least :func:`candidate_ids` and the families
            of ``aliases``. A product that is missing here is no longer sold.
        aliases: remembered product ids by normalised name.
        choose: the model, called once for all unclear lines; None while it is unavailable.
        rules: when a name is like enough.

    Raises:
        BedrockUnavailable: ``choose`` got no answer.
    """
    shelf = _Shelf(index, products, rules)
    prospects = [shelf.prospect(line, aliases.get(normalise(line.name))) for line in lines]
    unclear = [prospect for prospect in prospects if prospect.is_unclear]
    questions = [_question(prospect) for prospect in unclear]
    answer = (
        choose(questions) if choose and unclear else no_answer(questions, Unanswered.UNAVAILABLE)
    )
    decided = _decided(unclear, answer, rules.minimum_score)
    outcomes = [
        next(decided) if prospect.is_unclear else Outcome(prospect, prospect.known)
        for prospect in prospects
    ]
    return match_result(outcomes, answer, rules)


def sizes_apart(lines: Iterable[RequestedLine], index: CatalogIndex) -> list[RequestedLine]:
    """The lines with the words of size that are no part of a product's name as remarks."""
    return [_size_apart(line, index) for line in lines]


def _size_apart(line: RequestedLine, index: CatalogIndex) -> RequestedLine:
    sized = size_apart(line.name, index)
    if sized is None:
        return line
    unit = line.unit or sized.unit
    return line.model_copy(
        update={"name": sized.name, "unit": unit, "notes": [sized.note, *line.notes]}
    )


def candidate_ids(lines: Iterable[RequestedLine], index: CatalogIndex, rules: Rules) -> set[str]:
    """Every product id that :func:`match_lines` may need for these lines by their names.

    The families of remembered products come on top.
    """
    families = {
        family
        for line in lines
        for family in (
            *_families_named(line, index),
            *_families_like(line.name, index, rules.max_candidates),
        )
    }
    return {product_id for family in families for product_id in family}


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What is sold now, and how to find it."""

    index: CatalogIndex
    products: Mapping[str, Product]
    rules: Rules

    def prospect(self, line: RequestedLine, remembered_id: str | None) -> Prospect:
        named = _families_named(line, self.index)
        like = _families_like(line.name, self.index, self.rules.max_candidates)
        families = {**like, **dict.fromkeys(named, 1.0)}
        offers = {family: self._offer(line, family, score) for family, score in families.items()}
        missed = [
            family
            for family, offer in offers.items()
            if offer is None and families[family] >= self.rules.minimum_score
        ]
        likely = tuple(sorted(filter(None, offers.values()), key=preference))
        return Prospect(
            line=line,
            known=self._exact(line, named)
            or self._remembered(line, remembered_id)
            or self._clear(likely),
            offers=likely,
            refusal=self._refusal(missed),
        )

    def _exact(self, line: RequestedLine, named: Sequence[_Family]) -> Match | None:
        offers = [offer for family in named if (offer := self._offer(line, family, 1.0))]
        if len(offers) > 1:  # "tin tomatoes" and "tin tomato" may be two things
            spelled = [offer for offer in offers if _is_called(offer.product, line.name)]
            offers = spelled or offers
        # A name that several products share is not exact: a choice is needed.
        return Match(offers[0], MatchedBy.EXACT, _CERTAIN) if len(offers) == 1 else None

    def _remembered(self, line: RequestedLine, product_id: str | None) -> Match | None:
        offer = self._offer(line, self.index.family(product_id), 1.0) if product_id else None
        return Match(offer, MatchedBy.ALIAS, _REMEMBERED) if offer else None

    def _clear(self, offers: Sequence[Offer]) -> Match | None:
        """The first offer where its name leaves no doubt."""
        if not offers or offers[0].score < self.rules.clear_score:
            return None
        lead = offers[0].score - offers[1].score if len(offers) > 1 else 1.0
        return _by_name(offers[0]) if lead >= self.rules.clear_lead else None

    def _offer(self, line: RequestedLine, family: _Family, score: float) -> Offer | None:
        return best_offer(line, self._meant(line, family), score)

    def _meant(self, line: RequestedLine, family: _Family) -> list[Product]:
        """The packs in stock; of "bag of rice" those alone that are called so."""
        in_stock = self._in_stock(family)
        if line.unit or wished_size(line) or size_asked(line):
            return in_stock
        named = self.index.named(line.name)
        return [product for product in in_stock if product.id in named] or in_stock

    def _in_stock(self, family: _Family) -> list[Product]:
        present = (self.products[id_] for id_ in family if id_ in self.products)
        return [product for product in present if product.available]

    def _refusal(self, missed: Iterable[_Family]) -> str:
        """Why the likeliest of these, which the name means but can't be had, is not offered."""
        for family in missed:
            if self._in_stock(family):
                return AMOUNT_REFUSED
            for id_ in family:
                if id_ in self.products:
                    return f"Out of stock: {self.products[id_].name}."
        return NO_SUCH_PRODUCT


def _is_called(product: Product, name: str) -> bool:
    """Whether the product has this very name, letter by letter."""
    return name.casefold() in {each.casefold() for each in (product.name, *product.synonyms)}


def _families_named(line: RequestedLine, index: CatalogIndex) -> list[_Family]:
    """The families with this very name; with its unit or a remark for choice: "tin milk"."""
    for name in (*_qualified_names(line), line.name):
        if named := index.named(name):
            return list(dict.fromkeys(map(index.family, named)))
    return []


def _qualified_names(line: RequestedLine) -> Iterator[str]:
    """ "yellow garri" for "garri (yellow)", "tin milk" for tins of milk."""
    for qualifier in (*line.notes, *spellings_of(line.unit)):
        yield f"{qualifier} {line.name}"


def _families_like(name: str, index: CatalogIndex, limit: int) -> dict[_Family, float]:
    """The families with the likeliest names, best first, and their scores."""
    scores: dict[_Family, float] = {}
    for candidate in index.search(name, limit * _PACKS_A_FAMILY):
        if candidate.score >= _FAINTEST_SCORE:
            scores.setdefault(index.family(candidate.product_id), candidate.score)
    return dict(islice(scores.items(), limit))


def _question(prospect: Prospect) -> Question:
    return Question(prospect.line, tuple(offer.product for offer in prospect.offers))


def _decided(
    unclear: Sequence[Prospect], answer: Answer, minimum_score: float
) -> Iterator[Outcome]:
    choices = {choice.question: choice for choice in reversed(answer.choices)}
    for number, prospect in enumerate(unclear):
        choice = choices.get(number)
        if choice and (match := _chosen(prospect, choice)):
            yield Outcome(prospect, match)
        elif choice and choice.product_id is None:
            yield Outcome(prospect, None)
        else:  # not answered, or answered with a product that was not offered
            why = answer.unanswered.get(number, Unanswered.NOT_UNDERSTOOD)
            yield _without_choice(prospect, why, minimum_score)


def _chosen(prospect: Prospect, choice: Choice) -> Match | None:
    for offer in prospect.offers:
        if offer.product.id == choice.product_id:
            return Match(offer, MatchedBy.MODEL, rounded(choice.confidence))
    return None


def _without_choice(prospect: Prospect, why: Unanswered, minimum_score: float) -> Outcome:
    likeliest = prospect.offers[0]
    if likeliest.score >= minimum_score:
        return Outcome(prospect, _by_name(likeliest))
    return Outcome(prospect, None, None if why is Unanswered.BLOCKED else why)


def _by_name(offer: Offer) -> Match:
    return Match(offer, MatchedBy.NAME, rounded(offer.score))
