"""AWS's list prices (``prices.json``): a dated table for each region, with its sources."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from scripts.cost.usage import MODEL, Unit, Usage

_FILE: Final = Path(__file__).with_name("prices.json")


class PriceError(Exception):
    """There is no price for what was asked."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    ireland: Decimal = Field(alias="eu-west-1", ge=0)
    virginia: Decimal = Field(alias="us-east-1", ge=0)
    source: str = Field(pattern=r"^https://aws\.amazon\.com/")
    what: str
    read: str = ""
    assumed: str = ""

    def in_region(self, region: str) -> Decimal:
        """The price there, in US dollars.

        Raises:
            PriceError: the table does not have the region.
        """
        prices = {"eu-west-1": self.ireland, "us-east-1": self.virginia}
        if region not in prices:
            raise PriceError(
                f"scripts/cost/prices.json has no prices of {region}; it has {', '.join(prices)}."
            )
        return prices[region]


class UnitPrice(_Row):
    """The price of so many of a unit."""

    unit: Unit
    per: int = Field(gt=0)


class MonthlyPrice(_Row):
    """The price of a resource for each month that it exists."""

    resource: str


class PriceTable(BaseModel):
    """The whole table.

    Attributes:
        looked_up: the day on which the figures were read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    looked_up: str
    currency: str
    note: str
    prices: tuple[UnitPrice, ...]
    monthly: tuple[MonthlyPrice, ...]

    def unit(self, unit: Unit) -> UnitPrice:
        """The row of a unit.

        Raises:
            PriceError: it has none.
        """
        for row in self.prices:
            if row.unit is unit:
                return row
        raise PriceError(f"scripts/cost/prices.json has no row for {unit}.")

    def month(self, resource: str) -> MonthlyPrice | None:
        """The row of a kind of resource; None where its existence costs nothing."""
        return next((row for row in self.monthly if row.resource == resource), None)


@cache
def price_table() -> PriceTable:
    """The table, read once."""
    return PriceTable.model_validate_json(_FILE.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Cost:
    """One line of a bill, in US dollars."""

    unit: Unit
    detail: str
    amount: float
    usd: Decimal


def bill(usage: Usage, region: str) -> list[Cost]:
    """What the usage costs, by unit and detail.

    Raises:
        PriceError: the region is unknown.
    """
    table = price_table()
    return [
        Cost(unit, detail, amount, _usd(table.unit(unit), amount, region))
        for unit, detail, amount in usage
    ]


def total(usage: Usage, region: str, *, with_model: bool = True) -> Decimal:
    """The sum of a bill, in US dollars.

    Raises:
        PriceError: the region is unknown.
    """
    costs = (each.usd for each in bill(usage, region) if with_model or each.unit not in MODEL)
    return sum(costs, Decimal())


def _usd(price: UnitPrice, amount: float, region: str) -> Decimal:
    return price.in_region(region) * Decimal(str(round(amount, 12))) / price.per
