"""AppSync's real-time protocol at the front door: frames, refusals and deliveries."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient, WebSocketTestSession

from scripts.local.appsync import realtime
from scripts.local.appsync.front_door import FrontDoor
from scripts.local.appsync.graphql_request import MAX_BODY_BYTES
from scripts.local.appsync.realtime import MAX_PAYLOAD_BYTES, MAX_SUBSCRIPTIONS
from tests.support.appsync_scene import HOST, Connected, Emulator, api, token

SCHEMA = """
type Query { order: Order }
type Mutation {
  publish(input: OrderInput): Order @aws_iam
  change(note: String): Order
}
type Subscription {
  changed(owner: ID, note: String): Order @aws_subscribe(mutations: ["change"])
  published(owner: ID!): Order @aws_subscribe(mutations: ["publish", "change"])
  internal: Order @aws_subscribe(mutations: ["change"]) @aws_iam
  staff: Order
    @aws_subscribe(mutations: ["change"]) @aws_cognito_user_pools(cognito_groups: ["ops"])
  deaf: Order
}
input OrderInput { id: ID }
type Order @aws_iam @aws_cognito_user_pools {
  id: ID!
  owner: ID
  note: String
  lines: [Line!]
  secret: String @aws_cognito_user_pools(cognito_groups: ["ops"])
}
type Line @aws_iam @aws_cognito_user_pools { name: String, packs: Int }
"""
LINES = [{"name": "rice", "packs": 2}, {"name": "oil", "packs": 1}]
ORDER = {"id": "1", "owner": "user1", "note": "n", "lines": LINES, "secret": "s"}
OWN_ALONE = """
import { extensions, util } from '@aws-appsync/utils';
export function request(ctx) {
  if (ctx.arguments.owner !== ctx.identity.sub) util.unauthorized();
  return {};
}
export function response(ctx) {
  const filters = [{ fieldName: 'owner', operator: 'eq', value: ctx.arguments.owner }];
  extensions.setSubscriptionFilter({ filterGroup: [{ filters }] });
  return null;
}
"""
SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=x", "host": HOST}
CHANGED = "subscription { changed { id owner } }"


class SigningEmulator(Emulator):
    """A fake emulator that accepts signatures with a certain word."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        if "forged" in request.headers["authorization"]:
            error = {"errorType": "InvalidSignatureException", "message": "No."}
            return httpx.Response(403, json={"errors": [error]})
        if request.url.path == "/graphql/connect":
            return httpx.Response(404, json={"__type": "NotFoundException"})
        if "powerless" in request.headers["authorization"]:
            error = {"errorType": "Unauthorized", "message": "Not Authorized"}
            return httpx.Response(200, json={"data": None, "errors": [error]})
        return super().answer(request)


@pytest.fixture
def emulator() -> Emulator:
    return SigningEmulator(SCHEMA, dict.fromkeys(("publish", "change", "order"), ORDER))


@pytest.fixture
def door(emulator: Emulator, node: None) -> Iterator[TestClient]:
    app = FrontDoor(Connected(emulator)).app()
    with TestClient(app) as client:
        code = {"published": OWN_ALONE}
        client.put("/_admin/api", json=api(SCHEMA, subscriptionCode=code)).raise_for_status()
        yield client


def encoded(headers: dict[str, str]) -> str:
    return base64.b64encode(json.dumps(headers).encode()).decode()


def connection(
    door: TestClient,
    headers: dict[str, str] | None = None,
    path: str = "/graphql",
    subprotocols: tuple[str, ...] = ("graphql-ws",),
) -> AbstractContextManager[WebSocketTestSession]:
    header = encoded(headers if headers is not None else {"host": HOST, "Authorization": token()})
    return door.websocket_connect(
        path, params={"header": header, "payload": "e30="}, subprotocols=[*subprotocols]
    )  # type: ignore[arg-type]


def start(
    socket: WebSocketTestSession,
    query: str = CHANGED,
    subscription_id: str = "1",
    authorization: dict[str, str] | None = None,
    **variables: Any,
) -> Any:
    """Sends a ``start`` and returns the next frame."""
    data = json.dumps({"query": query, "variables": variables})
    extensions = {"authorization": authorization or {"Authorization": token()}}
    payload = {"data": data, "extensions": extensions}
    socket.send_json({"id": subscription_id, "type": "start", "payload": payload})
    return socket.receive_json()


def error_of(frame: Any) -> tuple[str, str]:
    assert frame["type"] == "error"
    (error,) = frame["payload"]["errors"]
    return error.get("errorType", ""), error["message"]


def change(door: TestClient, selection: str = "id owner note", field: str = "change") -> Any:
    query = f"mutation {{ {field} {{ {selection} }} }}"
    headers = {"authorization": token()} if field == "change" else SIGNED
    answer = door.post("/graphql", headers=headers, json={"query": query})
    assert "errors" not in answer.json()
    return answer


# --- connecting ---


@pytest.mark.parametrize("path", ["/graphql", "/graphql/realtime"])
def test_a_connection_is_acknowledged_and_kept_alive(door: TestClient, path: str) -> None:
    with connection(door, path=path) as socket:
        assert socket.accepted_subprotocol == "graphql-ws"
        socket.send_json({"type": "connection_init"})
        assert socket.receive_json() == {
            "type": "connection_ack",
            "payload": {"connectionTimeoutMs": 300_000},
        }
        assert socket.receive_json() == {"type": "ka"}


def test_keep_alive_messages_are_sent(emulator: Emulator) -> None:
    app = FrontDoor(Connected(emulator), keep_alive_seconds=0.01).app()
    with TestClient(app) as client:
        client.put("/_admin/api", json=api(SCHEMA))
        with connection(client) as socket:
            assert [socket.receive_json() for _ in range(2)] == [{"type": "ka"}] * 2


def test_authorization_may_come_as_a_subprotocol(door: TestClient) -> None:
    header = encoded({"Authorization": token(), "host": HOST})
    url_safe = header.replace("+", "-").replace("/", "_").rstrip("=")
    offered = ["graphql-ws", f"header-{url_safe}"]
    with door.websocket_connect("/graphql", subprotocols=offered) as socket:
        assert socket.accepted_subprotocol == "graphql-ws"
        assert start(socket)["type"] == "start_ack"


def test_authorization_may_come_as_the_requests_own_header(door: TestClient) -> None:
    headers = {"authorization": token()}
    with door.websocket_connect("/graphql", subprotocols=["graphql-ws"], headers=headers) as socket:
        assert start(socket)["type"] == "start_ack"


def test_an_access_token_is_accepted(door: TestClient) -> None:
    access = token(token_use="access", aud=None, client_id="client1")
    with connection(door, {"Authorization": access}) as socket:
        assert start(socket, authorization={"Authorization": access})["type"] == "start_ack"


@pytest.mark.parametrize(
    ("headers", "code", "kind", "message"),
    [
        ({}, 401, "UnauthorizedException", "Missing authorization header"),
        ({"Authorization": token(exp=1)}, 401, "UnauthorizedException", "Token has expired."),
        (
            {"Authorization": token("theirs")},
            401,
            "UnauthorizedException",
            "Valid authorization header not provided.",
        ),
        ({"Authorization": "AWS4-HMAC-SHA256 forged"}, 403, "InvalidSignatureException", "No."),
    ],
    ids=["no token", "expired", "forged", "forged signature"],
)
def test_unauthenticated_callers_are_refused(
    door: TestClient, headers: dict[str, str], code: int, kind: str, message: str
) -> None:
    with connection(door, headers) as socket:
        error = {"errorType": kind, "message": message, "errorCode": code}
        assert socket.receive_json() == {"type": "connection_error", "payload": {"errors": [error]}}
        socket.send_json({"type": "connection_init"})  # as clients do before they read
        assert socket.receive()["type"] == "websocket.close"


def test_a_refused_client_that_sends_nothing_is_disconnected(
    door: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realtime, "_CLOSE_GRACE_SECONDS", 0.01)
    with connection(door, {}) as socket:
        assert socket.receive_json()["type"] == "connection_error"
        assert socket.receive()["type"] == "websocket.close"


@pytest.mark.parametrize(
    ("offered", "message"),
    [((), "NoProtocolError"), (("graphql-transport-ws",), "SubProtocolNotSupportedError")],
)
def test_other_protocols_are_refused(
    door: TestClient, offered: tuple[str, ...], message: str
) -> None:
    with connection(door, subprotocols=offered) as socket:
        (error,) = socket.receive_json()["payload"]["errors"]
        assert (error["message"], error["errorCode"]) == (message, 400)


@pytest.mark.parametrize("header", ["%%%", "e30", base64.b64encode(b"[1]").decode()])
def test_an_invalid_header_is_refused(door: TestClient, header: str) -> None:
    with door.websocket_connect(
        "/graphql", params={"header": header}, subprotocols=["graphql-ws"]
    ) as socket:
        frame = socket.receive_json()
        assert frame["type"] == "connection_error"
        assert frame["payload"]["errors"][0]["errorCode"] in {400, 401}


def test_without_an_api_or_emulator_it_is_unavailable(emulator: Emulator) -> None:
    app = FrontDoor(Connected(emulator)).app()
    with TestClient(app) as client:
        for _ in range(2):
            with connection(client) as socket:
                (error,) = socket.receive_json()["payload"]["errors"]
                assert error["errorCode"] == HTTPStatus.SERVICE_UNAVAILABLE
            client.put("/_admin/api", json=api(SCHEMA))
            emulator.down = True


# --- subscribing ---


def test_a_subscriber_receives_the_fields_that_the_mutation_selected(door: TestClient) -> None:
    query = """
        subscription S { it: changed { number: id note ...F __typename } }
        fragment F on Order { lines { name packs } }
    """
    with connection(door) as socket:
        assert start(socket, query, "s-1") == {"type": "start_ack", "id": "s-1"}
        change(door, "id ... on Order { lines { name } }")
        received = socket.receive_json()
    assert received == {
        "type": "data",
        "id": "s-1",
        "payload": {
            "data": {
                "it": {
                    "number": "1",
                    "note": None,
                    "lines": [{"name": "rice", "packs": None}, {"name": "oil", "packs": None}],
                    "__typename": "Order",
                }
            }
        },
    }


def test_an_aliased_field_of_the_mutation_is_null_for_subscribers(
    door: TestClient,
) -> None:
    with connection(door) as socket:
        start(socket, "subscription { changed { id note } }")
        change(door, "id remark: note")
        payload = socket.receive_json()["payload"]
    assert payload == {"data": {"changed": {"id": "1", "note": None}}}


def test_an_unselected_non_null_field_is_an_error(door: TestClient) -> None:
    with connection(door) as socket:
        start(socket)
        change(door, "note")
        payload = socket.receive_json()["payload"]
    assert payload["data"] == {"changed": None}
    assert "Cannot return null for non-nullable field Order.id" in payload["errors"][0]["message"]


def test_the_mutations_of_a_request_are_delivered_in_order(
    door: TestClient, emulator: Emulator
) -> None:
    numbers = iter("12")
    emulator.root["change"] = lambda *_, **__: {**ORDER, "id": next(numbers)}
    with connection(door) as socket:
        start(socket)
        query = "mutation { a: change { id } b: change { id } }"
        door.post("/graphql", headers={"authorization": token()}, json={"query": query})
        received = [socket.receive_json()["payload"]["data"]["changed"]["id"] for _ in range(2)]
    assert received == ["1", "2"]


def test_queries_other_mutations_and_null_are_not_delivered(
    door: TestClient, emulator: Emulator
) -> None:
    with connection(door) as socket:
        start(socket, "subscription { deaf { id } }", "0")
        start(socket)
        door.post(
            "/graphql", headers={"authorization": token()}, json={"query": "{ order { id } }"}
        )
        change(door, "id", "publish")
        emulator.root["change"] = None
        change(door)
        emulator.root["change"] = {**ORDER, "id": "last"}
        change(door)
        assert socket.receive_json()["payload"]["data"]["changed"]["id"] == "last"


def test_arguments_filter_updates(door: TestClient) -> None:
    with connection(door) as socket:
        start(socket, 'subscription { changed(owner: "user2") { id } }', "theirs")
        start(socket, 'subscription { changed(owner: "user1", note: "x") { id } }', "other")
        start(
            socket,
            "subscription S($owner: ID) { changed(owner: $owner) { id } }",
            "ours",
            owner="user1",
        )
        change(door)
        assert socket.receive_json()["id"] == "ours"


def test_an_argument_does_not_match_an_unselected_field(door: TestClient) -> None:
    with connection(door) as socket:
        start(socket, 'subscription { changed(owner: "user1") { id } }', "ours")
        start(socket, "subscription { changed { id } }", "all")
        change(door, "id note")
        assert socket.receive_json()["id"] == "all"


def test_the_resolvers_filter_applies(door: TestClient, emulator: Emulator) -> None:
    query = 'subscription { published(owner: "user1") { id } }'
    with connection(door) as socket:
        assert start(socket, query)["type"] == "start_ack"
        emulator.root["publish"] = {**ORDER, "owner": "user2"}
        change(door, "id owner", "publish")
        emulator.root["publish"] = {**ORDER, "id": "mine"}
        change(door, "id owner", "publish")
        assert socket.receive_json()["payload"]["data"]["published"]["id"] == "mine"


def test_the_resolvers_refusal_applies(door: TestClient) -> None:
    with connection(door) as socket:
        frame = start(socket, 'subscription { published(owner: "user2") { id } }')
        assert error_of(frame) == ("Unauthorized", "Unauthorized")
        assert frame["id"] == "1"
        change(door)
        assert start(socket)["type"] == "start_ack"


@pytest.mark.parametrize(
    ("query", "authorization"),
    [
        ("subscription { internal { id } }", {"Authorization": token()}),
        ("subscription { staff { id } }", {"Authorization": token()}),
        ("subscription { changed { id } }", SIGNED),
    ],
    ids=["IAM alone", "a group's", "users alone"],
)
def test_directives_apply_to_subscriptions(
    door: TestClient, query: str, authorization: dict[str, str]
) -> None:
    with connection(door) as socket:
        kind, message = error_of(start(socket, query, authorization=authorization))
        assert kind == "Unauthorized"
        assert message.startswith("Not Authorized to access ")


def test_a_group_authorizes_its_subscription_and_forbidden_fields_are_null(
    door: TestClient,
) -> None:
    ops = {"Authorization": token(groups=["ops"])}
    with connection(door) as socket:
        start(socket, "subscription { staff { id secret } }", "ops", authorization=ops)
        start(socket, "subscription { changed { id secret } }", "user")
        # Only a selected field is delivered, and only to a caller who may read it.
        door.post(
            "/graphql",
            headers={"authorization": token(groups=["ops"])},
            json={"query": "mutation { change { id secret } }"},
        )
        received = {
            frame["id"]: frame["payload"] for frame in (socket.receive_json() for _ in "12")
        }
    assert received["ops"]["data"]["staff"]["secret"] == "s"
    assert received["user"]["data"]["changed"] == {"id": "1", "secret": None}
    assert received["user"]["errors"][0]["errorType"] == "Unauthorized"


def test_signed_callers_subscribe_to_iam_fields(door: TestClient, emulator: Emulator) -> None:
    with connection(door, SIGNED) as socket:
        assert emulator.requests[-1].url.path == "/graphql/connect"
        assert emulator.requests[-1].content == b"{}"
        assert emulator.requests[-1].headers["host"] == HOST
        query = "subscription { internal { id } }"
        assert start(socket, query, authorization=SIGNED)["type"] == "start_ack"
        assert json.loads(emulator.requests[-1].content)["query"] == query
        change(door)
        assert socket.receive_json()["payload"]["data"] == {"internal": {"id": "1"}}


@pytest.mark.parametrize(
    ("word", "kind"), [("forged", "InvalidSignatureException"), ("powerless", "Unauthorized")]
)
def test_the_emulator_verifies_signatures_and_policies(
    door: TestClient, word: str, kind: str
) -> None:
    authorization = {"authorization": f"AWS4-HMAC-SHA256 {word}"}
    with connection(door) as socket:
        frame = start(socket, "subscription { internal { id } }", authorization=authorization)
        assert error_of(frame)[0] == kind


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        ({"Authorization": token(exp=1)}, "Token has expired."),
        ({"Authorization": token(iss="https://evil.test")}, None),
        ({"host": HOST}, "Missing authorization header"),
    ],
    ids=["expired", "another pool", "none"],
)
def test_each_subscription_needs_a_token_of_its_own(
    door: TestClient, authorization: dict[str, str], message: str | None
) -> None:
    with connection(door) as socket:
        kind, message = error_of(start(socket, authorization=authorization))
        assert kind == "UnauthorizedException"
        assert message == (message or "Valid authorization header not provided.")


@pytest.mark.parametrize(
    ("query", "kind", "message"),
    [
        ("{ order { id } }", "UnsupportedOperation", "query not supported"),
        ("mutation { change { id } }", "UnsupportedOperation", "mutation not supported"),
        ("subscription { nothing { id } }", "", "Validation error: Cannot query field 'nothing'"),
        ("subscription { changed { total } }", "", "Validation error: Cannot query field 'total'"),
        ("subscription { published { id } }", "", "Validation error"),
        ("subscription { a: changed { id } b: changed { id } }", "", "Validation error"),
        ("subscription {", "MalformedHttpRequestException", "Unable to parse"),
        ("subscription " + "{ a " * 9_000, "MalformedHttpRequestException", "Unable to parse"),
        ("subscription { ...F } fragment F on Subscription { changed { id } }",
         "MalformedHttpRequestException", "name their field"),
        ("subscription S($o: ID!) { published(owner: $o) { id } }", "", "Validation error"),
    ],
)  # fmt: skip
def test_an_unknown_subscription_is_refused(
    door: TestClient, query: str, kind: str, message: str
) -> None:
    with connection(door) as socket:
        found_kind, found = error_of(start(socket, query))
        assert found_kind == kind
        assert found.startswith(message) or message in found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        '{"type": "bogus"}',
        '{"type": "data", "id": "1"}',
        '{"type": "start"}',
        '{"type": "start", "id": "", "payload": {"data": "{}", "extensions": {}}}',
        '{"type": "start", "id": 7, "payload": {"data": "{}", "extensions": {}}}',
        '{"type": "start", "id": "1", "payload": {"data": {}, "extensions": '
        '{"authorization": {}}}}',
        '{"type": "start", "id": "1", "payload": {"data": "\\ud800", "extensions": '
        '{"authorization": {}}}}',
        "[" * 100_000,
        '{"type": "start", "id": "1", "payload": {"data": "{}", "extensions": '
        '{"authorization": {"x": "\\u20a6"}}}}',
    ],
)
def test_malformed_messages_are_refused_and_the_connection_stays_open(
    door: TestClient, text: str
) -> None:
    with connection(door) as socket:
        socket.send_text(text)
        assert error_of(socket.receive_json()) == (
            "UnsupportedOperation",
            "unknown not supported through the realtime channel",
        )
        assert start(socket)["type"] == "start_ack"


def test_binary_messages_are_refused_too(door: TestClient) -> None:
    with connection(door) as socket:
        socket.send_bytes(b"\x00")
        assert error_of(socket.receive_json())[0] == "UnsupportedOperation"


def test_a_message_that_is_too_long_is_refused(door: TestClient) -> None:
    with connection(door) as socket:
        frame = start(socket, "#" * MAX_BODY_BYTES)
        assert error_of(frame)[0] == "LimitExceededError"


def test_a_payload_that_is_too_large_becomes_an_error(door: TestClient, emulator: Emulator) -> None:
    emulator.root["change"] = {**ORDER, "note": "x" * MAX_PAYLOAD_BYTES}
    with connection(door) as socket:
        start(socket, "subscription { changed { note } }")
        change(door)
        assert error_of(socket.receive_json())[0] == "LimitExceededError"


def test_an_id_in_use_is_refused(door: TestClient) -> None:
    with connection(door) as socket:
        start(socket)
        assert error_of(start(socket))[0] == "DuplicatedOperationError"
        socket.send_json({"type": "stop", "id": "1"})
        assert socket.receive_json() == {"type": "complete", "id": "1"}
        assert start(socket)["type"] == "start_ack"


def test_a_connection_has_at_most_a_hundred_subscriptions(door: TestClient) -> None:
    with connection(door) as socket:
        for number in range(MAX_SUBSCRIPTIONS):
            assert start(socket, subscription_id=str(number))["type"] == "start_ack"
        assert error_of(start(socket, subscription_id="more")) == (
            "MaxSubscriptionsReachedError",
            "Max number of 100 subscriptions reached",
        )


def test_a_stopped_or_closed_subscription_receives_nothing(door: TestClient) -> None:
    with connection(door) as other, connection(door) as socket:
        start(other)
        start(socket, subscription_id="stopped")
        start(socket, subscription_id="kept")
        socket.send_json({"type": "stop", "id": "stopped"})
        assert socket.receive_json() == {"type": "complete", "id": "stopped"}
        other.close()
        change(door)
        assert socket.receive_json()["id"] == "kept"


def test_stopping_an_unknown_subscription_is_refused(door: TestClient) -> None:
    with connection(door) as socket:
        socket.send_json({"type": "stop", "id": "x"})
        assert error_of(socket.receive_json())[0] == "UnknownOperationError"


def test_one_connection_serves_callers_of_several_kinds(door: TestClient) -> None:
    with connection(door, SIGNED) as socket:
        internal = "subscription { internal { id } }"
        assert start(socket, internal, "iam", authorization=SIGNED)["type"] == "start_ack"
        assert start(socket, CHANGED, "user")["type"] == "start_ack"
        change(door)
        assert {socket.receive_json()["id"], socket.receive_json()["id"]} == {"iam", "user"}
