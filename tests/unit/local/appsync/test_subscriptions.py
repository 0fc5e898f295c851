"""Which objects of a mutation's answer subscribers get."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import build_schema

from scripts.local.appsync.graphql_request import GraphqlRequest
from scripts.local.appsync.subscriptions import answers

SCHEMA = build_schema("""
input Note { text: String! times: Int }
type Query { order: Order }
type Mutation { publish(note: Note): Order count: Int }
type Order { id: ID! }
""")
NOTE = {"note": {"text": "x"}}
ORDER = {"id": "1"}


def published(query: str, data: dict[str, Any], **variables: Any) -> list[tuple[str, Any]]:
    body = json.dumps({"query": query, "variables": variables}).encode()
    return answers(SCHEMA, GraphqlRequest.read(body, SCHEMA), data)


def test_each_field_is_published_under_its_own_name() -> None:
    query = "mutation($note: Note) { first: publish(note: $note) { id } publish { id } count }"
    data = {"first": ORDER, "publish": {"id": "2"}, "count": 3}
    assert published(query, data, **NOTE) == [("publish", ORDER), ("publish", {"id": "2"})]


def test_fields_of_fragments_are_published() -> None:
    query = "mutation { ...F ... on Mutation { again: publish { id } } }"
    fragment = " fragment F on Mutation { publish { id } }"
    data = {"publish": ORDER, "again": ORDER}
    assert published(query + fragment, data) == [("publish", ORDER)] * 2


@pytest.mark.parametrize(
    ("declared", "variables", "count"),
    [
        ("$on: Boolean!", {"on": True}, 1),
        ("$on: Boolean!", {"on": False}, 0),
        ("$on: Boolean = false", {}, 0),
        ("$on: Boolean = false", {"on": True}, 1),
    ],
)
def test_a_field_that_directives_leave_out_is_not_published(
    declared: str, variables: dict[str, bool], count: int
) -> None:
    query = (
        f"mutation({declared}, $note: Note) {{ publish(note: $note) @include(if: $on) {{ id }} }}"
    )
    data = {"publish": ORDER} if count else {}
    assert published(query, data, **variables, **NOTE) == [("publish", ORDER)] * count


def test_a_field_that_was_refused_is_not_published() -> None:
    assert published("mutation { publish { id } }", {"publish": None}) == []
