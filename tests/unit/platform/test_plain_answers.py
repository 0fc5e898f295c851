"""Answers that are read plainly hold what botocore and boto3 make of them."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderflow.platform.dynamodb.plain_answers import read_plainly

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

KEY = {"kind": "PRODUCT", "id": "rice"}

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20)).map(str)
BYTES = st.binary(min_size=1).map(lambda each: b64encode(each).decode())
LEAVES = st.one_of(
    st.text().map(lambda each: {"S": each}),
    NUMBERS.map(lambda each: {"N": each}),
    BYTES.map(lambda each: {"B": each}),
    st.booleans().map(lambda each: {"BOOL": each}),
    st.just({"NULL": True}),
    st.lists(st.text(min_size=1), min_size=1, unique=True).map(lambda each: {"SS": each}),
    st.lists(NUMBERS, min_size=1, unique=True).map(lambda each: {"NS": each}),
    st.lists(BYTES, min_size=1, unique=True).map(lambda each: {"BS": each}),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda each: {"L": each})
        | st.dictionaries(st.text(), inner, max_size=4).map(lambda each: {"M": each})
    ),
    max_leaves=8,
)
ITEMS = st.dictionaries(st.text(min_size=1), VALUES, max_size=5)


class Server:
    """Answers each call with a status and a body."""

    def __init__(self, resource: DynamoDBServiceResource) -> None:
        self.client = resource.meta.client
        self.table = resource.Table("catalog")
        self.status, self.body = 200, b"{}"
        self.client.meta.events.register("before-send.dynamodb", self._send)

    def answers(self, content: Any, status: int = 200) -> None:
        self.status, self.body = status, json.dumps(content).encode()

    def _send(self, request: Any, **_: Any) -> AWSResponse:
        answer = AWSResponse(request.url, self.status, {"x-amzn-requestid": "an-id"}, None)
        answer._content = self.body
        return answer


@pytest.fixture(scope="module")
def both() -> tuple[Server, Server]:
    """What reads plainly, and what reads as the libraries do."""
    config = Config(retries={"total_max_attempts": 1})
    made = [
        boto3.resource(
            "dynamodb",
            "eu-west-1",
            **dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "any"),
            config=config,
        )
        for _ in range(2)
    ]
    read_plainly(made[0].meta.client)
    return Server(made[0]), Server(made[1])


def calls(server: Server, item: Any, more: Any) -> list[Any]:
    """What each operation answers."""
    found = []
    server.answers({"Item": item, **more})
    found.append(server.table.get_item(Key=KEY))
    server.answers({"Attributes": item, **more})
    found.append(server.table.update_item(Key=KEY, UpdateExpression="REMOVE a"))
    server.answers({"Items": [item, item], "Count": 2, "LastEvaluatedKey": item, **more})
    asked: Any = {"ExpressionAttributeValues": {":kind": "PRODUCT"}}
    found.append(server.table.query(KeyConditionExpression="kind = :kind", **asked))
    unprocessed = {"catalog": {"Keys": [item]}}
    server.answers({"Responses": {"catalog": [item]}, "UnprocessedKeys": unprocessed})
    found.append(server.client.batch_get_item(RequestItems={"catalog": {"Keys": [KEY]}}))
    server.answers({**more})
    found.append(server.table.get_item(Key=KEY))
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(item=ITEMS, more=st.sampled_from([{}, {"ConsumedCapacity": {"CapacityUnits": 1.5}}]))
def test_every_answer_is_what_the_libraries_make_of_it(
    both: tuple[Server, Server], item: Any, more: Any
) -> None:
    plain, library = both

    assert calls(plain, item, more) == calls(library, item, more)


def test_an_error_keeps_its_code_and_its_item(both: tuple[Server, Server]) -> None:
    errors = []
    for server in both:
        name = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
        server.answers({"__type": name, "Item": {"id": {"S": "rice"}}}, status=400)
        with pytest.raises(ClientError) as error:
            server.table.update_item(Key=KEY, UpdateExpression="REMOVE a")
        errors.append(error.value.response)

    assert errors[0] == errors[1]
    assert errors[0]["Item"] == {"id": {"S": "rice"}}  # type: ignore[typeddict-item]


@pytest.mark.parametrize("body", [b'{"Item": tru\xff<html>', b'{"Item": {', b"[]", b"null", b""])
def test_an_answer_that_can_t_be_read_is_what_it_is_to_the_libraries(
    both: tuple[Server, Server], body: bytes
) -> None:
    found: list[Any] = []
    for server in both:
        server.status, server.body = 200, body
        found.append(result(server))

    assert found[0] == found[1]


@pytest.mark.parametrize("item", ["text", {"id": "text"}, {"id": {"NEW": "kind"}}, {"id": {}}])
def test_what_is_no_item_is_left_to_the_libraries(both: tuple[Server, Server], item: Any) -> None:
    found: list[Any] = []
    for server in both:
        server.answers({"Item": item})
        found.append(result(server))

    assert found[0] == found[1]


def result(server: Server) -> Any:
    """The answer, or the error."""
    try:
        return server.table.get_item(Key=KEY)
    except Exception as error:
        return type(error), str(error)
