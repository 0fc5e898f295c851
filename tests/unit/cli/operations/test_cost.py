"""``orders cost`` and ``orders capacity``."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from scripts.cli.planning import cost
from scripts.cost.stage import Counted
from scripts.cost.usage import Unit, Usage
from tests.unit.cli.conftest import Orders

ORDER = "11111111-1111-5111-8111-111111111111"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Stands for the stage: one order with ten transitions and an e-mail."""
    asked: list[Any] = []
    used = Usage({(Unit.TRANSITIONS, "ParseOrder"): 10, (Unit.INPUT_TOKENS, ""): 1000})

    def count(_: Any, orders: list[Any]) -> Counted:
        asked.append(orders)
        return Counted({ORDER: used}, Usage(), {}, 0, is_complete=False)

    monkeypatch.setattr(cost, "connect", lambda _: None)
    monkeypatch.setattr(cost, "count", count)
    monkeypatch.setattr(cost, "find_order", lambda _, order_id: order_id)
    monkeypatch.setattr(cost, "newest_since", lambda *_: [])
    return asked


def test_the_cost_of_an_order_is_its_usage_times_the_prices(
    orders: Orders, counted: list[Any]
) -> None:
    result = orders("cost", ORDER, "--json")
    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    # 10 x $0.025 / 1,000 and 1,000 x $0.06 / 1,000,000, for 1,000 orders
    assert Decimal(shown["usdPerThousandOrders"]) == Decimal("0.31")
    assert Decimal(shown["usdPerThousandOrdersWithoutModel"]) == Decimal("0.25")
    assert counted == [[ORDER]]


def test_what_a_stage_on_aws_can_not_count_is_said(orders: Orders, counted: list[Any]) -> None:
    result = orders("cost", ORDER)
    assert result.exit_code == 0, result.output
    assert "Only executions and functions' reports were counted" in result.stderr
    assert "Without the model: $0.2500" in result.stdout
    assert counted


@pytest.mark.parametrize("arguments", [(), (ORDER, "--since", "1h")])
def test_an_order_or_a_time_must_be_named(orders: Orders, arguments: tuple[str, ...]) -> None:
    result = orders("cost", *arguments)
    assert result.exit_code == 2
    assert "orders cost --since 1h" in result.stderr


def test_a_time_without_orders_has_no_cost(orders: Orders, counted: list[Any]) -> None:
    result = orders("cost", "--since", "1h")
    assert result.exit_code == 4
    assert not counted


def test_a_region_without_prices_is_refused(orders: Orders, counted: list[Any]) -> None:
    result = orders("cost", ORDER, "--region", "mars-1")
    assert result.exit_code == 2
    assert "no prices of mars-1" in result.stderr
    assert counted


def test_capacity_says_what_breaks_first(orders: Orders) -> None:
    shown = json.loads(orders("capacity", "--rate", "100", "--json").stdout)
    assert shown["breaksFirst"] == "ses.daily"
    used = {each["name"]: each["used"] for each in shown["quotas"]}
    assert used["states.start-execution"] == pytest.approx(100 / 300)
    assert shown["recoverySeconds"] is None  # PayStack's limit is below the rate


def test_capacity_says_how_long_parked_orders_take(orders: Orders) -> None:
    result = orders("capacity", "--rate", "5", "--parked", "100", "--resume-rate", "10")
    assert result.exit_code == 0, result.output
    assert "100 parked orders go on within: 10 s" in result.stdout
    assert "Breaks first: ses.daily" in result.stdout
