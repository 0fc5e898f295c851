"""At most one action an interval for each provider, stored on the breaker's item."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orderflow.breakers.rate_limits import RateLimiter
from orderflow.breakers.state import BreakerItem, State
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.breakers.transitions import COUNT_FAILURE
from orderflow.errors import StoreUnavailable
from tests.support.factories import client_error
from tests.unit.conftest import FailCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@pytest.fixture
def rate_limiter(breakers_table: Table) -> RateLimiter:
    return RateLimiter(breakers_table)


@pytest.mark.parametrize(("later", "taken"), [(0, False), (99, False), (100, True), (5000, True)])
def test_an_action_is_granted_once_an_interval(
    rate_limiter: RateLimiter, later: int, taken: bool
) -> None:
    assert rate_limiter.try_acquire("paystack", "alertedAt", 1000, 100)

    assert rate_limiter.try_acquire("paystack", "alertedAt", 1000 + later, 100) is taken


def test_a_refused_action_does_not_lengthen_the_interval(rate_limiter: RateLimiter) -> None:
    rate_limiter.try_acquire("paystack", "alertedAt", 1000, 100)
    rate_limiter.try_acquire("paystack", "alertedAt", 1060, 100)

    assert rate_limiter.try_acquire("paystack", "alertedAt", 1120, 100)


def test_actions_and_providers_are_limited_separately(rate_limiter: RateLimiter) -> None:
    rate_limiter.try_acquire("paystack", "alertedAt", 1000, 100)

    assert rate_limiter.try_acquire("paystack", "resumedAt", 1000, 100)
    assert rate_limiter.try_acquire("bedrock", "alertedAt", 1000, 100)


@pytest.mark.parametrize(("epoch", "taken"), [(3, False), (4, False), (5, True)])
def test_only_a_later_epoch_may_act_within_the_interval(
    rate_limiter: RateLimiter, epoch: int, taken: bool
) -> None:
    rate_limiter.try_acquire("paystack", "resumedAt", 1000, 100, epoch=4)

    assert rate_limiter.try_acquire("paystack", "resumedAt", 1001, 100, epoch=epoch) is taken


def test_a_released_action_is_granted_again(rate_limiter: RateLimiter) -> None:
    rate_limiter.try_acquire("paystack", "alertedAt", 1000, 100)

    rate_limiter.release("paystack", "alertedAt", 1000)

    assert rate_limiter.try_acquire("paystack", "alertedAt", 1001, 100)


def test_a_later_callers_action_is_not_released(rate_limiter: RateLimiter) -> None:
    rate_limiter.try_acquire("paystack", "alertedAt", 1000, 100)
    rate_limiter.try_acquire("paystack", "alertedAt", 1200, 100)

    rate_limiter.release("paystack", "alertedAt", 1000)

    assert not rate_limiter.try_acquire("paystack", "alertedAt", 1201, 100)


def test_a_breaker_without_an_item_still_counts_its_failures(
    rate_limiter: RateLimiter, breakers_table: Table
) -> None:
    rate_limiter.try_acquire("paystack", "alertedAt", 1000, 100)
    breakers = DynamoBreakerStore(breakers_table)

    assert breakers.read("paystack") == BreakerItem(provider="paystack")
    assert breakers.write("paystack", COUNT_FAILURE, 0, {"by": "tests"}).applied


def test_a_breaker_keeps_its_state(rate_limiter: RateLimiter, breakers_table: Table) -> None:
    item = BreakerItem(
        provider="paystack", state=State.OPEN, epoch=7, failures=2, opens=3, retry_at=9
    )
    breakers_table.put_item(Item=item.model_dump(by_alias=True, exclude_none=True))

    rate_limiter.try_acquire("paystack", "alertedAt", 1000, 100)
    rate_limiter.release("paystack", "alertedAt", 1000)

    assert DynamoBreakerStore(breakers_table).read("paystack") == item


def test_no_action_is_granted_while_dynamodb_is_unavailable(
    rate_limiter: RateLimiter, breakers_table: Table, fail_calls: FailCalls
) -> None:
    fail_calls(breakers_table.meta.client, "UpdateItem", client_error("ThrottlingException"))

    with pytest.raises(StoreUnavailable):
        rate_limiter.try_acquire("paystack", "alertedAt", 1000, 100)
    with pytest.raises(StoreUnavailable):
        rate_limiter.release("paystack", "alertedAt", 1000)


def test_a_refused_permission_is_raised(
    rate_limiter: RateLimiter, breakers_table: Table, fail_calls: FailCalls
) -> None:
    denied = client_error("AccessDeniedException")
    fail_calls(breakers_table.meta.client, "UpdateItem", denied)

    with pytest.raises(type(denied), match="AccessDenied"):
        rate_limiter.try_acquire("paystack", "alertedAt", 1000, 100)
    with pytest.raises(type(denied), match="AccessDenied"):
        rate_limiter.release("paystack", "alertedAt", 1000)
