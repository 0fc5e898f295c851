"""``orders logs``: one order's log lines, from all functions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from orderflow.orders.store import OrderStore
from scripts.cli.deployment import Deployment
from scripts.inspection.order_logs import OrderLogs, parse_line
from tests.support.factories import an_order, an_order_id, stored
from tests.unit.cli.conftest import AUDIT_LOG_GROUP, Orders

NOW = datetime.now(UTC)
ORDER_ID = an_order_id()
STATES = "/aws/vendedlogs/states/grocery-orders"


def powertools(message: str, **fields: object) -> str:
    return json.dumps({"level": "INFO", "message": message, "order_id": ORDER_ID, **fields})


def log(group: str, message: str, ago: timedelta = timedelta()) -> None:
    logs = boto3.client("logs")
    if group not in {each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]}:
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="s")
    at = int((NOW - ago).timestamp() * 1000)
    logs.put_log_events(
        logGroupName=group, logStreamName="s", logEvents=[{"timestamp": at, "message": message}]
    )


@pytest.fixture
def logged(operated: Deployment, store: OrderStore) -> Deployment:
    stored(store, an_order(order_id=ORDER_ID))
    failure = {"exception": "Traceback ...\nKeyError: 'price'", "level": "ERROR"}
    log("/grocery/dev/match_products", powertools("matched", lines=2), timedelta(seconds=2))
    log("/grocery/dev/parse_order", powertools("parsed"), timedelta(seconds=3))
    log("/grocery/dev/verify_payment", powertools("failed", **failure), timedelta(seconds=1))
    log("/grocery/dev/api", powertools("another").replace(ORDER_ID, "another"))
    log(STATES, f'{{"type": "ExecutionFailed", "arn": "{ORDER_ID}"}}')
    boto3.client("logs").create_log_stream(logGroupName=AUDIT_LOG_GROUP, logStreamName="s")
    log(AUDIT_LOG_GROUP, powertools("audited"))
    log("/elsewhere", powertools("elsewhere"))
    return operated


def test_the_lines_of_all_functions_are_in_the_order_of_time(
    orders: Orders, logged: Deployment
) -> None:
    result = orders("logs", ORDER_ID[:8])

    lines = result.stdout.splitlines()
    assert [line.split()[1] for line in lines if "INFO" in line or "ERROR" in line] == [
        "parse_order",
        "match_products",
        "verify_payment",
    ]
    assert "matched  lines=2" in result.stdout
    assert "KeyError: 'price'" in result.stdout
    assert "grocery-orders" in lines[-1]
    for other in ("another", "audited", "elsewhere"):
        assert other not in result.stdout
    assert result.stderr == "Read 4 items.\n"


def test_lines_as_json(orders: Orders, logged: Deployment) -> None:
    first, second, *_ = map(json.loads, orders("logs", ORDER_ID, "--json").stdout.splitlines())

    assert (first["function"], first["message"]) == ("parse_order", "parsed")
    assert second["details"] == {"lines": 2}


def test_where_the_trace_changes_it_is_named(orders: Orders, logged: Deployment) -> None:
    for number, trace in enumerate(("1-one", "1-one", "1-two")):
        log("/grocery/dev/api", powertools(f"traced {number}", xray_trace_id=trace))

    lines = orders("logs", ORDER_ID).stdout.splitlines()

    assert [each for each in lines if each.startswith("trace ")] == ["trace 1-one", "trace 1-two"]
    lines = orders("logs", ORDER_ID, "--json").stdout.splitlines()
    found = [each["traceId"] for each in map(json.loads, lines)]
    assert [*filter(None, found)] == ["1-one", "1-one", "1-two"]


def test_since_leaves_out_what_is_older(orders: Orders, logged: Deployment) -> None:
    log("/grocery/dev/parse_order", powertools("long ago"), timedelta(hours=2))

    assert "long ago" not in orders("logs", ORDER_ID, "--since", "1h").stdout


def test_an_order_that_logged_nothing_is_said_so(orders: Orders, operated: Deployment) -> None:
    result = orders("logs", an_order_id())

    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing was logged" in result.stderr


def test_lines_are_followed_without_repetition(
    logged: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = 0

    def pause(_: float) -> None:
        nonlocal pauses
        pauses += 1
        ago = NOW - datetime.now(UTC)  # negative: just now
        log("/grocery/dev/parse_order", powertools(f"later {pauses}"), ago)

    monkeypatch.setattr("scripts.inspection.order_logs.time.sleep", pause)
    following = OrderLogs(logged).follow(ORDER_ID, NOW - timedelta(minutes=1))

    messages = [next(following).message for _ in range(6)]

    assert messages[:3] == ["parsed", "matched", "failed"]
    assert messages[-2:] == ["later 1", "later 2"]


@pytest.mark.parametrize("message", ["START RequestId: 1\n", "[1]", '{"other": 1}', "{"])
def test_what_is_not_the_loggers_is_a_message_as_it_stands(message: str) -> None:
    line = parse_line(NOW, "api", message)

    assert (line.message, line.level, line.details) == (message.rstrip(), "", {})
