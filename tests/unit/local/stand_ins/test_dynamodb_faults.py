"""The emulator's DynamoDB, as functions call it, changes nothing unless a fault is set."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import boto3
import httpx
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from urllib3 import HTTPResponse

from scripts.local.stand_ins.dynamodb_faults import WRITES, DynamodbFaults

ANSWER = b'{"Item": {"name": {"S": "Yam \xe2\x82\xa6"}}}'
READS = ("GetItem", "Query", "BatchGetItem", "TransactGetItems", "DescribeTable")


class Emulator:
    """Records requests and answers with ``response``."""

    def __init__(self) -> None:
        self.received: list[Request] = []
        self.bodies: list[bytes] = []
        self.response = Response(ANSWER, headers={"x-amz-crc32": "1", "date": "its own"})

    async def answer(self, request: Request) -> Response:
        self.received.append(request)
        self.bodies.append(await request.body())
        return self.response

    def app(self) -> Starlette:
        methods = ["GET", "POST", "PUT"]
        return Starlette(routes=[Route("/{path:path}", self.answer, methods=methods)])


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


@pytest.fixture
def client(emulator: Emulator) -> Iterator[TestClient]:
    served = DynamodbFaults(emulator.app())
    with TestClient(served, base_url="http://127.0.0.1:5003") as client:
        yield client


def call(client: TestClient, operation: str, body: bytes = b"{}") -> httpx.Response:
    headers = {"x-amz-target": f"DynamoDB_20120810.{operation}"}
    return client.post("/", content=body, headers=headers)


def test_a_request_arrives_as_it_was_signed(client: TestClient, emulator: Emulator) -> None:
    body = '{"TableName": "orders", "Key": {"name": {"S": "Yam ₦"}}}'.encode()
    signed = {
        "authorization": "AWS4-HMAC-SHA256 Credential=key/20260131/eu-west-1/dynamodb/aws4_request",
        "x-amz-target": "DynamoDB_20120810.GetItem",
        "x-amz-date": "20260131T120000Z",
        "x-amz-security-token": "token",
        "date": "Sat, 31 Jan 2026 12:00:00 GMT",
        "content-type": "application/x-amz-json-1.0",
    }
    client.post("/", content=body, headers=signed)

    (arrived,) = emulator.received
    assert emulator.bodies == [body]
    assert (arrived.method, arrived.headers["host"]) == ("POST", "127.0.0.1:5003")
    assert {name: arrived.headers[name] for name in signed} == signed
    assert arrived.headers["content-length"] == str(len(body))


def test_no_header_is_added_to_a_request(client: TestClient, emulator: Emulator) -> None:
    client.headers.clear()
    client.post("/", content=b"{}")
    assert sorted(emulator.received[0].headers) == ["content-length", "host"]


def test_path_and_query_are_forwarded_unchanged(client: TestClient, emulator: Emulator) -> None:
    client.put("/a%2Fb/%E2%82%A6?x=%20&y")
    (arrived,) = emulator.received
    assert arrived.method == "PUT"
    assert arrived.scope["raw_path"] == b"/a%2Fb/%E2%82%A6"
    assert arrived.scope["query_string"] == b"x=%20&y"


@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_answer_is_returned_unchanged(
    client: TestClient, emulator: Emulator, status: int
) -> None:
    emulator.response.status_code = status
    answer = call(client, "GetItem")
    assert (answer.status_code, answer.content) == (status, ANSWER)
    assert answer.headers["x-amz-crc32"] == "1"
    assert answer.headers.get_list("content-length") == [str(len(ANSWER))]
    assert answer.headers["date"] == "its own"


def test_a_compressed_answer_stays_compressed(emulator: Emulator, client: TestClient) -> None:
    packed = (
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xab\xae\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00"
    )
    emulator.response = Response(packed, headers={"content-encoding": "gzip"})
    answer = call(client, "GetItem")
    assert answer.headers["content-length"] == str(len(packed))
    assert answer.json() == {}  # decompressed by the client


def test_calls_are_counted_by_operation(client: TestClient) -> None:
    for operation in ("GetItem", "GetItem", "PutItem"):
        call(client, operation)
    client.get("/")
    stats = client.get("/_admin/stats").json()
    assert stats["byOperation"] == {"GetItem": 2, "PutItem": 1}
    assert stats["byOutcome"] == {"ok": 3}


@pytest.mark.parametrize("operation", sorted(WRITES))
def test_a_fault_affects_writes(client: TestClient, emulator: Emulator, operation: str) -> None:
    client.put("/_admin/faults", json={"mode": "outage"})
    assert call(client, operation).status_code == 500
    assert emulator.received == []


@pytest.mark.parametrize("operation", READS)
def test_a_fault_does_not_affect_reads(client: TestClient, operation: str) -> None:
    client.put("/_admin/faults", json={"mode": "outage", "times": 1})
    assert call(client, operation).status_code == 200
    assert client.get("/_admin/stats").json()["fault"] is not None


def test_a_fault_affects_a_read_that_it_names(client: TestClient) -> None:
    client.put("/_admin/faults", json={"mode": "outage", "operations": ["GetItem"]})
    assert call(client, "GetItem").status_code == 500
    assert call(client, "PutItem").status_code == 200


@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [
        ("outage", 500, "InternalServerError"),
        ("error", 500, "InternalServerError"),
        ("timeout", 500, "InternalServerError"),
        ("throttle", 400, "ProvisionedThroughputExceededException"),
        ("bad_request", 400, "ValidationException"),
    ],
)
def test_an_injected_error_is_one_that_botocore_knows(
    client: TestClient, mode: str, status: int, code: str
) -> None:
    client.put("/_admin/faults", json={"mode": mode, "latencySeconds": 0})
    dynamodb = boto_client(client)

    with pytest.raises(ClientError) as refusal:
        dynamodb.put_item(TableName="orders", Item={"orderId": {"S": "1"}})

    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert refusal.value.response["Error"]["Code"] == code


def boto_client(client: TestClient) -> Any:
    """A boto3 client of DynamoDB whose requests go there."""

    def send(request: Any, **_: Any) -> AWSResponse:
        answer = client.post("/", content=request.body, headers=dict(request.headers))
        raw = HTTPResponse(BytesIO(answer.content), preload_content=False)
        return AWSResponse(request.url, answer.status_code, answer.headers, raw)

    dynamodb = boto3.client(
        "dynamodb",
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    dynamodb.meta.events.register("before-send.dynamodb", send)
    return dynamodb


def test_a_write_with_a_lost_answer_is_stored(client: TestClient, emulator: Emulator) -> None:
    client.put("/_admin/faults", json={"mode": "lost"})
    answer = call(client, "PutItem", b'{"Item": {}}')
    assert emulator.bodies == [b'{"Item": {}}']
    assert len(answer.content) < int(answer.headers["content-length"])
