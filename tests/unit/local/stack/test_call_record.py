"""The record of calls, page by page."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

import pytest
from ministack.services import cloudtrail

from scripts.local.cloudwatch.call_record import paged, without_data


def look_up(**request: Any) -> Any:
    _, _, body = paged(cloudtrail._lookup_events)(request)
    return json.loads(body)


@pytest.fixture(autouse=True)
def _calls(monkeypatch: pytest.MonkeyPatch) -> None:
    events = deque(
        {"EventId": str(number), "EventTime": float(number), "EventName": "Get"}
        for number in range(120)
    )
    monkeypatch.setattr(cloudtrail, "_get_event_queue", lambda: events)


def test_all_events_are_found_page_by_page_the_newest_first() -> None:
    found, token = [], {}
    while True:
        page = look_up(**token)
        found += [event["EventId"] for event in page["Events"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}

    assert found == [str(number) for number in reversed(range(120))]


def test_conditions_hold_for_all_pages() -> None:
    page = look_up(StartTime=100, MaxResults=50)

    assert len(page["Events"]) == 20
    assert "NextToken" not in page


@pytest.mark.parametrize(
    ("service", "path", "target", "is_recorded"),
    [
        ("dynamodb", "/", "DynamoDB_20120810.GetItem", False),
        ("dynamodb", "/", "DynamoDB_20120810.CreateTable", True),
        ("s3", "/archive/audit/file", "", False),
        ("s3", "/archive/", "", True),
        ("s3", "/archive", "", True),
        ("lambda", "/2015-03-31/functions/api/invocations", "", False),
        ("lambda", "/2015-03-31/functions/api", "", True),
        ("ses", "/v2/email/outbound-emails", "", False),
        ("sqs", "/", "AmazonSQS.SendMessage", False),
        ("states", "/", "AWSStepFunctions.StopExecution", True),
        ("ssm", "/", "AmazonSSM.PutParameter", True),
    ],
)
def test_calls_on_data_are_no_events(
    service: str, path: str, target: str, *, is_recorded: bool
) -> None:
    recorded: list[str] = []
    record = without_data(lambda *call: recorded.append(call[0]))

    record(service, "POST", path, {"x-amz-target": target}, b"", {}, "id", "eu-west-1")

    assert recorded == [service] * is_recorded
