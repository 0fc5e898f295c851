"""DynamoDB's request units of reads and writes, by AWS's rules, from the items themselves.

Sizes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html.
Units: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html;
of indexes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html.
It imports the standard library alone: the emulator's process uses it for each request.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

Item = Mapping[str, Mapping[str, Any]]

_WRITE_BYTES: Final = 1024
#: A read of no more costs the same.
READ_BYTES: Final = 4096
#: A list or a map takes so many bytes, and each of its elements one more.
_NESTED_BYTES: Final = 3


def item_bytes(item: Item) -> int:
    """The size of an item in DynamoDB's JSON (``{"name": {"S": "value"}}``)."""
    size = 0
    for name, value in item.items():
        size += _text_bytes(name) + value_bytes(value)
    return size


def value_bytes(value: Mapping[str, Any]) -> int:
    """The size of an attribute's value (``{"S": "text"}``)."""
    ((kind, content),) = value.items()
    return _SIZES[kind](content)


def write_units(old: Item | None, new: Item | None) -> int:
    """Of a write to a table: the larger of both images, in KB; one if there is neither."""
    return _units(max(item_bytes(old or {}), item_bytes(new or {}), 1), _WRITE_BYTES)


def read_units(size: int, *, consistent: bool) -> float:
    """Of a read of so many bytes; one of nothing costs as much as the smallest."""
    units = _units(max(size, 1), READ_BYTES)
    return float(units) if consistent else units / 2


def index_write_units(old: Item | None, new: Item | None, index: Mapping[str, Any]) -> int:
    """Of the writes to an index that a write to its table causes.

    None where the projection stays as it is; one write where an entry is added, removed or changed;
    two where the index's key changes, as the old entry is removed and a new one added.

    Args:
        old: the table's item before, or None.
        new: the item after, or None.
        index: its description, with ``KeySchema``, ``Projection`` and, as ``TableKey``, the names
            of the table's key.
    """
    before, after = _entry(old, index), _entry(new, index)
    if before == after:
        return 0
    key = [each["AttributeName"] for each in index["KeySchema"]]
    if before and after and any(before[name] != after[name] for name in key):
        return write_units(before, None) + write_units(None, after)
    return write_units(before, after)


def _entry(item: Item | None, index: Mapping[str, Any]) -> Item | None:
    """What the index holds of an item; None where the item lacks a part of the index's key."""
    key = [each["AttributeName"] for each in index["KeySchema"]]
    if item is None or any(name not in item for name in key):
        return None
    projection = index["Projection"]
    if projection["ProjectionType"] == "ALL":
        return item
    kept = {*key, *index["TableKey"], *(projection.get("NonKeyAttributes") or ())}
    return {name: value for name, value in item.items() if name in kept}


def total_bytes(items: Iterable[Item]) -> int:
    """The size of all items of a page, which a query's units are counted from."""
    return sum(map(item_bytes, items))


def _units(size: int, unit: int) -> int:
    return math.ceil(size / unit)


@lru_cache(8192)
def _number_bytes(number: str) -> int:
    """About: a byte for two significant digits, and one; one more for a negative number."""
    digits = number.lstrip("-").replace(".", "").lower().partition("e")[0].strip("0")
    return 1 + math.ceil(len(digits) / 2) + number.startswith("-")


def _text_bytes(content: str) -> int:
    return len(content) if content.isascii() else len(content.encode())


def _binary_bytes(content: str | bytes) -> int:
    return len(content) if isinstance(content, bytes) else len(base64.b64decode(content))


# Loops, and no generators: the emulator counts each item several times.
def _list_bytes(content: Sequence[Mapping[str, Any]]) -> int:
    size = _NESTED_BYTES + len(content)
    for each in content:
        size += value_bytes(each)
    return size


def _map_bytes(content: Mapping[str, Mapping[str, Any]]) -> int:
    size = _NESTED_BYTES + len(content)
    for name, each in content.items():
        size += _text_bytes(name) + value_bytes(each)
    return size


_SIZES: Final[Mapping[str, Callable[[Any], int]]] = {
    "S": _text_bytes,
    "N": _number_bytes,
    "B": _binary_bytes,
    "SS": lambda content: sum(map(_text_bytes, content)),
    "NS": lambda content: sum(map(_number_bytes, content)),
    "BS": lambda content: sum(map(_binary_bytes, content)),
    "L": _list_bytes,
    "M": _map_bytes,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
}
