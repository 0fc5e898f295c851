"""Providers, workers and the database misbehave in every way there is, while orders come in."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.chaos.auditor import discrepancies, read_books
from tests.chaos.scale import SCALE
from tests.chaos.workload import awaiting, dying_workers, place_all, settled
from tests.integration.shop import Shop

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


def expect_links(shop: Shop, accepted: list[str]) -> None:
    """All of them get their link, and everybody's books agree."""
    settled(shop, accepted, PATIENCE)
    awaiting(shop, accepted, PATIENCE)
    books = read_books(shop, accepted)
    assert discrepancies(books) == []
    assert books.statuses == Counter({"PAYMENT_INITIATED": SCALE.mixed_orders})


@pytest.mark.parametrize("fault", FAULTS)
def test_orders_survive_bad_times_of_both_providers(shop: Shop, fault: str) -> None:
    for provider in ("paystack", "bedrock"):
        shop.set_fault(provider, forSeconds=SECONDS, **FAULTS[fault])

    expect_links(shop, place_all(shop, SCALE.mixed_orders))


def test_orders_survive_the_deaths_of_workers_in_mid_call(shop: Shop) -> None:
    with dying_workers(shop, every_seconds=0.4, seed=7) as killed:
        accepted = place_all(shop, SCALE.mixed_orders)

    assert killed
    expect_links(shop, accepted)


@pytest.mark.parametrize(
    "fault",
    [
        {"mode": "throttle", "rate": 0.5, "seed": 7},
        {"mode": "error", "rate": 0.3, "seed": 7},
        {"mode": "lost", "rate": 0.3, "seed": 7},
    ],
    ids=lambda fault: str(fault["mode"]),
)
def test_orders_survive_a_database_that_rejects_writes_for_a_while(
    shop: Shop, fault: dict[str, Any]
) -> None:
    shop.set_fault("dynamodb", forSeconds=SECONDS / 2, **fault)

    expect_links(shop, place_all(shop, SCALE.mixed_orders))
