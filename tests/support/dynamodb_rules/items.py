"""Rules on keys, items and values."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tests.support.dynamodb_rules.schema import Schema

_LARGEST_ITEM: Final = 400 * 1024
_LONGEST_KEYS: Final = (2048, 1024)  # of partition and sort key, in bytes
_DIGITS: Final = 38
_SETS: Final = {"SS", "NS", "BS"}

Value = Mapping[str, Any]


def item_rules(item: Mapping[str, Value], schema: Schema | None) -> Iterator[str]:
    """Rules on an item that is written whole."""
    for value in item.values():
        yield from value_rules(value)
    size = sum(len(name.encode()) + size_of(value) for name, value in item.items())
    if size > _LARGEST_ITEM:
        yield f"an item of {size} bytes is larger than 400 KB"
    if schema:
        yield from key_rules({n: item[n] for n in schema.key.names if n in item}, schema)
        for index, key in schema.indexes.items():
            for name in key.names:
                if name in item and name not in schema.key.names:
                    yield from _key_value_rules(
                        f"{name} of {index}", item[name], schema.types[name]
                    )


def key_rules(key: Mapping[str, Value], schema: Schema) -> Iterator[str]:
    """Rules on a key: its attributes, their types and lengths."""
    if set(key) != set(schema.key.names):
        yield f"a key of {sorted(key)}, where the table's is {sorted(schema.key.names)}"
        return
    for name, longest in zip(schema.key.names, _LONGEST_KEYS, strict=False):
        yield from _key_value_rules(name, key[name], schema.types[name])
        if size_of(key[name]) > longest:
            yield f"the key attribute {name} is longer than {longest} bytes"


def _key_value_rules(name: str, value: Value, wanted: str) -> Iterator[str]:
    ((kind, content),) = value.items()
    if kind != wanted:
        yield f"the key attribute {name} is of type {kind}, not {wanted}"
    elif content == "":
        yield f"the key attribute {name} is empty"


def value_rules(value: Value) -> Iterator[str]:
    """Rules on an attribute's value, at any depth."""
    ((kind, content),) = value.items()
    if kind in _SETS and not content:
        yield "an empty set"
    if kind in _SETS and len({*map(str, content)}) < len(content):
        yield "a set that holds an element twice"
    for number in {"N": [content], "NS": content}.get(kind, ()):
        if _digits(number) > _DIGITS:
            yield f"a number of more than {_DIGITS} digits"
    for inner in _inside(kind, content):
        yield from value_rules(inner)


def size_of(value: Value) -> int:
    """The size of a value in bytes, as DynamoDB counts it.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return (_digits(content) + 1) // 2 + 1
        case "B":
            return len(base64.b64decode(content))
        case "SS" | "NS" | "BS":
            return sum(size_of({kind[0]: each}) for each in content)
        case "M" | "L":
            names = sum(len(name.encode()) for name in content) if kind == "M" else 0
            return 3 + names + sum(1 + size_of(each) for each in _inside(kind, content))
        case _:
            return 1


def _digits(number: str) -> int:
    """The number of significant digits."""
    digits = "".join(map(str, Decimal(number).as_tuple().digits))
    return len(digits.strip("0"))


def _inside(kind: str, content: Any) -> list[Value]:
    return [*content.values()] if kind == "M" else content if kind == "L" else []
