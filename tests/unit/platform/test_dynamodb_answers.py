"""DynamoDB's answers are read as botocore's own parser reads them."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.parsers import JSONParser
from hypothesis import given
from hypothesis import strategies as st

from orderflow.platform import aws
from orderflow.platform.dynamodb.answers import ItemParser

_serialize = TypeSerializer().serialize
_SHAPES = boto3.Session().client("dynamodb", region_name="eu-west-1").meta.service_model

_numbers = st.integers(-(10**9), 10**9).map(Decimal)
_texts = st.text(max_size=5)
_plain = st.one_of(
    *(st.none(), st.booleans(), _numbers, _texts, st.binary(max_size=5)),
    *(st.sets(each, min_size=1, max_size=3) for each in (_numbers, _texts, st.binary(min_size=1))),
)
_values = st.recursive(
    _plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3)
)
_items = st.dictionaries(_texts, _values.map(_serialize), max_size=4)


def on_the_wire(part: Any) -> bytes:
    return json.dumps(part, default=lambda data: base64.b64encode(data).decode()).encode()


def parsed(parser: JSONParser, operation: str, answer: Any, status: int = 200) -> Any:
    response = {"body": on_the_wire(answer), "headers": {}, "status_code": status}
    return parser.parse(response, _SHAPES.operation_model(operation).output_shape)


@given(item=_items)
def test_items_are_read_as_botocore_reads_them(item: dict[str, Any]) -> None:
    answer = {"Item": item, "ConsumedCapacity": {"TableName": "orders", "CapacityUnits": 0.5}}

    theirs = parsed(JSONParser(), "GetItem", answer)

    assert parsed(ItemParser(), "GetItem", answer) == theirs
    assert theirs["Item"] == item


@pytest.mark.parametrize("value", [{}, {"NEW": 1}, {"S": "a", "N": "1"}, {"__type": "x", "S": "a"}])
def test_values_that_no_release_knows_are_left_to_botocore(value: Any) -> None:
    answer = {"Item": {"a": value}}

    def outcome(parser: JSONParser) -> Any:
        try:
            return parsed(parser, "GetItem", answer)
        except Exception as error:  # whatever botocore raises
            return repr(error)

    assert outcome(ItemParser()) == outcome(JSONParser())


def test_all_else_is_read_by_botocore() -> None:
    answer = {"Table": {"TableName": "orders", "CreationDateTime": 1.5, "KeySchema": []}}

    assert parsed(ItemParser(), "DescribeTable", answer) == parsed(
        JSONParser(), "DescribeTable", answer
    )


def test_our_clients_read_so() -> None:
    client = aws.table("orders").meta.client
    factory = client._endpoint._response_parser_factory
    assert type(factory.create_parser("json")) is ItemParser
    assert type(factory.create_parser("query")) is not ItemParser
