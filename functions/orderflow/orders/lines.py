"""The lines of an order: as requested, and with their products."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from orderflow.records import Record


class MatchedBy(StrEnum):
    """How a line found its product."""

    EXACT = "exact"
    ALIAS = "alias"
    MODEL = "model"
    NAME = "name"


class RequestedLine(Record):
    """One line of the list as the customer meant it, before any product is known."""

    text: str
    name: str
    quantity: Decimal
    unit: str = ""
    notes: list[str] = Field(default_factory=list)


class Alternative(Record):
    """Another product that a line may mean; ``similarity`` of its name to the line's is 0 to 1."""

    product_id: str
    name: str
    similarity: Decimal


class UnmatchedLine(Record):
    """A line that goes without a product, and why, in words for the customer."""

    text: str
    reason: str
    alternatives: list[Alternative] = Field(default_factory=list)


class ParsedList(Record):
    """What was understood of a list, and what was not."""

    requested: list[RequestedLine] = Field(default_factory=list)
    not_understood: list[UnmatchedLine] = Field(default_factory=list)


class MatchedLine(Record):
    """A line with its product. ``line_total_kobo == packs * unit_price_kobo``, always.

    ``quantity`` and ``unit`` are what the customer asked for (2 "cup"); ``packs`` is how many of
    the product (sold as ``pack_size``, such as "1 litre") cover it. ``packing`` tells the customer
    how the one became the other, where that needs telling. ``confidence`` is 0 to 1.
    """

    text: str
    product_id: str
    name: str
    quantity: Decimal
    unit: str = ""
    packs: int
    pack_size: str
    unit_price_kobo: int
    line_total_kobo: int
    matched_by: MatchedBy
    confidence: Decimal
    notes: list[str] = Field(default_factory=list)
    packing: str = ""
    alternatives: list[Alternative] = Field(default_factory=list)


class ModelUse(Record):
    """What asking the model for an order's unclear lines took.

    ``cost_usd`` is None where no prices are configured.
    """

    model_id: str
    prompt_version: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None = None
