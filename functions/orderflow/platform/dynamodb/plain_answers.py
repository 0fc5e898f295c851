"""DynamoDB's items, read from its answers in one go.

botocore looks in each value of an answer for each of ten kinds of values, and boto3 then makes
Python's values of what it found. Here each value is read once; what callers get is the same.

It uses botocore's events alone. Where one of them is not there, or an answer is none of these,
botocore and boto3 read it.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.types import DYNAMODB_CONTEXT, Binary

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_TAKEN: Final = "orderflow.items"
_number: Final = DYNAMODB_CONTEXT.create_decimal

_Wire = Mapping[str, Any]


def read_plainly(client: DynamoDBClient) -> None:
    """Has this client's answers read so; it belongs to a resource, which makes Python's values."""
    client.meta.events.register("before-parse.dynamodb", _take)
    client.meta.events.register_last("after-call.dynamodb", _give)


def _take(
    operation_model: Any,
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    **_: Any,
) -> None:
    """Takes the items out of an answer, before botocore reads the rest of it."""
    field, read = _FIELDS.get(operation_model.name, ("", None))
    if read is None or response_dict["status_code"] != HTTPStatus.OK:
        return
    try:
        content = json.loads(response_dict["body"])
        taken = read(content.pop(field))
    except (ValueError, TypeError, KeyError, AttributeError):
        return  # there are none, or botocore is to say what is wrong
    response_dict["body"] = json.dumps(content).encode()
    customized_response_dict[_TAKEN] = taken


def _give(model: Any, parsed: dict[str, Any], **_: Any) -> None:
    """Puts the items back, when boto3 has looked for what it is to make Python's values of."""
    if _TAKEN in parsed:
        parsed[_FIELDS[model.name][0]] = parsed.pop(_TAKEN)


def _item(wire: _Wire) -> dict[str, Any]:
    return {name: _value(each) for name, each in wire.items()}


def _items(wire: list[_Wire]) -> list[dict[str, Any]]:
    return [_item(each) for each in wire]


def _items_by_table(wire: Mapping[str, list[_Wire]]) -> dict[str, list[dict[str, Any]]]:
    return {table: _items(items) for table, items in wire.items()}


def _value(wire: _Wire) -> Any:
    ((kind, content),) = wire.items()
    return content if kind == "S" else _KINDS[kind](content)


_KINDS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "N": _number,
    "BOOL": bool,
    "NULL": lambda _: None,
    "M": _item,
    "L": lambda values: [_value(each) for each in values],
    "B": lambda text: Binary(b64decode(text)),
    "SS": set,
    "NS": lambda texts: {_number(each) for each in texts},
    "BS": lambda texts: {Binary(b64decode(each)) for each in texts},
}

_FIELDS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "BatchGetItem": ("Responses", _items_by_table),
    "GetItem": ("Item", _item),
    "Query": ("Items", _items),
    "UpdateItem": ("Attributes", _item),
}
