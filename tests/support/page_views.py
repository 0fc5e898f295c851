"""Every view of the demo shop's page, for pictures and checks of all views."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from playwright.sync_api import FloatRect, Locator, Page, expect

from orderflow.clock import utc_now
from orderflow.orders.model import Order, StatusChange
from orderflow.orders.money_records import RefundDue, RefundReason
from orderflow.orders.status import OrderStatus
from tests.support.factories import (
    CUSTOMER_EMAIL,
    a_matched_order,
    a_payment,
    an_order,
    matched_line,
    unmatched_line,
)
from tests.support.page_scene import PASSWORD, ScriptedApi, ScriptedShop, is_live
from tests.support.waiting import wait_for

_S = OrderStatus
_BASKET: Final = [
    matched_line(1, 255_000, text="2 cups milk", name="Three Crowns UHT Milk", pack_size="1 litre",
                 packing="Sold by 1 litre: you get 1 litre for the 2 cups asked for."),
    matched_line(1, 120_000, text="1 loaf bread", name="Agege Bread", pack_size="1 loaf"),
    matched_line(3, 23_000, text="3 eggs", name="Eggs", pack_size="each"),
    matched_line(1, 850_000, text="5 kg rice for 8,000", name="Mama Gold Parboiled Rice",
                 pack_size="5 kg", price_note="8,000", price_note_currency="NGN"),
]  # fmt: skip
_TOTAL: Final = sum(line.line_total_kobo for line in _BASKET)


def _basket(**changes: Any) -> Order:
    now = utc_now()
    fields: dict[str, Any] = {
        "lines": _BASKET, "total_kobo": _TOTAL,
        "payment_link_expires_at": now + timedelta(hours=24),
        "history": [StatusChange(status=_S.PAYMENT_INITIATED, at=now, by="CreatePaymentLink")],
    }  # fmt: skip
    return an_order(**fields | changes)


def _late() -> RefundDue:
    now = utc_now()
    reason = RefundReason.ORDER_ENDED
    return RefundDue(
        reference="o-1", amount=810_000, currency="NGN", reason=reason, at=now, paid_at=now
    )


def _orders() -> dict[str, Order]:
    """An order for each state that looks its own way."""
    many = [matched_line(text=f"{number} kg rice") for number in range(1, 101)]
    return {
        "searching": a_matched_order(status=_S.PENDING_MATCHING, lines=[], total_kobo=0),
        "in-review": a_matched_order(
            status=_S.AWAITING_REVIEW, review=True, review_ends_at=utc_now() + timedelta(hours=24),
            lines=_BASKET, total_kobo=_TOTAL, unmatched=[unmatched_line()],
        ),
        "review": a_matched_order(
            status=_S.AWAITING_REVIEW, review=True, lines=_BASKET, total_kobo=_TOTAL,
            unmatched=[unmatched_line()],
        ),
        "ready": _basket(unmatched=[unmatched_line()]),
        "paid": _basket(status=_S.PAYMENT_COMPLETED, payment=a_payment()),
        "delayed": a_matched_order(status=_S.PAYMENT_DELAYED),
        "late-money": _basket(status=_S.EXPIRED, refunds_due=[_late()]),
        "many-lines": _basket(lines=many, total_kobo=24_010_000),
        "rejected": a_matched_order(
            status=_S.REJECTED, lines=[], total_kobo=0, unmatched=[unmatched_line()],
            status_reason="We found none of your products. Please check your list.",
        ),
    }  # fmt: skip


def _open(page: Page, scene: ScriptedShop, path: str, heading: str) -> None:
    page.goto(f"{scene.url}/{path}")
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    is_live(page)


def _order_view(name: str) -> Callable[[Page, ScriptedShop, ScriptedApi], None]:
    def show(page: Page, scene: ScriptedShop, api: ScriptedApi) -> None:
        order = _orders()[name]
        api.know(order)
        _open(page, scene, f"orders/{order.order_id}", "Your order")
        expect(page.locator(".pill")).to_be_visible()

    return show


def _all_orders(page: Page, scene: ScriptedShop, api: ScriptedApi) -> None:
    api.know(*_orders().values(), *[_basket() for _ in range(3)])
    _open(page, scene, "orders", "My orders")
    expect(page.locator(".pill").first).to_be_visible()


def _new_list(page: Page, scene: ScriptedShop, api: ScriptedApi) -> None:
    _open(page, scene, "", "What do you need?")
    page.get_by_label("Your list").fill("2 cups milk\n1 loaf bread\n3 eggs")


def _too_long(page: Page, scene: ScriptedShop, api: ScriptedApi) -> None:
    _open(page, scene, "", "What do you need?")
    page.get_by_label("Your list").fill("ẹyin mẹta, " * 300)
    page.get_by_role("button", name="Send list").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _cancelling(page: Page, scene: ScriptedShop, api: ScriptedApi) -> None:
    _order_view("ready")(page, scene, api)
    page.get_by_role("button", name="Cancel order").click()


def _disconnected(page: Page, scene: ScriptedShop, api: ScriptedApi) -> None:
    _order_view("delayed")(page, scene, api)
    api.break_off()
    expect(page.get_by_text("What you see is not live")).to_be_visible()


def _not_found(page: Page, scene: ScriptedShop, api: ScriptedApi) -> None:
    page.goto(f"{scene.url}/orders/nonsense")
    expect(page.get_by_role("heading", name="We can't find this order")).to_be_visible()


def _sign_in(page: Page, scene: ScriptedShop, api: ScriptedApi) -> None:
    page.context.clear_cookies()
    scene.accounts.refusals[:] = ["NotAuthorizedException"]
    page.goto(scene.url)
    page.get_by_label("E-mail").fill(CUSTOMER_EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


#: What shows each view, by its name.
VIEWS: Final[dict[str, Callable[[Page, ScriptedShop, ScriptedApi], None]]] = {
    "sign-in": _sign_in,
    "new-list": _new_list,
    "too-long": _too_long,
    "orders": _all_orders,
    "not-found": _not_found,
    "cancelling": _cancelling,
    "disconnected": _disconnected,
    **{name: _order_view(name) for name in _orders()},
}


def box_of(locator: Locator) -> FloatRect:
    """Where it stands, in pixels; asked again where the page is drawn anew meanwhile."""
    box: FloatRect = wait_for(locator.bounding_box, bool)
    return box
