"""The Bedrock stand-in: Converse's protocol and the choice of products."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from scripts.local.stand_ins.bedrock import BedrockStandIn

SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=test"}
TOOL = {"toolSpec": {"name": "choose_products", "inputSchema": {"json": {"type": "object"}}}}
MILK = [
    {"id": "choc", "name": "Milk Chocolate Bar", "brand": "A"},
    {"id": "milk", "name": "Full Cream Milk", "brand": "B"},
    {"id": "yog", "name": "Yoghurt", "brand": "C"},
]


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(BedrockStandIn().app()) as client:
        yield client


def converse(client: TestClient, text: str, model: str = "eu.amazon.nova-lite-v1:0") -> Any:
    body = {
        "system": [{"text": "Choose."}],
        "messages": [{"role": "user", "content": [{"text": text}]}],
        "toolConfig": {"tools": [TOOL], "toolChoice": {"tool": {"name": "choose_products"}}},
        "inferenceConfig": {"temperature": 0},
    }
    return client.post(f"/model/{model}/converse", headers=SIGNED, json=body)


def asked(*lines: dict[str, Any]) -> str:
    return f"<grocery_lines>{json.dumps({'lines': lines})}</grocery_lines>"


def choices(answer: Any) -> dict[int, str | None]:
    (block,) = answer.json()["output"]["message"]["content"]
    return {one["line"]: one["productId"] for one in block["toolUse"]["input"]["choices"]}


def test_the_tool_call_has_a_choice_for_each_line(client: TestClient) -> None:
    answer = converse(
        client,
        asked(
            {"line": 0, "name": "full cream milk", "candidates": MILK},
            {"line": 1, "name": "yogurt", "candidates": MILK},
            {"line": 2, "name": "toothpaste", "candidates": MILK},
            {"line": 3, "name": "milk", "candidates": []},
        ),
    )
    assert answer.status_code == 200
    assert choices(answer) == {0: "milk", 1: "yog", 2: None, 3: None}
    body = answer.json()
    assert body["stopReason"] == "tool_use"
    assert body["output"]["message"]["role"] == "assistant"
    assert body["output"]["message"]["content"][0]["toolUse"]["name"] == "choose_products"
    assert body["usage"]["totalTokens"] == (
        body["usage"]["inputTokens"] + body["usage"]["outputTokens"]
    )
    assert body["metrics"]["latencyMs"] >= 0


def test_notes_help_to_choose_among_equals(client: TestClient) -> None:
    plantains = [{"id": "g", "name": "Plantain Unripe"}, {"id": "r", "name": "Plantain Ripe"}]
    line = {"line": 0, "name": "plantain", "notes": ["ripe"], "candidates": plantains}
    assert choices(converse(client, asked(line))) == {0: "r"}


def test_the_first_of_equal_candidates_is_chosen(client: TestClient) -> None:
    milks = [{"id": "first", "name": "Full Cream Milk"}, {"id": "second", "name": "Milk Powder"}]
    line = {"line": 0, "name": "milk", "candidates": milks}
    assert choices(converse(client, asked(line))) == {0: "first"}


@pytest.mark.parametrize(
    "model",
    [
        "eu.amazon.nova-lite-v1%3A0",
        "arn%3Aaws%3Abedrock%3Aeu-west-1%3A000000000000%3Ainference-profile%2Feu.amazon.nova",
    ],
)
def test_every_model_id_is_accepted(client: TestClient, model: str) -> None:
    line = {"line": 0, "name": "full cream milk", "candidates": MILK}
    assert choices(converse(client, asked(line), model)) == {0: "milk"}


@pytest.mark.parametrize(
    "text", ["Hello!", "{", '{"lines": "none"}', '{"lines": [{"line": "x"}]}', "[]"]
)
def test_another_message_is_answered_with_text(client: TestClient, text: str) -> None:
    body = converse(client, text).json()
    assert body["stopReason"] == "end_turn"
    assert "toolUse" not in body["output"]["message"]["content"][0]


def test_an_unsigned_request_is_refused(client: TestClient) -> None:
    answer = client.post("/model/m/converse", json={})
    assert answer.status_code == 403
    assert answer.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"


def test_a_request_without_messages_is_invalid(client: TestClient) -> None:
    answer = client.post("/model/m/converse", headers=SIGNED, json={"messages": []})
    assert answer.status_code == 400
    assert answer.headers["x-amzn-errortype"] == "ValidationException"


@pytest.mark.parametrize(
    ("mode", "status", "name"),
    [
        ("throttle", 429, "ThrottlingException"),
        ("outage", 503, "ServiceUnavailableException"),
        ("error", 500, "InternalServerException"),
        ("bad_request", 400, "ValidationException"),
        ("timeout", 408, "ModelTimeoutException"),
    ],
)
def test_an_injected_fault_is_an_aws_error(
    client: TestClient, mode: str, status: int, name: str
) -> None:
    client.put("/_admin/faults", json={"mode": mode, "latencySeconds": 0})
    answer = converse(client, "Hello!")
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (status, name)
    assert client.get("/_admin/stats").json()["byOperation"] == {"converse": 1}
