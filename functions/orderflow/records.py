"""The base of models that are stored, sent or shown: camelCase outside, snake_case inside."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Record(BaseModel):
    """Fields are snake_case here and camelCase in tables, messages, settings, GraphQL and JSON.

    Subclasses add what differs: ``class Settings(Record, extra="forbid", frozen=True)``.
    """

    # Validation errors end up in logs and execution histories: without the customer's data.
    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        hide_input_in_errors=True,
    )
