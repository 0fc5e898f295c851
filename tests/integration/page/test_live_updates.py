"""The page's subscription in trouble: it catches up by reading, and says when it is not live."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from tests.support.factories import a_payment, an_order
from tests.support.page_scene import ScriptedApi, ScriptedShop, id_token, is_live

NOT_LIVE = "What you see is not live"


@pytest.fixture
def order(page: Page, scene: ScriptedShop, api: ScriptedApi) -> Order:
    """An order that is looked at, ready to pay, on a page that is live; its clock is the test's."""
    page.clock.install()
    order = an_order()
    api.know(order)
    page.goto(f"{scene.url}/orders/{order.order_id}")
    is_live(page)
    sees(page, "Ready to pay")
    return order


def sees(page: Page, status: str) -> None:
    expect(page.locator(".pill")).to_have_text(status)


def paid(order: Order) -> Order:
    changes = {"status": OrderStatus.PAYMENT_COMPLETED, "payment": a_payment()}
    return order.model_copy(update={**changes, "version": order.version + 1})


def refusal(error_type: str) -> dict[str, Any]:
    return {"errors": [{"errorType": error_type, "message": "made up by a test"}]}


Trouble = Callable[[ScriptedApi], None]


def _complete(api: ScriptedApi) -> None:
    api.send("complete")


def _failing_subscription(api: ScriptedApi) -> None:
    api.send("error", refusal("LimitExceededError"))


def _closed(api: ScriptedApi) -> None:
    api.sockets[-1].close()


@pytest.mark.parametrize("trouble", [_complete, _failing_subscription, _closed])
def test_a_subscription_that_ends_is_opened_again_and_what_was_missed_is_read(
    page: Page, api: ScriptedApi, order: Order, trouble: Trouble
) -> None:
    api.cut = True
    trouble(api)
    expect(page.get_by_text(NOT_LIVE)).to_be_visible()
    api.know(paid(order))
    api.cut = False

    page.clock.run_for(2_000)

    is_live(page)
    sees(page, "Paid")
    expect(page.get_by_text(NOT_LIVE)).to_be_hidden()
    api.connects(2)


@pytest.mark.parametrize("payload", [{"data": None}, {"data": {"onOrderUpdated": None}}, {}])
def test_an_update_without_content_is_read(
    page: Page, api: ScriptedApi, order: Order, payload: dict[str, Any]
) -> None:
    api.know(paid(order))
    api.send("data", payload | refusal("MappingTemplate"))

    sees(page, "Paid")
    is_live(page)
    assert len(api.sockets) == 1


def test_while_nothing_comes_orders_are_read_again_by_themselves_and_on_request(
    page: Page, api: ScriptedApi, order: Order
) -> None:
    api.break_off()
    expect(page.get_by_text(NOT_LIVE)).to_be_visible()
    again = page.get_by_role("button", name="Read again")
    received = {"payment": a_payment(), "version": order.version + 1}
    api.know(order.model_copy(update=received))
    again.click()
    sees(page, "Payment received, being confirmed")

    api.know(paid(paid(order)))
    page.clock.run_for(16_000)

    sees(page, "Paid")
    expect(again).to_be_visible()


def test_a_server_that_ends_every_subscription_at_once_is_asked_less_and_less_often(
    page: Page, api: ScriptedApi, order: Order
) -> None:
    def acknowledge_and_end(connection: WebSocketRoute) -> None:
        for kind in ("start_ack", "complete"):
            connection.send(json.dumps({"type": kind, "id": "orders"}))

    api.on_start = acknowledge_and_end
    api.send("complete")
    for _ in range(12):
        page.clock.run_for(5_000)
        page.wait_for_timeout(20)

    assert 4 <= len(api.tokens) <= 12


def test_a_refused_subscription_goes_on_with_a_renewed_session(
    page: Page, api: ScriptedApi, scene: ScriptedShop, order: Order
) -> None:
    scene.renew()
    api.send("error", refusal("UnauthorizedException"))

    api.connects(2)
    is_live(page)
    assert api.tokens[-1] == id_token(scene.accounts.issued)
    expect(page.get_by_role("heading", name="Your order")).to_be_visible()


@pytest.mark.parametrize("kind", ["error", "connection_error"])
def test_a_refused_subscription_without_another_session_leads_to_the_sign_in(
    page: Page, api: ScriptedApi, order: Order, kind: str
) -> None:
    api.send(kind, refusal("UnauthorizedException"))

    expect(page.get_by_role("heading", name="Sign in")).to_be_focused()
    expect(page.get_by_text("You have been signed out.")).to_be_visible()


def test_a_token_is_renewed_on_an_open_connection_without_a_gap(
    page: Page, api: ScriptedApi, scene: ScriptedShop
) -> None:
    scene.accounts.lifetime = timedelta(seconds=90)
    scene.renew()
    page.clock.install()
    order = an_order()
    api.know(order)
    page.goto(f"{scene.url}/orders/{order.order_id}")
    is_live(page)
    held: list[WebSocketRoute] = []
    api.on_start = held.append
    for _ in range(3):
        page.clock.run_for(15_000)
    api.connects(2)
    assert api.tokens[0] != api.tokens[1]
    expect(page.get_by_text(NOT_LIVE)).to_be_hidden()
    received = order.model_copy(update={"payment": a_payment(), "version": order.version + 1})
    api.publish(received, connection=0)
    sees(page, "Payment received, being confirmed")

    held[0].send(json.dumps({"type": "start_ack", "id": "orders"}))

    api.publish(paid(received), connection=1)
    sees(page, "Paid")


def test_after_a_sleep_the_page_reads_and_connects_again(
    page: Page, api: ScriptedApi, order: Order
) -> None:
    api.know(paid(order))
    page.clock.fast_forward("00:20:00")

    sees(page, "Paid")
    api.connects(2)
    is_live(page)


def test_after_a_sleep_beyond_the_tokens_end_the_customer_is_still_signed_in(
    page: Page, api: ScriptedApi, scene: ScriptedShop, order: Order
) -> None:
    api.know(paid(order))
    api.expired.append(api.tokens[0])
    scene.accounts.lifetime = timedelta(hours=4)
    scene.renew()

    page.clock.fast_forward("03:00:00")

    sees(page, "Paid")
    is_live(page)
    assert api.tokens[-1] not in api.expired


def test_without_a_network_the_page_says_so_and_another_network_connects_again(
    page: Page, api: ScriptedApi, order: Order
) -> None:
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    api.know(paid(order))

    page.context.set_offline(False)

    sees(page, "Paid")
    is_live(page)
    api.connects(2)


def test_a_silent_connection_is_left_after_the_time_that_the_server_promised(
    page: Page, api: ScriptedApi, order: Order
) -> None:
    api.know(paid(order))
    # In steps: one leap would be a sleep.
    for _ in range(16):
        page.clock.run_for(20_000)

    api.connects(2)
    sees(page, "Paid")
