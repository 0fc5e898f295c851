"""Logged events keep their order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.local.stack import aws, logs
from tests.unit.cli.conftest import URLS

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
STATE: Any = SimpleNamespace(urls=URLS)


class FakeLogs:
    """CloudWatch Logs: each group's lines with their milliseconds after noon."""

    def __init__(self, groups: dict[str, list[tuple[int, str]]]) -> None:
        self.groups = groups

    def get_paginator(self, operation: str) -> SimpleNamespace:
        return SimpleNamespace(paginate=getattr(self, operation))

    def describe_log_groups(self) -> Iterator[dict[str, Any]]:
        yield {"logGroups": [{"logGroupName": name} for name in self.groups]}

    def filter_log_events(self, *, logGroupName: str, startTime: int) -> Iterator[dict[str, Any]]:  # noqa: N803
        noon = int(NOON.timestamp() * 1000)
        for after, message in self.groups[logGroupName]:
            if noon + after >= startTime:
                yield {"events": [{"timestamp": noon + after, "message": f"{message}\n"}]}


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> FakeLogs:
    fake = FakeLogs({"b": [(5, "START"), (5, "a line"), (5, "END")], "a": [(1, "early"), (9, "z")]})
    monkeypatch.setattr(aws, "client", lambda *_: fake)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return fake


def test_events_of_the_same_millisecond_keep_their_order(cloudwatch: FakeLogs) -> None:
    found = [(event.group, event.message) for event in logs.events(STATE, NOON)]

    assert found == [("a", "early"), ("b", "START"), ("b", "a line"), ("b", "END"), ("a", "z")]


def test_following_shows_each_event_of_the_last_millisecond_once(
    cloudwatch: FakeLogs,
) -> None:
    followed = logs.follow(STATE, NOON)
    before = [event.message for event in islice(followed, 5)]

    cloudwatch.groups["a"] += [(9, "zz"), (12, "late")]

    assert before[-1] == "z"
    assert [event.message for event in islice(followed, 2)] == ["zz", "late"]
