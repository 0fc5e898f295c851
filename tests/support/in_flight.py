"""Orders, breakers and messages that an earlier version left behind (tests/data/in_flight)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer

_FOLDER: Final = Path(__file__).parents[1] / "data" / "in_flight"
_decode: Final = TypeDeserializer().deserialize

Item = dict[str, Any]


def _load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return content


#: By name, items in DynamoDB's wire format.
ORDERS: Final[dict[str, Item]] = _load("orders")
BREAKERS: Final[dict[str, Item]] = _load("breakers")
#: By name, the content of messages of the parked-orders queue.
MESSAGES: Final[dict[str, Item]] = _load("messages")


def plain(item: Item) -> Item:
    """The item as boto3's table resource reads and writes it."""
    return {name: _decode(value) for name, value in item.items()}


def attribute_names(value: Any) -> set[str]:
    """The names of all attributes in a plain item, those of nested maps included."""
    match value:
        case dict():
            return {*value}.union(*map(attribute_names, value.values()))
        case list():
            return set().union(*map(attribute_names, value))
        case _:
            return set()
