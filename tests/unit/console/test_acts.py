"""The console's acts: planned first, audited with reason and account, done as by commands."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderflow.breakers.state import Mode
from orderflow.orders.model import Order, Parked
from orderflow.orders.store import OrderStore
from scripts.cli.console import CommandError
from scripts.cli.deployment import Deployment
from scripts.cli.operations.audit import AuditTrail
from scripts.console import acts
from scripts.console.acts import Acts, Request
from scripts.console.operators import Operator
from scripts.console.stage import ConsoleStage
from tests.support.factories import a_matched_order, a_payment, an_order, an_order_id, stored
from tests.support.step_functions import FakeRun, StepFunctions

KEMI = Operator("kemi-sub", "kemi@example.com", may_act=True)
WHY = "asked by the customer"


@pytest.fixture
def console(operated: Deployment, monkeypatch: pytest.MonkeyPatch) -> Acts:
    client = Deployment.client
    monkeypatch.setattr(ConsoleStage, "client", client)  # the fake ones
    return Acts(ConsoleStage.of(operated))


def wish(act: str, *orders: Order, **fields: Any) -> Request:
    ids = [order.order_id for order in orders]
    return Request.model_validate({"act": act, "orderIds": ids, "reason": WHY, **fields})


def a_parked_order(**changes: Any) -> Order:
    order_id = an_order_id()
    parked = Parked(
        task_token=f"token of {order_id}", provider="paystack", park_count=3,
        at="2026-01-31T12:00:00.000Z",
    )  # fmt: skip
    fields = {"status": "NEEDS_ATTENTION", "parked": parked}
    return a_matched_order(order_id=order_id, **fields | changes)


def signed(deployment: Deployment) -> list[tuple[str, str, str, str]]:
    """Act, source, account and reason of the lines in the audit log."""
    entries = AuditTrail(deployment).entries(datetime.now(UTC) - timedelta(hours=1))
    return [
        (each.action, each.source, each.details["operator"], each.details["operatorReason"])
        for each in entries
    ]


def test_parked_orders_are_resumed(
    console: Acts, store: OrderStore, operated: Deployment, step_functions: StepFunctions
) -> None:
    parked, other = stored(store, a_parked_order()), stored(store, an_order())

    plan = console.plan(wish("resume", parked, other))
    outcome = console.act(wish("resume", parked, other), KEMI)

    assert plan["possible"]
    assert plan["will"][0] == "1 parked order will go on now."
    assert "1 order of these are not parked: nothing is done." in plan["will"]
    assert outcome["results"] == {parked.order_id: "resumed", other.order_id: "not-parked"}
    assert [json.loads(params["output"])["orderId"] for _, params in step_functions.acts()] == [
        parked.order_id
    ]
    assert signed(operated) == [("resume", "console", "kemi-sub", WHY)]


def test_a_plan_changes_nothing(
    console: Acts, store: OrderStore, operated: Deployment, step_functions: StepFunctions
) -> None:
    order = stored(store, a_parked_order())

    for act in ("resume", "replay", "cancel"):
        console.plan(wish(act, order))
    console.plan(wish("breaker", provider="paystack", mode="FORCED_OPEN"))

    assert step_functions.acts() == []
    assert store.get(order.order_id) == order
    assert operated.breakers.read("paystack").mode is Mode.AUTO
    assert signed(operated) == []


def test_an_open_breaker_warns_that_orders_will_be_parked_again(
    console: Acts, store: OrderStore
) -> None:
    order = stored(store, a_parked_order())
    console.act(wish("breaker", provider="paystack", mode="FORCED_OPEN"), KEMI)

    plan = console.plan(wish("resume", order))

    assert "PayStack's breaker is open" in plan["will"][-1]


@pytest.mark.parametrize("act", ["resume", "replay", "cancel", "breaker"])
def test_nothing_is_done_without_a_reason(
    console: Acts, store: OrderStore, operated: Deployment, act: str
) -> None:
    order = stored(store, a_parked_order())
    fields = {"provider": "paystack", "mode": "AUTO"} if act == "breaker" else {}

    with pytest.raises(CommandError, match="Say why"):
        console.act(wish(act, order, reason="  ", **fields), KEMI)

    assert signed(operated) == []


def test_an_order_is_cancelled_with_the_reason(
    console: Acts, store: OrderStore, operated: Deployment
) -> None:
    order = stored(store, a_matched_order())

    plan = console.plan(wish("cancel", order))
    outcome = console.act(wish("cancel", order), KEMI)

    assert plan["will"][0] == "The order of ₦2,401.00 will be cancelled for good."
    assert outcome["done"] == "The order is CANCELLED."
    assert store.get(order.order_id).status_reason == WHY
    assert ("cancel", "console", "kemi-sub", WHY) in signed(operated)


@pytest.mark.parametrize(
    "fields", [{"status": "EXPIRED"}, {"payment": a_payment(verified_at=datetime.now(UTC))}]
)
def test_what_has_ended_or_is_paid_can_not_be_cancelled(
    console: Acts, store: OrderStore, fields: dict[str, Any]
) -> None:
    plan = console.plan(wish("cancel", stored(store, an_order(**fields))))

    assert not plan["possible"]


def test_a_breaker_is_forced(console: Acts, operated: Deployment) -> None:
    outcome = console.act(wish("breaker", provider="bedrock", mode="FORCED_OPEN"), KEMI)

    assert outcome["done"].startswith("The breaker of Bedrock is FORCED_OPEN.")
    assert operated.breakers.read("bedrock").mode is Mode.FORCED_OPEN
    assert signed(operated) == [("breaker FORCED_OPEN", "console", "kemi-sub", WHY)]


@pytest.mark.parametrize(
    ("provider", "will"),
    [
        ("paystack", "PayStack will not be called until an operator changes it: orders are parked"),
        ("bedrock", "Bedrock will not be called until an operator changes it: orders are matched"),
    ],
)
def test_forcing_a_breaker_open_says_what_becomes_of_orders_without_this_provider(
    console: Acts, provider: str, will: str
) -> None:
    plan = console.plan(wish("breaker", provider=provider, mode="FORCED_OPEN"))

    assert plan["will"][0].startswith(will)
    assert ("by name" in plan["will"][0]) == (provider == "bedrock")


def test_a_breaker_needs_its_name_and_mode(console: Acts) -> None:
    with pytest.raises(CommandError, match="Say which breaker"):
        console.plan(wish("breaker"))


@pytest.mark.parametrize("act", ["cancel", "refund"])
def test_an_act_on_one_order_needs_it(console: Acts, act: str) -> None:
    with pytest.raises(CommandError, match="Say which order"):
        console.plan(wish(act))


def plan_of(amount: int) -> dict[str, Any]:
    plan = {"reference": "r", "amount": amount, "currency": "NGN", "paid": 240_100}
    return {"outcome": "planned", "plan": plan}


def test_a_refund_gives_back_what_was_planned(
    console: Acts, store: OrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = stored(store, an_order(payment=a_payment()))
    given: list[Any] = []
    monkeypatch.setattr(acts, "ask_function", lambda *_, **__: plan_of(100_000))

    def give_back(_: Deployment, request: Any, plan: Any) -> Any:
        given.append((request.reason, plan.amount))
        return type("Refund", (), {"refund_id": 7, "status": "pending"})()

    monkeypatch.setattr(acts, "give_back", give_back)

    plan = console.plan(wish("refund", order, amount=100_000))
    outcome = console.act(wish("refund", order, amount=plan["amount"]), KEMI)

    assert plan["will"] == ["₦1,000.00 of ₦2,401.00 paid under r is to be given back."]
    assert plan["command"].endswith(
        f'--reference {order.payment_reference} --amount 100000 --reason "..."'
    )
    assert outcome["done"] == "Refund 7 is pending."
    assert given == [(WHY, 100_000)]


def test_a_refund_whose_amount_has_changed_is_planned_again(
    console: Acts, store: OrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = stored(store, an_order(payment=a_payment()))
    monkeypatch.setattr(acts, "ask_function", lambda *_, **__: plan_of(50_000))
    monkeypatch.setattr(acts, "give_back", lambda *_: pytest.fail("gave money back"))

    with pytest.raises(CommandError, match="The amount has changed"):
        console.act(wish("refund", order, amount=100_000), KEMI)


def test_an_unpaid_order_has_nothing_to_give_back(console: Acts, store: OrderStore) -> None:
    with pytest.raises(CommandError, match="no payment"):
        console.plan(wish("refund", stored(store, a_matched_order())))


def test_a_replay_shows_its_plan_for_each_order(
    console: Acts, store: OrderStore, step_functions: StepFunctions
) -> None:
    order = stored(store, a_parked_order())
    step_functions.add(FakeRun(order.order_id, status="RUNNING"))

    plan = console.plan(wish("replay", order))

    assert [step["orderId"] for step in plan["steps"]] == [order.order_id]
    assert not plan["possible"]
    assert console.act(wish("replay", order), KEMI)["results"][order.order_id].startswith("skip")
