"""The front door: authorization, forwarding and refusals."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from aws_xray_sdk.core.models.segment import Segment
from starlette.testclient import TestClient

from scripts.local.appsync.front_door import FrontDoor
from scripts.local.appsync.graphql_request import MAX_BODY_BYTES
from scripts.local.appsync.traces import Tracing
from tests.support.appsync_scene import CLIENT, HOST, KEYS, Connected, Emulator, api, token

SCHEMA = """
type Query {
  mine(id: ID!): Order
  all: [Order!] @aws_cognito_user_pools(cognito_groups: ["ops"])
  pooled: Order @aws_auth(cognito_groups: ["ops", "shop"])
  internal: Order @aws_iam
  both: Order @aws_iam @aws_cognito_user_pools
  must: Order! @aws_iam
}
type Mutation { publish(note: String, times: Int): Order @aws_iam }
type Subscription { changed: Order @aws_subscribe(mutations: ["publish"]) }
type Order {
  id: ID!
  secret: String @aws_cognito_user_pools(cognito_groups: ["ops"])
  state: State
  sealed: Sealed
}
type Sealed @aws_iam { code: String }
enum State { OPEN CLOSED }
"""
ORDER = {"id": "1", "secret": "s", "state": "OPEN", "sealed": {"code": "c"}}
ROOT = {
    **dict.fromkeys(("mine", "pooled", "internal", "both", "must", "publish"), ORDER),
    "all": [ORDER],
}


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(SCHEMA, ROOT)


@pytest.fixture
def closed_door(emulator: Emulator) -> Iterator[TestClient]:
    door = FrontDoor(Connected(emulator))
    with TestClient(door.app()) as client:
        yield client


@pytest.fixture
def door(closed_door: TestClient) -> TestClient:
    assert closed_door.put("/_admin/api", json=api(SCHEMA)).json() == {"host": HOST}
    return closed_door


def ask(door: TestClient, query: str, bearer: str | None = None, **body: Any) -> Any:
    headers = {"authorization": bearer or token()}
    return door.post("/graphql", headers=headers, json={"query": query, **body})


def test_a_users_request_reaches_the_api_as_it_was_sent(
    door: TestClient, emulator: Emulator
) -> None:
    query = """
        query Other { all { id } }
        query Mine($id: ID!) { it: mine(id: $id) { ...F __typename } }
        fragment F on Order { id state }
    """
    answer = ask(door, query, variables={"id": "1"}, operationName="Mine")

    assert answer.json() == {
        "data": {"it": {"id": "1", "state": "OPEN", "__typename": "Order"}},
    }
    (request,) = emulator.requests
    assert request.headers["host"] == HOST
    assert json.loads(request.content)["query"] == query


@pytest.mark.parametrize(
    "bearer",
    [
        token(),
        f"Bearer {token()}",
        token(token_use="access", aud=None, client_id=CLIENT),
    ],
    ids=["id token", "with Bearer", "access token"],
)
def test_tokens_of_the_pool_are_accepted(door: TestClient, bearer: str) -> None:
    assert ask(door, "{ both { id } }", bearer).json() == {"data": {"both": {"id": "1"}}}


@pytest.mark.parametrize(
    ("bearer", "message"),
    [
        (token(exp=1), "Token has expired."),
        (token("theirs"), "Valid authorization header not provided."),
        (token(algorithm="HS256"), "Valid authorization header not provided."),
        (jwt.encode({"sub": "x"}, "", "none"), "Valid authorization header not provided."),
        (token(iss="https://evil.test"), "Valid authorization header not provided."),
        (token(aud="other"), "Valid authorization header not provided."),
        (token(token_use="refresh"), "Valid authorization header not provided."),
        (token(token_use="access"), "Valid authorization header not provided."),
        (token(exp=None), "Valid authorization header not provided."),
        ("nonsense", "Valid authorization header not provided."),
        ("Bearer ", "Valid authorization header not provided."),
    ],
    ids=[
        "expired",
        "forged",
        "HMAC",
        "unsigned",
        "another pool",
        "another client",
        "refresh token",
        "access token without client",
        "everlasting",
        "no token",
        "empty",
    ],
)
def test_other_tokens_are_refused(
    door: TestClient, emulator: Emulator, bearer: str, message: str
) -> None:
    answer = ask(door, "{ both { id } }", bearer)
    assert answer.status_code == 401
    assert answer.json() == {"errors": [{"errorType": "UnauthorizedException", "message": message}]}
    assert answer.headers["x-amzn-errortype"] == "UnauthorizedException"
    assert emulator.requests == []


def test_a_request_without_a_token_is_refused(door: TestClient) -> None:
    answer = door.post("/graphql", json={"query": "{ both { id } }"})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"] == "Missing authorization header"


def test_unknown_keys_do_not_cause_a_fetch_for_each_request(
    door: TestClient, emulator: Emulator
) -> None:
    forged = jwt.encode({"sub": "x"}, KEYS["theirs"], "RS256", headers={"kid": "other"})
    for _ in range(3):
        assert ask(door, "{ both { id } }", forged).status_code == 401
    assert emulator.key_fetches == 1


def test_a_group_authorizes_its_fields(door: TestClient) -> None:
    ops = token(groups=["ops"])
    answer = ask(door, "{ all { id secret } pooled { id } }", ops)
    assert answer.json()["data"] == {"all": [{"id": "1", "secret": "s"}], "pooled": {"id": "1"}}


def test_a_forbidden_field_is_null_and_the_rest_is_answered(door: TestClient) -> None:
    answer = ask(door, "{ mine(id: 1) { id } everything: all { id } }")
    assert answer.status_code == 200
    assert answer.json() == {
        "data": {"mine": {"id": "1"}, "everything": None},
        "errors": [
            {
                "path": ["everything"],
                "data": None,
                "errorType": "Unauthorized",
                "errorInfo": None,
                "locations": [{"line": 1, "column": 22, "sourceName": None}],
                "message": "Not Authorized to access all on type Query",
            }
        ],
    }


def test_a_forbidden_resolver_does_not_run(door: TestClient, emulator: Emulator) -> None:
    answer = ask(
        door,
        "mutation M($note: String, $times: Int) { publish(note: $note, times: $times) { id } }",
        variables={"note": "hello", "times": 3},
    )
    assert answer.json()["data"] == {"publish": None}
    assert "hello" not in json.loads(emulator.requests[0].content)["query"]
    assert "publish(" not in json.loads(emulator.requests[0].content)["query"]


def test_nested_fields_and_types_have_rules_too(door: TestClient) -> None:
    query = """
        query Q($id: ID!) { mine(id: $id) { ...F } }
        fragment F on Order { id s: secret state sealed { code } }
    """
    answer = ask(door, query, variables={"id": "1"}).json()
    assert answer["data"] == {
        "mine": {"id": "1", "s": None, "state": "OPEN", "sealed": {"code": None}}
    }
    assert [error["path"] for error in answer["errors"]] == [
        ["mine", "s"],
        ["mine", "sealed", "code"],
    ]


def test_a_forbidden_non_null_field_makes_its_parent_null(door: TestClient) -> None:
    answer = ask(door, "{ mine(id: 1) { id } must { id } }").json()
    assert answer["data"] is None
    assert [error["message"] for error in answer["errors"]] == [
        "Not Authorized to access must on type Query"
    ]


def test_a_signed_request_for_iam_fields_is_forwarded_byte_for_byte(
    door: TestClient, emulator: Emulator
) -> None:
    body = b'{"query":   "{ internal { __typename } both { __typename } }"}'
    headers = {"authorization": "AWS4-HMAC-SHA256 Credential=x", "x-amz-date": "20260101T000000Z"}
    answer = door.post("/graphql", headers=headers, content=body)
    assert answer.status_code == 200
    assert emulator.requests[0].content == body
    assert emulator.requests[0].headers["x-amz-date"] == "20260101T000000Z"


@pytest.mark.parametrize("query", ["{ mine(id: 1) { __typename } }", "{ internal { id } }"])
def test_a_signed_request_for_a_users_field_is_refused(door: TestClient, query: str) -> None:
    answer = ask(door, query, "AWS4-HMAC-SHA256 Credential=x")
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["errorType"] == "UnauthorizedException"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "Invalid JSON payload in POST request."),
        (b"[]", "Invalid JSON payload in POST request."),
        (b'{"query": 1}', "Invalid JSON payload in POST request."),
        (b'{"query": "{ both { id } }", "variables": []}', "Invalid JSON payload in POST request."),
        (b'{"query": "{ \xff }"}', "Invalid JSON payload in POST request."),
        (b'{"query": "{ both"}', "Unable to parse GraphQL query."),
        (b'{"query": "{ both { id } }", "operationName": "X"}', "Unknown operation named 'X'."),
        (
            b'{"query": "query A { both { id } } query B { both { id } }"}',
            "Must provide an operation name.",
        ),
        (
            b'{"query": "subscription { changed { id } }"}',
            "Subscriptions are served over a WebSocket only.",
        ),
    ],
)
def test_malformed_requests_are_refused(door: TestClient, body: bytes, message: str) -> None:
    answer = door.post("/graphql", headers={"authorization": token()}, content=body)
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"errorType": "MalformedHttpRequestException", "message": message}
    ]


def test_an_invalid_query_is_answered_with_its_errors(door: TestClient, emulator: Emulator) -> None:
    answer = ask(door, "{ nothing }")
    assert answer.status_code == 200
    assert answer.json() == {
        "data": None,
        "errors": [
            {
                "path": None,
                "locations": [{"line": 1, "column": 3, "sourceName": None}],
                "message": "Validation error: Cannot query field 'nothing' on type 'Query'.",
            }
        ],
    }
    assert emulator.requests == []


def test_a_body_that_is_too_long_is_refused(door: TestClient) -> None:
    answer = ask(door, "#" * MAX_BODY_BYTES)
    assert answer.status_code == 413


def test_a_dead_emulator_is_unavailable(door: TestClient, emulator: Emulator) -> None:
    ask(door, "{ both { id } }")
    emulator.down = True
    answer = ask(door, "{ both { id } }")
    assert answer.status_code == 503
    assert answer.json()["errors"] == [
        {
            "errorType": "ServiceUnavailableException",
            "message": "The AWS emulator does not answer (ConnectError).",
        }
    ]


def test_without_a_deployed_api_it_is_unavailable(closed_door: TestClient) -> None:
    answer = ask(closed_door, "{ both { id } }")
    assert answer.status_code == 503
    assert "deployed" in answer.json()["errors"][0]["message"]


def test_a_malformed_api_is_refused(closed_door: TestClient) -> None:
    for malformed in ({**api(SCHEMA), "apiId": "../x"}, api("type {")):
        assert closed_door.put("/_admin/api", json=malformed).status_code == 400


def test_the_health_check_succeeds(closed_door: TestClient) -> None:
    assert closed_door.get("/_admin/health").json() == {"status": "ok"}


def preflight(door: TestClient, path: str, method: str) -> httpx.Response:
    """A browser's preflight request for a page of another origin."""
    headers = {
        "origin": "http://127.0.0.1:9",
        "access-control-request-method": method,
        "access-control-request-headers": "authorization,content-type",
    }
    return door.options(path, headers=headers)


def test_pages_of_every_origin_may_send_requests(door: TestClient, emulator: Emulator) -> None:
    allowed = preflight(door, "/graphql", "POST")

    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "*"
    assert allowed.headers["access-control-allow-headers"] == "authorization,content-type"
    assert emulator.requests == []


@pytest.mark.parametrize(("bearer", "status"), [(token(), 200), ("nonsense", 401)])
def test_pages_of_every_origin_may_read_answers_and_refusals(
    door: TestClient, bearer: str, status: int
) -> None:
    headers = {"authorization": bearer, "origin": "http://127.0.0.1:9"}
    answer = door.post("/graphql", headers=headers, json={"query": "{ both { id } }"})

    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "x-amzn-ErrorType" in answer.headers["access-control-expose-headers"]


def test_no_page_may_set_the_api(door: TestClient) -> None:
    refused = preflight(door, "/_admin/api", "PUT")

    assert refused.status_code == 405
    assert "access-control-allow-origin" not in refused.headers


def test_a_request_begins_a_trace_that_the_emulator_continues(emulator: Emulator) -> None:
    segments: list[Segment] = []
    trace = Tracing(1.0, segments.append)
    door = FrontDoor(Connected(emulator), trace=trace)
    with TestClient(door.app()) as client:
        client.put("/_admin/api", json=api(SCHEMA))
        ask(client, "{ both { id } }")

    (segment,) = segments
    assert segment.name == HOST
    header = emulator.requests[-1].headers["x-amzn-trace-id"]
    assert header == f"Root={segment.trace_id};Parent={segment.id};Sampled=1"


def test_a_clients_own_trace_is_not_taken_over(door: TestClient, emulator: Emulator) -> None:
    theirs = "Root=1-6b0c4e64-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1"
    headers = {"authorization": token(), "X-Amzn-Trace-Id": theirs}
    door.post("/graphql", headers=headers, json={"query": "{ both { id } }"})

    assert emulator.requests[-1].headers.get_list("x-amzn-trace-id") != [theirs]
    assert len(emulator.requests[-1].headers.get_list("x-amzn-trace-id")) == 1
