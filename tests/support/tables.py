"""The tables of the data stack, for whatever stands in for DynamoDB.

A test compares them with the synthesized template (tests/infrastructure/test_data.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

EVERYTHING: Final[Mapping[str, Any]] = {"ProjectionType": "ALL"}


@dataclass(frozen=True)
class Index:
    """A global secondary index: the names of its key's attributes, and what it holds of an item.

    The last attribute is the one to sort by; those before it are the partition's.
    """

    key: Sequence[str]
    projection: Mapping[str, Any] = field(default_factory=lambda: EVERYTHING)


@dataclass(frozen=True)
class TableDefinition:
    """A table, the names of its key's attributes (all of them texts), and its indexes."""

    name: str
    key: Sequence[str]
    indexes: Mapping[str, Index] = field(default_factory=dict)

    def creation(self) -> dict[str, Any]:
        """The parameters of CreateTable."""
        keys = (self.key, *(index.key for index in self.indexes.values()))
        attributes = sorted({attribute for key in keys for attribute in key})
        indexes = [
            {
                "IndexName": name,
                "KeySchema": _key_schema(index.key),
                "Projection": dict(index.projection),
            }
            for name, index in self.indexes.items()
        ]
        return {
            "TableName": self.name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": _key_schema(self.key),
            "AttributeDefinitions": [
                {"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes
            ],
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        }

    def for_keys_of_two(self) -> TableDefinition:
        """The table without the indexes that have several attributes in their partition key."""
        kept = {name: index for name, index in self.indexes.items() if len(index.key) <= 2}
        return replace(self, indexes=kept)


def _key_schema(key: Sequence[str]) -> list[dict[str, str]]:
    """The last of several attributes sorts; those before it are the partition's."""
    *partition, last = key
    roles = [*((name, "HASH") for name in partition), (last, "RANGE" if partition else "HASH")]
    return [{"AttributeName": name, "KeyType": role} for name, role in roles]


ORDERS: Final = TableDefinition(
    "orders",
    ["orderId"],
    {
        "byCustomerKeys": Index(["customerId", "createdAt"], {"ProjectionType": "KEYS_ONLY"}),
        "byRefund": Index(["refundState", "refundDueAt"]),
        "byStatusShard": Index(
            ["status", "indexShard", "createdAt"],
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["updatedAt"]},
        ),
        "byLinkCheckShard": Index(
            ["linkCheckState", "indexShard", "linkCheckAt"], {"ProjectionType": "KEYS_ONLY"}
        ),
        "byReversal": Index(["reversalState", "reversalCheckAt"]),
        "byIdShard": Index(["indexShard", "orderId"], {"ProjectionType": "KEYS_ONLY"}),
    },
)
CATALOG: Final = TableDefinition("catalog", ["kind", "id"])
BREAKERS: Final = TableDefinition("breakers", ["provider"])
ADDRESSES: Final = TableDefinition("addresses", ["address"])
RETURN_LIMITS: Final = TableDefinition("return-limits", ["caller"])
SUBMISSIONS: Final = TableDefinition("submissions", ["customerId"])

TABLES: Final = (ORDERS, CATALOG, BREAKERS, ADDRESSES, RETURN_LIMITS, SUBMISSIONS)
