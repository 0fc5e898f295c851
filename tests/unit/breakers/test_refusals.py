"""Operations hear of a provider's refusals, once an interval at most, whoever meets them."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

import pytest

from orderflow.breakers.rate_limits import RateLimiter
from orderflow.breakers.refusals import RefusalAlerts, RefusalKind
from orderflow.errors import NotificationUnavailable
from tests.support.factories import client_error
from tests.unit.conftest import FailCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

INTERVAL = timedelta(minutes=15)
INTERVAL_MS = 900_000
KIND = RefusalKind(
    "paystack",
    "PayStack refuses our key",
    consequence="Orders wait.",
    advice="Check the key.",
    alerted="refusedAt",
    interval=INTERVAL,
)


class Operations:
    """Receives alerts, or fails to; and the time."""

    def __init__(self) -> None:
        self.alerts: list[tuple[str, str]] = []
        self.fails = False
        self.now = 1_000_000

    def publish(self, subject: str, message: str) -> None:
        if self.fails:
            raise NotificationUnavailable("SNS is out")
        self.alerts.append((subject, message))


@pytest.fixture
def operations() -> Operations:
    return Operations()


def caller(table: Table, operations: Operations, kind: RefusalKind = KIND) -> RefusalAlerts:
    """The alerts of one process."""
    return RefusalAlerts(kind, operations, RateLimiter(table), lambda: operations.now)


def test_an_alert_says_what_was_refused_what_follows_and_what_to_do(
    breakers_table: Table, operations: Operations
) -> None:
    caller(breakers_table, operations).alert("Invalid key.")

    ((subject, message),) = operations.alerts
    assert subject == "Grocery orders: PayStack refuses our key"
    assert message.startswith("PayStack refuses our key: Invalid key.\n\nOrders wait.\nCheck the")
    assert "once in 15 minutes at most" in message


def test_each_refusal_is_counted_for_the_alarm(
    breakers_table: Table, operations: Operations, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        caller(breakers_table, operations).alert("Invalid key")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counted = [each for each in lines if "RequestsRefused" in each]
    assert [(each["provider"], each["service"]) for each in counted] == [
        ("paystack", "breakers")
    ] * 2


@pytest.mark.parametrize(("later", "number"), [(0, 1), (INTERVAL_MS - 1, 1), (INTERVAL_MS, 2)])
def test_processes_send_one_alert_an_interval_between_them(
    breakers_table: Table, operations: Operations, later: int, number: int
) -> None:
    for _ in range(3):
        caller(breakers_table, operations).alert("Invalid key")
    operations.now += later
    for _ in range(3):
        caller(breakers_table, operations).alert("Invalid key")

    assert len(operations.alerts) == number


class Atomic:
    """A table whose single writes are atomic, as DynamoDB's are and those in memory are not."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._lock = Lock()

    def update_item(self, **write: Any) -> Any:
        with self._lock:
            return self._table.update_item(**write)


def test_refusals_at_the_same_moment_send_one_alert(
    breakers_table: Table, operations: Operations
) -> None:
    table: Any = Atomic(breakers_table)

    def refused(_: int) -> None:
        caller(table, operations).alert("Invalid key")

    with ThreadPoolExecutor(8) as processes:
        list(processes.map(refused, range(16)))

    assert len(operations.alerts) == 1


def test_kinds_and_providers_are_limited_separately(
    breakers_table: Table, operations: Operations
) -> None:
    others = (
        RefusalKind("paystack", "x", "", "", alerted="otherAt", interval=INTERVAL),
        RefusalKind("ses", "x", "", "", alerted="refusedAt", interval=INTERVAL),
    )
    for kind in (KIND, *others):
        caller(breakers_table, operations, kind).alert("No")

    assert len(operations.alerts) == 3


def test_after_an_alert_that_was_not_sent_the_next_refusal_sends_one(
    breakers_table: Table, operations: Operations, log_output: io.StringIO
) -> None:
    operations.fails = True
    caller(breakers_table, operations).alert("Invalid key")
    assert "operations not alerted" in log_output.getvalue()

    operations.fails = False
    caller(breakers_table, operations).alert("Invalid key")

    assert len(operations.alerts) == 1


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_a_table_that_fails_stops_no_order(
    breakers_table: Table,
    operations: Operations,
    fail_calls: FailCalls,
    log_output: io.StringIO,
    code: str,
) -> None:
    fail_calls(breakers_table.meta.client, "UpdateItem", client_error(code))

    caller(breakers_table, operations).alert("Invalid key")

    assert operations.alerts == []
    assert "operations not alerted" in log_output.getvalue()
