"""The base of all models; and that of all stored and shown ones, camelCase outside."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    """Builds its validators when it is first used: an invocation uses a few models of many."""

    model_config = ConfigDict(defer_build=True)


def build_models() -> None:
    """Builds the validators of all models that are imported, where they would be shared."""
    waiting = [Model]
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        model.model_rebuild()


class Record(Model):
    """Fields are snake_case here and camelCase in the table, in GraphQL and in JSON output."""

    # Validation errors end up in logs and execution histories: without the customer's data.
    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        hide_input_in_errors=True,
    )
