"""A product of the catalog."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from orderflow.records import Record
from orderflow.units import in_words

_FINGERPRINT_LENGTH: Final = 16


class Product(Record, frozen=True):
    """One thing on the shelf: its pack (1 "liter", 12 "" pieces) and the price of that pack.

    ``piece_grams`` is what one piece weighs of a thing that is sold by weight; None if the shop
    does not say so.
    """

    id: str
    name: str
    brand: str = ""
    category: str = ""
    pack_quantity: Annotated[Decimal, Field(gt=0)] = Decimal(1)
    pack_unit: str = ""
    price_kobo: Annotated[int, Field(gt=0)]
    available: bool = True
    synonyms: tuple[str, ...] = ()
    piece_grams: Annotated[Decimal, Field(gt=0)] | None = None

    @property
    def pack_size(self) -> str:
        """The pack in words: "1 litre", "500 grams", "12 pieces"; "each" for a single piece."""
        if self.pack_quantity == 1 and not self.pack_unit:
            return "each"
        return in_words(self.pack_quantity, self.pack_unit)

    @property
    def fingerprint(self) -> str:
        """A hash of all fields but price and availability: another product has another one."""
        what = self.model_dump_json(exclude={"price_kobo", "available"}, exclude_none=True)
        return hashlib.sha256(what.encode()).hexdigest()[:_FINGERPRINT_LENGTH]
