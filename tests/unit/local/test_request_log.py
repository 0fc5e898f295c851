"""What the emulator's record of requests holds of each."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from scripts.local.cloudwatch import request_log
from scripts.local.cloudwatch.request_log import recording

ORDER = "a9e88cd4-268a-5d8a-acd0-81923457a752"
SIGNED = "AWS4-HMAC-SHA256 Credential=AKIA/20261129/eu-west-1/{}/aws4_request, Signature=x"


def record(
    caplog: pytest.LogCaptureFixture,
    path: str = "/",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    answer: Any = (200, {}, b"{}"),
) -> dict[str, Any] | None:
    async def dispatch(*_: Any) -> Any:
        return answer

    with caplog.at_level(logging.INFO, logger="requests"):
        request = recording(dispatch)("POST", path, headers or {}, body, {}, "r")
        assert asyncio.run(request) == answer
    return json.loads(caplog.messages[-1]) if caplog.messages else None


def test_a_functions_request_has_its_trace_and_its_orders(caplog: pytest.LogCaptureFixture) -> None:
    headers = {
        "x-amz-target": "DynamoDB_20120810.GetItem",
        "x-amzn-trace-id": "Root=1-6b0c-4e64;Parent=1;Sampled=1",
    }
    body = json.dumps({"TableName": "orders", "Key": {"orderId": {"S": ORDER}}}).encode()
    line = record(caplog, headers=headers, body=body)
    assert line is not None
    del line["at"]
    assert line == {
        "service": "dynamodb",
        "operation": "GetItem",
        "resource": "orders",
        "by": "function",
        "trace": "1-6b0c-4e64;Parent=1",
        "orders": [ORDER],
        "bytes": len(body),
        "status": 200,
    }


@pytest.mark.parametrize(
    ("path", "headers", "body", "named"),
    [
        (
            "/",
            {"x-amz-target": "AWSStepFunctions.StartExecution"},
            b"",
            ("states", "StartExecution"),
        ),
        (
            "/",
            {"x-amz-target": "secretsmanager.GetSecretValue"},
            b"",
            ("secretsmanager", "GetSecretValue"),
        ),
        ("/", {"x-amz-target": "Logs_20140328.PutLogEvents"}, b"", ("logs", "PutLogEvents")),
        (
            "/",
            {"authorization": SIGNED.format("sns")},
            b"Action=Publish&Message=x",
            ("sns", "Publish"),
        ),
        (
            "/v2/email/outbound-emails",
            {"authorization": SIGNED.format("ses")},
            b"{}",
            ("ses", "SendEmail"),
        ),
        (
            "/graphql",
            {"host": "abc.appsync-api.eu-west-1.amazonaws.com"},
            b'{"query": "mutation M($in: X!) {\\n  submitGroceryList(input: $in) { orderId } }"}',
            ("appsync", "submitGroceryList"),
        ),
    ],
)
def test_requests_have_the_names_of_their_protocols(
    caplog: pytest.LogCaptureFixture,
    path: str,
    headers: dict[str, str],
    body: bytes,
    named: tuple[str, str],
) -> None:
    line = record(caplog, path, headers, body)
    assert line is not None
    assert (line["service"], line["operation"]) == named


def test_an_order_that_the_answer_names_is_recorded(caplog: pytest.LogCaptureFixture) -> None:
    answer = (200, {}, json.dumps({"data": {"orderId": ORDER}}).encode())
    line = record(caplog, "/graphql", {"host": "a.appsync-api.x"}, b"{}", answer)
    assert line is not None
    assert line["orders"] == [ORDER]


def test_the_emulators_own_paths_and_unhandled_requests_are_not_recorded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert record(caplog, "/_ministack/health") is None
    assert record(caplog, "/v2/email/x", answer=None) is None


def test_a_delivery_that_can_t_be_read_is_recorded_as_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The function's own error is its caller's answer, not one of the record."""
    event = {"awslogs": {"data": "no base64 of gzip"}}
    caplog.set_level(logging.INFO, logger="requests")

    invoke = request_log._invoking(lambda *_: {"error": True})

    assert invoke({}, {"FunctionName": "collect-audit"}, event, "an-id", 0.0) == {"error": True}
    assert json.loads(caplog.messages[-1])["resource"] == "collect-audit"
