"""The base of all stored and shown models: camelCase outside, snake_case inside."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Record(BaseModel):
    """Fields are snake_case here and camelCase in the table, in GraphQL and in JSON output."""

    # Validation errors end up in logs and execution histories: without the customer's data.
    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        hide_input_in_errors=True,
    )
