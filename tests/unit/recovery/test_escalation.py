"""The alert about orders whose automatic attempts failed: its text and how often it is sent."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from orderflow.breakers.state import State
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.clock import iso
from orderflow.errors import NotificationUnavailable, StoreUnavailable
from orderflow.orders.model import StatusChange
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.recovery.settings import RecoverySettings
from tests.support.factories import CUSTOMER_EMAIL, client_error
from tests.support.recovery_scene import NOW, PROVIDER, Scene, TaskTokens
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

S = OrderStatus
HOUR = timedelta(hours=1)
OUTAGE = client_error("InternalFailure", 500)


@pytest.fixture
def scene(
    store: OrderStore, breakers_table: Table, topic_arn: str, record_calls: RecordCalls
) -> Iterator[Scene]:
    """A breaker that is open."""
    with TaskTokens().behind(aws.step_functions()) as tokens:
        scene = Scene(store, breakers_table, topic_arn, tokens, record_calls)
        scene.breaker(State.OPEN, 1, reason="PayStack failed: 503.")
        yield scene


def alert(scene: Scene, provider: str = PROVIDER) -> None:
    scene.escalation.alert(scene.park(park_count=3, provider=provider), provider)


class TestAlert:
    def test_it_names_the_problem_and_the_commands(self, scene: Scene, topic_arn: str) -> None:
        scene.park_many(2, at=NOW - HOUR)
        order = scene.park(park_count=3)

        scene.escalation.alert(order, PROVIDER)

        (alert,) = scene.published
        assert alert["TopicArn"] == topic_arn
        assert alert["Subject"] == "Grocery orders: 3 orders parked for paystack"
        for part in (
            "Waiting for paystack: 3 orders.",
            "did not help 1 of them.",
            "The breaker of paystack is OPEN (mode AUTO). Reason: PayStack failed: 503.",
            "    orders failed\n",
            "    orders breakers show\n",
            "    orders resume --all --provider paystack\n",
        ):
            assert part in alert["Message"]

    def test_the_oldest_waits_since_its_first_parking(self, scene: Scene) -> None:
        history = [
            StatusChange(status=status, at=iso(NOW - hours * HOUR), by="tests")
            for status, hours in ((S.MATCHED, 3), (S.PAYMENT_DELAYED, 2), (S.PAYMENT_DELAYED, 1))
        ]
        scene.park(history=history)

        alert(scene)

        assert f"waiting since {iso(NOW - 2 * HOUR)}" in scene.published[0]["Message"]

    def test_an_order_that_the_index_lacks_is_counted(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scene.store, "parked", lambda _: iter(()))

        alert(scene)

        assert scene.published[0]["Message"].startswith("Waiting for paystack: 1 order.")

    def test_it_holds_no_customers_data_and_no_token(self, scene: Scene) -> None:
        scene.escalation.alert(scene.park(park_count=3, token="secret"), PROVIDER)

        for private in (CUSTOMER_EMAIL, "secret"):
            assert private not in str(scene.published)

    def test_it_is_audited_and_measured(
        self, scene: Scene, log_output: io.StringIO, capsys: pytest.CaptureFixture[str]
    ) -> None:
        scene.park()

        alert(scene)

        gauge = json.loads(capsys.readouterr().out)
        assert (gauge["OrdersNeedingAttention"], gauge["provider"]) == ([1.0], PROVIDER)
        (audit,) = map(json.loads, log_output.getvalue().splitlines())
        assert audit["audit"]["action"] == "attention alert"
        assert audit["audit"]["details"] == {"waiting": 2, "needingAttention": 1}


class TestHowOften:
    def test_many_orders_cause_one_alert_an_interval(self, scene: Scene) -> None:
        for _ in range(3):
            alert(scene)
        scene.now += 3_600_000 - 1
        alert(scene)
        assert len(scene.published) == 1

        scene.now += 1
        alert(scene)
        assert len(scene.published) == 2

    def test_the_interval_comes_from_the_settings(self, scene: Scene) -> None:
        scene.settings = RecoverySettings(alert_interval_seconds=0)

        alert(scene)
        alert(scene)

        assert len(scene.published) == 2

    def test_each_provider_has_an_interval_of_its_own(self, scene: Scene) -> None:
        alert(scene)
        alert(scene, "another")

        assert len(scene.published) == 2

    def test_the_breaker_is_not_changed(self, scene: Scene) -> None:
        breakers = DynamoBreakerStore(scene.breakers_table)
        before = breakers.read(PROVIDER)

        alert(scene)

        assert breakers.read(PROVIDER) == before


class TestFailures:
    def test_an_alert_that_was_not_sent_is_sent_the_next_time(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = scene.park(park_count=3)
        with monkeypatch.context() as patch:
            patch.setattr(aws.sns(), "publish", _refused)
            with pytest.raises(NotificationUnavailable):
                scene.escalation.alert(order, PROVIDER)
        assert scene.published == []

        scene.escalation.alert(order, PROVIDER)

        assert len(scene.published) == 1

    def test_an_alert_is_sent_the_next_time_if_orders_cant_be_counted(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = scene.park(park_count=3)
        with monkeypatch.context() as patch:
            patch.setattr(scene.store, "parked", _broken)
            with pytest.raises(StoreUnavailable):
                scene.escalation.alert(order, PROVIDER)

        scene.escalation.alert(order, PROVIDER)

        assert len(scene.published) == 1

    def test_an_alert_that_is_lost_for_an_interval_is_logged_as_an_error(
        self,
        scene: Scene,
        fail_calls: FailCalls,
        monkeypatch: pytest.MonkeyPatch,
        log_output: io.StringIO,
    ) -> None:
        order = scene.park(park_count=3)
        monkeypatch.setattr(scene.escalation._rate_limiter, "release", _broken)
        fail_calls(aws.sns(), "Publish", OUTAGE)

        with pytest.raises(NotificationUnavailable):
            scene.escalation.alert(order, PROVIDER)

        assert "no alert for one interval" in log_output.getvalue()


def _broken(*_: object) -> None:
    raise StoreUnavailable("DynamoDB failed")


def _refused(**_: object) -> None:
    raise OUTAGE
