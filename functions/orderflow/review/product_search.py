"""Finds products by the beginnings of their words, for customers who look for one to add."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from orderflow.catalog.names import words
from orderflow.catalog.product import Product

#: The products are read again after so long. Prices are read anew when a product is added.
MAX_AGE_SECONDS: Final = 300

#: At most so many products are found at once.
MAX_FOUND: Final = 20


class ProductSearch:
    """The products that can be had, kept between a function's invocations.

    Args:
        load: reads all products; raises ``StoreUnavailable``.
        clock: seconds, never going back.
    """

    def __init__(
        self, load: Callable[[], Sequence[Product]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._load = load
        self._clock = clock
        self._loaded_at = 0.0
        self._products: list[tuple[Product, frozenset[str]]] | None = None

    def find(self, text: str, limit: int = MAX_FOUND) -> list[Product]:
        """Products whose names, brands and synonyms have words that begin so, the shortest first.

        A text without words finds nothing.

        Raises:
            StoreUnavailable: the products can't be read.
        """
        wanted = words(text)
        if not wanted:
            return []
        found = [
            product
            for product, spoken in self._loaded()
            if all(any(each.startswith(word) for each in spoken) for word in wanted)
        ]
        found.sort(key=lambda product: (len(product.name), product.name, product.id))
        return found[: min(limit, MAX_FOUND)]

    def _loaded(self) -> list[tuple[Product, frozenset[str]]]:
        if self._products is None or self._clock() - self._loaded_at > MAX_AGE_SECONDS:
            loaded_at = self._clock()
            self._products = [
                (product, _words(product)) for product in self._load() if product.available
            ]
            self._loaded_at = loaded_at
        return self._products


def _words(product: Product) -> frozenset[str]:
    names = (product.name, product.brand, *product.synonyms)
    return frozenset(word for name in names for word in words(name))
