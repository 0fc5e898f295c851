"""Our own code fails: a worker dies at the worst moment, or a bug is deployed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cdk.constructs.functions.bundling import BOOTSTRAP
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from tests.chaos.auditor import discrepancies, read_books
from tests.chaos.operators import replay
from tests.chaos.workload import awaiting, settled, workers
from tests.support.shop import Shop
from tests.support.waiting import wait_for

FUNCTION = "grocery-local-create-payment-link"
PATIENCE = 90
BUG = "def lambda_handler(event, context):\n    return {}['no such key']\n"


def test_a_crash_between_paystacks_answer_and_our_write_costs_no_link(shop: Shop) -> None:
    shop.set_fault("paystack", mode="slow", latencySeconds=3, times=1)
    order_id = shop.place("1 loaf bread", "MATCHED").order_id
    shop.set_fault("dynamodb", mode="timeout", latencySeconds=30, operations=["UpdateItem"])
    wait_for(lambda: f"{order_id}-1" in shop.transactions(), bool, PATIENCE)

    for worker, name in workers(shop):  # it waits for the answer to its write
        if name == FUNCTION:
            worker.kill()
    shop.clear_faults()

    settled(shop, [order_id], PATIENCE)
    awaiting(shop, [order_id], PATIENCE)
    books = read_books(shop, [order_id])
    assert discrepancies(books) == []
    order = books.orders[order_id]
    assert order.payment_reference == f"{order_id}-2", "the first link was never shown"
    assert books.emails[order_id] == [order.payment_link]


def test_a_bug_fails_the_execution_at_its_task_and_a_replay_completes_it(shop: Shop) -> None:
    with deployed_bug(shop):
        order_id = shop.customer.submit("2 packs of spagetti")["orderId"]
        failed = shop.reach(order_id, "FAILED")
        assert shop.progress(failed).visits[-1].name == "CreatePaymentLink"
    asked_before = shop.calls("bedrock")

    assert replay(order_id) == ["restarted"]  # the emulator has no redrive

    settled(shop, [order_id], PATIENCE)
    awaiting(shop, [order_id], PATIENCE)
    books = read_books(shop, [order_id])
    assert discrepancies(books, may_fail=True) == []
    order = books.orders[order_id]
    assert order.failure is not None
    assert (order.failure.error, order.failure.state) == ("KeyError", "CreatePaymentLink")
    assert_work_was_reused(failed, order)
    assert shop.calls("bedrock") == asked_before, "the model was asked again"
    assert len(set(books.emails[order_id])) == 1

    assert replay(order_id) == ["skipped"]
    assert len(read_books(shop, [order_id]).executions[order_id]) == 2


def assert_work_was_reused(failed: Order, replayed: Order) -> None:
    """Check that ParseOrder and MatchProducts changed nothing."""
    assert replayed.lines == failed.lines
    assert replayed.requested == failed.requested
    assert [change.status for change in replayed.history] == [
        OrderStatus.PENDING_MATCHING,
        OrderStatus.MATCHED,
        OrderStatus.FAILED,
        OrderStatus.PAYMENT_INITIATED,
    ]


@contextmanager
def deployed_bug(shop: Shop) -> Iterator[None]:
    """Publish a new version of the function and a definition that pins it, as a deployment does."""
    functions = shop.deployment.client("lambda")
    code = functions.update_function_code(FunctionName=FUNCTION, ZipFile=_package(BUG))
    version = functions.publish_version(FunctionName=FUNCTION)["FunctionArn"]
    assert code["CodeSha256"]

    def pin(definition: dict[str, Any]) -> None:
        definition["States"]["CreatePaymentLink"]["Arguments"]["FunctionName"] = version

    with shop.redefined(pin):
        yield


def _package(handler: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        start = zipfile.ZipInfo("bootstrap")
        start.external_attr = 0o755 << 16
        package.writestr(start, BOOTSTRAP.read_text())
        package.writestr("create_payment_link/__init__.py", "")
        package.writestr("create_payment_link/handler.py", handler)
    return content.getvalue()
