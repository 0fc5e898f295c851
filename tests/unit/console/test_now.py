"""The view Now of a stage in memory: what it reads, counts and finds in the queues."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from orderflow.breakers.state import State
from orderflow.clock import epoch_ms, iso, utc_now
from orderflow.orders.model import Failure, Parked, StatusChange
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.recovery.settings import RecoverySettings
from scripts.cli.deployment import Deployment
from scripts.console.overview import now as now_module
from scripts.console.overview.breaker_history import BreakerHistory
from scripts.console.overview.dead_letters import QUEUES
from scripts.console.overview.now import Now
from scripts.console.stage import ConsoleStage, Parallel, counted_reads
from scripts.inspection.alarms import Alarm
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
    assert (recovery["parked"], recovery["more"]) == (6, False)


def test_the_expected_end_counts_the_orders_that_were_not_read(
    view: Any, store: OrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(now_module, "MOST_STUCK", 3)
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
    monkeypatch.setattr(now_module, "MOST_STUCK", 2)
    for _ in range(3):
        stored(store, a_parked_order())

    shown = view()

    assert shown["problems"][0]["sentence"].count("at least 2 orders, at least ₦") == 1
    assert shown["waiting"]["more"]
    assert shown["reads"]["limits"] == ["of PAYMENT_DELAYED the newest 2 orders were read"]
    assert iso(utc_now()) >= shown["at"]


def a_failed_order(since: timedelta, **changes: Any) -> Any:
    at = utc_now() - since
    failure = Failure(error="KeyError", state="MatchProducts", execution_arn="arn", at=at)
    history = [StatusChange(status=OrderStatus.FAILED, at=at, by="t")]
    return a_matched_order(
        **{"status": "FAILED", "failure": failure, "history": history, "created_at": at}
        | {"execution_arn": None}
        | changes
    )


def test_the_figures_of_hundreds_of_failed_orders_are_soon_exact(
    view: Any, store: OrderStore
) -> None:
    for number in range(101):
        customer = f"c{number % 90}"
        stored(store, a_failed_order(timedelta(minutes=number), customer_id=customer))
    oldest = iso(utc_now() - timedelta(minutes=100))

    first, shown = view(), view()

    assert "at least 99 orders" in first["headline"]
    assert first["reads"]["limits"] == ["of FAILED the newest 99 orders were read"]

    (problem,) = shown["problems"]
    figures = [problem[each] for each in ("orders", "customers", "kobo", "more", "earlier")]
    assert figures == [101, 90, 101 * 240_100, False, False]
    assert abs(datetime.fromisoformat(problem["since"]) - datetime.fromisoformat(oldest)) < (
        timedelta(minutes=1)
    )
    assert shown["waiting"]["oldest"] == problem["since"]
    assert shown["reads"]["limits"] == []


def test_failures_above_the_bound_may_have_begun_earlier(
    view: Any, store: OrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(now_module, "MOST_STUCK", 2)
    for number in range(3):
        stored(store, a_failed_order(timedelta(minutes=number)))

    (problem,) = view()["problems"]

    assert (problem["more"], problem["earlier"]) == (True, True)
    assert " or earlier; at least 2 orders, at least ₦" in problem["sentence"]


def test_only_orders_that_have_changed_are_read_again(
    view: Any, store: OrderStore, orders_table: Any
) -> None:
    first_order, *_ = (stored(store, a_failed_order(timedelta(minutes=n))) for n in range(20))

    first, second = view(), view()
    orders_table.update_item(
        Key={"orderId": first_order.order_id},
        UpdateExpression="SET failure.#error = :error, updatedAt = :now",
        ExpressionAttributeNames={"#error": "error"},
        ExpressionAttributeValues={":error": "ValueError", ":now": iso(utc_now())},
    )
    third = view()

    assert [each["problems"][0]["orders"] for each in (first, second, third)] == [20, 20, 19]
    read = [each["reads"]["records"] for each in (first, second, third)]
    assert [read[0] - read[1], read[2] - read[1]] == [20, 1]


def test_an_order_that_went_on_is_not_shown_any_more(view: Any, store: OrderStore) -> None:
    order = stored(store, a_failed_order(timedelta(minutes=1)))
    assert view()["problems"]

    store.cancel(order.order_id, "enough")

    assert view()["problems"] == []


def test_a_stored_order_that_cannot_be_read_hides_no_other(
    view: Any, store: OrderStore, orders_table: Any
) -> None:
    good, bad = (stored(store, a_failed_order(timedelta(minutes=1))) for _ in range(2))
    orders_table.update_item(
        Key={"orderId": bad.order_id},
        UpdateExpression="SET totalKobo = :text",
        ExpressionAttributeValues={":text": "much"},
    )

    shown = view()

    (problem,) = shown["problems"]
    assert (problem["orderIds"], problem["more"]) == ([good.order_id], True)
    assert shown["reads"]["limits"] == [f"stored orders that can't be read: {bad.order_id[:8]}"]


DENIED = ClientError(
    {"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}, "Query"
)
THROTTLED = ClientError({"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}, "Any")
NO_ANSWER = EndpointConnectionError(endpoint_url="https://aws.example")

#: What fails, in the module of the view, with the name of the part on the page.
PARTS = {
    "alarms": "alarms",
    "counts_by_minute": "orders per minute",
    "depth": "queue of parked orders",
    "last_refusal": "refusals of e-mail",
}


@pytest.mark.parametrize(
    ("read", "error"),
    [
        ("alarms", DENIED),
        ("counts_by_minute", THROTTLED),
        ("depth", NO_ANSWER),
        ("last_refusal", KeyError("a bug")),
    ],
)
def test_one_part_that_cannot_be_read_hides_no_other(
    view: Any, store: OrderStore, monkeypatch: pytest.MonkeyPatch, read: str, error: Exception
) -> None:
    order = stored(store, a_parked_order())

    def fail(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(now_module, read, fail)

    shown = view()

    (problem,) = shown["problems"]
    assert problem["orderIds"] == [order.order_id]
    (unread,) = shown["reads"]["unread"]
    assert PARTS[read] in unread["what"]
    assert unread["why"]
    assert unread["advice"]
    assert f"Not read: {unread['what'][0]}" in shown["headline"]


def test_without_the_orders_the_rest_is_shown_and_nothing_is_called_well(
    view: Any, monkeypatch: pytest.MonkeyPatch, queues: dict[str, str]
) -> None:
    url = queues["dead letters kept for operations"]
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody="what is it?")

    def refuse(*_: Any) -> Any:
        raise DENIED

    for read in ("changed", "newest", "count"):
        monkeypatch.setattr(OrderStore, read, refuse)

    shown = view()

    assert [each["what"] for each in shown["problems"]] == ["1 message could not be handled"]
    assert (shown["waiting"], shown["statuses"], shown["recovery"]) == (None, [], None)
    assert [each["provider"] for each in shown["breakers"]] == ["paystack", "bedrock"]
    (unread,) = shown["reads"]["unread"]
    assert unread["what"] == [
        "FAILED orders", "NEEDS ATTENTION orders", "PAYMENT DELAYED orders",
        "orders that wait for their payment", "orders by status",
    ]  # fmt: skip
    assert "permission" in unread["advice"]


def test_a_stage_of_which_a_part_could_not_be_read_is_not_called_well(
    view: Any, store: OrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(store, an_order())

    def throttle(_: Any) -> Any:
        raise THROTTLED

    monkeypatch.setattr(now_module, "alarms", throttle)

    assert view()["headline"] == (
        "Nothing is wrong in what was read: 1 order on the way. Not read: alarms."
    )


def test_that_bedrock_refuses_us_is_known_from_its_alarm(
    view: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm = Alarm("grocery-dev-BedrockRefuses", "It refuses.", True, utc_now(), "")
    monkeypatch.setattr(now_module, "alarms", lambda _: [alarm])

    assert [each["what"] for each in view()["problems"]] == ["Bedrock refuses our requests"]


def test_a_breaker_is_shown_without_its_history(view: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise DENIED

    monkeypatch.setattr(BreakerHistory, "changes", refuse)

    shown = view()

    assert [each["changes"] for each in shown["breakers"]] == [[], []]
    assert "history of PayStack's breaker" in shown["reads"]["unread"][0]["what"]


def test_an_outage_does_not_claim_that_no_order_waits_where_orders_were_not_read(
    view: Any, breakers_table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    breakers_table.put_item(
        Item={
            "provider": "paystack", "state": "OPEN", "epoch": 3, "failures": 0, "opens": 1,
            "openedAt": epoch_ms(), "retryAt": epoch_ms() + 40_000, "reason": "503",
        }
    )  # fmt: skip

    def refuse(*_: Any) -> Any:
        raise DENIED

    monkeypatch.setattr(OrderStore, "changed", refuse)

    assert "no order waits" not in view()["headline"]
