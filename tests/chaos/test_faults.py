"""Providers, workers and the database fail in many ways while orders are placed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from orderflow.orders.status import OrderStatus
from tests.chaos.auditor import discrepancies, read_books
from tests.chaos.conftest import Report
from tests.chaos.operators import replay
from tests.chaos.scale import FULL, SCALE
from tests.chaos.workload import awaiting, dying_workers, place_all, settled, statuses
from tests.support.shop import Shop

pytestmark = pytest.mark.long

SECONDS = SCALE.outage_seconds
PATIENCE = 4 * SCALE.cooldown_seconds + 120 + SCALE.mixed_orders

FAULTS: dict[str, dict[str, Any]] = {
    "half of the calls fail": {"mode": "error", "rate": 0.5, "seed": 7},
    "slow": {"mode": "slow", "latencySeconds": 2},
    "throttled": {"mode": "throttle", "retryAfterSeconds": 2},
    "garbage": {"mode": "garbage"},
    "answers lost after success": {"mode": "lost", "rate": 0.5, "seed": 7},
    "no answer": {"mode": "timeout", "latencySeconds": 30, "times": 3},
}


#: In the short form one experiment goes through all faults, in the full one each has its own.
TURNS = [[fault] for fault in FAULTS] if FULL else [list(FAULTS)]

DATABASE_FAULTS: dict[str, dict[str, Any]] = {
    "throttled": {"mode": "throttle", "rate": 0.5, "seed": 7},
    "failing": {"mode": "error", "rate": 0.3, "seed": 7},
    "answers lost after success": {"mode": "lost", "rate": 0.3, "seed": 7},
}
DATABASE_TURNS = [[fault] for fault in DATABASE_FAULTS] if FULL else [list(DATABASE_FAULTS)]


def expect_links(shop: Shop, accepted: list[str], *, may_have_failed: bool = False) -> None:
    """Check that all orders get their link and that all records agree."""
    settled(shop, accepted, PATIENCE)
    awaiting(shop, accepted, PATIENCE)
    books = read_books(shop, accepted)
    assert discrepancies(books, may_fail=may_have_failed) == []
    assert books.statuses == Counter({"PAYMENT_INITIATED": len(accepted)})


@pytest.mark.parametrize("faults", TURNS, ids="|".join)
def test_orders_survive_faults_of_both_providers(shop: Shop, faults: list[str]) -> None:
    accepted = []
    for fault in faults:
        for provider in ("paystack", "bedrock"):
            shop.set_fault(provider, forSeconds=SECONDS / len(faults), **FAULTS[fault])
        accepted += place_all(shop, SCALE.mixed_orders)

    expect_links(shop, accepted)


@pytest.mark.parametrize("faults", DATABASE_TURNS, ids="|".join)
def test_orders_survive_a_database_that_rejects_writes_for_a_while(
    shop: Shop, faults: list[str]
) -> None:
    accepted = []
    for fault in faults:
        shop.set_fault("dynamodb", forSeconds=SECONDS / len(faults), **DATABASE_FAULTS[fault])
        accepted += place_all(shop, SCALE.mixed_orders)

    expect_links(shop, accepted)


def test_orders_survive_workers_that_die_during_calls(shop: Shop, report: Report) -> None:
    accepted: list[str] = []
    with dying_workers(shop, every_seconds=1.5, seed=7) as killed:
        while len(killed) < SCALE.deaths:  # however fast orders are handled
            assert len(accepted) < 100 * SCALE.mixed_orders, "no worker dies"
            accepted += place_all(shop, SCALE.mixed_orders)
        settled(shop, accepted, PATIENCE, OrderStatus.FAILED)

    # At this rate six attempts in a row can all die; such orders wait for a replay.
    failed = [each for each, status in statuses(shop, accepted).items() if status == "FAILED"]
    report(f"{len(killed)} workers killed, {len(accepted)} orders, {len(failed)} to be replayed")
    for order_id in failed:
        replay(order_id)
    expect_links(shop, accepted, may_have_failed=True)
