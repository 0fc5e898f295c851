"""``orders trace``: an order's way through the system, from what X-Ray has."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.orders.store import OrderStore
from scripts.cli.deployment import Deployment
from scripts.cli.orders.trace import bar
from scripts.inspection.traces import Trace, is_trace_id, tree, windows
from scripts.local.traces.api import XrayStandIn
from tests.support.factories import an_order, an_order_id, stored
from tests.support.xray import client_of
from tests.unit.cli.conftest import Orders

ORDER = an_order_id()
TRACE = "1-6b0c4e64-a006649127e371903a2de979"
HOUR = timedelta(hours=1)


def document(name: str, number: int, start: float, end: float | None, **more: Any) -> Any:
    ended = {"in_progress": True} if end is None else {"end_time": end}
    return {"id": f"{number:016x}", "name": name, "start_time": start, **ended, **more}


def below(number: int) -> dict[str, Any]:
    return {"trace_id": TRACE, "parent_id": f"{number:016x}"}


def documents(start: float) -> Iterable[dict[str, Any]]:
    calls = [
        document(
            "PayStack", 6, start + 3, start + 4, namespace="remote", fault=True,
            http={"request": {"method": "POST", "url": "https://p.example/t"},
                  "response": {"status": 503}},
        ),
        document(
            "DynamoDB", 5, start + 2, start + 3, namespace="aws",
            aws={"operation": "GetItem", "table_name": "orders"},
            http={"response": {"status": 200}},
        ),
        document("order", 7, start, start, annotations={"order_id": "another"}),
    ]  # fmt: skip
    yield document(
        "create_payment_link", 4, start + 1.5, start + 4, **below(3), type="subsegment",
        annotations={"order_id": ORDER}, subsegments=calls, error=True,
        cause={"exceptions": [{"id": "0" * 16, "type": "PaystackUnavailable"}]},
    )  # fmt: skip
    yield document("api", 1, start, start + 1, trace_id=TRACE)
    yield document("order-workflow", 2, start + 1, None, **below(1))
    yield document("create-payment-link", 3, start + 1.25, start + 5, **below(2))


@pytest.fixture
def traced(operated: Deployment, store: OrderStore, monkeypatch: pytest.MonkeyPatch) -> XrayStandIn:
    stored(store, an_order(order_id=ORDER, created_at=datetime.now(UTC)))
    stand_in = XrayStandIn()
    client = operated.client
    monkeypatch.setattr(
        Deployment,
        "client",
        lambda _, service: client_of(stand_in) if service == "xray" else client(service),
    )
    return stand_in


def test_a_trace_is_a_tree_of_what_worked_for_the_order(
    orders: Orders, traced: XrayStandIn
) -> None:
    for each in documents(datetime.now(UTC).timestamp()):
        traced.put(each)

    lines = orders("trace", ORDER[:8]).stdout.splitlines()

    assert TRACE in lines[0]
    assert f"region=eu-west-1#xray:traces/{TRACE}" in "".join(lines[1:3])
    parts = [line.split() for line in lines if line.strip().startswith(("✓", "!", "✗"))]
    assert [(part[0], part[1][:10]) for part in parts] == [
        ("✓", "api"),
        ("✓", "order-work"),
        ("✓", "create-pay"),
        ("!", "create_pay"),
        ("✓", "DynamoDB"),
        ("✗", "PayStack"),
    ]
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()[:1] in "✓!✗"]
    assert indents == [0, 2, 4, 6, 8, 8]


def test_traces_as_json(orders: Orders, traced: XrayStandIn) -> None:
    for each in documents(datetime.now(UTC).timestamp()):
        traced.put(each)

    (trace,) = json.loads(orders("trace", ORDER, "--json").stdout)["traces"]

    spans = {span["name"]: span for span in trace["spans"]}
    assert trace["seconds"] == 5
    assert spans["order-workflow"]["seconds"] is None
    assert spans["DynamoDB"]["what"] == "GetItem orders 200"
    assert spans["PayStack"]["what"] == "POST https://p.example/t 503"
    assert spans["PayStack"]["outcome"] == "failed"
    assert spans["PayStack"]["offset"] == 3
    assert spans["create_payment_link"]["what"] == "PaystackUnavailable"
    assert spans["create_payment_link"]["orders"] == [ORDER, "another"]


def test_without_a_trace_it_says_why_there_may_be_none(orders: Orders, traced: XrayStandIn) -> None:
    result = orders("trace", ORDER)

    assert (result.exit_code, result.stdout) == (0, "")
    assert "records a part of the requests" in result.stderr


def test_a_segment_without_its_caller_stands_alone() -> None:
    (span,) = tree([document("alone", 1, 0, 1, **below(9))])

    assert (span.depth, span.name) == (0, "alone")


@given(st.lists(st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 5)), max_size=20))
def test_windows_hold_all_moments_and_x_ray_takes_each(naive: list[datetime]) -> None:
    moments = [each.replace(tzinfo=UTC) for each in naive]

    found = [*windows(moments)]

    for moment in moments:
        assert any(start <= moment <= end for start, end in found)
    for start, end in found:
        assert timedelta() < end - start <= 6 * HOUR
    for (_, end), (start, _) in pairwise(found):
        assert end <= start


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1))
def test_a_bar_stays_within_its_column(times: list[tuple[float, float]]) -> None:
    spans = [*tree(document("x", n, s, s + d) for n, (s, d) in enumerate(times, 1))]
    trace = Trace(TRACE, spans)

    for span in spans:
        assert 1 <= len(bar(span, trace).strip()) <= len(bar(span, trace)) <= 14


@pytest.mark.parametrize(
    ("text", "expected"), [(TRACE, True), ("6f9b7a3e-4a1f-4c55-9f0b-0f5a2c1d3e4f", False)]
)
def test_ids_of_traces_are_told_from_those_of_invocations(text: str, expected: bool) -> None:
    assert is_trace_id(text) is expected
