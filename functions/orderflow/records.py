"""The base of all models; and that of those stored, sent or shown, which are camelCase outside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

from orderflow.clock import iso, whole_milliseconds


class Model(BaseModel):
    """Builds its validator when it is first used: an invocation uses few of the models."""

    model_config = ConfigDict(defer_build=True)


def build_models() -> None:
    """Builds the validators of all models that are imported, for those who can share them."""
    waiting: list[type[BaseModel]] = [Model]
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        model.model_rebuild()


class Record(Model):
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


def _timestamp(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError("This is not a time with its time zone.")
    try:
        return whole_milliseconds(moment)
    except OverflowError as error:
        raise ValueError("This time is out of range.") from error


#: A time in UTC, in whole milliseconds. Outside it is ``2026-01-31T12:00:00.000Z``.
Timestamp = Annotated[datetime, BeforeValidator(_timestamp), PlainSerializer(iso, return_type=str)]
