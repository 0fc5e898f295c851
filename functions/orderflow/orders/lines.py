"""The lines of an order: as requested, and with their products."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from pydantic import Field

from orderflow.records import Record, Timestamp

#: The workflow goes on so much later than a review ends, at most: it lies in retries.
REVIEW_MARGIN: Final = timedelta(hours=1)


class MatchedBy(StrEnum):
    """How a line found its product."""

    EXACT = "exact"
    ALIAS = "alias"
    MODEL = "model"
    NAME = "name"
    CUSTOMER = "customer"


class RequestedLine(Record):
    """One parsed line of the list, before it is matched to a product.

    ``size_quantity`` and ``size_unit`` are the size of one pack, if the list names it (70 "gram" in
    "Indomie 70g x 10"). ``price`` is a sum of money that the list names with the item, as
    written, which is among the ``notes``, too; ``price_currency`` is its currency's code (ISO
    4217), ``price_kobo`` the sum if it is one of naira. None of these is what the line costs.
    """

    text: str
    name: str
    quantity: Decimal
    unit: str = ""
    notes: list[str] = Field(default_factory=list)
    size_quantity: Decimal | None = None
    size_unit: str | None = None
    price: str | None = None
    price_kobo: int | None = None
    price_currency: str | None = None


class Alternative(Record):
    """Another product that a line may mean. ``similarity`` of the two names is 0 to 1."""

    product_id: str
    name: str
    similarity: Decimal


class UnmatchedLine(Record):
    """A line without a product. ``reason`` and ``question`` are for the customer.

    ``question`` has to be answered before the line can be bought; None if there is none.
    """

    text: str
    reason: str
    question: str | None = None
    alternatives: list[Alternative] = Field(default_factory=list)


class ParsedList(Record):
    """A parsed list: its lines, and the text that is no item."""

    requested: list[RequestedLine] = Field(default_factory=list)
    not_understood: list[UnmatchedLine] = Field(default_factory=list)


class MatchedLine(Record):
    """A line with its product. ``line_total_kobo == packs * unit_price_kobo``, always.

    ``quantity`` and ``unit`` are what the customer asked for (2 "cup"); ``packs`` is how many of
    the product (sold as ``pack_size``, such as "1 litre") cover it. ``packing`` explains the number
    of packs to the customer, where it needs an explanation. ``confidence`` is 0 to 1.
    ``price_note`` is the price that the customer wrote; it changes nothing.
    ``price_note_currency`` is its currency's code (ISO 4217), None for several.
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
    price_note: str | None = None
    price_note_kobo: int | None = None
    price_note_currency: str | None = None
    alternatives: list[Alternative] = Field(default_factory=list)


def total_of(lines: Iterable[MatchedLine]) -> int:
    """What the lines cost together, in kobo."""
    return sum(line.line_total_kobo for line in lines)


class ModelUse(Record):
    """The model's use for an order's unclear lines.

    ``cost_usd`` is None where no prices are configured.
    """

    model_id: str
    prompt_version: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None = None


class Reviewable(Record):
    """The customer's review of the products, before a link is made.

    ``review`` says that the customer asked for it, ``review_token`` resumes the execution that
    waits until ``review_ends_at``, ``review_edits`` are the digests of the latest edits, the last
    one at the end, and ``confirmed_version`` is the order's version that the customer confirmed.
    """

    review: bool | None = None
    review_token: str | None = None
    review_ends_at: Timestamp | None = None
    review_edits: list[str] | None = None
    confirmed_version: int | None = None

    @property
    def needs_review(self) -> bool:
        """Whether the customer has yet to confirm the products."""
        return bool(self.review) and self.confirmed_version is None

    def waits_for_review(self, now: datetime) -> bool:
        """Whether the order stands still for a good reason: its customer may still confirm it."""
        ends = self.review_ends_at
        return (
            self.needs_review
            and self.review_token is not None
            and ends is not None
            and now < ends + REVIEW_MARGIN
        )


class Understanding(StrEnum):
    """How well a list was understood, in its customer's eyes. The names are public: GraphQL's."""

    WELL = "WELL"
    PARTLY = "PARTLY"
    BADLY = "BADLY"


class Rating(Record):
    """What a customer says after the payment; ``wrong_lines`` are numbers of lines, from 0."""

    understood: Understanding
    wrong_lines: list[int] = Field(default_factory=list)
    at: Timestamp
