"""The rules by which DynamoDB refuses a request whatever its tables hold.

:func:`broken_rules` looks at a request in the wire format. The engines that stand in for DynamoDB
let some of these requests pass (docs/conformance.md), so the test suites look at each request that
they make (tests/conftest.py).

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html and the
pages named in tests/engines/refused_requests.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support.dynamodb_rules.batches import batch_rules, transaction_rules
from tests.support.dynamodb_rules.expressions import Request, expression_rules
from tests.support.dynamodb_rules.items import item_rules, key_rules
from tests.support.dynamodb_rules.queries import query_rules
from tests.support.dynamodb_rules.schema import Schema, Schemas

__all__ = ["Schema", "Schemas", "broken_rules"]

_ITEM_OPERATIONS = {"PutItem", "UpdateItem", "DeleteItem", "GetItem"}


def broken_rules(operation: str, params: dict[str, Any], schemas: Schemas) -> list[str]:
    """What DynamoDB refuses in a request; empty where it takes it.

    Args:
        operation: ``PutItem``, ``Query`` and so on; others than those on items are not looked at.
        params: the request's parameters in the wire format.
        schemas: the keys of the tables that are known; the rules on keys need them.
    """
    return [*_broken(operation, params, schemas)]


def _broken(operation: str, params: dict[str, Any], schemas: Schemas) -> Iterator[str]:
    if operation in _ITEM_OPERATIONS:
        yield from _on_item(params, schemas)
        returned = params.get("ReturnValues", "NONE")
        if operation in {"PutItem", "DeleteItem"} and returned not in {"NONE", "ALL_OLD"}:
            yield f"{operation} with the ReturnValues {returned}"
    elif operation in {"Query", "Scan"}:
        request = Request(params)
        yield from expression_rules(request)
        yield from query_rules(operation, request, schemas)
    elif operation in {"BatchWriteItem", "BatchGetItem"}:
        yield from batch_rules(params["RequestItems"], schemas)
    elif operation in {"TransactWriteItems", "TransactGetItems"}:
        yield from transaction_rules(params["TransactItems"], schemas)
        for each in params["TransactItems"]:
            for part in each.values():
                yield from _on_item(part, schemas)


def _on_item(params: dict[str, Any], schemas: Schemas) -> Iterator[str]:
    """Rules on the parameters of an operation on one item, or of one part of a transaction."""
    schema = schemas.get(params["TableName"])
    request = Request(params)
    yield from expression_rules(request)
    yield from item_rules(request.values, None)
    if "Item" in params:
        yield from item_rules(params["Item"], schema)
    if "Key" in params and schema:
        yield from key_rules(params["Key"], schema)
    if schema:
        written = request.written_names() & set(schema.key.names)
        yield from (f"{name} is part of the key, which no update changes" for name in written)
