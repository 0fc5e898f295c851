"""The operators' console in a real browser, during an outage of PayStack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from orderflow.breakers.state import Mode
from orderflow.clock import iso
from orderflow.orders.model import Order
from scripts.cli.operations.audit import AuditTrail
from scripts.console.overview.problem import Problem, Severity
from tests.support.browser import faultless_page
from tests.support.operator_page import OperatorPage, console, is_accessible
from tests.support.shop import Shop

OUT = "PayStack is out"


@pytest.fixture(scope="module")
def url(shop: Shop, browser: Browser) -> Iterator[str]:
    with console() as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with faultless_page(browser, reduced_motion="reduce") as page:
        yield page


@pytest.fixture
def operator(page: Page, url: str) -> OperatorPage:
    return OperatorPage(page, url)


@pytest.fixture
def parked(shop: Shop) -> list[Order]:
    """Two orders that an outage of PayStack has parked."""
    shop.set_fault("paystack", mode="outage")
    return [shop.place(each, "PAYMENT_DELAYED") for each in ("1 loaf bread", "3 eggs")]


@pytest.mark.long
def test_an_outage_is_seen_looked_into_acted_on_and_its_end_is_seen(
    operator: OperatorPage, shop: Shop, parked: list[Order]
) -> None:
    page, (first, second) = operator.page, parked
    operator.arrive()

    # Now: what, since when, how many, how much money, what to do.
    card = operator.problem(OUT)
    expect(operator.headline).to_contain_text(re.compile(rf"{OUT} since \d\d:\d\d; .* waiting"))
    expect(operator.headline).to_contain_text("they go on by themselves; next probe")
    for order in parked:
        expect(card).to_contain_text(order.order_id[:8])
    expect(card).to_contain_text("nothing: orders survive it")
    expect(page.get_by_role("img", name=re.compile(r"PayStack: .*open from"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"Read \d+ records in \d+ requests"))).to_be_visible()
    is_accessible(page)

    # Search by the beginning of an id, then the order and its execution.
    expect(operator.finds(first.order_id[:8])).to_have_count(1)
    is_accessible(page)
    page.get_by_role("link", name=first.order_id[:8], exact=True).click()
    operator.sees_heading(f"Order {first.order_id[:8]}")
    expect(page.get_by_role("table", name="History")).to_contain_text("PAYMENT_DELAYED")
    expect(page.get_by_role("table", name="Audit")).to_contain_text("Mutation.submitGroceryList")
    is_accessible(page)
    page.get_by_role("link", name="Run 1").click()
    operator.sees_heading(f"Execution of order {first.order_id[:8]}")
    expect(page.get_by_role("img", name=re.compile("ParkOrder running"))).to_be_visible()
    page.get_by_role("button", name="CreatePaymentLink").first.click()
    expect(page.get_by_role("region", name="Visit", exact=True)).to_contain_text(
        "PaystackUnavailable"
    )
    is_accessible(page)

    # An act, audited with its reason and the operator's account.
    reason = f"maintenance {first.order_id[:8]}"
    operator.open(f"/orders/{second.order_id}", f"Order {second.order_id[:8]}")
    done = operator.act(page.get_by_role("button", name="Cancel …"), reason)
    expect(done).to_contain_text("is CANCELLED")
    assert shop.orders.get(second.order_id).status_reason == reason
    assert audited(shop, second, reason) == ("cancel", "console")

    # Its end.
    operator.arrive()
    shop.clear_faults()
    shop.close_breaker("paystack")
    shop.reach(first.order_id, "PAYMENT_INITIATED")
    expect(operator.problem(OUT)).to_have_count(0)
    expect(operator.headline).not_to_contain_text(OUT)


def audited(shop: Shop, order: Order, reason: str) -> tuple[str, str] | None:
    """The operator's act on the order in the audit log, and where it came from."""
    since = datetime.now(UTC) - timedelta(hours=1)
    entries = AuditTrail(shop.deployment).entries(since, order.order_id)
    signed = [each for each in entries if each.details.get("operatorReason") == reason]
    assert all(each.details["operator"] for each in signed)
    return next(((each.action, each.source) for each in signed), None)


def test_a_breaker_is_forced_and_released_with_the_keyboard(
    operator: OperatorPage, shop: Shop
) -> None:
    page = operator.page
    operator.arrive()
    breaker = page.get_by_role("region", name="Breaker of Bedrock")
    breaker.get_by_role("button", name="Set …").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Set the breaker")
    expect(dialog.get_by_role("radio").first).to_be_focused()
    page.keyboard.press("Space")
    expect(dialog.get_by_text("Bedrock will not be called")).to_be_visible()
    dialog.get_by_label("Reason").focus()

    page.keyboard.type("maintenance of Bedrock")
    page.keyboard.press("Enter")

    expect(dialog.locator(".done")).to_contain_text("The breaker of Bedrock is FORCED_OPEN.")
    assert shop.breaker("bedrock").mode is Mode.FORCED_OPEN
    page.keyboard.press("Escape")
    expect(operator.problem(re.compile("Bedrock is not called"))).to_contain_text(
        "orders breakers auto bedrock"
    )


BEGAN = datetime(2026, 1, 31, 12, tzinfo=UTC)
#: The server's view an hour after something began, and the next ones an hour later.
FIRST, LATER = BEGAN + timedelta(hours=1), BEGAN + timedelta(hours=2)


def test_times_go_by_while_all_else_stays_and_the_runbook_is_a_link(operator: OperatorPage) -> None:
    page, moments, whole = operator.page, chain([FIRST], repeat(LATER)), dict[str, Any]()
    failing = Problem("Orders fail", Severity.ACT, BEGAN, kobo=1, runbook="failed-executions.md")
    waiting = {"orders": 1, "customers": 1, "kobo": 1_800_000, "oldest": iso(BEGAN), "more": False}

    def of_a_moment(route: Route) -> None:
        shown = {"at": iso(next(moments)), "waiting": waiting, "problems": [failing.as_json()]}
        if not whole:
            whole.update(route.fetch().json())
        route.fulfill(json=whole | shown)

    page.route("**/api/now", of_a_moment)
    operator.arrive()
    card, tiles = operator.problem("Orders fail"), page.locator(".tiles")

    for hours in ("1 h 0 min", "2 h 0 min"):
        expect(card.get_by_text(re.compile(rf"\({hours}\)$"))).to_be_visible()
        expect(tiles).to_contain_text(f"Oldest wait{hours}")
    expect(tiles).to_contain_text("Money waiting₦18,000.00")
    is_accessible(page)
    with page.expect_popup() as opened:
        card.get_by_role("link", name="docs/runbooks/failed-executions.md").click()
    expect(opened.value.get_by_text("# A failed execution")).to_be_visible()
    page.unroute_all(behavior="wait")


WHY = "An error occurred (AccessDeniedException) when calling DescribeAlarms: not authorized."
ADVICE = "Ask for this permission; the rest of the page holds without it."


def without_alarms(route: Route) -> None:
    """The server's answer, as if it could not read the alarms."""
    answer = route.fetch().json()
    answer["alarms"] = None
    answer["reads"]["unread"] = [{"what": ["alarms"], "why": WHY, "advice": ADVICE}]
    route.fulfill(json=answer)


@pytest.mark.long
def test_what_could_not_be_read_is_named_in_its_place(operator: OperatorPage) -> None:
    page = operator.page
    page.route("**/api/now", without_alarms)
    operator.arrive()

    card = page.get_by_role("region", name="Not all could be read")
    for words in ("alarms", WHY, ADVICE):
        expect(card).to_contain_text(words)
    expect(page.get_by_role("region", name="Alarms", exact=True)).to_contain_text(
        f"Could not be read: {WHY}"
    )
    expect(page.get_by_role("table", name="Queues")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Orders by status"))).to_be_visible()
    is_accessible(page)

    # It can be read again.
    page.unroute("**/api/now")
    expect(card).to_have_count(0)
    expect(page.get_by_role("region", name="Alarms", exact=True)).not_to_contain_text("Could not")


@pytest.mark.long
def test_a_view_that_cannot_be_renewed_says_of_when_it_is(operator: OperatorPage) -> None:
    page = operator.page
    operator.arrive()
    refusal = {"message": "DynamoDB did not answer."}
    page.route("**/api/now", lambda route: route.fulfill(status=503, json=refusal))

    stale = page.locator("main > .stack > [role=alert]")
    expect(stale).to_have_text(re.compile(r"^What is below is of \d\d:\d\d: "))
    page.unroute("**/api/now")
    expect(stale).to_be_empty()


def test_nothing_is_answered_without_the_key_or_to_others(url: str) -> None:
    base, key = url.split("/#key=")
    with httpx.Client(base_url=base, trust_env=False) as http:
        own = {"Authorization": f"Bearer {key}"}
        assert http.get("/api/session", headers=own).status_code == httpx.codes.OK
        for headers in (
            {},
            {"Authorization": "Bearer wrong"},
            own | {"Origin": "http://127.0.0.1:1"},
        ):
            assert http.get("/api/now", headers=headers).status_code == httpx.codes.FORBIDDEN
        foreign = own | {"Host": "evil.example"}
        assert http.get("/api/now", headers=foreign).status_code == httpx.codes.BAD_REQUEST
