"""The web ACL before the deployed API: floods, attacks, metrics and alarms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.integration.test_command_line import orders, orders_json
from tests.support.loopback import client_at
from tests.support.shop import Shop
from tests.support.waiting import wait_for
from tests.waf.traffic import SQL_INJECTIONS

LIMIT = 2_000
QUERY = {"query": "{ myOrders { items { orderId } } }"}


def sender(shop: Shop, address: str) -> Callable[[], int]:
    """Sends a request from an address of the loopback network; returns the answer's status."""
    client = client_at(address)
    return lambda: client.post(shop.state.urls.graphql, json=QUERY).status_code


@pytest.mark.long
def test_a_flood_is_blocked_and_operations_hear_of_it(shop: Shop) -> None:
    read_pages = shop.pages()
    shop.silence_alarms()
    flood = sender(shop, "127.0.0.77")

    statuses = Counter(flood() for _ in range(LIMIT + 20))

    # Without a token each is refused by the API, or before it.
    assert statuses == {401: LIMIT, 403: 20}
    assert sender(shop, "127.0.0.78")() == 401
    # The API's refusals of tokens ring another alarm of the same incident: it is one page.
    heard: list[str] = []

    def begun() -> list[str]:
        heard.extend(
            each["AlarmDescription"]
            for each in read_pages()
            if (each["AlarmName"], each["NewStateValue"]) == ("grocery-local-Attack", "ALARM")
        )
        return heard

    wait_for(begun, bool)
    wait_for(lambda: shop.alarm_state("ApiRate"), lambda state: state == "ALARM")
    assert len(begun()) == 1
    assert heard[0].endswith("See the runbook waf.md.")


def test_an_attack_of_a_signed_in_customer_makes_no_order(shop: Shop) -> None:
    customer = shop.new_customer()
    for text in SQL_INJECTIONS[:3]:
        answer = customer.post(
            "mutation($input: SubmitGroceryListInput!)"
            " { submitGroceryList(input: $input) { orderId } }",
            {"input": {"groceryList": text}},
        )
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["errorType"] == "WAFForbiddenException"
    assert customer.ask("{ myOrders { items { orderId } } }", {}) == {"items": []}


def test_the_longest_list_in_yoruba_is_accepted_and_a_longer_one_gets_a_reason(
    shop: Shop,
) -> None:
    unit = "ẹ̀wà derica méjì\n"
    accepted = shop.customer.submit((unit * 50)[:-1])
    assert accepted["status"] == "PENDING_MATCHING"

    refused = orders("submit", "-", stdin=unit * 200, code=2)

    assert "bytes; at most 6,000 are allowed" in refused.stderr


def test_the_command_line_shows_the_rules_and_tries_requests(shop: Shop) -> None:
    status = orders_json("waf", "status")
    evaluated = {each["name"]: each["evaluated"] for each in status["rules"]}
    assert evaluated["Rate"] is True
    assert evaluated["AwsCommon"] is False

    harmless = orders_json("waf", "test", "1=1 rice, 2 kg")
    assert (harmless["action"], harmless["matches"]["AwsCommon"]) == ("ALLOW", None)
    attack = orders_json("waf", "test", SQL_INJECTIONS[0], code=2)
    assert (attack["action"], attack["rule"]) == ("BLOCK", "SqlInjection")


def test_a_blocked_submission_says_what_to_do(shop: Shop) -> None:
    refused = orders("submit", SQL_INJECTIONS[0], "--no-wait", code=2)
    assert "web application firewall" in refused.stderr
    assert "orders waf test" in refused.stderr
