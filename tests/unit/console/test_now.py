"""The view Now of a stage in memory: what it reads, counts and finds in the queues."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from orderflow.breakers.state import State
from orderflow.clock import epoch_ms, iso, utc_now
from orderflow.orders.model import Parked
from orderflow.orders.store import OrderStore
from orderflow.recovery.settings import RecoverySettings
from scripts.cli.deployment import Deployment
from scripts.console.overview import now as now_module
from scripts.console.overview.dead_letters import QUEUES
from scripts.console.overview.now import Now
from scripts.console.stage import ConsoleStage, Parallel, counted_reads
from tests.support.factories import a_matched_order, an_order, an_order_id, stored
from tests.unit.cli.conftest import RECOVERY_PARAMETER


@pytest.fixture
def queues(operated: Deployment) -> dict[str, str]:
    """The addresses of the stage's queues, by name."""
    sqs = boto3.client("sqs")
    found = {
        name: sqs.create_queue(QueueName=f"q{number}")["QueueUrl"]
        for number, name in enumerate(QUEUES)
    }
    operated.outputs.update({QUEUES[name]: url for name, url in found.items()})
    return found


@pytest.fixture
def view(operated: Deployment, queues: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """``view()`` reads the page's data."""
    boto3.client("ssm").put_parameter(
        Name=RECOVERY_PARAMETER,
        Type="String",
        Value=RecoverySettings(resume_rate_per_second=2).model_dump_json(by_alias=True),
    )
    series = {name: [0.0] * 60 for name in ("accepted", "links", "paid", "failed", "resumed")}
    monkeypatch.setattr(
        now_module, "counts_by_minute", lambda *_: {"minutes": [], "series": series}
    )
    monkeypatch.setattr(now_module, "alarms", lambda _: [])
    now = Now(ConsoleStage.of(operated), Parallel())

    def read() -> dict[str, Any]:
        with counted_reads() as reads:
            return {**now.view(reads), "reads": reads.as_json()}

    return read


def a_parked_order(**changes: Any) -> Any:
    parked = Parked(task_token="secret", provider="paystack", park_count=0, at=utc_now())
    return a_matched_order(status="PAYMENT_DELAYED", parked=parked, **changes)


def test_a_stage_without_problems_is_well(view: Any, store: OrderStore) -> None:
    stored(store, an_order())

    shown = view()

    assert shown["headline"] == "All is well: 1 order on the way."
    assert (shown["problems"], shown["waiting"]["oldest"]) == ([], None)
    assert shown["reads"]["requests"] > 0


def test_an_outage_is_told_from_the_breaker_and_the_orders(
    view: Any, store: OrderStore, breakers_table: Any
) -> None:
    order = stored(store, a_parked_order())
    breakers_table.put_item(
        Item={
            "provider": "paystack", "state": "OPEN", "epoch": 3, "failures": 0, "opens": 1,
            "openedAt": epoch_ms(), "retryAt": epoch_ms() + 40_000, "reason": "503",
        }
    )  # fmt: skip

    shown = view()

    (problem,) = shown["problems"]
    assert (problem["what"], problem["orderIds"]) == ("PayStack is out", [order.order_id])
    assert (shown["waiting"]["orders"], shown["waiting"]["kobo"]) == (1, order.total_kobo)
    paystack = shown["breakers"][0]
    assert (paystack["state"], paystack["isOpen"], paystack["reason"]) == (State.OPEN, True, "503")
    assert shown["recovery"]["endsInSeconds"] is None
    assert "secret" not in json.dumps(shown)


def test_a_recovery_has_an_expected_end(view: Any, store: OrderStore) -> None:
    for _ in range(6):
        stored(store, a_parked_order())

    recovery = view()["recovery"]

    assert (recovery["left"], recovery["endsInSeconds"]) == (6, 3)


def test_the_expected_end_counts_the_orders_that_were_not_read(
    view: Any, store: OrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(now_module, "MAX_ORDERS", 3)
    for _ in range(12):
        stored(store, a_parked_order())

    shown = view()

    assert (shown["recovery"]["left"], shown["recovery"]["endsInSeconds"]) == (12, 6)
    assert "done in about 6 s" in shown["headline"]


def test_orders_are_counted_by_status_and_ended_ones_of_the_last_hour(
    view: Any, store: OrderStore
) -> None:
    stored(store, an_order())
    stored(store, an_order(created_at=utc_now() - timedelta(hours=2)))
    stored(store, an_order(status="EXPIRED"))
    stored(store, an_order(status="EXPIRED", created_at=utc_now() - timedelta(hours=2)))

    counted = {each["status"]: each["count"] for each in view()["statuses"]}

    assert (counted["PAYMENT_INITIATED"], counted["EXPIRED"], counted["FAILED"]) == (2, 1, 0)


def test_a_dead_letter_is_counted_and_stays_in_its_queue(
    view: Any, queues: dict[str, str], store: OrderStore
) -> None:
    order = stored(store, an_order())
    url, sqs = queues["dead letters of parked orders"], boto3.client("sqs")
    body = {"kind": "order", "orderId": order.order_id, "another": an_order_id()}
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))

    for _ in range(2):
        (problem,) = view()["problems"]
        assert problem["what"] == "1 message could not be handled"
        assert problem["orderIds"] == [order.order_id]
        assert problem["since"] is not None

    assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1


def test_more_stuck_orders_than_are_read_make_lower_bounds(
    view: Any, store: OrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(now_module, "MAX_ORDERS", 2)
    for _ in range(3):
        stored(store, a_parked_order())

    shown = view()

    assert shown["problems"][0]["sentence"].count("at least 2 orders") == 1
    assert shown["waiting"]["more"]
    assert shown["reads"]["limits"] == ["of PAYMENT_DELAYED the newest 2 orders were read"]
    assert iso(utc_now()) >= shown["at"]
