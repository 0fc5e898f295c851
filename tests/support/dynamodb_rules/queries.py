"""Rules on Query and Scan."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from tests.support.dynamodb_rules.expressions import Expression, Request
from tests.support.dynamodb_rules.schema import Key, Schemas

_NOT_IN_KEYS: Final = {"OR", "NOT", "IN", "<>", "attribute_exists", "attribute_not_exists"}
_NOT_IN_KEYS_EITHER: Final = {"attribute_type", "contains", "size"}


def query_rules(operation: str, request: Request, schemas: Schemas) -> Iterator[str]:
    """Rules on keys, filters and limits."""
    params = request.params
    schema = schemas.get(params["TableName"])
    index = params.get("IndexName")
    if params.get("Limit") == 0:
        yield "a limit of 0"
    if index and schema and index not in schema.indexes:
        yield f"the table has no index {index}"
        return
    # The data stack's indexes are all global.
    if index and params.get("ConsistentRead"):
        yield f"a strongly consistent read of the index {index}"
    if operation == "Query":
        key = (schema.indexes[index] if index else schema.key) if schema else None
        yield from _key_condition_rules(request, key)


def _key_condition_rules(request: Request, key: Key | None) -> Iterator[str]:
    condition = request.expressions.get("KeyConditionExpression")
    if condition is None:
        yield "a query without a KeyConditionExpression"
        return
    for token in condition.tokens:
        if token in _NOT_IN_KEYS or token in _NOT_IN_KEYS_EITHER:
            yield f"{token} in a key condition"
    names = request.paths_of(condition)
    known = key.names if key else [*names]
    for name in names:
        if name not in known:
            yield f"a key condition on {name}, which is not in the key"
    for name in key.partition if key else ():
        if not _has_equality(request, condition, name):
            yield f"a key condition without {name} = a value"
    filtered = request.expressions.get("FilterExpression")
    for name in request.paths_of(filtered) if filtered else ():
        if name in known:
            yield f"a filter on {name}, which is in the key"


def _has_equality(request: Request, condition: Expression, name: str) -> bool:
    tokens = [request.names.get(token, token) for token in condition.tokens]
    pairs = pairwise(tokens)
    return any(pair in {(name, "="), ("=", name)} for pair in pairs)
