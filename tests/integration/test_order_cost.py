"""A paid order's requests, as the emulator records them, stay within their budget."""

from __future__ import annotations

import httpx

from scripts.cost.stage import count
from scripts.cost.usage import Unit, Usage
from tests.support.order_budget import TRANSITIONS_TO_LINK, over_budget
from tests.support.shop import Shop
from tests.support.waiting import wait_for

LIST = "2 cups milk, 1 loaf bread, 3 eggs"


def test_a_paid_order_uses_no_more_of_aws_than_its_budget(shop: Shop) -> None:
    shop.awaiting_payment(LIST)  # from here on its products are remembered
    order = shop.awaiting_payment(LIST)
    assert shop.progress(order).transitions_to_link <= TRANSITIONS_TO_LINK

    httpx.get(shop.pay(order))

    shop.finished(order)
    paid = shop.orders.get(order.order_id)

    def used() -> Usage:
        return count(shop.deployment, [paid]).by_order[paid.order_id]

    wait_for(
        used, lambda found: found.by_detail(Unit.FUNCTION_REQUESTS).get("collect-audit", 0) > 8
    )
    found = used()
    assert found.of(Unit.TRANSITIONS) == 10
    assert found.of(Unit.EMAILS) == 1
    assert found.of(Unit.WRITES) > 20  # the record of requests is there
    assert over_budget(found) == {}
