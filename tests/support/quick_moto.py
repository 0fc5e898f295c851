"""moto as it is, with less work: each function here answers as the one of moto that it stands for.

Of the processor time of the tests that use tables, most was what these took.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

import moto.core.models
import moto.core.responses
import pytest
from botocore.utils import merge_dicts
from moto.core.config import default_user_config
from moto.core.model import StructureShape
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models.dynamo_type import (
    DDBType,
    DynamoType,
    Item,
    LimitedSizeDict,
    serializer,
)
from moto.dynamodb.models.utilities import bytesize, find_nested_key

#: The types of DynamoDB's attribute values.
_TYPES = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})

#: What moto intercepts of the library `requests`; it finds the service by itself.
_ALL_OF_AWS = SimpleNamespace(
    backend_url_patterns=[("aws", re.compile(r"https?://.+\.amazonaws\.com/.*"))]
)

_serialized = BaseJSONSerializer._serialize_type_structure
_size = DynamoType.size


@contextmanager
def quick_moto() -> Iterator[None]:
    """Emulated accounts that start sooner, with a DynamoDB that copies and measures less."""
    with pytest.MonkeyPatch.context() as patch:
        # boto3's default session takes longer to make than most tests do.
        patch.setitem(default_user_config["core"], "reset_boto3_session", False)
        # Else each account registers 1,300 patterns.
        patch.setattr(moto.core.models, "backend_index", _ALL_OF_AWS)
        # Else each request asks for the names of all that a class has.
        names = cache(moto.core.responses.method_names_from_class)
        patch.setattr(moto.core.responses, "method_names_from_class", names)
        patch.setattr(BaseJSONSerializer, "_serialize_type_structure", _serialize)
        patch.setattr(DynamoType, "__deepcopy__", _copied)
        patch.setattr(DynamoType, "size", _size_of)
        patch.setattr(DynamoType, "to_regular_json", _plain)
        patch.setattr(Item, "__init__", _begin)
        patch.setattr(Item, "project", _project)
        yield


def _serialize(
    serializer: BaseJSONSerializer,
    serialized: dict[str, Any],
    value: Any,
    shape: StructureShape,
    key: str,
) -> None:
    """moto looks for ten types under several names each in every attribute value."""
    if shape.name != "AttributeValue" or type(value) is not dict or not value.keys() <= _TYPES:
        _serialized(serializer, serialized, value, shape, key)
        return
    wrapper: dict[str, Any] = {} if key else serialized
    for name, held in value.items():
        if held is not None:
            serializer._serialize(wrapper, held, shape.members[name], name)
    if key:
        serializer._default_serialize(serialized, wrapper, shape, key)


def _copied(value: DynamoType, _memo: Any = None) -> DynamoType:
    """Without a note of each part, as no value holds itself."""
    result = DynamoType.__new__(DynamoType)
    result.type, held = value.type, value.value
    if value.type == DDBType.MAP:
        held = {name: _copied(each) for name, each in held.items()}
    elif value.type == DDBType.LIST:
        held = [_copied(each) for each in held]
    elif value.is_set():
        held = list(held)
    result.value = held
    return result


def _size_of(value: DynamoType) -> int:
    """moto copies each part of a map, with all in it, to measure it."""
    if value.type == DDBType.MAP:
        return sum(bytesize(name) + each.size() for name, each in value.value.items())
    return _size(value)


def _plain(value: DynamoType) -> dict[str, Any]:
    """moto copies the whole of each part first."""
    held = value.value
    if value.type == DDBType.MAP:
        held = {name: _plain(each) for name, each in held.items()}
    elif value.type == DDBType.LIST:
        held = [_plain(each) for each in held]
    elif value.is_set():
        held = list(held)
    elif value.type == DDBType.BINARY and isinstance(held, str):
        held = base64.b64decode(held)
    return {value.type: held}


def _begin(
    item: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: Mapping[str, Any]
) -> None:
    """moto measures all attributes that are there before it adds the next."""
    item.hash_key, item.range_key, item.attrs = hash_key, range_key, LimitedSizeDict()
    dict.update(item.attrs, {name: DynamoType(each) for name, each in attrs.items()})
    if item.attrs:
        name, last = item.attrs.popitem()
        item.attrs[name] = last


def _project(item: Item, projection_expressions: Sequence[list[str]]) -> Item:
    """moto reads the whole item again for each attribute that is asked for."""
    whole, result = item.to_regular_json(), dict[str, Any]()
    for expression in projection_expressions:
        merge_dicts(result, find_nested_key(expression, whole))
    return Item(item.hash_key, item.range_key, dict(serializer.serialize(result)["M"]))
