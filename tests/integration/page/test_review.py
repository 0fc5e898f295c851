"""The review of an order on the page, and ordering again."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

import pytest
from playwright.sync_api import Page, expect

from orderflow.api.reviews import find_products, read_edit
from orderflow.api.views import order_view
from orderflow.catalog.product import Product
from orderflow.orders.access import Caller
from orderflow.orders.lines import Alternative, UnmatchedLine
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.review.edits import Edit, LineAddition, LineRemoval, LineUpdate
from orderflow.review.product_search import ProductSearch
from orderflow.review.reviews import Reviews
from tests.support.factories import (
    CUSTOMER_ID,
    GROCERY_LIST,
    a_matched_order,
    matched_line,
    unmatched_line,
)
from tests.support.memory_orders import InMemoryOrders
from tests.support.page_scene import ScriptedApi, ScriptedShop, is_live

S = OrderStatus
PRODUCTS = {
    product.id: product
    for product in (
        Product(id="basmati", name="Basmati rice", price_kobo=200_000),
        Product(id="salt", name="Salt", price_kobo=30_000),
        Product(id="pepper", name="Pepper", price_kobo=10_000),
    )
}


def alternative(product_id: str) -> Alternative:
    name = PRODUCTS[product_id].name
    return Alternative(product_id=product_id, name=name, similarity=Decimal("0.8"))


def in_review(**changes: Any) -> Order:
    pepper = [alternative("pepper")]
    fields = {
        "status": S.AWAITING_REVIEW,
        "review": True,
        "lines": [
            matched_line(packs=2, alternatives=[alternative("basmati")]),
            matched_line(packs=1, text="1 l oil", product_id="oil", name="Groundnut oil"),
        ],
        "unmatched": [UnmatchedLine(text="1 paper", reason="Unknown.", alternatives=pepper)],
        "total_kobo": 360_150,
    }
    return a_matched_order(**fields | changes)


class Kitchen:
    """The real reviews behind the page's API; ``orders`` holds the one order."""

    def __init__(self, api: ScriptedApi, order: Order) -> None:
        self.api = api
        self.orders = InMemoryOrders(by="api")
        self.order_id = order.order_id
        self.put(order)
        self._reviews = Reviews(self.orders, lambda _: PRODUCTS, cast(Any, None))
        for name, kind in {
            "_updateOrderLine": LineUpdate,
            "_removeOrderLine": LineRemoval,
            "_addOrderLine": LineAddition,
        }.items():
            setattr(api, name, self._editing(kind))
        search = ProductSearch(lambda: [*PRODUCTS.values()])
        vars(api)["_products"] = lambda given: find_products(search, given["text"], None)
        vars(api)["_confirmOrder"] = lambda given: self._shown(
            self._reviews.confirm(Caller(CUSTOMER_ID), given["orderId"], given["version"])
        )

    def put(self, order: Order) -> None:
        self.orders.put(order)
        self.api.know(order)

    @property
    def order(self) -> Order:
        return self.orders.get(self.order_id)

    def _editing(self, kind: type[Edit]) -> Callable[[dict[str, Any]], Any]:
        return lambda given: self._shown(
            self._reviews.edit(Caller(CUSTOMER_ID), read_edit(kind, given["input"]))
        )

    def _shown(self, order: Order) -> Any:
        self.api.know(order)
        return order_view(order)


@pytest.fixture
def kitchen(page: Page, scene: ScriptedShop, api: ScriptedApi) -> Kitchen:
    kitchen = Kitchen(api, in_review())
    page.goto(f"{scene.url}/orders/{kitchen.order_id}")
    expect(page.locator(".pill")).to_have_text("To be checked")
    is_live(page)
    return kitchen


def test_lines_are_changed_and_the_total_follows_until_it_is_confirmed(
    page: Page, kitchen: Kitchen
) -> None:
    check = page.get_by_role("region", name="Check your products")
    lines = check.get_by_role("listitem").filter(has=page.get_by_label("Packs"))
    expect(check).to_contain_text("Total: ₦3,601.50")

    lines.first.get_by_label("Packs").fill("3")
    lines.first.get_by_label("Packs").press("Tab")
    expect(check).to_contain_text("Total: ₦4,802.00")
    lines.first.get_by_label("Product").select_option("Basmati rice")
    expect(lines.first.get_by_label("Product")).to_have_value("basmati")
    lines.nth(1).get_by_role("button", name="Remove Groundnut oil").click()
    expect(lines).to_have_count(1)
    check.get_by_role("button", name="Add Pepper").click()
    expect(check.get_by_text("1 paper")).to_have_text("You wrote: 1 paper")
    check.get_by_label("Add another product").fill("sal")
    check.get_by_role("button", name="Find").click()
    check.get_by_role("button", name="Add Salt").click()
    expect(lines).to_have_count(3)

    order = kitchen.order
    total = f"₦{order.total_kobo // 100:,}.00"
    assert [line.product_id for line in order.lines] == ["basmati", "pepper", "salt"]
    check.get_by_role("button", name=f"Confirm {total}").click()

    expect(check).to_be_hidden()
    expect(page.locator(".pill")).to_have_text("Products found")
    assert kitchen.order.status is S.MATCHED
    assert kitchen.order.total_kobo == order.total_kobo


def test_who_looks_at_an_old_version_is_shown_the_new_one(page: Page, kitchen: Kitchen) -> None:
    changed = kitchen.order.model_copy(update={"version": 9, "unmatched": [], "total_kobo": 1})
    kitchen.put(changed)
    words = "The order has changed since you looked at it. Please look at it again."
    kitchen.api.refusals["confirmOrder"] = [{"errorType": "OrderChanged", "message": words}]

    page.get_by_role("button", name="Confirm ₦3,601.50").click()

    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(page.get_by_role("button", name="Confirm ₦0.01")).to_be_visible()
    assert kitchen.order.status is S.AWAITING_REVIEW


def test_a_refused_number_of_packs_goes_back_to_what_it_was(page: Page, kitchen: Kitchen) -> None:
    words = "The total would be above our limit of ₦10,000,000.00."
    kitchen.api.refusals["updateOrderLine"] = [{"errorType": "InvalidOrder", "message": words}]
    packs = page.get_by_label("Packs").first

    packs.fill("999")
    packs.press("Tab")

    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(packs).to_have_value("2")


def test_the_review_is_asked_for_with_the_list(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    api.know(in_review())
    page.goto(scene.url)
    page.get_by_label("Your list").fill("2 kg rice")
    page.get_by_label("Let me check the products before I pay").check()
    page.get_by_role("button", name="Send list").click()

    expect(page.get_by_role("region", name="Check your products")).to_be_visible()
    (sent,) = [each for each in api.asked if "submitGroceryList" in each["query"]]
    assert sent["variables"]["input"]["review"] is True


def test_an_order_is_ordered_again(page: Page, scene: ScriptedShop, api: ScriptedApi) -> None:
    order = a_matched_order(status=S.CANCELLED)
    api.know(order)
    page.goto(f"{scene.url}/orders/{order.order_id}")

    page.get_by_role("button", name="Order again").click()

    expect(page.get_by_label("Your list")).to_have_value(GROCERY_LIST)
    expect(page.get_by_role("region", name="Not understood")).to_have_count(0)


def test_a_rejected_list_returns_to_the_form_with_what_was_not_understood(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    text = "a unicorn\n2 kg moon dust"
    unmatched = [unmatched_line("a unicorn"), unmatched_line("2 kg moon dust")]
    order = a_matched_order(
        status=S.REJECTED, lines=[], grocery_list=text, unmatched=unmatched, status_reason="No."
    )
    api.know(order)
    page.goto(f"{scene.url}/orders/{order.order_id}")

    page.get_by_role("button", name="Change the list").click()

    marked = page.get_by_role("region", name="Not understood").get_by_role("listitem")
    expect(marked).to_have_count(2)
    marked.nth(1).get_by_role("button", name="Show it in the list").click()
    selected = page.get_by_label("Your list").evaluate(
        "it => it.value.slice(it.selectionStart, it.selectionEnd)"
    )
    assert selected == "2 kg moon dust"
