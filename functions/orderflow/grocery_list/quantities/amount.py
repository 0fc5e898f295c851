"""An amount as a list names it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Size(NamedTuple):
    """What one pack holds: 400 "gram"."""

    quantity: Decimal
    unit: str


class Amount(NamedTuple):
    """How much is asked for: 2 "cup". ``end`` is the first token that is no part of it.

    ``unit_word`` is the unit as written; ``notes`` are sizes of packs ("400g") or units ("large");
    ``size`` is what one of the packs holds.
    """

    quantity: Decimal
    unit: str
    end: int
    unit_word: str = ""
    notes: tuple[str, ...] = ()
    size: Size | None = None
