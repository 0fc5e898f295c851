"""Requests of customers who review an order, and the products that they can add."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from orderflow.catalog.product import Product
from orderflow.errors import InvalidOrder
from orderflow.review.edits import Edit
from orderflow.review.product_search import MAX_FOUND, ProductSearch
from orderflow.validation import problems_in_words

#: A search is as long as a product's name at most.
MAX_SEARCH_LENGTH: Final = 100

_Edit = TypeVar("_Edit", bound=Edit)


def read_edit(kind: type[_Edit], fields: Mapping[str, object]) -> _Edit:
    """The edit that a mutation's input asks for.

    Raises:
        InvalidOrder: naming the field and what to change.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise InvalidOrder(problems_in_words(error)) from error


def find_products(search: ProductSearch, text: str, limit: int | None) -> dict[str, Any]:
    """The type ``Products``: those that are found.

    Raises:
        InvalidOrder: the text is too long, or the limit out of range.
        StoreUnavailable: the products can't be read.
    """
    if len(text) > MAX_SEARCH_LENGTH:
        raise InvalidOrder(f"text: Please search for {MAX_SEARCH_LENGTH} characters at most.")
    if limit is not None and not 1 <= limit <= MAX_FOUND:
        raise InvalidOrder(f"limit: Please ask for 1 to {MAX_FOUND} products.")
    found = search.find(text, limit or MAX_FOUND)
    return {"items": [_product_view(product) for product in found]}


def _product_view(product: Product) -> dict[str, Any]:
    return {
        "productId": product.id,
        "name": product.name,
        "packSize": product.pack_size,
        "unitPriceKobo": product.price_kobo,
    }
