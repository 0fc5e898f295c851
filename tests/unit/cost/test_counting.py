"""What of the requests belongs to which order."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scripts.cli.orders.execution import Progress, StateVisit
from scripts.cost.counting import OrderFacts, table_name, usage_by_order
from scripts.cost.invocations import Invocation
from scripts.cost.requests import Request, read_requests
from scripts.cost.usage import Unit, Usage

ONE, TWO = "11111111-1111-5111-8111-111111111111", "22222222-2222-5222-8222-222222222222"
STARTED = datetime(2026, 11, 29, tzinfo=UTC)


def facts(order_id: str = ONE, *states: str, **more: Any) -> OrderFacts:
    visits = [StateVisit(name, STARTED, attempts=1) for name in states]
    return OrderFacts(order_id, Progress("SUCCEEDED", visits), 0, **more)


def request(**columns: Any) -> Request:
    line = {"at": 1.0, "service": "dynamodb", "operation": "GetItem", "by": "function", **columns}
    return Request.model_validate(line)


def usage(*requests: Request, runs: tuple[Invocation, ...] = ()) -> Usage:
    found, _ = usage_by_order([facts()], requests, runs)
    return found[ONE]


def test_transitions_count_each_state_and_each_retry() -> None:
    visit = StateVisit("ParseOrder", STARTED, attempts=3)
    order = OrderFacts(ONE, Progress("RUNNING", [visit, StateVisit("Choice", STARTED)]), 0)
    found, _ = usage_by_order([order], [], [])
    assert found[ONE].of(Unit.TRANSITIONS) == 3 + 1


def test_the_workflows_own_reads_of_breakers_come_from_its_history() -> None:
    order = facts(ONE, "ReadBreakers")
    own = request(by="workflow", resource="x-data-Breakers1", reads={"x-data-Breakers1": 0.5})
    found, _ = usage_by_order([order], [own], [])
    assert found[ONE].by_detail(Unit.READS) == {"breakers": 1.0}


def test_a_request_without_an_order_belongs_to_its_traces_order() -> None:
    used = usage(
        request(trace="t1", orders=[ONE], reads={"x-data-Orders1": 1.0}),
        request(trace="t1", operation="Query", reads={"x-data-Catalog1": 16.5}),
        request(trace="t2", operation="Query", reads={"x-data-Catalog1": 99.0}),
    )
    assert used.by_detail(Unit.READS) == {"catalog": 16.5, "orders": 1.0}


def test_a_batch_for_two_orders_is_divided() -> None:
    batch = request(service="logs", operation="PutLogEvents", orders=[ONE, TWO], bytes=2 * 1024**3)
    found, rest = usage_by_order([facts(ONE), facts(TWO)], [batch], [])
    assert [found[each].of(Unit.LOGS) for each in (ONE, TWO)] == [1.0, 1.0]
    assert not rest.units


def test_what_serves_no_order_is_kept_apart() -> None:
    found, rest = usage_by_order([facts()], [request(reads={"x-data-Orders1": 7.0})], [])
    assert found[ONE].of(Unit.READS) == 0
    assert rest.of(Unit.READS) == 7.0


def test_the_command_lines_own_requests_cost_no_order_anything() -> None:
    assert (
        usage(request(by="client", orders=[ONE], reads={"x-data-Orders1": 1.0})).of(Unit.READS) == 0
    )


def test_writes_count_by_table_and_index() -> None:
    written = {"x-data-Orders1": 3.0, "x-data-Orders1/byStatusShard": 2.0}
    used = usage(request(operation="UpdateItem", orders=[ONE], writes=written))
    assert used.by_detail(Unit.WRITES) == {"orders": 3.0, "orders/byStatusShard": 2.0}


def test_an_update_costs_an_operation_a_message_and_a_request_of_the_firewall() -> None:
    update = request(service="appsync", operation="publishOrderUpdate", orders=[ONE])
    used = usage(update)
    assert used.of(Unit.API_OPERATIONS) == 1
    assert used.by_detail(Unit.API_MESSAGES) == {"connect, subscribe": 2, "updates": 1}
    assert used.of(Unit.FIREWALL_REQUESTS) == 1 + 1  # and the subscription


@pytest.mark.parametrize(
    ("service", "units"),
    [
        ("ses", {Unit.EMAILS: 1.0}),
        ("sqs", {Unit.QUEUE_REQUESTS: 1.0}),
        ("sns", {Unit.PUBLICATIONS: 1.0, Unit.KEY_REQUESTS: 1.0}),
        ("secretsmanager", {Unit.SECRET_REQUESTS: 1.0, Unit.KEY_REQUESTS: 1.0}),
        ("ssm", {Unit.PARAMETER_REQUESTS: 1.0}),
        ("kms", {Unit.KEY_REQUESTS: 1.0}),
        ("s3", {Unit.OBJECT_WRITES: 1.0}),
    ],
)
def test_a_request_costs_the_units_of_its_service(service: str, units: dict[Unit, float]) -> None:
    before, after = usage(), usage(request(service=service, operation="X", orders=[ONE]))
    assert {unit: after.of(unit) - before.of(unit) for unit in units} == units


def test_an_invocation_counts_by_its_report() -> None:
    run = Invocation("parse-order", "r1", 100, 512, is_restored=True, log_bytes=1024)
    called = request(service="lambda", operation="Invoke", requestId="r1", orders=[ONE])
    used = usage(called, runs=(run,))
    assert used.of(Unit.FUNCTION_REQUESTS) == 1
    assert used.of(Unit.FUNCTION_GB_SECONDS) == pytest.approx(0.05)
    assert used.of(Unit.SNAPSHOT_RESTORES) == 0.5


def test_without_a_record_of_requests_the_log_names_the_order() -> None:
    run = Invocation("parse-order", "r1", 100, 512, text=f'{{"orderId": "{ONE}"}}')
    other = Invocation("parse-order", "r2", 100, 512, text="nothing")
    assert usage(runs=(run, other)).of(Unit.FUNCTION_REQUESTS) == 1


def test_tokens_and_connection_time_come_from_the_order() -> None:
    order = OrderFacts(ONE, None, timedelta(minutes=3).total_seconds(), 321, 45)
    found, _ = usage_by_order([order], [], [])
    used = found[ONE]
    assert (used.of(Unit.API_CONNECTIONS), used.of(Unit.INPUT_TOKENS)) == (3, 321)


def test_a_records_incomplete_last_line_is_left_out(tmp_path: Path) -> None:
    line = {"at": 5.0, "service": "ses", "operation": "SendEmail"}
    path = tmp_path / "requests.jsonl"
    path.write_text(json.dumps(line) + "\n" + json.dumps(line)[:20])
    assert [each.service for each in read_requests(path)] == ["ses"]
    assert read_requests(path, since=6) == []
    assert read_requests(tmp_path / "none.jsonl") == []


def test_tables_have_their_short_names() -> None:
    assert table_name("grocery-dev-data-OrdersA9B6-X/byCustomer") == "orders/byCustomer"
    assert table_name("grocery-dev-data-EmailAddressesC9-X") == "addresses"
    assert table_name("another") == "another"
