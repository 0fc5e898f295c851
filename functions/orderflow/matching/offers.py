"""Which packs of a product cover what was asked, what they cost, and which of them suit best.

How much a line asks for is settled in this order: the size of pack that it names ("2 bags rice
(50kg)") where that is sold; the total where it is not; else its quantity and unit as they stand.
Whole packs are sold, so amounts are rounded up (:mod:`orderflow.matching.packs`); prices are never
rounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from orderflow.catalog.names import words
from orderflow.catalog.product import Product
from orderflow.grocery_list.amounts import amount_in_text
from orderflow.matching.packs import Cover, Fit, cover
from orderflow.orders.lines import RequestedLine
from orderflow.units import MEASURES, UNIT_SPELLINGS, in_words

_Amount = tuple[Decimal, str]

_BY_THE_PIECE: Final = "Sold by the piece: one for each started kilogram or litre."


@dataclass(frozen=True, slots=True)
class Offer:
    """A product that can be had, and the packs of it that cover a line.

    ``score`` says how like its name is to the one asked for, 0 to 1; ``packing`` tells the customer
    how packs came out of the amount, where that needs telling.
    """

    product: Product
    score: float
    packs: int
    fit: Fit
    packing: str

    @property
    def cost_kobo(self) -> int:
        """Whole packs at the catalog's price: nothing to round."""
        return self.packs * self.product.price_kobo


def best_offer(line: RequestedLine, products: Iterable[Product], score: float) -> Offer | None:
    """The pack that suits the line best, of one thing that is sold in several.

    Returns:
        The offer, or None where no number of packs from 1 to ``MAX_PACKS`` covers the line.
    """
    packs = list(products)
    size = _noted_size(line)
    named = [product for product in packs if size and _is_of_size(product, size)]
    quantity, unit = line.quantity, line.unit
    if size and not named:
        quantity, unit = quantity * size[0], size[1]
    offers = [_offer(product, quantity, unit, score) for product in named or packs]
    return min(filter(None, offers), key=preference, default=None)


def preference(offer: Offer) -> tuple[float, Fit, int, str]:
    """Sorts offers: the likelier name, the better fitting unit, the lower cost."""
    return -round(offer.score, 2), offer.fit, offer.cost_kobo, offer.product.id


def _offer(product: Product, quantity: Decimal, unit: str, score: float) -> Offer | None:
    covered = cover(quantity, unit, product.pack_quantity, product.pack_unit)
    if covered is None:
        return None
    # "2 tins": of products that are sold by weight, the one that is called a tin.
    fit = Fit.MEASURED if unit in _units_named(product) else covered.fit
    packing = _packing(product, quantity, unit, covered)
    return Offer(product, score, covered.packs, fit, packing)


def _packing(product: Product, quantity: Decimal, unit: str, covered: Cover) -> str:
    """Nothing where packs hold just what was asked, or packs were asked for."""
    if covered.fit is Fit.BY_PACK:
        return _BY_THE_PIECE if unit in MEASURES else ""
    if covered.is_exact:
        return ""
    sold, got = product.pack_quantity, covered.packs * product.pack_quantity
    return (
        f"Sold by {in_words(sold, product.pack_unit)}: you get {in_words(got, product.pack_unit)} "
        f"for the {in_words(quantity, unit)} asked for."
    )


def _units_named(product: Product) -> set[str]:
    spoken = {word for name in (product.name, *product.synonyms) for word in words(name)}
    return {UNIT_SPELLINGS[word] for word in spoken if word in UNIT_SPELLINGS}


def _noted_size(line: RequestedLine) -> _Amount | None:
    """The size of pack that a remark names: 50 kilogram for "2 bags rice (50kg)"."""
    if line.unit in MEASURES:
        return None
    return next(filter(None, map(_measure, line.notes)), None)


def _measure(note: str) -> _Amount | None:
    amount = amount_in_text(note)
    return (amount.quantity, amount.unit) if amount and amount.unit in MEASURES else None


def _is_of_size(product: Product, size: _Amount) -> bool:
    covered = cover(*size, product.pack_quantity, product.pack_unit)
    return covered is not None and covered.packs == 1 and covered.is_exact
