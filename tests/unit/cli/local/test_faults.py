"""``orders faults``: what it does at the stand-ins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from scripts.cli.local import faults
from scripts.local.stand_ins.bedrock import BedrockStandIn
from scripts.local.stand_ins.bedrock_forms import Form
from tests.unit.cli.conftest import URLS, Orders

MILK = {"line": 1, "name": "milk", "candidates": [{"id": "milk", "name": "Milk"}]}
REQUEST = {
    "messages": [{"role": "user", "content": [{"text": json.dumps({"lines": [MILK]})}]}],
    "toolConfig": {"tools": [{"toolSpec": {"name": "choose", "inputSchema": {"json": {}}}}]},
}


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The stand-in behind the stack's address."""
    with TestClient(BedrockStandIn().app()) as client:

        def request(method: str, url: str, **options: Any) -> Any:
            return client.request(method, url.removeprefix(URLS.bedrock), json=options["json"])

        monkeypatch.setattr("httpx.request", request)
        monkeypatch.setattr(
            faults, "stack", SimpleNamespace(read=lambda: SimpleNamespace(urls=URLS))
        )
        yield client


def stop_reason(bedrock: TestClient, text: str = "milk") -> str:
    """How the model's next answer ends."""
    request = json.loads(json.dumps(REQUEST).replace('\\"milk\\"', f'\\"{text}\\"'))
    headers = {"authorization": "AWS4-HMAC-SHA256 x"}
    answer = bedrock.post("/model/a-model/converse", json=request, headers=headers)
    return str(answer.json().get("stopReason", answer.headers.get("x-amzn-errortype")))


def test_the_model_answers_in_the_form_that_was_asked_for(
    orders: Orders, bedrock: TestClient
) -> None:
    assert stop_reason(bedrock) == "tool_use"

    result = orders("faults", "answer", "malformed_tool_use", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "form": "malformed_tool_use", "times": None, "containing": "",
    }  # fmt: skip
    assert [stop_reason(bedrock) for _ in range(3)] == ["malformed_tool_use"] * 3


def test_so_often_and_for_such_lists_only(orders: Orders, bedrock: TestClient) -> None:
    orders("faults", "answer", "denied", "--times", "1", "--containing", "oat milk")

    answers = [stop_reason(bedrock, text) for text in ("milk", "oat milk", "oat milk")]

    assert answers == ["tool_use", "AccessDeniedException", "tool_use"]


@pytest.mark.parametrize("command", [("answer", "normal"), ("clear", "bedrock")])
def test_it_ends_by_normal_and_by_clearing_the_providers_faults(
    orders: Orders, bedrock: TestClient, command: tuple[str, ...]
) -> None:
    orders("faults", "answer", "malformed_tool_use")

    assert orders("faults", *command).exit_code == 0

    assert stop_reason(bedrock) == "tool_use"


def test_an_unknown_form_is_refused_with_those_there_are(
    orders: Orders, bedrock: TestClient
) -> None:
    refused = orders("faults", "answer", "rudely")

    assert refused.exit_code == 2
    assert Form.MALFORMED_TOOL_USE in refused.stderr
    assert stop_reason(bedrock) == "tool_use"
