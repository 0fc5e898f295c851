"""What the canary does, what it notices, and that it leaves no order open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orderflow.canary.customer import CanaryCustomer
from orderflow.canary.journey import Journey, Plan, Report, Step
from orderflow.errors import AccountsUnavailable
from tests.support.canary_shop import ORDER, CanaryShop

PLAN = Plan("1 loaf bread", stops_before_link=False, patience_seconds=60)
WITHOUT_LINK = Plan("1 loaf bread", stops_before_link=True, patience_seconds=60)
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def run(shop: CanaryShop, plan: Plan = PLAN) -> Report:
    return Journey(shop.customer, plan, seconds=lambda: 0, clock=lambda: NOON).run()


def test_it_orders_sees_update_and_link_and_cancels() -> None:
    shop = CanaryShop()

    report = run(shop)

    assert report.passed
    assert shop.submitted == [{"groceryList": "1 loaf bread", "review": False}]
    assert shop.cancelled == [ORDER]


def test_where_paystack_is_live_it_stops_before_the_link() -> None:
    shop = CanaryShop("PENDING_MATCHING", "MATCHED", "AWAITING_REVIEW")

    report = run(shop, WITHOUT_LINK)

    assert report.passed
    assert shop.submitted == [{"groceryList": "1 loaf bread", "review": True}]
    assert shop.cancelled == [ORDER]


def test_a_link_that_was_not_to_be_made_is_noticed() -> None:
    shop = CanaryShop("MATCHED", "PAYMENT_INITIATED")

    report = run(shop, WITHOUT_LINK)

    assert report.problem == "JourneyError: The order is PAYMENT_INITIATED, not AWAITING_REVIEW."
    assert shop.cancelled == [ORDER]


@pytest.mark.parametrize("status", ["PAYMENT_DELAYED", "NEEDS_ATTENTION", "FAILED", "REJECTED"])
def test_an_order_that_gets_no_link_is_noticed_at_once_and_cancelled(status: str) -> None:
    shop = CanaryShop("PENDING_MATCHING", status)

    report = run(shop)

    assert report.failed_step is Step.UPDATE
    assert report.problem == f"JourneyError: The order is {status}, not PAYMENT_INITIATED."
    assert shop.cancelled == [ORDER]


def test_an_update_that_does_not_come_is_noticed() -> None:
    shop = CanaryShop("PENDING_MATCHING")

    report = run(shop)

    assert report.failed_step is Step.UPDATE
    assert "in time" in report.problem
    assert shop.cancelled == [ORDER]


@pytest.mark.parametrize(
    ("link", "announced"), [(None, None), (None, "https://a"), ("https://a", "https://b")]
)
def test_a_link_that_is_missing_or_another_is_noticed(
    link: str | None, announced: str | None
) -> None:
    report = run(CanaryShop(link=link, announced=announced))

    assert report.failed_step is Step.LINK


@pytest.mark.parametrize(
    ("operation", "step"),
    [
        ("submitGroceryList", Step.SUBMISSION),
        ("getOrder", Step.LINK),
        ("cancelOrder", Step.CANCELLATION),
        ("myOrders", Step.SUBMISSION),
    ],
)
def test_each_operation_that_does_not_answer_is_noticed(operation: str, step: Step) -> None:
    report = run(CanaryShop(out=frozenset({operation})))

    assert (report.failed_step, report.problem) == (step, "ApiUnavailable: The API failed: 503")


def test_a_sign_in_that_does_not_work_is_noticed() -> None:
    def out() -> CanaryCustomer:
        raise AccountsUnavailable("Cognito failed: 503")

    report = Journey(out, PLAN).run()

    assert report.failed_step is Step.SIGN_IN
    assert report.order_id is None


def test_a_subscription_that_is_refused_is_noticed() -> None:
    shop = CanaryShop()
    shop.refuses_subscription = True

    report = run(shop)

    assert report.failed_step is Step.SUBSCRIPTION
    assert shop.submitted == []


def test_what_an_earlier_run_left_open_is_cancelled_and_what_another_just_began_is_not() -> None:
    mine = (
        {"orderId": "left", "status": "PAYMENT_DELAYED", "createdAt": "2026-01-31T11:49:59.000Z"},
        {"orderId": "fresh", "status": "MATCHED", "createdAt": "2026-01-31T11:59:00.000Z"},
        {"orderId": "ended", "status": "CANCELLED", "createdAt": "2026-01-31T11:00:00.000Z"},
    )
    shop = CanaryShop(mine=mine)

    assert run(shop).passed
    assert shop.cancelled == ["left", ORDER]


def test_the_report_is_json_without_what_is_secret() -> None:
    report = run(CanaryShop("REJECTED"))

    assert report.as_json() == {
        "passed": False,
        "seconds": 0,
        "orderId": ORDER,
        "failedStep": "update",
        "problem": "JourneyError: The order is REJECTED, not PAYMENT_INITIATED.",
    }
