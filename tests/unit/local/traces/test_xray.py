"""The local X-Ray: what arrives by UDP is found by its annotation, and memory is bounded."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from scripts.local.errors import LocalStackError
from scripts.local.traces.api import XrayStandIn
from scripts.local.traces.sampling import VARIABLE, trace_rate
from scripts.local.traces.segments import header_below
from scripts.local.traces.store import SegmentStore, compiled
from tests.support.xray import client_of

TRACE = "1-6b0c4e64-a006649127e371903a2de979"
HEADER = b'{"format":"json","version":1}\n'
ORDER = "0b5c7c1e-52a4-5f39-8a3a-6f1d5c0a9e77"
SEGMENT: dict[str, Any] = {
    "id": "53995c3f42cd8ad8", "trace_id": TRACE, "name": "parse-order", "start_time": 1000.0,
    "end_time": 1002.5, "origin": "AWS::Lambda::Function", "fault": True,
}  # fmt: skip
SUBSEGMENT: dict[str, Any] = {
    "id": "70de5b6f19ff9a0a", "trace_id": TRACE, "parent_id": SEGMENT["id"], "type": "subsegment",
    "name": "parse_order", "start_time": 1000.5, "end_time": 1002.0,
    "annotations": {"order_id": ORDER},
}  # fmt: skip


@pytest.fixture
def stand_in() -> XrayStandIn:
    stand_in = XrayStandIn()
    stand_in.put(SUBSEGMENT)
    stand_in.put(SEGMENT)
    return stand_in


@pytest.fixture
def client(stand_in: XrayStandIn) -> BaseClient:
    return client_of(stand_in)


def asked(**other: Any) -> dict[str, Any]:
    return {
        "StartTime": datetime.fromtimestamp(900, UTC),
        "EndTime": datetime.fromtimestamp(1100, UTC),
        "FilterExpression": f'annotation.order_id = "{ORDER}"',
    } | other


def test_a_trace_is_found_by_an_annotation_of_a_subsegment(client: Any) -> None:
    (summary,) = client.get_trace_summaries(**asked())["TraceSummaries"]

    assert summary["Id"] == TRACE
    assert summary["Duration"] == 2.5
    assert summary["HasFault"] is True
    assert summary["HasError"] is False


@pytest.mark.parametrize(
    "other",
    [
        {"FilterExpression": 'annotation.order_id = "another"'},
        {"FilterExpression": f'annotation.customer_id = "{ORDER}"'},
        {"EndTime": datetime.fromtimestamp(950, UTC)},
        {"StartTime": datetime.fromtimestamp(1050, UTC)},
    ],
)
def test_other_traces_are_not_found(client: Any, other: dict[str, Any]) -> None:
    assert client.get_trace_summaries(**asked(**other))["TraceSummaries"] == []


def test_a_filter_that_is_not_served_is_refused_as_x_ray_refuses(client: Any) -> None:
    with pytest.raises(ClientError) as refused:
        client.get_trace_summaries(**asked(FilterExpression='service("api")'))

    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"
    with pytest.raises(ClientError):
        client.batch_get_traces(TraceIds=[TRACE] * 6)


def test_a_subsegment_that_came_by_itself_lies_in_its_segment(client: Any) -> None:
    (trace,) = client.batch_get_traces(TraceIds=[TRACE, TRACE.replace("6b", "7b")])["Traces"]

    (segment,) = trace["Segments"]
    document = json.loads(segment["Document"])
    assert document["name"] == "parse-order"
    assert [each["id"] for each in document["subsegments"]] == [SUBSEGMENT["id"]]


def test_a_complete_segment_takes_the_place_of_the_one_in_progress() -> None:
    begun = {**SEGMENT, "in_progress": True}
    del begun["end_time"]

    for documents in ([begun, SEGMENT, SUBSEGMENT], [SUBSEGMENT, begun, SEGMENT]):
        (found,) = compiled(documents)
        assert "in_progress" not in found
        assert found["subsegments"] == [SUBSEGMENT]
    assert compiled([begun]) == [begun]


def test_the_oldest_documents_are_dropped() -> None:
    store = SegmentStore(most_bytes=1000)
    for number in range(100):
        store.add(json.dumps({**SEGMENT, "name": f"number {number:03}"}).encode())

    names = [each["name"] for each in store.containing(TRACE)]
    assert 0 < len(names) < 10
    assert names[-1] == "number 099"


def eventually(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 60
    while not (answer := found()) and time.monotonic() < deadline:
        time.sleep(0.001)
    return answer


def test_datagrams_arrive_and_those_of_others_are_dropped() -> None:
    stand_in = XrayStandIn()
    host, _, port = stand_in.receive().partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in (b"", b"nonsense", b"{}\n{}", HEADER + b"not JSON", HEADER + b"[]"):
            sender.sendto(datagram, (host, int(port)))
        sender.sendto(HEADER + json.dumps(SUBSEGMENT).encode(), (host, int(port)))

    store = stand_in._store
    assert eventually(lambda: store.containing(ORDER)) == [SUBSEGMENT]
    assert store.containing("") == [SUBSEGMENT]


@pytest.mark.parametrize(("text", "rate"), [("", 1.0), ("0", 0.0), ("0.25", 0.25)])
def test_the_rate_is_a_setting(monkeypatch: pytest.MonkeyPatch, text: str, rate: float) -> None:
    monkeypatch.setenv(VARIABLE, text)

    assert trace_rate() == rate
    assert header_below(None, 0).sampled == 0
    assert header_below(None, 1).sampled == 1


@pytest.mark.parametrize("text", ["all", "2", "-1", "nan"])
def test_a_rate_that_is_none_says_what_it_should_be(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(VARIABLE, text)

    with pytest.raises(LocalStackError, match="a number from 0 to 1"):
        trace_rate()
