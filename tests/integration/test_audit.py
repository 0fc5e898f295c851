"""The audit, from end to end: an order's whole story, the archive, CloudTrail, and forgetting."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

from orderflow.platform.audit import AuditEntry
from scripts.cli.security.forget import forget
from scripts.cli.security.stories import order_story, trail_entries
from tests.support.shop import Shop
from tests.support.waiting import wait_for

LIST = "1 loaf bread"

#: What a paid order's story tells at least: the acts, each with where it came from.
PAID = {
    ("Mutation.submitGroceryList", "customer"),
    ("order.create", "ParseOrder"),
    ("order.record_matches", "MatchProducts"),
    ("order.record_link", "CreatePaymentLink"),
    ("order.record_notification", "NotifyCustomer"),
    ("webhook", "paystack"),
    ("order.record_payment", "payment_webhook"),
    ("order.confirm_payment", "VerifyPayment"),
    ("order status write", "CompleteOrder"),
    ("became PAYMENT_COMPLETED", "CompleteOrder"),
}


def story(shop: Shop, order_id: str) -> list[AuditEntry]:
    return order_story(shop.deployment, order_id, datetime.now(UTC) - timedelta(hours=1))


def told(shop: Shop, customer: str, order_id: str) -> set[tuple[str, str]]:
    return {
        (each.action, "customer" if each.actor == customer else each.actor.rpartition("/")[2])
        for each in story(shop, order_id)
    }


def archived(shop: Shop) -> list[AuditEntry]:
    s3, bucket = shop.deployment.client("s3"), shop.state.outputs["AuditArchiveBucket"]
    found = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for each in page.get("Contents", ()):
            body = s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
            lines = gzip.decompress(body).decode().splitlines()
            found += [AuditEntry.model_validate_json(line) for line in lines]
    return found


def test_a_paid_orders_story_is_whole_and_archived(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    shop.pay(order)
    shop.reach(order.order_id, "PAYMENT_COMPLETED")

    wait_for(lambda: told(shop, order.customer_id, order.order_id), lambda acts: acts >= PAID)

    entries = story(shop, order.order_id)
    assert [each.at for each in entries] == sorted(each.at for each in entries)
    assert len({each.id for each in entries}) == len(entries)
    assert order.customer_email not in "".join(each.model_dump_json() for each in entries)
    lines = {each.id for each in entries if each.source != "order's history"}
    wait_for(lambda: {each.id for each in archived(shop)}, lambda kept: kept >= lines)


def test_cloudtrail_shows_the_calls_about_an_order(shop: Shop) -> None:
    order = shop.awaiting_payment(LIST)
    since = datetime.now(UTC) - timedelta(minutes=5)

    events = [*trail_entries(shop.deployment, since, order.order_id)]

    actions = {each.action for each in events}
    assert "states:StartExecution" in actions
    assert not [action for action in actions if action.startswith("dynamodb:")]  # calls on data
    assert shop.state.paystack_secret_key not in str(events)


def test_a_customer_is_forgotten_and_a_second_run_changes_nothing(shop: Shop) -> None:
    customer = shop.new_customer()
    order_id = customer.insist(LIST)
    shop.reach(order_id, "PAYMENT_INITIATED")
    shop.cancel(order_id)
    shop.reach(order_id, "CANCELLED")

    first = forget(shop.deployment, customer.sub, "The customer asked for it.")
    second = forget(shop.deployment, customer.sub, "The customer asked for it.")

    assert (first.erased, second.erased, second.erased_before) == (1, 0, 1)
    erased = shop.orders.get(order_id)
    assert (erased.customer_email, erased.customer_name, erased.grocery_list) == ("", None, "")
    assert erased.requested == []
    assert erased.status == "CANCELLED"
