"""The keys of tables and of their indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Key:
    """The names of a key's attributes: those of the partition, and those to sort by."""

    partition: Sequence[str]
    sort: Sequence[str]

    @classmethod
    def of(cls, key_schema: Sequence[Mapping[str, str]]) -> Key:
        """The key from a KeySchema."""

        def names(role: str) -> list[str]:
            return [each["AttributeName"] for each in key_schema if each["KeyType"] == role]

        return cls(names("HASH"), names("RANGE"))

    @property
    def names(self) -> list[str]:
        """All of them, the partition's first."""
        return [*self.partition, *self.sort]


@dataclass(frozen=True)
class Schema:
    """A table's key, those of its indexes, and the types of all their attributes."""

    key: Key
    types: Mapping[str, str]
    indexes: Mapping[str, Key] = field(default_factory=dict)

    @classmethod
    def of(cls, creation: Mapping[str, Any]) -> Schema:
        """The schema of a table from the parameters of CreateTable."""
        secondary = creation.get("GlobalSecondaryIndexes", [])
        definitions = creation["AttributeDefinitions"]
        return cls(
            Key.of(creation["KeySchema"]),
            {each["AttributeName"]: each["AttributeType"] for each in definitions},
            {index["IndexName"]: Key.of(index["KeySchema"]) for index in secondary},
        )

    def identity(self, item: Mapping[str, Any]) -> str:
        """The key of an item, or of a key, as one text."""
        return repr([item.get(name) for name in self.key.names])


Schemas = Mapping[str, Schema]
"""Schemas by the name of their table."""
