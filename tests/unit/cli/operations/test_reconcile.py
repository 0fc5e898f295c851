"""``orders reconcile`` against tables in memory."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest

from orderflow.clock import iso
from orderflow.operations.diagnosis import EXPLANATIONS, Finding, Problem
from orderflow.operations.reconciler import Reconciliation
from orderflow.orders.model import Parked
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.recovery.settings import RecoverySettings
from scripts.cli.deployment import Deployment
from scripts.cli.operations.reconcile import findings_tables
from tests.support.factories import a_matched_order, an_order_id, stored
from tests.support.screen import rendered
from tests.support.step_functions import FakeRun, StepFunctions
from tests.unit.cli.conftest import (
    AUDIT_LOG_GROUP,
    OPERATIONS_TOPIC_ARN,
    RECOVERY_PARAMETER,
    Audited,
    Orders,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

INPUT = ("orderId", "customerId", "customerEmail", "customerName", "groceryList")
HOURS_AGO = iso(datetime.now(UTC) - timedelta(hours=5))


@pytest.fixture(autouse=True)
def _operations(operated: Deployment) -> None:
    boto3.client("sns").create_topic(Name=OPERATIONS_TOPIC_ARN.rpartition(":")[2])
    boto3.client("ssm").put_parameter(
        Name=RECOVERY_PARAMETER,
        Type="String",
        Value=RecoverySettings().model_dump_json(by_alias=True),
    )


@pytest.fixture
def broken(store: OrderStore, step_functions: StepFunctions) -> str:
    """An order whose execution failed an hour ago without being recorded."""
    order = stored(store, a_matched_order(updated_at=HOURS_AGO))
    fields = order.model_dump(by_alias=True, mode="json")
    asked_for = {name: fields[name] for name in INPUT}
    step_functions.add(
        FakeRun(order.order_id, stopped=timedelta(hours=1), input=json.dumps(asked_for))
    )
    return order.order_id


@pytest.fixture
def idle(store: OrderStore, step_functions: StepFunctions) -> str:
    """An order that has not changed for hours although its execution runs."""
    order = stored(store, a_matched_order(updated_at=HOURS_AGO))
    step_functions.add(FakeRun(order.order_id, status="RUNNING", error=None))
    return order.order_id


def test_a_stuck_order_is_repaired_and_audited(
    orders: Orders, store: OrderStore, broken: str, audited: Audited
) -> None:
    result = orders("reconcile", "--json")

    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert [(each["subject"], each["problem"]) for each in answer["repaired"]] == [
        (broken, "missed-failure")
    ]
    assert store.get(broken).status is OrderStatus.FAILED
    assert audited() == [("reconcile", "dev", "An operator asked for it.")]


def test_logs_and_metrics_are_not_part_of_the_output(
    orders: Orders,
    store: OrderStore,
    step_functions: StepFunctions,
    monkeypatch: pytest.MonkeyPatch,
    log_output: io.StringIO,
) -> None:
    monkeypatch.delenv("POWERTOOLS_METRICS_NAMESPACE", raising=False)
    parked = Parked(task_token="t", provider="paystack", park_count=0, at=HOURS_AGO)
    order = stored(
        store, a_matched_order(status="PAYMENT_DELAYED", parked=parked, updated_at=HOURS_AGO)
    )
    step_functions.add(FakeRun(order.order_id, status="RUNNING", error=None))

    result = orders("reconcile", "--json")

    repaired = json.loads(result.stdout)["repaired"]
    assert [each["problem"] for each in repaired] == ["lost-wake-up"]
    assert [name for name, _ in step_functions.acts()] == ["SendTaskSuccess"]
    assert log_output.getvalue() == ""  # a process's log goes to its standard output


def test_a_dry_run_changes_nothing(
    orders: Orders, store: OrderStore, broken: str, idle: str, audited: Audited
) -> None:
    result = orders("reconcile", "--dry-run")

    assert result.exit_code == 1
    assert f"Would repair 1: {EXPLANATIONS[Problem.MISSED_FAILURE]}" in result.stdout
    assert f"Reported 1: {EXPLANATIONS[Problem.NO_PROGRESS]}" in result.stdout
    for order_id in (broken, idle):
        assert order_id in result.stdout
        assert store.get(order_id).status is OrderStatus.MATCHED
    assert "2 orders were looked into, 0 were not." in result.stderr
    assert audited() == []


def test_a_finding_for_operators_is_reported_and_sets_the_exit_code(
    orders: Orders, store: OrderStore, idle: str
) -> None:
    result = orders("reconcile", "--json")

    assert result.exit_code == 1
    assert [each["subject"] for each in json.loads(result.stdout)["reported"]] == [idle]
    assert store.get(idle).report is not None


def test_a_message_is_shown_when_nothing_is_wrong(orders: Orders, orders_table: Table) -> None:
    result = orders("reconcile")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing needs a repair." in result.stderr
    assert "No order waits." in result.stderr


def test_nothing_is_repaired_that_cannot_be_audited(
    orders: Orders, store: OrderStore, broken: str
) -> None:
    boto3.client("logs").delete_log_group(logGroupName=AUDIT_LOG_GROUP)

    assert orders("reconcile").exit_code == 3
    assert store.get(broken).status is OrderStatus.MATCHED


def test_ids_and_commands_are_not_truncated_at_80_columns() -> None:
    findings = [
        Finding(subject=an_order_id(), problem=problem, status=OrderStatus.NEEDS_ATTENTION)
        for problem in Problem
    ] + [Finding(subject="paystack", problem=Problem.BREAKER_FORCED)]

    shown = rendered(findings_tables(Reconciliation(reported=findings), dry_run=False))

    for finding in findings:
        assert finding.subject in shown
        assert "".join(EXPLANATIONS[finding.problem].split()) in "".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80
