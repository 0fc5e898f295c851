"""The console's dialogs in a real browser: signing in, and each act, as they are used."""
# ruff: noqa: F811 - fixtures of another module

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from orderflow.orders.model import Order
from tests.integration.test_console import audited, operator, page, url  # noqa: F401 - fixtures
from tests.support.authenticator import Authenticator
from tests.support.operator_page import OperatorPage, is_accessible
from tests.support.shop import Account, Shop
from tests.support.waiting import wait_for

pytestmark = pytest.mark.long


def opened(operator: OperatorPage, order: Order, button: str) -> Locator:
    """The dialog of an act on an order, opened by its button."""
    operator.arrive()
    operator.open(f"/orders/{order.order_id}", f"Order {order.order_id[:8]}")
    operator.page.get_by_role("button", name=button).click()
    return operator.page.get_by_role("dialog")


def confirmed(dialog: Locator, reason: str) -> Locator:
    """The words that say what was done, once the act is confirmed with this reason."""
    dialog.get_by_label("Reason").fill(reason)
    confirm = dialog.locator("button[type=submit]")
    expect(confirm).to_be_enabled()
    confirm.click()
    done = dialog.locator(".done")
    expect(done).not_to_be_empty()
    return done


def sign_in(dialog: Locator, account: Account) -> None:
    """Address and password, then the authenticator app, which is set up at the first sign-in."""
    dialog.get_by_label("E-mail").fill(account.email)
    dialog.get_by_label("Password").fill(account.password)
    dialog.get_by_role("button", name="Sign in").click()
    key = dialog.locator("code")
    expect(key).not_to_be_empty()
    is_accessible(dialog.page)
    dialog.get_by_label("Code of your authenticator app").fill(
        Authenticator(key.inner_text()).next_code()
    )
    dialog.get_by_role("button", name="Sign in").click()


def test_an_operator_signs_in_when_an_act_needs_it(
    operator: OperatorPage, page: Page, shop: Shop
) -> None:
    order = shop.awaiting(shop.new_customer().insist("1 loaf bread"))
    staff, customer = shop.new_account("ops"), shop.new_account()
    operator.arrive()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()

    # A wrong password, then an account that may only look.
    dialog = opened(operator, order, "Cancel …")
    expect(dialog.get_by_text("Acts need an account of the group ops.")).to_be_visible()
    is_accessible(page)
    dialog.get_by_label("E-mail").fill(staff.email)
    dialog.get_by_label("Password").fill("not-the-password-1A")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    is_accessible(page)
    sign_in(dialog, customer)
    expect(dialog.get_by_role("alert")).to_contain_text("not in the group ops")
    operator.close_dialog()
    page.get_by_role("button", name="Sign out").click()

    # One that may act: the act's dialog follows.
    sign_in(opened(operator, order, "Cancel …"), staff)
    act = page.get_by_role("dialog", name="Cancel this order")
    expect(act.get_by_text("will be cancelled for good")).to_be_visible()
    expect(page.get_by_text(staff.email)).to_be_visible()
    is_accessible(page)
    reason = f"the customer called {order.order_id[:8]}"
    # PayStack is asked first whether the link was paid.
    expect(confirmed(act, reason)).to_contain_text("is to be cancelled")
    assert shop.reach(order.order_id, "CANCELLED").status_reason == reason
    assert audited(shop, order, reason) == ("cancel", "console")


def test_a_parked_order_is_resumed(operator: OperatorPage, page: Page, shop: Shop) -> None:
    shop.set_fault("paystack", mode="outage")
    order = shop.reach(shop.new_customer().insist("3 eggs"), "PAYMENT_DELAYED")

    dialog = opened(operator, order, "Resume …")

    expect(dialog.get_by_text("1 parked order will go on now.")).to_be_visible()
    expect(dialog.get_by_text(f"orders resume --order {order.order_id}")).to_be_visible()
    is_accessible(page)
    reason = f"it is back {order.order_id[:8]}"
    done = confirmed(dialog, reason)
    # Its timer may have been quicker.
    expect(done).to_have_text(re.compile(r"^1 (resumed|spent|not-parked)\.$", re.IGNORECASE))
    if "resumed" in done.inner_text():
        assert audited(shop, order, reason) == ("resume", "console")
    shop.clear_faults()
    shop.close_breaker("paystack")
    shop.reach(order.order_id, "PAYMENT_INITIATED")


def test_a_payment_is_given_back_in_part_and_seen_at_paystack(
    operator: OperatorPage, page: Page, shop: Shop
) -> None:
    order = shop.awaiting(shop.new_customer().insist("5 kg rice"))
    shop.pay(order)
    shop.reach(order.order_id, "PAYMENT_COMPLETED")

    dialog = opened(operator, order, "Refund …")

    amount = dialog.get_by_label("Amount in NGN")
    for wrong, why in (("999999999", "can't be given back"), ("a lot", "a lot is no amount")):
        amount.fill(wrong)
        amount.blur()
        expect(dialog.get_by_text(why)).to_be_visible()
        expect(dialog.locator("button[type=submit]")).to_be_disabled()
        is_accessible(page)
    amount.fill("100")
    amount.blur()
    expect(dialog.get_by_text("₦100.00 of ₦8,100.00 paid")).to_be_visible()
    is_accessible(page)
    reason = f"one bag was torn {order.order_id[:8]}"
    expect(confirmed(dialog, reason)).to_have_text(re.compile(r"^Refund \d+ is "))
    assert audited(shop, order, reason) == ("refund create", "console")
    (made,) = [each for each in shop.orders.get(order.order_id).refunds if each.amount == 10_000]
    operator.close_dialog()
    shown = page.get_by_role("region", name="Payments")
    expect(shown).to_contain_text("₦100.00, ")  # the view is renewed

    # PayStack's own view of the payment.
    shop.act(order, "dispute")
    page.get_by_role("button", name="Ask PayStack").click()
    for words in ("success", "card", f"refund {made.refund_id}", "dispute "):
        expect(shown).to_contain_text(words)
    is_accessible(page)


def test_the_plan_is_that_of_the_last_amount_whichever_answer_comes_last(
    operator: OperatorPage, page: Page, shop: Shop
) -> None:
    order = shop.awaiting(shop.new_customer().insist("5 kg rice"))
    shop.pay(order)
    shop.reach(order.order_id, "PAYMENT_COMPLETED")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if route.request.post_data_json.get("amount"):
            route.continue_()
        else:
            held.append(route)

    page.route("**/api/acts/plan", hold_the_first)
    dialog = opened(operator, order, "Refund …")
    amount = dialog.get_by_label("Amount in NGN")
    amount.fill("100")
    amount.blur()
    part = dialog.get_by_text("₦100.00 of ₦8,100.00 paid")
    expect(part).to_be_visible()

    with page.expect_response("**/api/acts/plan"):
        held[0].continue_()

    expect(part).to_be_visible()
    expect(confirmed(dialog, "one bag was torn")).to_have_text(re.compile(r"^Refund \d+ is "))
    assert [each.amount for each in shop.orders.get(order.order_id).refunds] == [10_000]


def test_replaying_a_failed_order_shows_its_plan_first(
    operator: OperatorPage, page: Page, shop: Shop
) -> None:
    def spoil(definition: dict[str, Any]) -> None:
        del definition["States"]["CreatePaymentLink"]["Arguments"]["Payload"]["retryCount"]

    with shop.redefined(spoil):
        order = shop.reach(shop.new_customer().insist("6 eggs"), "FAILED")

    dialog = opened(operator, order, "Replay …")

    expect(dialog.get_by_text("Every step is idempotent")).to_be_visible()
    is_accessible(page)
    reason = f"rolled back {order.order_id[:8]}"
    expect(confirmed(dialog, reason)).to_have_text(re.compile(r"^1 re(started|driven)"))
    wait_for(lambda: shop.orders.get(order.order_id).status, "PAYMENT_INITIATED".__eq__)


def test_a_breakers_dialog_says_what_each_mode_does(operator: OperatorPage, page: Page) -> None:
    operator.arrive()
    breaker = page.get_by_role("region", name="Breaker of PayStack")
    breaker.get_by_role("button", name="Set …").click()
    dialog = page.get_by_role("dialog", name="Set the breaker")

    expect(dialog.get_by_role("group", name="Breaker of PayStack")).to_be_visible()
    expect(dialog.locator("input:checked")).to_have_count(0)
    expect(dialog.locator("button[type=submit]")).to_be_disabled()
    dialog.get_by_label("Force it open: no call").check()
    expect(dialog.get_by_text("PayStack will not be called")).to_contain_text("orders are parked")
    dialog.get_by_label("Leave it to itself").check()
    expect(dialog.get_by_text("decides by itself again")).to_be_visible()
    is_accessible(page)
    operator.close_dialog()
    expect(dialog).to_have_count(0)
