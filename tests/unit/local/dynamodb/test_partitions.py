"""MiniStack answers a query of an index as before, though it gets the entries of its page alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import dynamodb  # type: ignore[import-untyped]

from scripts.local.dynamodb.expressions import comparisons
from scripts.local.dynamodb.partitions import paging
from tests.support.tables import Index, TableDefinition

TABLE = TableDefinition("paged", ["id"], {"byShard": Index(["shard", "at"])})
TEXTS = st.text("ab", min_size=1, max_size=2)
#: An item's id, its partition, and its sort key.
WRITES = st.lists(st.tuples(TEXTS, st.sampled_from("ab"), TEXTS), max_size=12)
DELETIONS = st.sets(TEXTS, max_size=3)


@pytest.fixture(scope="module")
def table() -> Iterator[dict[str, Any]]:
    """An empty table of MiniStack's."""
    dynamodb._create_table(TABLE.creation())
    yield dynamodb._tables[TABLE.name]
    dynamodb._delete_table({"TableName": TABLE.name})


def clear(table: dict[str, Any]) -> None:
    for each in [*table["items"]]:
        delete(each)


def put(item_id: str, shard: str, at: str) -> None:
    item = {"id": {"S": item_id}, "shard": {"S": shard}, "at": {"S": at}}
    dynamodb._put_item({"TableName": TABLE.name, "Item": item})


def delete(item_id: str) -> None:
    dynamodb._delete_item({"TableName": TABLE.name, "Key": {"id": {"S": item_id}}})


def pages(query: Any, request: dict[str, Any]) -> list[Any]:
    """All answers, one page after another."""
    found, start = [], {}
    while True:
        status, _, body = query({**request, **start})
        answer = json.loads(body)
        found.append((status, answer))
        if "LastEvaluatedKey" not in answer:
            return found
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


@given(
    before=WRITES,
    deleted=DELETIONS,
    after=WRITES,
    condition=st.sampled_from(
        ["", *(f" AND #at {each}" for each in ("= :a", "< :a", "<= :a", "> :a", ">= :a")),
         " AND #at BETWEEN :a AND :b", " AND begins_with(#at, :a)"]
    ),
    bounds=st.tuples(TEXTS, TEXTS).map(sorted),
    options=st.fixed_dictionaries(
        {"ScanIndexForward": st.booleans()},
        optional={"Limit": st.integers(1, 3), "Select": st.just("COUNT")},
    ),
)  # fmt: skip
def test_a_query_answers_as_before(
    table: dict[str, Any],
    before: list[tuple[str, str, str]],
    deleted: set[str],
    after: list[tuple[str, str, str]],
    condition: str,
    bounds: list[str],
    options: dict[str, Any],
) -> None:
    """Also after changes of what was in order: each write may move an entry or take it away."""
    clear(table)
    values = {":shard": {"S": "a"}, ":a": {"S": bounds[0]}, ":b": {"S": bounds[1]}}
    request = {
        "TableName": TABLE.name,
        "IndexName": "byShard",
        "KeyConditionExpression": f"#shard = :shard{condition}",
        "ExpressionAttributeNames": {"#shard": "shard"} | ({"#at": "at"} if condition else {}),
        "ExpressionAttributeValues": {
            name: each for name, each in values.items() if name in f":shard{condition}"
        },
        **options,
    }
    members, plain = dynamodb._index_members, dynamodb._query
    paged, members_of_page = paging(plain, members, comparisons)

    def answers() -> list[Any]:
        dynamodb._index_members = members_of_page
        try:
            return pages(paged, request)
        finally:
            dynamodb._index_members = members

    for write in before:
        put(*write)
    assert answers() == pages(plain, request)
    for each in deleted:
        delete(each)
    assert answers() == pages(plain, request)
    for write in after:
        put(*write)
        assert answers() == pages(plain, request)
