"""A product of the catalog."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Annotated, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
)
from pydantic.alias_generators import to_camel

from orderflow.units import in_words

_FINGERPRINT_LENGTH: Final = 16


class Product(BaseModel):
    """One thing on the shelf: its pack (1 "liter", 12 "" pieces) and the price of that pack."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True
    )

    id: str
    name: str
    brand: str = ""
    category: str = ""
    pack_quantity: Annotated[Decimal, Field(gt=0)] = Decimal(1)
    pack_unit: str = ""
    price_kobo: Annotated[int, Field(gt=0)]
    available: bool = True
    synonyms: tuple[str, ...] = ()

    @property
    def pack_size(self) -> str:
        """The pack in words: "1 litre", "500 grams", "12 pieces"; "each" for a single piece."""
        if self.pack_quantity == 1 and not self.pack_unit:
            return "each"
        return in_words(self.pack_quantity, self.pack_unit)

    @property
    def fingerprint(self) -> str:
        """The same as long as the product is the same thing: all but its price and availability."""
        what = self.model_dump_json(exclude={"price_kobo", "available"})
        return hashlib.sha256(what.encode()).hexdigest()[:_FINGERPRINT_LENGTH]
