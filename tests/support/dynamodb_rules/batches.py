"""Rules on batches and transactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tests.support.dynamodb_rules.items import item_rules, key_rules
from tests.support.dynamodb_rules.schema import Schema, Schemas

_MOST_WRITES: Final = 25
_MOST_READS: Final = 100
_MOST_IN_TRANSACTION: Final = 100


def batch_rules(tables: Mapping[str, Any], schemas: Schemas) -> Iterator[str]:
    """Rules on BatchWriteItem (a table's requests are a list) and BatchGetItem (an object)."""
    writes = sum(len(each) for each in tables.values() if isinstance(each, list))
    reads = sum(len(each["Keys"]) for each in tables.values() if isinstance(each, dict))
    if writes > _MOST_WRITES:
        yield f"{writes} writes in one batch"
    if reads > _MOST_READS:
        yield f"{reads} reads in one batch"
    for name, requests in tables.items():
        if schema := schemas.get(name):
            yield from _table_rules(requests, schema)


def _table_rules(requests: Any, schema: Schema) -> Iterator[str]:
    if isinstance(requests, dict):
        keys = requests["Keys"]
    else:
        puts = [each["PutRequest"]["Item"] for each in requests if "PutRequest" in each]
        for item in puts:
            yield from item_rules(item, schema)
        keys = [each["DeleteRequest"]["Key"] for each in requests if "DeleteRequest" in each]
        yield from _repeated([*puts, *keys], schema)
    for key in keys:
        yield from key_rules(key, schema)
    if isinstance(requests, dict):
        yield from _repeated(keys, schema)


def _repeated(keys: Sequence[Mapping[str, Any]], schema: Schema) -> Iterator[str]:
    counts = Counter(schema.identity(key) for key in keys)
    yield from (f"{key} twice in one batch" for key, count in counts.items() if count > 1)


def transaction_rules(parts: Sequence[Mapping[str, Any]], schemas: Schemas) -> Iterator[str]:
    """Rules on a transaction as a whole."""
    if len(parts) > _MOST_IN_TRANSACTION:
        yield f"{len(parts)} parts of one transaction"
    counts = Counter(
        (each["TableName"], schemas[each["TableName"]].identity(each.get("Key") or each["Item"]))
        for part in parts
        for each in part.values()
        if each["TableName"] in schemas
    )
    yield from (f"{key} twice in one transaction" for key, n in counts.items() if n > 1)
