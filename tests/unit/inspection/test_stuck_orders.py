"""Stuck orders in groups with one cause, with advice that the runbooks give."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderflow.breakers.state import BreakerItem, Mode, State
from orderflow.orders.model import Failure, Order, Parked, StatusChange
from orderflow.orders.status import OrderStatus
from scripts.inspection import causes
from scripts.inspection.stuck_orders import StuckGroup, StuckOrder, stuck_orders, stuck_since
from tests.support.factories import a_matched_order, a_new_order, a_payment, an_order, stored
from tests.support.memory_orders import InMemoryOrders
from tests.support.paths import PROJECT

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
RUNBOOKS = PROJECT / "docs" / "runbooks"
OPEN = BreakerItem(
    provider="paystack",
    state=State.OPEN,
    retry_at=int((NOW + timedelta(seconds=40)).timestamp() * 1000),
)
CLOSED = BreakerItem(provider="paystack")
HELD = BreakerItem(provider="paystack", mode=Mode.FORCED_OPEN, mode_reason="maintenance")


class Breakers:
    """A store with one breaker."""

    def __init__(self, item: BreakerItem = CLOSED) -> None:
        self._item = item

    def read(self, provider: str) -> BreakerItem:
        return self._item.model_copy(update={"provider": provider})

    def write(self, *_: Any) -> Any:
        raise NotImplementedError


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def changes(*entries: tuple[str, datetime]) -> list[StatusChange]:
    return [StatusChange(status=OrderStatus(status), at=at, by="t") for status, at in entries]


def parked(status: str = "PAYMENT_DELAYED", at: datetime = NOW, **fields: Any) -> Order:
    where = Parked(task_token="secret", provider="paystack", park_count=2, at=at)
    given = {"status_reason": "Our payment provider did not answer.", "parked": where}
    return a_matched_order(status=status, **given | {"history": changes((status, at))} | fields)


def failed(error: str = "KeyError", at: datetime = NOW, **fields: Any) -> Order:
    failure = Failure(error=error, state="MatchProducts", execution_arn="arn", at=at, count=1)
    given = {"status": "FAILED", "failure": failure, "history": changes(("FAILED", at))}
    return a_matched_order(**given | fields)


def groups(orders: Iterable[Order], breaker: BreakerItem = CLOSED) -> list[StuckGroup]:
    store = InMemoryOrders("tests")
    for order in orders:
        stored(store, order)
    return stuck_orders(store, Breakers(breaker), NOW).groups


def test_an_outage_is_one_group_with_its_count_customers_money_and_age() -> None:
    breaker_open = {"status_reason": "Our payment provider is unavailable (its breaker is open)."}
    some = [parked(at=ago(minutes=number), customer_id="ada") for number in range(1, 21)]
    others = [parked("NEEDS_ATTENTION", ago(hours=1), customer_id="kemi", **breaker_open)]

    (group,) = groups([*some, *others], OPEN)

    assert (len(group.orders), group.customers) == (21, 2)
    assert (group.total_kobo, group.unpriced) == (21 * 240_100, 0)
    assert group.since == ago(hours=1)
    assert group.statuses == {"PAYMENT_DELAYED": 20, "NEEDS_ATTENTION": 1}
    assert group.as_json()["count"] == 21
    assert "secret" not in str(group.as_json())


@pytest.mark.parametrize(
    ("order", "provider"),
    [
        (parked(parked=None), "paystack"),
        (
            a_new_order(status="NEEDS_ATTENTION", parked=None, status_reason="Not now."),
            "bedrock",
        ),
    ],
    ids=["its products are known", "its products are not known"],
)
def test_an_order_between_two_attempts_waits_for_the_provider_that_is_tried(
    order: Order, provider: str
) -> None:
    """Its record has no task token from its resumption until it is parked again."""
    (group,) = groups([order], OPEN)

    assert group.cause == causes.Cause(
        causes.Kind.PARKED, f"waits for {provider}", provider=provider
    )


def test_orders_without_products_have_no_price_yet() -> None:
    where = Parked(task_token="t", provider="bedrock", park_count=0, at=NOW)

    (group,) = groups([a_new_order(status="PAYMENT_DELAYED", parked=where)])

    assert (group.cause.provider, group.total_kobo, group.unpriced) == ("bedrock", 0, 1)


def test_failures_come_first_and_those_of_one_error_in_one_state_are_alike() -> None:
    found = groups([parked(), parked(), failed(), failed("Lambda.SdkClientException"), failed()])

    assert [(each.cause.text, len(each.orders)) for each in found] == [
        ("MatchProducts: KeyError", 2),
        ("MatchProducts: Lambda.SdkClientException", 1),
        ("waits for paystack", 2),
    ]


@pytest.mark.parametrize(
    ("order", "since"),
    [
        (
            parked(
                at=ago(minutes=1),
                history=changes(
                    ("MATCHED", ago(hours=3)),
                    ("PAYMENT_DELAYED", ago(hours=2)),
                    ("PAYMENT_DELAYED", ago(hours=1)),
                    ("NEEDS_ATTENTION", ago(minutes=1)),
                ),
            ),
            ago(hours=2),
        ),
        (
            parked(
                at=ago(minutes=5),
                history=changes(
                    ("PAYMENT_DELAYED", ago(hours=2)),
                    ("MATCHED", ago(hours=1)),
                    ("PAYMENT_DELAYED", ago(minutes=5)),
                ),
            ),
            ago(minutes=5),
        ),
        (
            failed(
                at=ago(minutes=1),
                history=changes(("FAILED", ago(hours=2)), ("FAILED", ago(minutes=1))),
            ),
            ago(hours=2),
        ),
        (parked(at=ago(minutes=7), history=[]), ago(minutes=7)),
        (failed(at=ago(minutes=8), history=[]), ago(minutes=8)),
        (a_matched_order(status="NEEDS_ATTENTION", history=[], updated_at=NOW), NOW),
    ],
    ids=["parked again", "parked anew", "failed again", "parked", "failed", "unknown"],
)
def test_parking_or_failing_again_does_not_restart_the_age(order: Order, since: datetime) -> None:
    assert stuck_since(order) == since


def test_a_payment_without_an_answer_is_undecided_after_a_while() -> None:
    paid = an_order(payment=a_payment(), updated_at=ago(minutes=16))
    just_paid = an_order(payment=a_payment(), updated_at=ago(minutes=14))

    (group,) = groups([paid, just_paid, an_order()])

    assert group.cause.kind is causes.Kind.UNDECIDED
    assert [each.order.order_id for each in group.orders] == [paid.order_id]


def test_views_read_the_newest_orders_and_say_what_is_left() -> None:
    store = InMemoryOrders("tests")
    for _ in range(3):
        stored(store, parked())

    found = stuck_orders(store, Breakers(), NOW, limit=2)

    assert len(found.groups[0].orders) == 2
    assert str(found.reading) == "Read 2 items. There is more: PAYMENT_DELAYED."


@pytest.mark.parametrize(
    ("breaker", "count", "text", "command"),
    [
        (OPEN, 2, "lets through one probe, in 40 s", None),
        (HELD, 2, "an operator set it: maintenance", "orders breakers auto paystack"),
        (CLOSED, 2, causes.STILL_THERE, "orders resume --all --provider paystack"),
        (CLOSED, 1, causes.STILL_THERE, "orders resume --order {id}"),
    ],
)
def test_parked_orders_are_advised_by_their_breaker(
    breaker: BreakerItem, count: int, text: str, command: str | None
) -> None:
    orders = [parked() for _ in range(count)]

    (group,) = groups(orders, breaker)

    assert text in group.advice.text
    assert group.advice.command == (command and command.format(id=orders[0].order_id))


@pytest.mark.parametrize(
    ("error", "act"),
    [
        ("KeyError", "fix and deploy, then replay"),
        ("ClientError", "grant, then replay"),
        ("CatalogEmptyError", "load it: orders catalog load FILE, then replay"),
        ("ConfigurationError", "correct it, then replay"),
        ("DynamoDB.ThrottlingException", "replay"),
        ("Runtime.ExitError", "look at its log"),
    ],
)
def test_failures_are_advised_by_their_error(error: str, act: str) -> None:
    (group,) = groups([failed(error), failed(error)])

    assert group.advice.text.endswith(f": {act}")
    assert group.advice.command == f"orders replay --error {error}"


def test_the_advice_is_the_runbooks() -> None:
    page = (RUNBOOKS / causes.FAILED_EXECUTIONS).read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", page, re.MULTILINE)

    assert {(row.cause, row.act) for row in causes.FAILURES} <= {row[1:] for row in rows}
    for name, text in (
        (causes.PARKED_ORDERS, causes.THEY_GO_ON),
        (causes.PARKED_ORDERS, causes.STILL_THERE),
        (causes.STUCK_BREAKER, causes.HELD_OPEN),
    ):
        assert text in (RUNBOOKS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("breaker", [OPEN, HELD, CLOSED])
def test_every_runbook_that_is_named_exists_and_has_the_command(breaker: BreakerItem) -> None:
    orders = [parked(), parked(), failed(), failed("Runtime.Unknown"), a_matched_order()]
    orders.append(a_matched_order(status="NEEDS_ATTENTION"))

    for group in groups(orders, breaker):
        page = (RUNBOOKS / group.advice.runbook).read_text(encoding="utf-8")
        if group.advice.command:
            assert " ".join(group.advice.command.split()[:2]) in page


def test_an_order_of_an_earlier_release_is_shown_with_what_it_has() -> None:
    order = a_matched_order(status="FAILED", status_reason="An outage.")

    stuck = StuckOrder.of(order)

    assert (stuck.cause.text, stuck.attempts) == ("An outage.", None)
    (group,) = groups([order])
    assert group.advice.command == f"orders replay --order {order.order_id}"
