"""The keys of tables and of their indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Schema:
    """The names of a table's key attributes, those of its indexes, and the types of all of them."""

    key: Sequence[str]
    types: Mapping[str, str]
    indexes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, creation: Mapping[str, Any]) -> Schema:
        """The schema of a table from the parameters of CreateTable."""
        secondary = creation.get("GlobalSecondaryIndexes", [])
        definitions = creation["AttributeDefinitions"]
        return cls(
            _names(creation["KeySchema"]),
            {each["AttributeName"]: each["AttributeType"] for each in definitions},
            {index["IndexName"]: _names(index["KeySchema"]) for index in secondary},
        )

    def identity(self, item: Mapping[str, Any]) -> str:
        """The key of an item, or of a key, as one text."""
        return repr([item.get(name) for name in self.key])


Schemas = Mapping[str, Schema]
"""Schemas by the name of their table."""


def _names(key_schema: Sequence[Mapping[str, str]]) -> list[str]:
    by_role = sorted(key_schema, key=lambda each: each["KeyType"])  # HASH before RANGE
    return [each["AttributeName"] for each in by_role]
