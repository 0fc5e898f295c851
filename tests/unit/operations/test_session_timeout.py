"""Operations are alerted where PayStack's checkouts end before our links do."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from orderflow.breakers.rate_limits import RateLimiter
from orderflow.errors import (
    BreakerOpen,
    NotificationUnavailable,
    PaystackRefusedUs,
    PaystackUnavailable,
)
from orderflow.operations.session_timeout import INTERVAL, SessionTimeoutCheck
from tests.support.factories import client_error
from tests.unit.conftest import FailCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

DAY = 86_400
INTERVAL_MS = INTERVAL // timedelta(milliseconds=1)


class Scene:
    """PayStack's setting, the alerts and the time."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.timeout: int | Exception = 0
        self.asked = 0
        self.now = 10 * INTERVAL_MS
        self.alerts: list[str] = []
        self.alerts_fail = False

    def session_timeout(self) -> int:
        self.asked += 1
        if isinstance(self.timeout, Exception):
            raise self.timeout
        return self.timeout

    def publish(self, subject: str, message: str) -> None:
        if self.alerts_fail:
            raise NotificationUnavailable("SNS is out")
        self.alerts.append(f"{subject} {message}")

    def run(self) -> None:
        limiter = RateLimiter(self.table)
        SessionTimeoutCheck(self, limiter, self, timedelta(days=1), lambda: self.now).run()


@pytest.fixture
def scene(breakers_table: Table) -> Scene:
    return Scene(breakers_table)


@pytest.mark.parametrize("timeout", [0, DAY, DAY + 1])
def test_one_that_outlasts_our_links_is_well(scene: Scene, timeout: int) -> None:
    scene.timeout = timeout

    scene.run()

    assert (scene.asked, scene.alerts) == (1, [])


@pytest.mark.parametrize("timeout", [1, 30, DAY - 1])
def test_a_shorter_one_is_alerted_with_what_to_do(scene: Scene, timeout: int) -> None:
    scene.timeout = timeout

    scene.run()

    (alert,) = scene.alerts
    assert f"after {timeout} seconds" in alert
    assert "to at least\n86400 seconds" in alert


def test_paystack_is_asked_once_an_interval(scene: Scene) -> None:
    scene.timeout = 30

    for _ in range(3):
        scene.run()
    scene.now += INTERVAL_MS
    scene.run()

    assert (scene.asked, len(scene.alerts)) == (2, 2)


@pytest.mark.parametrize(
    "problem", [BreakerOpen("open"), PaystackUnavailable("out"), PaystackRefusedUs("key")]
)
def test_an_outage_costs_the_breaker_one_failure_an_interval(
    scene: Scene, problem: Exception, log_output: io.StringIO
) -> None:
    scene.timeout = problem

    for _ in range(3):
        scene.run()

    assert (scene.asked, scene.alerts) == (1, [])
    assert type(problem).__name__ in log_output.getvalue()


def test_nothing_fails_where_operations_or_the_table_cant_be_reached(
    scene: Scene, fail_calls: FailCalls
) -> None:
    scene.timeout, scene.alerts_fail = 30, True
    scene.run()

    fail_calls(scene.table.meta.client, "UpdateItem", client_error("ThrottlingException"))
    scene.run()

    assert scene.asked == 1
