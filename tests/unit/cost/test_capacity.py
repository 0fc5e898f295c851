"""What breaks first, against divisions made by hand."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.recovery.settings import RecoverySettings
from scripts.capacity.capacity import ModelUse, demands, plan
from scripts.capacity.quotas import quota_table
from scripts.cost.counting import BILLED_SERVICES
from scripts.cost.measured_order import MeasuredOrder, measured_order
from tests.support.paths import PROJECT

ORDER = MeasuredOrder(
    measured="2026-11-29",
    orders=1,
    list="3 eggs",
    transitions_to_link=10,
    transitions=13,
    custom_metrics=5,
    calls={"logs:PutLogEvents": 10.0, "dynamodb:GetItem": 9.0},
    usage={
        "states.transitions": {"all": 13.0},
        "lambda.gb-seconds": {"api": 0.1, "match-products": 0.2, "publish-order-updates": 0.2},
        "dynamodb.write-units": {"orders": 20.0, "orders/byStatusShard": 8.0},
        "dynamodb.read-units": {"breakers": 2.0},
        "appsync.operations": {"all": 8.0},
        "appsync.messages": {"all": 7.0},
        "ses.emails": {"": 2.0},
    },
)


def reached(name: str) -> float:
    return next(limit.rate for limit in plan(ORDER, 1).limits if limit.quota.name == name)


def test_each_quota_has_a_demand_and_no_demand_is_without_a_quota() -> None:
    names = [quota.name for quota in quota_table().quotas]
    assert sorted(names) == sorted(demands(ORDER, ModelUse()))


@pytest.mark.parametrize(
    ("quota", "rate"),
    [
        ("states.start-execution", 300),
        ("states.transitions", 5000 / 13),
        ("lambda.concurrency", 1000 / (0.2 + 0.2 + 0.4)),  # seconds: 0.1/0.5, 0.2/1, 0.2/0.5
        ("dynamodb.table-writes", 40_000 / 20),
        ("dynamodb.partition-writes", 1000 / (8 / 4)),  # four shards
        ("dynamodb.partition-reads", 3000 / (2 / 2)),  # one item for each of two providers
        ("appsync.request-tokens", 5000 / 8),
        ("ses.sending-rate", 14 / 2),
        ("logs.put-events", 5000 / 10),
        ("paystack.initialize", 1200 / 60),
        ("paystack.verify", 3000 / 60 / 2),
        ("ssm.reads", float("inf")),
    ],
)
def test_a_quota_is_reached_at_its_limit_by_an_orders_demand(quota: str, rate: float) -> None:
    assert reached(quota) == pytest.approx(rate)


def test_what_breaks_first_comes_first() -> None:
    found = plan(ORDER, 10)
    assert found.limits[0].quota.name == "ses.daily"
    assert {limit.quota.name for limit in found.broken} == {"ses.daily", "ses.sending-rate"}


def test_parked_orders_go_on_at_the_bounded_rate() -> None:
    settings = RecoverySettings(resume_rate_per_second=8)
    without_model = plan(ORDER, 10, ModelUse(share=0))
    # PayStack makes 20 links a second: 10 are left, 8 are used.
    assert without_model.recovery_seconds(1000, settings) == pytest.approx(125)


def test_they_go_on_slower_where_little_is_left_and_never_where_nothing_is() -> None:
    settings = RecoverySettings(resume_rate_per_second=8)
    close = plan(ORDER, 17, ModelUse(share=0))
    assert close.recovery_seconds(1000, settings) == pytest.approx(1000 / (20 - 17))
    assert plan(ORDER, 1000).recovery_seconds(1, settings) == float("inf")


@given(st.floats(0.1, 1000), st.floats(0.1, 1000))
def test_a_higher_rate_breaks_no_fewer_quotas(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert set(plan(ORDER, low).broken) <= set(plan(ORDER, high).broken)


def test_each_service_that_functions_and_orders_call_has_prices_and_quotas() -> None:
    recorded = json.loads((PROJECT / "tests" / "data" / "function_calls.json").read_text())
    called = {call.partition(":")[0] for calls in recorded.values() for call in calls}
    called |= {name.partition(":")[0] for name in measured_order().calls}
    assert "dynamodb" in called
    assert called - set(BILLED_SERVICES) == set()
    assert called - quota_table().services == set()
