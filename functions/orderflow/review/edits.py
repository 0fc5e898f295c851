"""What customers change of an order's lines. Pure: prices and packs come from the catalog."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import Field, model_validator
from typing_extensions import override

from orderflow.catalog.product import Product
from orderflow.errors import InvalidOrder
from orderflow.grocery_list.parser import MAX_LINES
from orderflow.matching.packs import MAX_PACKS, cover
from orderflow.money import naira
from orderflow.orders.lines import Alternative, MatchedBy, MatchedLine, UnmatchedLine, total_of
from orderflow.orders.model import MAX_TOTAL_KOBO, Order
from orderflow.records import Record

_DIGEST_LENGTH: Final = 16
_CERTAIN: Final = Decimal(1)
_NO_LINE: Final = "The order has no such line."
_UNKNOWN_PRODUCT: Final = "productId: We have no such product at the moment. Please choose another."

Packs = Annotated[int, Field(ge=1, le=MAX_PACKS)]
Place = Annotated[int, Field(ge=0)]
Lines = tuple[list[MatchedLine], list[UnmatchedLine]]


class Edit(Record, extra="forbid", frozen=True):
    """One change of an order, as the customer saw it at ``version``; lines are counted from 0."""

    order_id: str
    version: int

    @property
    def digest(self) -> str:
        """Names the edit: the same request, sent again, has the same one."""
        what = f"{type(self).__name__} {self.model_dump_json()}"
        return hashlib.sha256(what.encode()).hexdigest()[:_DIGEST_LENGTH]

    @property
    def product_ids(self) -> Sequence[str]:
        """The products that it names."""
        return ()

    @abstractmethod
    def apply(self, order: Order, products: Mapping[str, Product]) -> Lines:
        """The lines and the unmatched lines after it.

        Raises:
            InvalidOrder: the message says what to change.
        """


class LineUpdate(Edit):
    """Another product for a line, another number of packs, or both.

    Without ``packs``, another product comes in as many packs as cover the amount asked for.
    """

    line: Place
    product_id: str | None = None
    packs: Packs | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.product_id is None and self.packs is None:
            raise ValueError("Please give a productId, packs, or both.")
        return self

    @property
    @override
    def product_ids(self) -> Sequence[str]:
        return () if self.product_id is None else (self.product_id,)

    @override
    def apply(self, order: Order, products: Mapping[str, Product]) -> Lines:
        changed = _line(order, self.line)
        if self.product_id is not None and self.product_id != changed.product_id:
            product = _available(products, self.product_id)
            changed = _of_product(changed, product, self.packs or _packs_for(changed, product))
        elif self.packs is not None:
            changed = _of_packs(changed, self.packs)
        lines = [*order.lines]
        lines[self.line] = changed
        return _checked(lines), order.unmatched


class LineRemoval(Edit):
    """A line is not bought."""

    line: Place

    @override
    def apply(self, order: Order, products: Mapping[str, Product]) -> Lines:
        _line(order, self.line)
        lines = [line for number, line in enumerate(order.lines) if number != self.line]
        if not lines:
            raise InvalidOrder("This is the last line. Please cancel the order instead.")
        return lines, order.unmatched


class LineAddition(Edit):
    """A product is bought, too; ``unmatched`` is the unmatched line that it stands for."""

    product_id: str
    packs: Packs = 1
    unmatched: Place | None = None

    @property
    @override
    def product_ids(self) -> Sequence[str]:
        return (self.product_id,)

    @override
    def apply(self, order: Order, products: Mapping[str, Product]) -> Lines:
        product = _available(products, self.product_id)
        if self.unmatched is not None and self.unmatched >= len(order.unmatched):
            raise InvalidOrder(f"unmatched: {_NO_LINE}")
        added = _added(order.unmatched, self.unmatched, product, self.packs)
        unmatched = [
            line for number, line in enumerate(order.unmatched) if number != self.unmatched
        ]
        return _checked([*order.lines, added]), unmatched


def _line(order: Order, place: int) -> MatchedLine:
    if place >= len(order.lines):
        raise InvalidOrder(f"line: {_NO_LINE}")
    return order.lines[place]


def _available(products: Mapping[str, Product], product_id: str) -> Product:
    product = products.get(product_id)
    if product is None or not product.available:
        raise InvalidOrder(_UNKNOWN_PRODUCT)
    return product


def _packs_for(line: MatchedLine, product: Product) -> int:
    covered = cover(line.quantity, line.unit, product.pack_quantity, product.pack_unit)
    return covered.packs if covered else line.packs


def _of_packs(line: MatchedLine, packs: int) -> MatchedLine:
    total = packs * line.unit_price_kobo
    # How the packs came out of the amount is true no more.
    return line.model_copy(update={"packs": packs, "line_total_kobo": total, "packing": ""})


def _of_product(line: MatchedLine, product: Product, packs: int) -> MatchedLine:
    """The line with another product, which changes places with it among the alternatives."""
    before = Alternative(
        product_id=line.product_id, name=line.name, similarity=min(line.confidence, _CERTAIN)
    )
    others = [each for each in line.alternatives if each.product_id != product.id]
    chosen = line.model_copy(
        update={
            **_sold(product),
            "matched_by": MatchedBy.CUSTOMER,
            "confidence": _CERTAIN,
            "alternatives": [before, *others],
        }
    )
    return _of_packs(chosen, packs)


def _added(
    unmatched: Sequence[UnmatchedLine], place: int | None, product: Product, packs: int
) -> MatchedLine:
    asked = None if place is None else unmatched[place]
    others = [] if asked is None else asked.alternatives
    return MatchedLine.model_validate(
        {
            **_sold(product),
            "text": product.name if asked is None else asked.text,
            "quantity": Decimal(packs),
            "packs": packs,
            "line_total_kobo": packs * product.price_kobo,
            "matched_by": MatchedBy.CUSTOMER,
            "confidence": _CERTAIN,
            "alternatives": [each for each in others if each.product_id != product.id],
        }
    )


def _sold(product: Product) -> dict[str, object]:
    return {
        "product_id": product.id,
        "name": product.name,
        "pack_size": product.pack_size,
        "unit_price_kobo": product.price_kobo,
    }


def _checked(lines: list[MatchedLine]) -> list[MatchedLine]:
    if len(lines) > MAX_LINES:
        raise InvalidOrder(f"An order has {MAX_LINES} lines at most.")
    if total_of(lines) > MAX_TOTAL_KOBO:
        raise InvalidOrder(f"The total would be above our limit of {naira(MAX_TOTAL_KOBO)}.")
    return lines
