"""The demo shop's page in a real browser: sign-in, order, updates, payment and history.

Everything is found by its role and its name, as a screen reader finds it.
"""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, Route, WebSocketRoute, expect

from scripts.accounts import sign_up
from scripts.auth import enrol
from tests.support.authenticator import Authenticator
from tests.support.follower import with_token
from tests.support.shop import Shop
from tests.support.shopper import ORDERS, DemoShop, Shopper, demo_shop
from tests.support.waiting import wait_for

LIST = "2 cups milk\n1 loaf bread\n3 eggs"
NEW_PASSWORD = "Correct-horse-9"
RECEIVED = "Payment received, being confirmed"

#: Records the announcements for screen readers.
RECORD_ANNOUNCEMENTS = """() => {
  window.heard = [];
  const announcer = document.getElementById("announcer");
  new MutationObserver(() => window.heard.push(announcer.textContent))
    .observe(announcer, { childList: true });
}"""


@pytest.fixture(scope="package")
def served(shop: Shop, browser: Browser) -> Iterator[DemoShop]:
    with demo_shop() as served:
        yield served


@pytest.fixture
def shopper(page: Page, served: DemoShop) -> Shopper:
    return Shopper(page, served)


def announced(page: Page) -> list[str]:
    """The titles of the statuses that were announced to screen readers."""
    announcements: list[str] = page.evaluate("window.heard")
    return [each.partition(".")[0] for each in announcements]


def listed(shopper: Shopper) -> Locator:
    """The customer's orders."""
    shopper.page.get_by_role("link", name="My orders").click()
    shopper.sees_heading("My orders")
    return shopper.page.locator("main").get_by_role("listitem")


def test_an_order_updates_live_from_the_list_to_its_payment(shopper: Shopper) -> None:
    page = shopper.page
    shopper.arrive()
    page.evaluate(RECORD_ANNOUNCEMENTS)  # a reload removes it

    shopper.send(LIST)
    shopper.sees_status("Ready to pay")

    meaning = "Please pay ₦4,440.00 with the payment link. It is valid for 24 hours."
    expect(page.get_by_text(meaning, exact=True)).to_be_visible()
    expect(page.get_by_text("The link is valid for 23 h")).to_be_visible()
    table = page.get_by_role("table", name="Products")
    milk = table.get_by_role("row", name="You wrote: 2 cups milk")
    expect(milk.get_by_role("cell")).to_have_text(["1", "₦2,550.00", "₦2,550.00"])
    expect(table.get_by_role("row", name="Total").last).to_contain_text("₦4,440.00")

    shopper.pay()
    shopper.sees_status("Paid")

    thanks = "Your order is paid: ₦4,440.00. Thank you."
    expect(page.get_by_text(thanks, exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Pay ₦")).to_be_hidden()
    expect(page.get_by_role("button", name="Cancel order")).to_be_hidden()
    steps = [each for each in announced(page) if each != ""]
    assert steps[-3:] == ["Ready to pay", RECEIVED, "Paid"]
    assert set(steps[:-3]) <= {"Finding your products", "Products found"}

    opinion = page.get_by_role("region", name="Your opinion")
    opinion.get_by_role("radio", name="Well").check()
    opinion.get_by_role("button", name="Send answer").click()
    expect(opinion.get_by_text("Thank you.")).to_be_focused()

    past = listed(shopper).get_by_role("link", name="2 cups milk, 1 loaf bread, 3 eggs").first
    expect(past).to_contain_text("Paid")
    expect(past).to_contain_text("₦4,440.00")


def test_an_order_is_checked_changed_confirmed_and_paid(shopper: Shopper, shop: Shop) -> None:
    page = shopper.page
    shopper.arrive()
    page.get_by_label("Let me check the products before I pay").check()
    shopper.send(LIST)
    shopper.sees_status("To be checked")
    check = page.get_by_role("region", name="Check your products")
    lines = check.get_by_role("listitem").filter(has=page.get_by_label("Packs"))
    expect(lines).to_have_count(3)

    check.get_by_role("button", name="Remove Agege Bread").click()
    expect(lines).to_have_count(2)
    eggs = lines.nth(1).get_by_label("Packs")
    eggs.fill("6")
    eggs.press("Tab")
    expect(check).to_contain_text("Total: ₦3,930.00")
    check.get_by_role("button", name="Confirm ₦3,930.00").click()

    shopper.sees_status("Ready to pay")
    shopper.pay()
    shopper.sees_status("Paid")
    order = shop.orders.get(shopper.order_id)
    assert order.payment is not None
    assert order.payment.amount_kobo == order.total_kobo == 393_000


def test_a_payment_is_shown_at_once_while_it_can_not_be_confirmed(
    shopper: Shopper, shop: Shop
) -> None:
    page = shopper.page
    shopper.arrive()
    shopper.send(LIST)
    shopper.sees_status("Ready to pay")
    shop.set_fault("paystack", mode="outage", operations=["verify"])

    shopper.pay()

    expect(shopper.status.first).to_have_text(RECEIVED, timeout=2_000)
    expect(page.get_by_role("link", name="Pay ₦")).to_be_hidden()
    expect(page.get_by_role("button", name="Cancel order")).to_be_hidden()
    shop.clear_faults()
    shop.close_breaker("paystack")
    shop.reach(shopper.order_id, "PAYMENT_COMPLETED")
    shopper.sees_status("Paid")


def test_a_cancellation_waits_for_paystack_and_no_button_is_left(
    shopper: Shopper, shop: Shop
) -> None:
    page = shopper.page
    shopper.arrive()
    shopper.send(LIST)
    shopper.sees_status("Ready to pay")
    shop.set_fault("paystack", mode="outage", operations=["verify"])

    page.get_by_role("button", name="Cancel order").click()
    dialog = page.get_by_role("dialog", name="Cancel this order?")
    dialog.get_by_role("button", name="Cancel order").click()

    shopper.sees_status("Cancelling")
    expect(page.get_by_role("link", name="Pay ₦")).to_be_hidden()
    expect(page.get_by_role("button", name="Cancel order")).to_be_hidden()
    shop.clear_faults()
    shop.close_breaker("paystack")
    shop.reach(shopper.order_id, "CANCELLED")
    shopper.sees_status("Cancelled")


def test_money_that_goes_back_is_shown_as_it_goes(shopper: Shopper, shop: Shop) -> None:
    shopper.arrive()
    shopper.send(LIST)
    shopper.sees_status("Ready to pay")
    order = shop.orders.get(shopper.order_id)
    shop.cancel(order.order_id)
    shopper.sees_status("Cancelled")

    shop.pay(order)

    stands = shopper.page.get_by_role("region", name="Where it stands")
    expect(stands).to_contain_text("We received ₦4,440.00 and will give it back.")
    shop.act(order, "refund")
    shop.act(order, "end-refund", refundStatus="processed")
    expect(stands).to_contain_text("was given back")
    shopper.page.reload()
    expect(stands).to_contain_text("was given back")


def test_the_page_can_be_used_with_the_keyboard(shopper: Shopper) -> None:
    page, keyboard, served = shopper.page, shopper.page.keyboard, shopper.shop
    page.goto(served.url)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keyboard.press("Enter")
    for text in (served.email, served.password):
        keyboard.press("Tab")
        keyboard.type(text)
    keyboard.press("Enter")
    shopper.sees_heading("Your code")
    keyboard.press("Tab")
    keyboard.type(served.authenticator.next_code())
    keyboard.press("Enter")
    shopper.sees_heading("What do you need?")
    keyboard.press("Tab")
    keyboard.type("1 loaf bread")
    keyboard.press("Tab")
    expect(page.get_by_label("Let me check the products before I pay")).to_be_focused()
    keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send list")).to_be_focused()
    keyboard.press("Enter")
    shopper.sees_heading("Your order")
    shopper.sees_status("Ready to pay")

    keyboard.press("Tab")
    expect(page.get_by_role("link", name="Pay ₦1,200.00 (opens in a new tab)")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Cancel this order?")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    keyboard.press("Escape")
    expect(page.get_by_role("button", name="Cancel order")).to_be_focused()
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.press("Enter")
    shopper.sees_status("Cancelled")
    shopper.sees_heading("Your order")  # the button is removed; the focus moved to the heading


def test_a_list_too_many_is_refused_with_the_wait_and_kept(shop: Shop, shopper: Shopper) -> None:
    shopper.arrive()
    expect(shopper.page.get_by_text(f"payment link to {shopper.shop.email}")).to_be_visible()
    shopper.page.get_by_label("Your list").fill("1 loaf bread")
    button = shopper.page.get_by_role("button", name="Send list")

    with shop.nothing_left(shop.customer):
        button.click()
        expect(shopper.page.get_by_role("alert")).to_have_text(
            "You have sent many lists in a short time. Please try again in 30 minutes."
        )
    expect(shopper.page.get_by_label("Your list")).to_have_value("1 loaf bread")
    button.click()
    shopper.sees_heading("Your order")


def test_a_wrong_code_is_reported_and_the_input_is_kept(shopper: Shopper) -> None:
    app = shopper.shop.authenticator
    shopper.page.goto(shopper.shop.url)
    shopper.give_password()
    shopper.sees_heading("Your code")
    wrong = app.wrong_code()
    shopper.give_code(wrong)

    expect(shopper.page.get_by_role("alert")).to_contain_text("This code is not right.")
    expect(shopper.page.get_by_role("textbox", name="Code")).to_have_value(wrong)
    shopper.give_code(app.next_code())
    shopper.sees_heading("What do you need?")


def test_a_session_lasts_until_the_sign_out(shopper: Shopper, shop: Shop) -> None:
    page = shopper.page
    customer = shop.new_account()
    page.goto(shopper.shop.url)
    shopper.give_password(customer.email, customer.password)
    shopper.set_up_authenticator()

    page.reload()
    expect(page.get_by_role("heading", name="What do you need?")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    shopper.sees_heading("Sign in")
    page.reload()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == [
        "",
        0,
        0,
    ]


def test_a_new_customer_signs_up_with_an_authenticator_and_orders(
    shopper: Shopper, shop: Shop
) -> None:
    page, email = shopper.page, f"{uuid.uuid4().hex[:8]}@example.com"
    page.goto(shopper.shop.url)
    shopper.press("Create an account")
    shopper.sees_heading("Create an account")
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("textbox", name="New password").fill("twelve letters only")
    shopper.press("Create account")
    expect(page.get_by_role("alert")).to_contain_text("This password is too simple.")
    page.get_by_role("textbox", name="New password").fill(NEW_PASSWORD)
    shopper.press("Create account")

    shopper.sees_heading("Confirm your address")
    code = shop.code_sent_to(email)
    shopper.give_code("000000", "Confirm")
    expect(page.get_by_role("alert")).to_contain_text("This code is not right.")
    shopper.give_code(code, "Confirm")

    shopper.sees_heading("Sign in")
    shopper.give_password(email, NEW_PASSWORD)
    shopper.set_up_authenticator()
    shopper.send("1 loaf bread")
    shopper.sees_status("Ready to pay")


def test_an_account_that_is_not_confirmed_is_confirmed_at_the_sign_in(
    shopper: Shopper, shop: Shop
) -> None:
    email = f"{uuid.uuid4().hex[:8]}@example.com"
    sign_up(shop.deployment.user_pool, email, NEW_PASSWORD)
    shopper.page.goto(shopper.shop.url)
    shopper.give_password(email, NEW_PASSWORD)

    shopper.sees_heading("Confirm your address")
    shopper.give_code(shop.code_sent_to(email, 2), "Confirm")

    shopper.sees_heading("Sign in")
    shopper.give_password(email, NEW_PASSWORD)
    shopper.sees_heading("Set up your authenticator")


def test_a_wrong_code_sets_no_authenticator_up(shopper: Shopper, shop: Shop) -> None:
    account = shop.new_account()
    shopper.page.goto(shopper.shop.url)
    shopper.give_password(account.email, account.password)
    shopper.sees_heading("Set up your authenticator")

    shopper.give_code("000000")

    expect(shopper.page.get_by_role("alert")).to_contain_text("This code is not right.")
    shopper.set_up_authenticator()


@pytest.mark.long
def test_after_a_lost_device_staff_lets_the_customer_set_up_another(
    shopper: Shopper, shop: Shop
) -> None:
    account, page = shop.new_account(), shopper.page
    enrol(shop.deployment.user_pool, account.email, account.password)
    page.goto(shopper.shop.url)
    shopper.give_password(account.email, account.password)
    shopper.sees_heading("Your code")
    page.get_by_text("Lost your authenticator?").click()
    expect(page.get_by_text("Please call the shop.")).to_be_visible()

    reason = ["--reason", "lost phone, identified on the phone"]
    reset = [ORDERS, "accounts", "reset-authenticator", account.email, *reason]
    subprocess.run(reset, check=True, capture_output=True)

    shopper.press("Start again")
    shopper.give_password(account.email, account.password)
    shopper.set_up_authenticator()


def test_a_forgotten_password_is_reset_and_the_code_still_asked_for(
    shopper: Shopper, shop: Shop
) -> None:
    account, page = shop.new_account(), shopper.page
    secret, _ = enrol(shop.deployment.user_pool, account.email, account.password)
    page.goto(shopper.shop.url)
    shopper.press("Forgot your password?")
    page.get_by_label("E-mail").fill(account.email)
    shopper.press("Send code")

    shopper.sees_heading("Choose a new password")
    page.get_by_role("textbox", name="New password").fill(NEW_PASSWORD)
    shopper.give_code(shop.code_sent_to(account.email), "Set password")

    shopper.sees_heading("Sign in")
    shopper.give_password(account.email, account.password)
    expect(page.get_by_role("alert")).to_contain_text("password is not right")
    shopper.give_password(account.email, NEW_PASSWORD)
    shopper.sees_heading("Your code")
    shopper.give_code(Authenticator(secret).next_code())
    shopper.sees_heading("What do you need?")


HOSTILE = "<img src=x onerror='window.owned=1'><script>window.owned=1</script>"


def spoilt(order: dict[str, Any]) -> dict[str, Any]:
    """The order with markup in all texts and a script as its link."""
    for part in (*order["lines"], *order["unmatched"]):
        part.update({name: HOSTILE for name, value in part.items() if isinstance(value, str)})
    return order | {"statusReason": HOSTILE, "paymentLink": "javascript:window.owned=1"}


def spoil(route: Route) -> None:
    """Lets the API answer with hostile orders."""
    answer = route.fetch()
    content = answer.json()
    data = content["data"]
    if "getOrder" in data:
        data["getOrder"] = spoilt(data["getOrder"])
    if "myOrders" in data:
        data["myOrders"]["items"] = [spoilt(each) for each in data["myOrders"]["items"]]
    route.fulfill(response=answer, json=content)


def test_hostile_text_is_shown_as_text(shopper: Shopper, shop: Shop) -> None:
    page = shopper.page
    order = shop.awaiting_payment("<b>2 loaves bread</b>, 3 eggs, 2 <i>zqxwvk</i>")
    shopper.arrive()
    page.route(shop.state.urls.graphql, spoil)

    page.goto(f"{shopper.shop.url}/orders/{order.order_id}")
    shopper.sees_status("Ready to pay")
    expect(page.get_by_role("row", name=f"You wrote: {HOSTILE}").first).to_be_visible()
    expect(page.get_by_role("link", name="Pay ₦")).to_be_hidden()
    page.get_by_role("link", name="My orders").click()
    expect(page.get_by_role("link", name=HOSTILE).first).to_be_visible()

    assert page.evaluate("window.owned") is None
    assert page.locator("main").evaluate("it => it.querySelectorAll('img, script').length") == 0


def test_unmatched_lines_are_shown_with_the_reason(shopper: Shopper, shop: Shop) -> None:
    order = shop.awaiting_payment("3 eggs, 2 zqxwvk")
    assert order.unmatched
    shopper.arrive()

    shopper.page.goto(f"{shopper.shop.url}/orders/{order.order_id}")

    missing = shopper.page.get_by_role("listitem").filter(has_text=order.unmatched[0].text)
    expect(missing).to_contain_text(order.unmatched[0].reason)
    expect(shopper.page.get_by_role("heading", name="Not found")).to_be_visible()


def test_an_empty_list_is_refused_with_a_message(shopper: Shopper) -> None:
    shopper.arrive()

    shopper.send("zqxwvk")
    shopper.sees_status("Not possible")

    expect(shopper.page.get_by_role("list", name="Progress")).to_be_hidden()


def test_an_unknown_order_is_distinguished_from_a_new_one(shopper: Shopper) -> None:
    shopper.arrive()
    shopper.page.goto(f"{shopper.shop.url}/orders/76302e01-f0c2-4325-8235-d7a6ec1da4f1")

    shopper.sees_heading("We can't find this order")
    expect(shopper.page.get_by_role("table")).to_have_count(0)


def test_older_orders_are_loaded_page_by_page(shopper: Shopper, shop: Shop) -> None:
    for number in range(9):
        shop.place(f"{number + 1} eggs", "PAYMENT_INITIATED")
    shopper.arrive()

    orders = listed(shopper)
    expect(orders).to_have_count(8)
    shopper.page.get_by_role("button", name="Show older orders").click()
    expect(orders.nth(8).get_by_role("link").first).to_be_focused()


def test_orders_sent_elsewhere_appear_in_order(shopper: Shopper, shop: Shop) -> None:
    shop.place("5 eggs", "PAYMENT_INITIATED")
    shopper.arrive()
    orders = listed(shopper)
    expect(orders.first).to_contain_text("5 eggs")

    for number in (6, 7):
        shop.place(f"{number} eggs", "PAYMENT_INITIATED")

    for place, number in enumerate((7, 6, 5)):
        expect(orders.nth(place)).to_contain_text(f"{number} eggs")
        expect(orders.nth(place)).to_contain_text("Ready to pay")


class Wire:
    """The connections of a page, with an interceptor between its WebSockets and the API."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._unanswered: set[Request] = set()
        page.on("request", self._note_request)
        page.on("requestfinished", self._note_end)
        page.on("requestfailed", self._note_end)
        self.sockets: list[WebSocketRoute] = []
        self.updates: list[Any] = []
        self.cut = False
        page.route_web_socket("**/graphql", self._connect)

    def _note_request(self, request: Request) -> None:
        self._unanswered.add(request)

    def _note_end(self, request: Request) -> None:
        self._unanswered.discard(request)

    def _connect(self, page_side: WebSocketRoute) -> None:
        if self.cut:
            page_side.close()
            return
        api_side = page_side.connect_to_server()
        self.sockets.append(page_side)

        def pass_on(message: str | bytes) -> None:
            if json.loads(message)["type"] == "data":
                self.updates.append(message)
            page_side.send(message)

        api_side.on_message(pass_on)

    def break_off(self) -> None:
        """Closes the connection and prevents new ones, after all pending requests are answered."""
        wait_for(self._being_answered, lambda requests: not requests)
        self.cut = True
        self.sockets[-1].close()

    def _being_answered(self) -> set[Request]:
        self._page.wait_for_timeout(50)  # lets Playwright process the answers
        return self._unanswered


@pytest.fixture
def wire(page: Page) -> Wire:
    return Wire(page)


def test_updates_missed_while_disconnected_are_loaded(
    shopper: Shopper, shop: Shop, wire: Wire
) -> None:
    shopper.arrive()
    shopper.send(LIST)
    shopper.sees_status("Ready to pay")
    expect(
        shopper.page.get_by_text("The link is valid for")
    ).to_be_visible()  # the page had to query it

    wire.break_off()
    expect(shopper.page.get_by_text("Connection lost; trying again")).to_be_visible()
    customer = shop.customer
    with with_token(shop.state.urls.graphql, customer.token, customer.sub) as another_app:
        shop.pay(shop.orders.get(shopper.order_id))
        another_app.until(shopper.order_id, "PAYMENT_COMPLETED")
    shopper.sees_status("Ready to pay")
    wire.cut = False

    shopper.is_live()
    shopper.sees_status("Paid")
    assert len(wire.sockets) == 2


def test_late_or_repeated_updates_change_nothing(shopper: Shopper, wire: Wire) -> None:
    shopper.arrive()
    shopper.send(LIST)
    shopper.sees_status("Ready to pay")
    shopper.pay()
    shopper.sees_status("Paid")
    shopper.page.evaluate(RECORD_ANNOUNCEMENTS)

    for update in list(wire.updates):
        wire.sockets[-1].send(update)
    shopper.page.wait_for_function("() => new Promise(requestAnimationFrame)")

    shopper.sees_status("Paid")
    assert announced(shopper.page) == []


def test_a_refused_token_leads_to_the_sign_in(shopper: Shopper, shop: Shop) -> None:
    shopper.arrive()
    refusal = {"errors": [{"errorType": "UnauthorizedException", "message": "Token has expired."}]}
    shopper.page.route(shop.state.urls.graphql, lambda it: it.fulfill(status=401, json=refusal))

    shopper.page.get_by_role("link", name="My orders").click()

    shopper.sees_heading("Sign in")
    expect(shopper.page.get_by_text("You have been signed out.")).to_be_visible()


def test_a_list_sent_again_after_a_lost_answer_is_one_order(shopper: Shopper, shop: Shop) -> None:
    sent: list[Any] = []
    shopper.arrive()

    def lose_the_first_answer(route: Route) -> None:
        if "submitGroceryList" not in str(route.request.post_data):
            route.continue_()  # news of an earlier order
            return
        sent.append(route.request.post_data_json)
        if len(sent) > 1:
            route.continue_()
            return
        route.fetch()
        route.abort()

    shopper.page.route(shop.state.urls.graphql, lose_the_first_answer)
    shopper.page.get_by_label("Your list").fill(LIST)
    shopper.page.get_by_role("button", name="Send list").click()
    expect(shopper.page.get_by_role("alert")).to_contain_text("Please try again.")
    shopper.send(LIST)
    shopper.sees_status("Ready to pay")

    first, second = sent[0]["variables"]["input"], sent[1]["variables"]["input"]
    assert first["idempotencyKey"] == second["idempotencyKey"]
    orders = wait_for(lambda: shop.orders.newest(None, 2), lambda seen: len(seen) == 2)
    assert shopper.order_id == orders[0].order_id
