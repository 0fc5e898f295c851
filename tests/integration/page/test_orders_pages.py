"""What the page shows of orders: the truth about money, many lines, and the ways on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orderflow.clock import utc_now
from orderflow.orders.model import CancelRequest, Order
from orderflow.orders.money_records import RefundDue, RefundReason
from orderflow.orders.status import OrderStatus
from tests.support.factories import a_matched_order, a_payment, an_order, matched_line
from tests.support.page_scene import ScriptedApi, ScriptedShop, is_live
from tests.support.page_views import box_of

S = OrderStatus


def to_pay(**changes: Any) -> Order:
    """An order whose link can be paid for a day."""
    ends = {"payment_link_expires_at": utc_now() + timedelta(hours=24)}
    return an_order(**ends | changes)


def opened(page: Page, scene: ScriptedShop, order: Order) -> None:
    page.goto(f"{scene.url}/orders/{order.order_id}")
    expect(page.locator(".pill")).to_be_visible()
    is_live(page)


def late(**changes: Any) -> RefundDue:
    now = utc_now()
    fields: dict[str, Any] = {"reference": "o-1-1", "currency": "NGN", "at": now, "paid_at": now}
    reason = RefundReason.ORDER_ENDED
    return RefundDue(**fields | {"amount": 810_000, "reason": reason} | changes)


@pytest.mark.parametrize("status", [S.EXPIRED, S.CANCELLED])
def test_an_ended_order_tells_what_its_link_and_late_money_do(
    page: Page, scene: ScriptedShop, api: ScriptedApi, status: OrderStatus
) -> None:
    order = an_order(status=status)
    api.know(order)
    opened(page, scene, order)
    stands = page.get_by_role("region", name="Where it stands")
    expect(stands).to_contain_text("Its payment link can still take money")
    expect(page.get_by_role("link", name="Pay")).to_be_hidden()

    api.publish(order.model_copy(update={"refunds_due": [late()], "version": order.version + 1}))

    expect(stands).to_contain_text("We received ₦8,100.00 and will give it back.")
    page.reload()
    expect(stands).to_contain_text("We received ₦8,100.00 and will give it back.")


def test_a_link_that_has_run_out_can_not_be_paid(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    order = an_order(payment_link_expires_at=utc_now() - timedelta(minutes=1))
    api.know(order)
    opened(page, scene, order)

    expect(page.get_by_text("The link has run out")).to_be_visible()
    expect(page.get_by_role("link", name="Pay")).to_be_hidden()


def test_a_link_that_runs_out_while_it_is_looked_at_disappears(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    page.clock.install()
    order = to_pay()
    api.know(order)
    opened(page, scene, order)
    expect(page.get_by_role("link", name="Pay")).to_be_visible()

    page.clock.fast_forward("24:00:01")

    expect(page.get_by_role("link", name="Pay")).to_be_hidden()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"payment": a_payment()}, "Payment received, being confirmed"),
        ({"cancel_requested": CancelRequest(at=utc_now(), by="customer", reason="")}, "Cancelling"),
    ],
    ids=["received", "cancelling"],
)
def test_an_order_about_which_paystack_is_asked_has_no_button(
    page: Page, scene: ScriptedShop, api: ScriptedApi, changes: dict[str, Any], status: str
) -> None:
    order = to_pay()
    api.know(order)
    opened(page, scene, order)
    buttons = [
        page.get_by_role("link", name="Pay ₦"),
        page.get_by_role("button", name="Cancel order"),
    ]
    for each in buttons:
        expect(each).to_be_visible()

    api.publish(order.model_copy(update={**changes, "version": order.version + 1}))

    expect(page.locator(".pill")).to_have_text(status)
    for each in buttons:
        expect(each).to_be_hidden()


def test_ready_to_pay_and_paid_differ_in_colour_icon_and_words(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    paid = an_order(status=S.PAYMENT_COMPLETED, payment=a_payment())
    api.know(to_pay(), paid)
    page.goto(f"{scene.url}/orders")
    pills = page.locator(".pill")
    expect(pills).to_have_text(["Ready to pay", "Paid"])

    looks = [
        pill.evaluate("""it => [getComputedStyle(it).color, getComputedStyle(it).backgroundColor,
                                it.querySelector("path").getAttribute("d")]""")
        for pill in pills.all()
    ]
    assert all(one != other for one, other in zip(*looks, strict=True))


def test_an_order_is_paid_from_the_list(page: Page, scene: ScriptedShop, api: ScriptedApi) -> None:
    order = to_pay()
    api.know(order, an_order(status=S.EXPIRED))
    page.goto(f"{scene.url}/orders")

    links = page.get_by_role("link", name="Pay ₦2,401.00 for 2 kg rice")
    expect(links).to_have_count(1)
    expect(links).to_have_attribute("href", str(order.payment_link))
    api.publish(order.model_copy(update={"payment": a_payment(), "version": order.version + 1}))
    expect(links).to_have_count(0)


def test_a_hundred_lines_fold_and_unfold(page: Page, scene: ScriptedShop, api: ScriptedApi) -> None:
    lines = [matched_line(text=f"{number} kg rice") for number in range(1, 101)]
    order = to_pay(lines=lines, total_kobo=24_010_000)
    api.know(order)
    opened(page, scene, order)
    table = page.get_by_role("table", name="Products")
    rows = table.get_by_role("rowheader")
    expect(rows).to_have_count(10 + 1)
    expect(table).to_contain_text("… and 90 more products")
    expect(table.get_by_role("row", name="Total ₦240,100.00")).to_be_visible()

    page.get_by_role("button", name="Show all 100 products").click()

    expect(rows).to_have_count(100 + 1)
    fewer = page.get_by_role("button", name="Show the first 10 only", expanded=True)
    api.publish(order.model_copy(update={"version": order.version + 1}))
    expect(fewer).to_be_focused()
    fewer.click()
    expect(rows).to_have_count(10 + 1)
    page.goto(f"{scene.url}/orders")
    expect(
        page.get_by_role("link", name="1 kg rice, 2 kg rice, 3 kg rice and 97 more").first
    ).to_be_visible()


def test_a_line_is_a_card_on_a_phone_and_still_a_row(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    order = to_pay()
    api.know(order)
    opened(page, scene, order)

    row = page.get_by_role("row", name="2 kg rice")
    expect(row.get_by_role("cell")).to_have_count(3)
    name, card = box_of(row.get_by_role("rowheader")), box_of(row)
    assert name["width"] > 0.8 * card["width"]


def test_work_that_takes_long_shows_that_it_goes_on(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    page.clock.install()
    order = a_matched_order()
    api.know(order)
    opened(page, scene, order)
    expect(page.get_by_text("Working on it …")).to_be_visible()

    page.clock.run_for(31_000)

    expect(page.get_by_text("This takes longer than usual")).to_be_visible()
    expect(page.get_by_text("31 s so far")).to_be_visible()
    api.publish(to_pay(order_id=order.order_id, version=order.version + 1))
    expect(page.get_by_text("This takes longer than usual")).to_be_hidden()


@pytest.mark.parametrize("path", ["orders/nonsense", "orders/76302e01-f0c2-4325-8235-d7a6ec1da4f1"])
def test_a_bad_id_leads_to_the_orders(
    page: Page, scene: ScriptedShop, api: ScriptedApi, path: str
) -> None:
    api.know(to_pay())
    page.goto(f"{scene.url}/{path}")

    expect(page.get_by_role("heading", name="We can't find this order")).to_be_focused()
    page.get_by_role("link", name="See my orders").click()
    expect(page.get_by_role("link", name="2 kg rice").first).to_be_visible()


def test_an_address_that_the_shop_does_not_have_leads_on(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    api.know()
    page.goto(f"{scene.url}/nowhere")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="Write a new list").click()
    expect(page.get_by_role("heading", name="What do you need?")).to_be_focused()


def test_what_is_loading_says_so(page: Page, scene: ScriptedShop, api: ScriptedApi) -> None:
    order = to_pay()
    api.know(order)
    api.hold = ""
    page.goto(f"{scene.url}/orders")
    expect(page.get_by_role("status").filter(has_text="Loading your orders …")).to_be_visible()
    api.held.clear()
    page.goto(f"{scene.url}/orders/{order.order_id}")
    expect(page.get_by_role("status").filter(has_text="Loading your order …")).to_be_visible()

    api.release()

    expect(page.locator(".pill").first).to_have_text("Ready to pay")
    expect(page.get_by_text("Loading your order …")).to_be_hidden()


def test_an_order_that_can_not_be_read_is_read_again_on_request(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    order = to_pay()
    api.know(order)
    api.down = True
    page.goto(f"{scene.url}/orders/{order.order_id}")
    expect(page.get_by_role("alert")).to_contain_text("We can't be reached right now.")

    api.down = False
    page.get_by_role("button", name="Try again").click()

    expect(page.locator(".pill").first).to_have_text("Ready to pay")


def test_an_error_stands_beside_the_button_that_caused_it(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    order = to_pay()
    api.know(order)
    opened(page, scene, order)
    api.refusals["cancelOrder"] = [{"errorType": "Busy", "message": "We are very busy right now."}]

    page.get_by_role("button", name="Cancel order").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel order").click()

    stands = page.get_by_role("region", name="Where it stands")
    alert = stands.get_by_role("alert")
    expect(alert).to_have_text("We are very busy right now.")
    button = box_of(stands.get_by_role("button", name="Cancel order"))
    message = box_of(alert)
    assert 0 <= message["y"] - button["y"] - button["height"] < 40


def test_screen_readers_meet_the_parts_in_the_order_of_their_importance(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    order = to_pay()
    api.know(order)
    opened(page, scene, order)

    expect(page.locator("main")).to_match_aria_snapshot("""
      - heading "Your order" [level=1]
      - text: Ready to pay
      - region "Where it stands":
        - list "Progress":
          - listitem: List sent
          - listitem: Products found
          - listitem: Ready to pay
          - listitem: Paid
        - paragraph: /Please pay/
        - link /Pay ₦2,401.00/
        - button "Cancel order"
        - paragraph: /The link is valid for/
      - region "Products":
        - table "Products"
    """)


def test_a_new_order_whose_update_overtakes_the_answer_that_does_not_know_it_is_shown(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    order = a_matched_order()
    api.know(order)
    page.goto(scene.url)
    is_live(page)
    page.get_by_label("Your list").fill("2 kg rice")
    missing = {"errorType": "OrderNotFound", "message": "You have no such order."}
    api.refusals["getOrder"] = [missing]
    api.hold = "getOrder"
    page.get_by_role("button", name="Send list").click()
    expect(page.locator(".pill")).to_have_text("Finding your products")

    api.publish(order)
    expect(page.locator(".pill")).to_have_text("Products found")
    api.release()

    api.reads(1)
    expect(page.locator(".pill")).to_have_text("Products found")
    expect(page.get_by_role("heading", name="We can't find this order")).to_be_hidden()


def test_after_the_payment_one_question_is_asked_once(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    lines = [matched_line(text="2 kg rice"), matched_line(text="3 eggs", name="Eggs")]
    order = an_order(status=S.PAYMENT_COMPLETED, payment=a_payment(), lines=lines)
    unpaid = to_pay()
    api.know(order, unpaid)
    opened(page, scene, unpaid)
    opinion = page.get_by_role("region", name="Your opinion")
    expect(opinion).to_be_hidden()
    opened(page, scene, order)
    send = opinion.get_by_role("button", name="Send answer")
    send.click()
    expect(opinion.get_by_role("alert")).to_have_text("Please choose an answer.")
    expect(opinion.get_by_role("radio").first).to_be_focused()

    opinion.get_by_role("radio", name="Partly").check()
    opinion.get_by_role("checkbox", name="3 eggs → Eggs").check()
    send.click()

    thanks = opinion.get_by_text("Thank you.")
    expect(thanks).to_be_focused()
    expect(send).to_be_hidden()
    rating = api.orders[order.order_id].rating
    assert rating is not None
    assert (rating.understood, rating.wrong_lines) == ("PARTLY", [1])
    page.reload()
    expect(thanks).to_be_visible()
    expect(send).to_be_hidden()
