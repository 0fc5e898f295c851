"""The record of calls, page by page."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

import pytest
from ministack.services import cloudtrail

from scripts.local.cloudwatch.call_record import paged


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
