"""Shared by all tables: reads of many items, and DynamoDB's failures as one error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, cast

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from orderflow.errors import StoreUnavailable
from orderflow.platform.aws_errors import error_code, outages_as

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

#: DynamoDB reads so many items in one request.
MAX_BATCH: Final = 100

#: DynamoDB's limits for the texts of keys, in bytes.
_LONGEST_PARTITION_KEY: Final = 2048
_LONGEST_SORT_KEY: Final = 1024

_deserializer: Final = TypeDeserializer()


def from_wire(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """An item in DynamoDB's wire format (``{"epoch": {"N": "3"}}``), as Python's values."""
    return {name: _deserializer.deserialize(value) for name, value in attributes.items()}


def translated_errors() -> AbstractContextManager[None]:
    """Turn throttling, server errors and an unreachable DynamoDB into ``StoreUnavailable``."""
    return outages_as(StoreUnavailable, "DynamoDB")


def condition_failed(error: ClientError) -> bool:
    """Whether a conditional write found its condition unmet."""
    return error_code(error) == "ConditionalCheckFailedException"


def item_at_failure(error: ClientError) -> dict[str, Any]:
    """The item that did not meet a write's condition; empty if there was none.

    The write asked for it: ``ReturnValuesOnConditionCheckFailure="ALL_OLD"``.
    """
    return from_wire(cast("dict[str, Any]", error.response).get("Item") or {})


def placeholders(mark: str, expressions: str) -> set[str]:
    """The names after ``mark`` (``#`` or ``:``) in expressions: DynamoDB refuses to get others."""
    return set(re.findall(rf"{mark}(\w+)", expressions))


def is_partition_key(text: str) -> bool:
    """Whether a partition key can hold this text: DynamoDB refuses reads of any other."""
    return 0 < len(text.encode()) <= _LONGEST_PARTITION_KEY


def is_sort_key(text: str) -> bool:
    """Whether a sort key can hold this text."""
    return 0 < len(text.encode()) <= _LONGEST_SORT_KEY


def all_items(read: Callable[..., Any], **request: Any) -> Iterator[dict[str, Any]]:
    """The items of all pages of a query or a scan, page by page, as they are consumed.

    Args:
        read: a table's method ``query`` or ``scan``.
        request: its parameters.

    Raises:
        StoreUnavailable: DynamoDB throttled, failed or could not be reached.
    """
    while True:
        with translated_errors():
            answer = read(**request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def get_items(table: Table, keys: Sequence[Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    """The items with these keys, strongly consistent, in any order; unknown keys are left out.

    Raises:
        StoreUnavailable: DynamoDB throttled, failed or could not be reached.
    """
    different = [dict(key) for key in dict.fromkeys(tuple(key.items()) for key in keys)]
    for start in range(0, len(different), MAX_BATCH):
        yield from _get_batch(table, different[start : start + MAX_BATCH])


def _get_batch(table: Table, keys: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """One batch, repeated for unprocessed keys as long as each answer holds some of them."""
    pending: Any = {table.name: {"Keys": keys, "ConsistentRead": True}}
    while pending:
        with translated_errors():
            answer = table.meta.client.batch_get_item(RequestItems=pending)
        yield from answer["Responses"].get(table.name, [])
        left = answer.get("UnprocessedKeys", {})
        if left == pending:
            raise StoreUnavailable("DynamoDB is throttling: it processed none of the keys.")
        pending = left
