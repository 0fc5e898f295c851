"""A provider fails amid many orders; each of them gets its link without an operator."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import pytest

from orderflow.orders.lines import MatchedBy
from orderflow.orders.status import OrderStatus
from scripts.cli.orders.execution import read_progress
from scripts.local.stack.seed import CATALOG
from tests.chaos.auditor import (
    Books,
    calls_by_outcome,
    discrepancies,
    first_opening,
    read_books,
)
from tests.chaos.conftest import Report
from tests.chaos.scale import SCALE
from tests.chaos.workload import Customers, awaiting, now, parked, seconds_after, settled
from tests.support.shop import Shop
from tests.support.waiting import wait_for

#: The time from a provider's return to the end of its outage: one cooldown and this.
GRACE_SECONDS = 30


@dataclass(frozen=True)
class Outage:
    """The observations of one outage."""

    began: datetime
    ended: datetime
    calls: int
    accepted: list[str]


def survive_outage(shop: Shop, provider: str, lists: tuple[str, ...]) -> Outage:
    """Place orders, with an outage of the provider amid them, and wait for all of their links."""
    earlier = calls_by_outcome(shop, provider)["outage"]
    with Customers(shop, SCALE.orders, lists) as customers:
        wait_for(lambda: customers.placed, lambda placed: placed >= SCALE.orders // 4)
        began = now()
        shop.set_fault(provider, mode="outage")
        time.sleep(SCALE.outage_seconds)
        shop.clear_faults()
        ended = now()
    patience = 2 * SCALE.cooldown_seconds + SCALE.orders / 2 + 60
    settled(shop, customers.accepted, patience)
    awaiting(shop, customers.accepted, patience)
    calls = calls_by_outcome(shop, provider)["outage"] - earlier
    return Outage(began, ended, calls, customers.accepted)


def misspelt_names(number: int) -> tuple[str, ...]:
    """Names that several products share, with a letter missing or doubled, each another one.

    No name is clearly the likeliest, so the model is asked; and what it resolved is remembered.
    """
    with CATALOG.open(encoding="utf-8", newline="") as file:
        names = shared_names(csv.DictReader(file))
    misspelt = (
        f"2 {name[:at]}{name[at + step :]}, 1 loaf bread"
        for at in range(2, 12)
        for step in (1, -1)
        for name in names
        if len(name) > at + 1 and name[at - 1 : at + 2].isalpha()
    )
    return tuple(islice(dict.fromkeys(misspelt), number))


def shared_names(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """The synonyms that products of different names have in common."""
    bearers: dict[str, set[str]] = {}
    for row in rows:
        for synonym in row["synonyms"].split("|"):
            bearers.setdefault(synonym, set()).add(row["name"])
    return [synonym for synonym, named in bearers.items() if synonym and len(named) > 1]


def in_flight(shop: Shop, books: Books, opened: datetime) -> int:
    """Orders that had seen the breaker closed before it opened, and called after."""
    return sum(_was_in_flight(shop, arn, opened) for arn in _arns(books))


def _arns(books: Books) -> list[str]:
    return [run["executionArn"] for runs in books.executions.values() for run in runs]


def _was_in_flight(shop: Shop, arn: str, opened: datetime) -> bool:
    progress = read_progress(shop.sfn, arn)
    assert progress is not None
    visits = progress.visits
    call = next((each for each in visits if each.name == "CreatePaymentLink"), None)
    if call is None:
        return False
    reads = [each for each in visits[: visits.index(call)] if each.name == "ReadBreakers"]
    called_until = call.ended or now()
    return reads[-1].entered < opened < called_until


def test_orders_survive_an_outage_of_paystack(shop: Shop, report: Report) -> None:
    outage = survive_outage(shop, "paystack", ("1 loaf bread", "3 eggs"))

    books = read_books(shop, outage.accepted)
    assert discrepancies(books) == []
    assert books.statuses == Counter({"PAYMENT_INITIATED": SCALE.orders})
    assert all(len(set(books.emails[each])) == 1 for each in outage.accepted)

    delayed = [
        order
        for order in books.orders.values()
        if OrderStatus.PAYMENT_DELAYED in [change.status for change in order.history]
    ]
    slowest = max(seconds_after(outage.ended, order) for order in delayed)
    breaker = shop.breaker("paystack")
    assert breaker.opened_at is not None
    report(
        f"PayStack out for {SCALE.outage_seconds:.0f} s: {SCALE.orders} orders, "
        f"{len(delayed)} parked, {outage.calls} calls reached it while it was down; "
        f"the last link came {slowest:.1f} s after it was back"
    )
    assert delayed, "no order was parked"
    assert slowest < SCALE.cooldown_seconds * 1.25 + GRACE_SECONDS

    flying = in_flight(shop, books, first_opening(shop, "paystack", outage.began))
    threshold = 5
    probes = breaker.opens - 1 if breaker.opens else 0
    report(f"bound: threshold {threshold} + in flight {flying} + failed probes {probes}")
    assert outage.calls <= threshold + flying + probes


@pytest.mark.long
def test_orders_survive_an_outage_of_bedrock(shop: Shop, report: Report) -> None:
    outage = survive_outage(shop, "bedrock", misspelt_names(SCALE.orders))

    books = read_books(shop, outage.accepted)
    assert discrepancies(books) == []
    assert books.statuses == Counter({"PAYMENT_INITIATED": SCALE.orders})
    how = Counter(line.matched_by for order in books.orders.values() for line in order.lines)
    report(
        f"Bedrock out for {SCALE.outage_seconds:.0f} s: {SCALE.orders} orders, "
        f"{how[MatchedBy.NAME]} lines matched by name; "
        f"{outage.calls} calls reached it while it was down"
    )
    assert how[MatchedBy.NAME] > 0


@pytest.mark.long
def test_a_parked_order_that_is_cancelled_stays_cancelled(shop: Shop) -> None:
    shop.set_fault("paystack", mode="outage")
    order = shop.place("1 loaf bread", "PAYMENT_DELAYED")

    shop.cancel(order.order_id)
    shop.clear_faults()
    shop.close_breaker("paystack")

    wait_for(lambda: shop.progress(order).is_over, bool)
    books = read_books(shop, [order.order_id])
    assert discrepancies(books, may_fail=True) == []
    assert books.statuses == Counter({"CANCELLED": 1})
    assert parked(shop, [order.order_id]) == []
