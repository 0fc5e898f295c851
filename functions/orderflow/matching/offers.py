"""Which packs of a product cover what was asked, what they cost, and which of them suit best.

How much a line asks for is settled in this order: part of the pack meant ("half a bag"); the
size of pack that it names ("2 bags rice (50kg)") where that is sold; the total where it is not; the
weight of so many pieces of what is sold by weight ("6 tomatoes"); else its quantity and unit as
they stand. A word of size ("a small bag") chooses among the sizes that are sold. Whole packs are
sold, so amounts are rounded up (:mod:`orderflow.matching.packs`); prices are never rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from orderflow.catalog.pieces import piece_grams, pieces_in_a_bunch
from orderflow.catalog.product import Product
from orderflow.catalog.sizes import Size, size_in, units_named
from orderflow.grocery_list.quantities.amounts import amount_in_text
from orderflow.matching.packs import (
    MAX_PACKS,
    OF_MANY,
    OF_ONE,
    PIECES,
    Cover,
    Fit,
    cover,
    is_measure,
    is_weight,
    nearest_sizes,
    one_of_each_size,
    packs_needed,
)
from orderflow.orders.lines import RequestedLine
from orderflow.units import MEASURES, in_words

_BY_THE_PIECE: Final = "Sold by the piece: one for each started kilogram or litre."
_OTHER_SIZES: Final = 2
_KILOGRAM: Final = Decimal(1000)
_TENTH: Final = Decimal("0.1")
_BUNCH: Final = "bunch"
_MILLIONTH: Final = Decimal("0.000001")


class _Amount(NamedTuple):
    """How much a line asks for; ``reckoning`` tells the customer how that was found."""

    quantity: Decimal
    unit: str
    reckoning: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A product that can be had, and the packs of it that cover a line.

    ``score`` says how like its name is to the one asked for, 0 to 1; ``packing`` tells the customer
    how packs came out of the amount, where that needs telling; ``has_size`` that the pack is of the
    size that the line names, ``is_of_several`` that a word of size chose it. ``packs_sold`` are the
    packs that the same thing is sold in, ``other_sizes`` those that a line about sizes may mean.
    """

    product: Product
    score: float
    packs: int
    fit: Fit
    packing: str
    has_size: bool
    packs_sold: tuple[Product, ...]
    is_of_several: bool = False
    other_sizes: tuple[Product, ...] = ()

    @property
    def cost_kobo(self) -> int:
        """Whole packs at the catalog's price: nothing to round."""
        return self.packs * self.product.price_kobo


def best_offer(line: RequestedLine, products: Iterable[Product], score: float) -> Offer | None:
    """The pack that suits the line best, of one thing that is sold in several.

    Returns:
        The offer, or None where no number of packs from 1 to ``MAX_PACKS`` covers the line.
    """
    sold = tuple(products)
    offers = [_offer(line, product, score, sold) for product in _suitable(line, sold)]
    return min(filter(None, offers), key=preference, default=None)


def _suitable(line: RequestedLine, sold: tuple[Product, ...]) -> Sequence[Product]:
    """The packs that may cover the line: all but where it names a container or a size."""
    if _is_part(line):
        return sold
    if asked := size_asked(line):
        sizes = _sizes_sold(line, sold)
        return [asked.among(sizes)] if sizes else sold
    size = wished_size(line)
    named = [product for product in sold if size and _is_of_size(product, size)]
    # The size in "a carton of 70g noodles" is that of what is in the carton.
    whole = [product for product in sold if line.unit in OF_MANY and product.pack_unit == line.unit]
    return whole or named or sold


def joint_offer(lines: Sequence[RequestedLine], offer: Offer) -> Offer | None:
    """The packs that cover several lines together, which all ended at the offer's product.

    Returns:
        The offer, or None where no number of packs from 1 to ``MAX_PACKS`` covers the lines.
    """
    if joint := sum_of_lines(lines):
        return best_offer(joint, offer.packs_sold, offer.score)
    needed = packs_asked(lines, offer)
    packs = -(-needed.numerator // needed.denominator)
    if not 1 <= packs <= MAX_PACKS:
        return None
    packing = f"Sold by {offer.product.pack_size}: your {len(lines)} lines were added up."
    return replace(offer, packs=packs, packing=packing)


def packs_asked(lines: Iterable[RequestedLine], offer: Offer) -> Fraction:
    """How many of the offer's packs the lines ask for together, to the exact part of a pack."""
    held = offer.product.pack_quantity, offer.product.pack_unit
    asked = [_asked(line, offer.product, offer.packs_sold) for line in lines]
    return sum((packs_needed(each.quantity, each.unit, *held) for each in asked), Fraction(0))


def amount_asked(line: RequestedLine, offer: Offer) -> tuple[Decimal, str]:
    """Quantity and unit of the line: 25 "kilogram" for half a bag, which holds for every pack."""
    asked = _part_of_pack(line, offer.packs_sold) if _is_part(line) else None
    return (asked.quantity, asked.unit) if asked else (line.quantity, line.unit)


def sum_of_lines(lines: Sequence[RequestedLine]) -> RequestedLine | None:
    """One line that asks for all; None where they name different units or sizes of pack."""
    first = lines[0]
    if len({(line.unit, wished_size(line), size_asked(line)) for line in lines}) > 1:
        return None
    return first.model_copy(update={"quantity": sum((line.quantity for line in lines), Decimal(0))})


def preference(offer: Offer) -> tuple[float, bool, Fit, bool, int, str]:
    """Sorts offers: the likelier name, the size named, the better fitting unit, lower cost.

    Of packs with the same container, one among several sizes answers a word of size better.
    """
    score, one_size = -round(offer.score, 2), not offer.is_of_several
    return score, not offer.has_size, offer.fit, one_size, offer.cost_kobo, offer.product.id


def _offer(
    line: RequestedLine, product: Product, score: float, sold: tuple[Product, ...]
) -> Offer | None:
    asked = _asked(line, product, sold)
    covered = cover(asked.quantity, asked.unit, product.pack_quantity, product.pack_unit)
    if covered is None:
        return None
    size = None if _is_part(line) else wished_size(line)
    has_size = size is not None and _is_of_size(product, size)
    packing = _packing(product, asked, covered)
    offer = Offer(product, score, covered.packs, covered.fit, packing, has_size, sold)
    if size_asked(line) or _is_part(line):
        return _among_sizes(line, offer)
    # "2 tins": of products that are sold by weight, the one that is called a tin.
    return replace(offer, fit=Fit.MEASURED) if asked.unit in units_named(product) else offer


def _among_sizes(line: RequestedLine, offer: Offer) -> Offer:
    """The offer for a line with a word of size or part of a pack, with the other sizes."""
    sizes, size = _sizes_sold(line, offer.packs_sold), size_asked(line)
    # Of a thing that is called a bag in one of its sizes, the others are smaller bags.
    is_called = any(line.unit in units_named(each) for each in offer.packs_sold)
    fit = Fit.MEASURED if is_called else Fit.BY_PACK if _is_part(line) else offer.fit
    others = tuple(nearest_sizes(offer.product, sizes)[:_OTHER_SIZES])
    offer = replace(offer, fit=fit, other_sizes=others)
    if size is None or not sizes or _is_part(line):
        return offer
    which = size.explained(len(sizes), offer.product.pack_size)
    packing = f"{offer.packing} {which}".lstrip()
    return replace(offer, packing=packing, is_of_several=size.is_told_apart(len(sizes)))


def _sizes_sold(line: RequestedLine, sold: Sequence[Product]) -> list[Product]:
    """One pack of each size, the smallest first; none where the size is that of a single piece."""
    measured = [each for each in sold if is_measure(each.pack_unit)]
    if measured:
        is_weighed = line.unit in PIECES and any(map(piece_grams, measured))
        return [] if is_weighed else one_of_each_size(measured)
    units = {each.pack_unit for each in sold}
    is_of_pieces = line.unit in PIECES or line.unit in units or len(units) > 1
    return [] if is_of_pieces else one_of_each_size(sold)


def _is_part(line: RequestedLine) -> bool:
    """Whether the line asks for part of a pack: "half a bag", "1.5 bags"."""
    return line.unit in OF_ONE and line.quantity % 1 != 0


def _part_of_pack(line: RequestedLine, sold: Iterable[Product]) -> _Amount | None:
    """Half a bag of what is called a bag where it has 50 kg are 25 kg.

    Returns:
        The amount, or None where the pack that is meant holds no weight or volume.
    """
    held = wished_size(line)
    if held is None:
        whole = best_offer(line.model_copy(update={"quantity": Decimal(1)}), sold, 1.0)
        if whole is None or not is_measure(whole.product.pack_unit):
            return None
        held = _Amount(whole.product.pack_quantity, whole.product.pack_unit)
    amount = line.quantity * held.quantity
    of = f"{in_words(line.quantity, line.unit)} of {in_words(held.quantity, held.unit)}"
    return _Amount(amount, held.unit, f"{of}: {in_words(amount, held.unit)}.")


def _asked(line: RequestedLine, product: Product, sold: Iterable[Product]) -> _Amount:
    """What the line asks for, in an amount that the product's packs can be counted by."""
    if _is_part(line) and is_measure(product.pack_unit) and (part := _part_of_pack(line, sold)):
        return part
    size = wished_size(line)
    if size and line.unit not in MEASURES and is_measure(product.pack_unit):
        if _is_of_size(product, size):
            return _Amount(line.quantity, line.unit)
        return _Amount(line.quantity * size.quantity, size.unit)
    # Where no count is written it is 1: "tomatoes" are a pack of them.
    if line.unit in PIECES and line.quantity > 1:
        if is_weight(product.pack_unit):
            return _weight_of_pieces(line, product)
        if product.pack_unit == _BUNCH:
            return _part_of_bunches(line, product)
    return _Amount(line.quantity, line.unit)


def _weight_of_pieces(line: RequestedLine, product: Product) -> _Amount:
    grams = piece_grams(product)
    if grams is None:
        return _Amount(line.quantity, line.unit)
    weight = line.quantity * grams
    reckoning = f"{in_words(line.quantity, 'piece')}, about {_about(weight)} ({grams:f} g each)."
    return _Amount(weight, "gram", reckoning)


def _part_of_bunches(line: RequestedLine, product: Product) -> _Amount:
    in_a_bunch = pieces_in_a_bunch(product)
    if in_a_bunch is None:
        return _Amount(line.quantity, line.unit)
    # Rounded down, so that thirds of a bunch add up to one and not to a little more.
    bunches = (line.quantity / in_a_bunch).quantize(_MILLIONTH, ROUND_DOWN)
    reckoning = f"{in_words(line.quantity, 'piece')}, about {in_a_bunch} to a bunch."
    return _Amount(bunches, _BUNCH, reckoning)


def _about(grams: Decimal) -> str:
    if grams < _KILOGRAM:
        return in_words(grams.quantize(Decimal(1)), "gram")
    return in_words((grams / _KILOGRAM).quantize(_TENTH), "kilogram")


def _packing(product: Product, asked: _Amount, covered: Cover) -> str:
    """Nothing where packs hold just what was asked, or packs were asked for."""
    is_rounded = asked.unit in OF_ONE and not covered.is_exact
    if covered.fit is Fit.BY_PACK and not is_rounded:
        return _BY_THE_PIECE if asked.unit in MEASURES else ""
    if covered.is_exact and not asked.reckoning:
        return ""
    sold, got = product.pack_quantity, covered.packs * product.pack_quantity
    by = f"Sold by {in_words(sold, product.pack_unit)}: you get {in_words(got, product.pack_unit)}"
    if asked.reckoning:
        return f"{asked.reckoning} {by}."
    return f"{by} for the {in_words(asked.quantity, asked.unit)} asked for."


def wished_size(line: RequestedLine) -> _Amount | None:
    """The size of pack that is asked for: 50 kilogram for "2 bags rice (50kg)"."""
    if line.size_quantity and line.size_unit and line.size_unit in MEASURES:
        return _Amount(line.size_quantity, line.size_unit)
    if line.unit in MEASURES:
        return None
    return next(filter(None, map(_measure, line.notes)), None)


def size_asked(line: RequestedLine) -> Size | None:
    """The word of size of a line that counts packs and names no measure."""
    if not line.notes or (line.unit not in PIECES and line.unit not in OF_ONE):
        return None
    return None if wished_size(line) else size_in(line.notes)


def _measure(note: str) -> _Amount | None:
    amount = amount_in_text(note)
    return _Amount(amount.quantity, amount.unit) if amount and amount.unit in MEASURES else None


def _is_of_size(product: Product, size: _Amount) -> bool:
    covered = cover(size.quantity, size.unit, product.pack_quantity, product.pack_unit)
    return covered is not None and covered.packs == 1 and covered.is_exact
