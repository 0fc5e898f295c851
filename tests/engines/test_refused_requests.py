"""Requests that AWS refuses: what each engine does with them, and that our own rules name them."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.engines.conftest import Tried
from tests.engines.refused_requests import RefusedRequest, refused_requests
from tests.support.dynamodb_rules import Schema, broken_rules
from tests.support.request_guard import GUARD
from tests.support.tables import CATALOG, ORDERS

SCHEMAS = {table.name: Schema.of(table.creation()) for table in (ORDERS, CATALOG)}


@pytest.mark.parametrize("refused", refused_requests(), ids=str)
def test_an_engine_refuses_it_or_is_listed(engine: Tried, refused: RefusedRequest) -> None:
    GUARD.take()
    outcome = engine.outcome(refused)

    assert outcome == refused.expected(engine.name)
    assert bool(GUARD.take()) != refused.depends_on_item


def test_each_request_has_a_name_of_its_own() -> None:
    counts = Counter(each.name for each in refused_requests())
    assert max(counts.values()) == 1


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("UpdateItem", {
            "TableName": "orders", "Key": {"orderId": {"S": "o-1"}},
            "UpdateExpression": "SET #s = :s, version = version + :one, "
                                "history = list_append(history, :l) "
                                "REMOVE payment.since, taskToken",
            "ConditionExpression": "(#s = :s AND version < :one) OR "
                                   "(attribute_exists(payment.verifiedAt) "
                                   "AND size(#l) BETWEEN :one AND :one)",
            "ExpressionAttributeNames": {"#s": "status", "#l": "lines"},
            "ExpressionAttributeValues": {":s": {"S": "s"}, ":one": {"N": "1"}, ":l": {"L": []}},
        }),
        ("UpdateItem", {
            "TableName": "orders", "Key": {"orderId": {"S": "o-1"}},
            "UpdateExpression": "ADD sum1 :p, told :t DELETE marks :t SET a[0] = :p, a[1] = :p",
            "ExpressionAttributeValues": {":p": {"N": "1"}, ":t": {"SS": ["t"]}},
        }),
        ("Query", {
            "TableName": "orders", "IndexName": "byCustomerKeys",
            "KeyConditionExpression": ":c = #c AND createdAt BETWEEN :x AND :x",
            "FilterExpression": "updatedAt <= :x AND attribute_not_exists(payment)",
            "ExpressionAttributeNames": {"#c": "customerId"},
            "ExpressionAttributeValues": {":c": {"S": "c"}, ":x": {"S": "x"}},
        }),
        ("BatchWriteItem", {"RequestItems": {"orders": [
            {"PutRequest": {"Item": {"orderId": {"S": "o-1"}, "note": {"S": ""}}}},
            {"DeleteRequest": {"Key": {"orderId": {"S": "o-2"}}}},
        ]}}),
        ("TransactWriteItems", {"TransactItems": [
            {"Put": {"TableName": "orders", "Item": {"orderId": {"S": "o-1"}}}},
            {"Delete": {"TableName": "orders", "Key": {"orderId": {"S": "o-2"}}}},
        ]}),
        ("PutItem", {"TableName": "orders", "Item": {
            "orderId": {"S": "o-1"}, "note": {"S": "x" * 409_580}}}),
    ],
)  # fmt: skip
def test_a_request_that_aws_takes_breaks_no_rule(operation: str, params: dict[str, object]) -> None:
    assert broken_rules(operation, params, SCHEMAS) == []
