"""The matcher's settings, which operations can change while the system runs."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Final

from pydantic import Field

from orderflow.matching.rules import Rules
from orderflow.platform.parameters import load_parameter
from orderflow.records import Record

_MILLION: Final = 1_000_000


_MILLIONTH: Final = Decimal("0.000001")


class Tunables(Record, extra="forbid"):
    """Settings that operations can change while the system runs (one SSM parameter, JSON).

    ``minimum_score`` is the similarity (0 to 1) that a match by name needs. The model is not asked
    if the best name reaches ``clear_score`` and is ``clear_lead`` ahead of the next. A bare count
    above ``max_count``, or its category's in ``max_count_by_category``, is not bought: the line
    gets a question. ``alias_days`` is how long the catalog keeps the model's choices. Prices are
    US dollars for a million tokens.
    """

    model_id: str = Field(min_length=1)
    guardrail_id: str = ""
    guardrail_version: str = ""
    max_candidates: int = Field(default=8, ge=1, le=50)
    minimum_score: float = Field(default=0.72, ge=0, le=1)
    clear_score: float = Field(default=0.85, ge=0, le=1)
    clear_lead: float = Field(default=0.1, ge=0, le=1)
    max_count: int = Field(default=50, ge=1, le=999)
    max_count_by_category: dict[str, Annotated[int, Field(ge=1, le=999)]] = Field(
        default_factory=dict
    )
    alias_days: int = Field(default=90, ge=1)
    catalog_max_age_seconds: int = Field(default=60, ge=0, le=60)
    input_token_price: Decimal | None = Field(default=None, ge=0)
    output_token_price: Decimal | None = Field(default=None, ge=0)

    @property
    def rules(self) -> Rules:
        """The thresholds for the matcher."""
        return Rules(
            minimum_score=self.minimum_score,
            clear_score=self.clear_score,
            clear_lead=self.clear_lead,
            max_candidates=self.max_candidates,
            max_count=self.max_count,
            max_count_by_category=self.max_count_by_category,
        )

    def cost_usd(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """The cost of so many tokens, to the millionth of a dollar; None if a price is missing."""
        if self.input_token_price is None or self.output_token_price is None:
            return None
        cost = input_tokens * self.input_token_price + output_tokens * self.output_token_price
        return (cost / _MILLION).quantize(_MILLIONTH, ROUND_HALF_UP)


def load_tunables(parameter_name: str) -> Tunables:
    """The matcher's tunables; see :func:`load_parameter`."""
    return load_parameter(parameter_name, Tunables)
