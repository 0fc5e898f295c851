"""The page's forms: unsent lists, wrong fields, and the session of several tabs."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.factories import CUSTOMER_EMAIL, an_order
from tests.support.page_scene import PASSWORD, ScriptedApi, ScriptedShop, is_live

NEW_LIST = "What do you need?"


def arrived(page: Page, scene: ScriptedShop) -> None:
    page.goto(scene.url)
    expect(page.get_by_role("heading", name=NEW_LIST)).to_be_visible()


def test_an_unsent_list_survives_navigation_and_reload_and_goes_with_the_sign_out(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    arrived(page, scene)
    page.get_by_label("Your list").fill("1 loaf bread")
    page.get_by_role("link", name="My orders").click()
    page.get_by_role("link", name="New list").click()
    expect(page.get_by_label("Your list")).to_have_value("1 loaf bread")
    page.reload()
    expect(page.get_by_label("Your list")).to_have_value("1 loaf bread")

    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("heading", name="Sign in")).to_be_focused()
    assert page.evaluate("sessionStorage.length") == 0
    scene.sign_in(page)
    arrived(page, scene)
    expect(page.get_by_label("Your list")).to_have_value("")


def test_a_list_that_was_sent_is_not_offered_again(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    api.know(an_order())
    arrived(page, scene)
    page.get_by_label("Your list").fill("1 loaf bread")
    page.get_by_role("button", name="Send list").click()
    expect(page.get_by_role("heading", name="Your order")).to_be_focused()
    page.get_by_role("link", name="New list").click()
    expect(page.get_by_label("Your list")).to_have_value("")


def test_the_length_is_counted_and_nothing_is_cut(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    arrived(page, scene)
    box, size = page.get_by_label("Your list"), page.locator("#list-size")
    expect(size).to_have_text("0 of 5,000 characters")
    box.fill("ẹ" * 900)
    expect(size).to_have_text("900 of 5,000 characters, 5,400 of 6,000 bytes")
    box.fill("x" * 5001)
    expect(size).to_contain_text("5,001 of 5,000 characters")

    page.get_by_role("button", name="Send list").click()

    expect(page.get_by_role("alert")).to_contain_text("at most 5,000 are allowed")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_have_value("x" * 5001)
    assert api.count("submitGroceryList") == 0


def test_a_refused_list_is_focused_and_retries_show_that_something_happens(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    page.clock.install()
    api.know(an_order())
    busy: dict[str, Any] = {
        "errorType": "Busy", "message": "We are very busy right now.",
        "errorInfo": {"retryAfterSeconds": 30},
    }  # fmt: skip
    invalid = {"errorType": "InvalidOrder", "message": "There is nothing to buy in the list."}
    api.refusals["submitGroceryList"] = [dict(invalid), busy]
    arrived(page, scene)
    page.get_by_label("Your list").fill("hello")
    page.get_by_role("button", name="Send list").click()
    expect(page.get_by_role("alert")).to_have_text("There is nothing to buy in the list.")
    expect(page.get_by_label("Your list")).to_be_focused()

    page.get_by_role("button", name="Send list").click()

    waits = page.get_by_role("status").filter(has_text="Your list is kept here")
    expect(waits).to_contain_text("attempt 2 of 6")
    expect(page.get_by_role("alert")).to_be_hidden()
    before = waits.inner_text()
    page.clock.run_for(2_000)
    expect(waits).not_to_have_text(before)
    page.clock.run_for(60_000)
    expect(page.get_by_role("heading", name="Your order")).to_be_focused()
    keys = [
        each["variables"]["input"]["idempotencyKey"]
        for each in api.asked
        if "input" in each["variables"]
    ]
    assert len(keys) == 3
    assert len(set(keys)) == 1


@pytest.mark.parametrize(
    ("code", "field", "words"),
    [
        ("NotAuthorizedException", "Password", "password is not right"),
        ("LimitExceededException", None, "too many attempts"),
        ("SomethingNewException", None, "does not work at the moment"),
    ],
)
def test_a_refused_sign_in_says_what_to_do_and_focuses_the_wrong_field(
    page: Page, scene: ScriptedShop, code: str, field: str | None, words: str
) -> None:
    scene.accounts.refusals[:] = [code]
    page.goto(scene.url)
    page.get_by_label("E-mail").fill(CUSTOMER_EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(words)
    expect(alert).not_to_contain_text("Cognito")
    if field:
        expect(page.get_by_label(field, exact=True)).to_be_focused()
        expect(page.get_by_label(field, exact=True)).to_have_accessible_description(
            alert.inner_text()
        )
    scene.accounts.refusals[:] = []
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your code")).to_be_focused()


def test_a_sign_out_in_one_tab_signs_out_of_all_and_a_sign_in_signs_in(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    arrived(page, scene)
    other = page.context.new_page()
    arrived(other, scene)
    other.get_by_label("Your list").fill("1 loaf bread")

    page.get_by_role("button", name="Sign out").click()

    expect(other.get_by_role("heading", name="Sign in")).to_be_focused()
    expect(other.get_by_text("You have signed out in another tab.")).to_be_visible()
    assert other.evaluate("sessionStorage.length") == 0

    page.get_by_label("E-mail").fill(CUSTOMER_EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("textbox", name="Code").fill("123456")
    page.get_by_role("button", name="Continue").click()
    expect(other.get_by_role("heading", name=NEW_LIST)).to_be_visible()


def test_money_and_dates_are_written_as_the_browser_is_set(
    browser: Browser, scene: ScriptedShop
) -> None:
    with browser.new_context(locale="de-DE", timezone_id="Africa/Lagos") as context:
        page = context.new_page()
        scene.sign_in(page)
        api = ScriptedApi(page)
        order = an_order()
        api.know(order)
        page.goto(f"{scene.url}/orders/{order.order_id}")
        is_live(page)

        expect(page.get_by_role("row", name="2 kg rice").get_by_role("cell").last).to_have_text(
            "2.401,00 ₦"
        )
        lagos = page.evaluate(
            "at => new Intl.DateTimeFormat('de-DE', {dateStyle: 'medium', timeStyle: 'short',"
            " timeZone: 'Africa/Lagos'}).format(new Date(at))",
            order.created_at.isoformat(),
        )
        expect(page.get_by_text(f"Sent {lagos}")).to_be_visible()
