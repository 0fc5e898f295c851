"""What the reconciler measures of parked orders, and promises of time as metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from orderflow.breakers.state import BreakerItem, State
from orderflow.clock import utc_now
from orderflow.orders.model import Order, Parked, StatusChange
from orderflow.orders.status import OrderStatus
from orderflow.payments.links import link_wanted_since
from orderflow.platform.observability import LINKS, Objective, metrics
from orderflow.recovery.waiting import measure_waiting
from tests.support.factories import an_order

NOW = utc_now()


class Breakers:
    def __init__(self, **states: State) -> None:
        self._states = states

    def read(self, provider: str) -> BreakerItem:
        return BreakerItem(provider=provider, state=self._states.get(provider, State.CLOSED))


class Stored:
    def __init__(self, orders: list[Order]) -> None:
        self._orders = orders

    def unchanged_since(self, status: OrderStatus, _: datetime) -> Iterator[Order | str]:
        yield "unreadable"
        yield from (each for each in self._orders if each.status is status)


def a_parked_order(order_id: str, provider: str, minutes: float) -> Order:
    at = NOW - timedelta(minutes=minutes)
    parked = Parked(task_token="token", provider=provider, park_count=0, at=at)
    return an_order(
        order_id=order_id,
        status=OrderStatus.PAYMENT_DELAYED,
        parked=parked,
        history=[],
        updated_at=at,
    )


def measured(capsys: pytest.CaptureFixture[str], orders: list[Order], **states: State) -> Any:
    stored: Any = Stored(orders)
    breakers: Any = Breakers(**states)
    measure_waiting(stored, breakers, NOW)
    metrics.flush_metrics()
    return json.loads(capsys.readouterr().out)


def test_parked_orders_are_counted_with_the_age_of_the_oldest_in_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    orders = [a_parked_order("a", "paystack", 10), a_parked_order("b", "bedrock", 40)]
    found = measured(capsys, orders, paystack=State.OPEN)
    assert (found["OrdersParked"], found["ParkedOrdersAge"]) == ([2.0], [2400.0])
    assert found["BreakersOpen"] == [1.0]


def test_an_open_breaker_that_no_order_waits_for_is_none_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = measured(capsys, [], paystack=State.OPEN, bedrock=State.HALF_OPEN)
    assert (found["OrdersParked"], found["ParkedOrdersAge"]) == ([0.0], [0.0])
    assert found["BreakersOpen"] == [0.0]


@pytest.mark.parametrize(("seconds", "late"), [(0, 0), (30, 0), (30.001, 1), (3600, 1)])
def test_an_event_is_late_when_it_took_longer_than_promised(
    capsys: pytest.CaptureFixture[str], seconds: float, late: int
) -> None:
    LINKS.measure(NOW - timedelta(seconds=seconds), NOW)
    metrics.flush_metrics()
    assert json.loads(capsys.readouterr().out)["LinksLate"] == [late]


def test_timely_and_late_events_are_values_of_one_metric(
    capsys: pytest.CaptureFixture[str],
) -> None:
    objective = Objective("SomethingLate", timedelta(seconds=1))
    for seconds in (0, 5, 1):
        objective.measure(NOW - timedelta(seconds=seconds), NOW)
    metrics.flush_metrics()
    assert json.loads(capsys.readouterr().out)["SomethingLate"] == [0, 1, 0]


def test_a_reviewed_order_waits_for_its_link_since_it_was_confirmed() -> None:
    order = an_order(history=[], created_at=NOW - timedelta(minutes=9))
    assert link_wanted_since(order) == NOW - timedelta(minutes=9)
    steps = [("MATCHED", 8), ("AWAITING_REVIEW", 7), ("MATCHED", 1)]
    history = [
        StatusChange(status=OrderStatus(status), at=NOW - timedelta(minutes=minutes), by="test")
        for status, minutes in steps
    ]
    confirmed = order.model_copy(update={"history": history})
    assert link_wanted_since(confirmed) == NOW - timedelta(minutes=1)
