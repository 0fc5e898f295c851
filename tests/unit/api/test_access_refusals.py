"""Customers who ask for many orders that are not theirs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from orderflow.api.access_refusals import TOLERATED, AccessRefusals
from orderflow.platform.observability import metrics
from tests.support.factories import client_error
from tests.unit.conftest import FailCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NOW = 1_800_000_000_000


class Clock:
    """Stands still until it is set."""

    now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def reported(capsys: pytest.CaptureFixture[str]) -> object:
    metrics.clear_metrics()

    def count() -> int:
        metrics.flush_metrics()
        return sum(
            sum(json.loads(line).get("CustomersProbing", []))
            for line in capsys.readouterr().out.splitlines()
        )

    return count


def test_one_refusal_too_many_is_reported(submissions_table: Table, reported: object) -> None:
    refusals = AccessRefusals(submissions_table, Clock())

    for _ in range(TOLERATED.capacity):
        refusals.note("customer-1")
    refusals.note("customer-2")
    assert reported() == 0  # type: ignore[operator]
    refusals.note("customer-1")

    assert reported() == 1  # type: ignore[operator]


def test_refusals_are_forgotten_with_time(submissions_table: Table, reported: object) -> None:
    clock = Clock()
    refusals = AccessRefusals(submissions_table, clock)

    for _ in range(3):
        for _ in range(TOLERATED.capacity):
            refusals.note("customer-1")
        clock.now += TOLERATED.capacity * TOLERATED.interval_ms

    assert reported() == 0  # type: ignore[operator]


def test_the_item_expires(submissions_table: Table) -> None:
    AccessRefusals(submissions_table, Clock()).note("customer-1")

    item = submissions_table.get_item(Key={"customerId": "customer-1"})["Item"]
    assert item["ttl"] == NOW // 1000 + 24 * 3600


def test_an_outage_changes_no_answer(
    submissions_table: Table, fail_calls: FailCalls, reported: object
) -> None:
    error = client_error("InternalServerError", 500)
    fail_calls(submissions_table.meta.client, "UpdateItem", error)

    AccessRefusals(submissions_table, Clock()).note("customer-1")

    assert reported() == 0  # type: ignore[operator]
