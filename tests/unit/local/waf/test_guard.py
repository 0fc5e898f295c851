"""The web ACL at the front door, its admin API and its metrics."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock

import httpx
import pytest
from botocore.exceptions import EndpointConnectionError
from starlette.testclient import TestClient

from scripts.local.appsync.front_door import FrontDoor
from scripts.local.appsync.graphql_request import MAX_BODY_BYTES
from scripts.local.waf import metrics
from scripts.local.waf.guard import Guard
from scripts.local.waf.web_acl import Action
from tests.support.appsync_scene import Connected, Emulator, api, token
from tests.unit.local.waf.test_web_acl import contains, rate, rule

SCHEMA = "type Query { mine(id: ID!): Order } type Order { id: ID! }"
QUERY = {"query": "{ mine(id: 1) { id } }"}
OVERSIZED = {
    "SizeConstraintStatement": {
        "ComparisonOperator": "GT",
        "Size": 8_192,
        "FieldToMatch": {"Body": {"OversizeHandling": "MATCH"}},
        "TextTransformations": [{"Type": "NONE", "Priority": 0}],
    }
}


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(SCHEMA, {"mine": {"id": "1"}})


@pytest.fixture
def guard() -> Guard:
    return Guard(clock=lambda: 0.0)


@pytest.fixture
def door(emulator: Emulator, guard: Guard) -> Iterator[TestClient]:
    front_door = FrontDoor(Connected(emulator), guard=guard)
    with TestClient(front_door.app(), client=("192.0.2.7", 50_000)) as client:
        client.put("/_admin/api", json=api(SCHEMA))
        yield client


def setting(*rules: Any) -> dict[str, Any]:
    content = {"Name": "front", "DefaultAction": {"Allow": {}}, "Rules": list(rules)}
    acl = {"Type": "AWS::WAFv2::WebACL", "Properties": content}
    return {"name": "front", "template": {"Resources": {"Acl": acl}}}


def ask(door: TestClient, body: Any = QUERY) -> httpx.Response:
    return door.post("/graphql", json=body, headers={"Authorization": token()})


def test_without_a_web_acl_every_request_passes(door: TestClient) -> None:
    assert door.get("/_admin/waf").json() is None
    assert ask(door).json() == {"data": {"mine": {"id": "1"}}}


def test_a_blocked_request_gets_appsyncs_answer_and_reaches_nothing(
    door: TestClient, emulator: Emulator
) -> None:
    door.put("/_admin/waf", json=setting(rule("r", contains("mine"))))
    answer = ask(door)
    assert answer.status_code == 403
    assert answer.json() == {
        "errors": [{"errorType": "WAFForbiddenException", "message": "403 Forbidden"}]
    }
    assert emulator.requests == []


def test_requests_are_judged_before_their_tokens(door: TestClient) -> None:
    door.put("/_admin/waf", json=setting(rule("r", contains("mine"))))
    assert door.post("/graphql", json=QUERY).status_code == 403
    door.put("/_admin/waf", json=setting())
    assert door.post("/graphql", json=QUERY).status_code == 401


def test_a_rule_that_counts_lets_pass_and_is_reported(door: TestClient) -> None:
    door.put("/_admin/waf", json=setting(rule("r", contains("mine"), "Count")))
    assert ask(door).json() == {"data": {"mine": {"id": "1"}}}
    status = door.get("/_admin/waf").json()
    assert status == {
        "name": "front",
        "default": "ALLOW",
        "rules": [{"name": "r", "action": "COUNT", "evaluated": True, "reason": "", "matched": 1}],
        "allowedByDefault": 1,
    }


def test_the_clients_own_address_is_judged_whatever_its_headers_say(door: TestClient) -> None:
    door.put("/_admin/waf", json=setting(rule("r", rate(2))))
    statuses = [
        door.post(
            "/graphql", json=QUERY, headers={"X-Forwarded-For": f"198.51.100.{number}"}
        ).status_code
        for number in range(3)
    ]
    assert statuses == [401, 401, 403]


@pytest.mark.parametrize("size", [9_000, MAX_BODY_BYTES + 1, 3 * MAX_BODY_BYTES])
def test_bodies_that_appsync_refuses_are_judged_first(door: TestClient, size: int) -> None:
    door.put("/_admin/waf", json=setting(rule("r", OVERSIZED)))
    assert door.post("/graphql", content=b"x" * size).status_code == 403


@pytest.mark.parametrize("body", [{"name": "other", "template": {"Resources": {}}}, {}, []])
def test_a_setting_that_is_no_web_acl_changes_nothing(door: TestClient, body: Any) -> None:
    door.put("/_admin/waf", json=setting(rule("r", contains("mine"))))
    assert door.put("/_admin/waf", json=body).status_code == 400
    assert ask(door).status_code == 403


def test_new_counts_are_published_once(emulator: Emulator) -> None:
    published: list[tuple[str, Counter[tuple[Action, str]]]] = []
    twice = threading.Event()

    def publish(name: str, counts: Counter[tuple[Action, str]]) -> None:
        published.append((name, counts))
        if sum(each.total() for _, each in published) >= 3:
            twice.set()

    guard = Guard(publish, publish_seconds=0.001)
    front_door = FrontDoor(Connected(emulator), guard=guard)
    with TestClient(front_door.app(), client=("192.0.2.7", 50_000)) as client:
        client.put("/_admin/api", json=api(SCHEMA))
        client.put("/_admin/waf", json=setting(rule("r", contains("milk"))))
        for body in (QUERY, {"query": "milk"}, {"query": "milk"}):
            ask(client, body)
        assert twice.wait(10)
    total: Counter[tuple[Action, str]] = Counter()
    for name, counts in published:
        assert name == "front"
        total += counts
    assert total == {(Action.ALLOW, ""): 1, (Action.BLOCK, "r"): 2}


def test_counts_become_the_metrics_that_waf_writes() -> None:
    data = metrics.metric_data("front", Counter({(Action.BLOCK, "r"): 2, (Action.ALLOW, ""): 1}))
    assert {
        (each["MetricName"], each["Dimensions"][1]["Value"]): each["Value"] for each in data
    } == {
        ("BlockedRequests", "r"): 2,
        ("BlockedRequests", "ALL"): 2,
        ("AllowedRequests", "Default_Action"): 1,
        ("AllowedRequests", "ALL"): 1,
    }
    assert data[0]["Dimensions"] == [
        {"Name": "WebACL", "Value": "front"},
        {"Name": "Rule", "Value": "r"},
        {"Name": "Region", "Value": "eu-west-1"},
    ]


def test_an_emulator_that_does_not_answer_costs_metrics_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = MagicMock()
    client.put_metric_data.side_effect = EndpointConnectionError(endpoint_url="http://aws.test")
    metrics.to_cloudwatch(lambda: client)("front", Counter({(Action.BLOCK, "r"): 2}))
    assert "metrics are lost" in caplog.text
