"""``orders pay``, ``expire`` and ``dispute``: what they do at the stand-in and in the shop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from orderflow.clock import utc_now
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from scripts.cli.deployment import Deployment
from scripts.cli.local import payments
from tests.support.factories import a_payment, an_order, stored
from tests.unit.cli.conftest import URLS, MakeDeployment, Orders
from tests.unit.local.stand_ins.conftest import Merchant, Shop

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

REFERENCE = "order-1"


@pytest.fixture
def merchant() -> Merchant:
    return Merchant()


@pytest.fixture
def paystack(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """The stand-in behind the stack's address."""
    with Shop(merchant) as shop:

        def request(method: str, url: str, **options: Any) -> Any:
            return shop.http.request(method, url.removeprefix(URLS.paystack), json=options["json"])

        shop.initialize(amount=240_100)
        monkeypatch.setattr("httpx.request", request)
        yield shop


@pytest.fixture
def order(store: OrderStore) -> Order:
    return stored(
        store,
        an_order(
            payment_reference=REFERENCE, task_token="token-1", payment_link_expires_at=utc_now()
        ),
    )


@pytest.fixture(autouse=True)
def failures(
    orders_table: Table,
    store: OrderStore,
    make_deployment: MakeDeployment,
    monkeypatch: pytest.MonkeyPatch,
) -> list[dict[str, str]]:
    """The tasks that were failed; the workflow then ends all orders that wait for a payment."""
    failed: list[dict[str, str]] = []

    def send_task_failure(**task: str) -> None:
        failed.append(task)
        for each in store.newest(OrderStatus.PAYMENT_INITIATED, 10):
            orders_table.update_item(
                Key={"orderId": each.order_id},
                UpdateExpression="SET #status = :status",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={":status": "EXPIRED"},
            )

    def client(_: Deployment, service: str) -> Any:
        step_functions = SimpleNamespace(send_task_failure=send_task_failure)
        return step_functions if service == "stepfunctions" else boto3.client(service)  # type: ignore[call-overload]

    deployment = make_deployment(stage="local", urls=URLS)
    monkeypatch.setattr(Deployment, "client", client)
    monkeypatch.setattr(Deployment, "_table", lambda *_: orders_table)
    monkeypatch.setattr(payments, "connect", lambda _: deployment)
    return failed


def test_an_order_is_paid_and_its_webhook_sent(
    orders: Orders, paystack: Shop, merchant: Merchant, order: Order
) -> None:
    result = orders("pay", order.order_id)
    paystack.delivered()

    assert (result.exit_code, result.stdout) == (
        0,
        f"Order {order.order_id}: ₦2,401.00 paid; webhooks sent: 1.\n",
    )
    assert [each["event"] for each in merchant.events] == ["charge.success"]


@pytest.mark.parametrize(
    ("options", "webhooks", "amount"),
    [
        (["--twice"], 2, 240_100),
        (["--silently"], 0, 240_100),
        (["--amount", "5000"], 1, 5_000),
    ],
    ids=lambda options: " ".join(options) if isinstance(options, list) else "",
)
def test_a_payment_may_go_wrong(
    orders: Orders,
    paystack: Shop,
    merchant: Merchant,
    order: Order,
    options: list[str],
    webhooks: int,
    amount: int,
) -> None:
    result = orders("pay", order.order_id, *options, "--json")
    paystack.delivered()

    answer = json.loads(result.stdout)
    assert (answer["webhooks"], answer["amountPaid"]) == (webhooks, amount)
    assert len(merchant.received) == webhooks
    assert paystack.verified()["amount"] == amount


def test_a_late_payment_comes_after_the_order_has_expired(
    orders: Orders, paystack: Shop, order: Order, failures: list[dict[str, str]]
) -> None:
    result = orders("pay", order.order_id, "--late")

    assert result.exit_code == 0
    assert failures == [{"taskToken": "token-1", "error": "States.Timeout"}]
    assert paystack.verified()["status"] == "success"


def test_an_order_expires_now(
    orders: Orders,
    paystack: Shop,
    store: OrderStore,
    order: Order,
    failures: list[dict[str, str]],
) -> None:
    result = orders("expire", order.order_id)

    assert (result.exit_code, result.stdout) == (0, f"Order {order.order_id} is EXPIRED.\n")
    link = paystack.admin("GET", "transactions")["transactions"][0]["authorizationUrl"]
    assert "This link has ended." in paystack.http.get(link).text
    ends = store.get(order.order_id).payment_link_expires_at
    assert ends is not None
    assert ends <= utc_now()


def test_an_order_that_does_not_end_is_reported(
    orders: Orders, paystack: Shop, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payments, "_PATIENCE_SECONDS", 0.0)

    result = orders("expire", order.order_id, "--json")

    assert result.exit_code == 3
    assert "has not ended" in result.stderr


def test_a_payment_is_disputed(
    orders: Orders, paystack: Shop, merchant: Merchant, order: Order
) -> None:
    early = orders("dispute", order.order_id)
    orders("pay", order.order_id)
    result = orders("dispute", order.order_id)
    again = orders("dispute", order.order_id, "--json")
    paystack.delivered()

    assert (early.exit_code, "only a payment can be disputed" in early.stderr) == (2, True)
    assert result.exit_code == 0
    assert "of ₦2,401.00: an answer is due at " in result.stdout
    assert len(json.loads(again.stdout)["disputes"]) == 2
    assert [each["event"] for each in merchant.events].count("charge.dispute.create") == 2


@pytest.mark.parametrize("answer", ["merchant-accepted", "declined"])
def test_a_dispute_is_reminded_of_and_answered(
    orders: Orders, paystack: Shop, merchant: Merchant, order: Order, answer: str
) -> None:
    orders("pay", order.order_id)
    early = orders("dispute", order.order_id, "--remind")
    orders("dispute", order.order_id)
    reminded = orders("dispute", order.order_id, "--remind")
    answered = orders("dispute", order.order_id, "--resolve", answer)
    paystack.delivered()

    assert (early.exit_code, "has no dispute" in early.stderr) == (2, True)
    assert (reminded.exit_code, answered.exit_code) == (0, 0)
    assert "it is resolved" in answered.stdout
    assert [each["event"] for each in merchant.events if "dispute" in each["event"]] == [
        "charge.dispute.create", "charge.dispute.remind", "charge.dispute.resolve",
    ]  # fmt: skip
    assert merchant.events[-1]["data"]["resolution"] == answer


def test_a_payment_is_refunded_in_the_dashboard_and_the_refund_ends_as_wished(
    orders: Orders, paystack: Shop, merchant: Merchant, order: Order
) -> None:
    orders("pay", order.order_id)
    early = orders("refund", order.order_id, "--end", "failed")
    refunded = orders("refund", order.order_id, "--amount", "100")
    ended = orders("refund", order.order_id, "--end", "needs-attention", "--json")
    paystack.delivered()

    assert (early.exit_code, "has no refund" in early.stderr) == (2, True)
    assert "of ₦1.00 is pending" in refunded.stdout
    assert [each["status"] for each in json.loads(ended.stdout)["refunds"]] == ["needs-attention"]
    states = [each["event"] for each in merchant.events if each["event"].startswith("refund.")]
    assert {"refund.pending", "refund.needs-attention"} <= {*states}


@pytest.mark.parametrize(
    ("changes", "arguments", "reason"),
    [
        ({"payment_reference": None}, ["pay"], "has no payment link yet"),
        ({"payment_reference": None}, ["dispute"], "has no payment link yet"),
        ({"payment": a_payment()}, ["pay"], "is paid already"),
        ({"task_token": None}, ["expire"], "does not wait for a payment"),
        ({}, ["pay", "--twice", "--silently"], "drop one"),
        ({}, ["dispute", "--remind", "--resolve", "declined"], "drop one"),
        ({}, ["refund", "--end", "failed", "--amount", "1"], "drop --amount"),
        ({"payment_reference": None}, ["refund"], "has no payment link yet"),
    ],
)
def test_what_makes_no_sense_is_refused(
    orders: Orders,
    store: OrderStore,
    changes: dict[str, Any],
    arguments: list[str],
    reason: str,
) -> None:
    order = stored(store, an_order(**{"payment_reference": REFERENCE} | changes))

    result = orders(arguments[0], order.order_id, *arguments[1:])

    assert (result.exit_code, reason in result.stderr) == (2, True)
    assert orders(arguments[0], "unknown").exit_code == 4
