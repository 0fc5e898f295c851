"""Each write of an order has its audit line, and each status that the state machine writes."""

from __future__ import annotations

import inspect
import io
import json
import re
from datetime import UTC, datetime
from typing import Any, Protocol

import pytest

from orderflow.errors import IllegalTransitionError, StoreUnavailable
from orderflow.orders.ports import OrderQueries, Orders
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore, audit_direct_writes, audited, to_item
from orderflow.platform import aws
from tests.support.factories import an_order, client_error, stored
from tests.support.paths import FUNCTIONS
from tests.unit.conftest import FailCalls

#: What orders can do, by all of their ports, apart from queries.
WRITES = sorted(
    name
    for port in Orders.__bases__
    if port not in (OrderQueries, Protocol)
    for name in vars(port)
    if not name.startswith("_")
)


class Recording:
    """Orders of which each method returns an order and takes anything."""

    def __getattr__(self, name: str) -> Any:
        def method(*_: Any, **__: Any) -> Any:
            return an_order(order_id="order-1")

        method.__name__ = name
        return method


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    written = [json.loads(line) for line in log.getvalue().splitlines()]
    return [each["audit"] for each in written if each["message"] == "audit"]


def test_the_writes_of_every_port_are_known() -> None:
    assert {"cancel", "record_payment", "confirm_review", "record_edit", "record_rating"} <= {
        *WRITES
    }


def test_functions_make_their_orders_in_one_place() -> None:
    """There they are audited: what a handler writes is seen in its own tests."""
    makes = re.compile(r"\bOrderStore\(")
    modules = {
        path.relative_to(FUNCTIONS).as_posix()
        for path in FUNCTIONS.rglob("*.py")
        if makes.search(path.read_text(encoding="utf-8").replace("class OrderStore(", ""))
    }

    assert modules == {"orderflow/wiring/common.py"}


@pytest.mark.parametrize("name", WRITES)
def test_every_write_has_its_line(name: str, log_output: io.StringIO) -> None:
    orders: Any = audited(Recording(), by="a-step")
    first = next(iter(inspect.signature(getattr(Orders, name)).parameters.values()))
    assert first.name == "self"
    names = list(inspect.signature(getattr(Orders, name)).parameters)[1:]
    value: Any = an_order(order_id="order-1") if names[0] in ("order", "seen") else "order-1"

    if name == "create":
        orders.create(order_id="order-1")
    else:
        getattr(orders, name)(value)

    (line,) = lines(log_output)
    assert (line["action"], line["subject"], line["actor"], line["outcome"]) == (
        f"order.{name}",
        "order-1",
        "a-step",
        "succeeded",
    )


@pytest.mark.parametrize("name", [each for each in vars(OrderQueries) if each[0] != "_"])
def test_queries_have_none(name: str, log_output: io.StringIO) -> None:
    getattr(audited(Recording(), by="a-step"), name)("order-1")

    assert lines(log_output) == []


def test_a_line_holds_the_status_after_the_write(
    store: OrderStore, log_output: io.StringIO
) -> None:
    stored(store, an_order(order_id="order-1", status=OrderStatus.MATCHED, payment_reference=None))

    audited(store, by="api").cancel("order-1", "You cancelled the order.")

    (line,) = lines(log_output)
    assert line["details"] == {"status": "CANCELLED"}


def test_a_refused_write_is_audited_as_refused(store: OrderStore, log_output: io.StringIO) -> None:
    stored(store, an_order(order_id="order-1", status=OrderStatus.EXPIRED))

    with pytest.raises(IllegalTransitionError):
        audited(store, by="api").cancel("order-1", "You cancelled the order.")

    (line,) = lines(log_output)
    assert (line["outcome"], line["reason"]) == ("refused", "IllegalTransitionError")


def test_a_failed_write_is_audited_as_failed(
    store: OrderStore, log_output: io.StringIO, fail_calls: FailCalls
) -> None:
    fail_calls(aws.dynamodb().meta.client, "UpdateItem", client_error("InternalServerError", 500))
    fail_calls(
        aws.table("orders").meta.client, "UpdateItem", client_error("InternalServerError", 500)
    )

    with pytest.raises(StoreUnavailable):
        audited(store, by="api").record_notification("order-1", "order-1-1")

    (line,) = lines(log_output)
    assert (line["outcome"], line["reason"]) == ("failed", "StoreUnavailable")


def item(*history: tuple[str, str], status: str, version: int = 1) -> dict[str, Any]:
    changes = [{"status": each, "by": by, "at": "2026-01-31T12:00:00.000Z"} for each, by in history]
    return {"orderId": "order-1", "status": status, "version": version, "history": changes}


PARSED = ("PENDING_MATCHING", "ParseOrder")
PARKED = ("PAYMENT_DELAYED", "order-1.2/ParkOrder")


def test_a_status_that_the_state_machine_writes_has_its_line(log_output: io.StringIO) -> None:
    before, after = item(PARSED, status=PARSED[0]), item(PARSED, PARKED, status=PARKED[0])

    audit_direct_writes(before, after)

    (line,) = lines(log_output)
    assert (line["actor"], line["subject"], line["source"]) == (
        "ParkOrder",
        "order-1",
        "execution order-1.2",
    )
    assert (line["details"], line["correlationId"]) == ({"status": "PAYMENT_DELAYED"}, "order-1.2")
    assert line["at"] == "2026-01-31T12:00:00.000Z"


def test_a_record_that_comes_again_has_the_same_id(log_output: io.StringIO) -> None:
    before, after = item(PARSED, status=PARSED[0]), item(PARSED, PARKED, status=PARKED[0])

    audit_direct_writes(before, after)
    audit_direct_writes(before, after)

    first, second = lines(log_output)
    assert first["id"] == second["id"]


def test_the_statuses_that_functions_write_have_their_line_from_them(
    log_output: io.StringIO,
) -> None:
    audit_direct_writes({}, item(PARSED, status=PARSED[0]))

    assert lines(log_output) == []


def test_a_change_of_status_that_no_history_shows_is_audited(log_output: io.StringIO) -> None:
    before = item(PARSED, status=PARSED[0])

    audit_direct_writes(before, item(PARSED, status="PAYMENT_COMPLETED", version=2))

    (line,) = lines(log_output)
    assert (line["actor"], line["source"]) == ("unknown", "orders table")


def test_deleted_orders_and_other_changes_have_no_line(log_output: io.StringIO) -> None:
    parked = item(PARSED, PARKED, status=PARKED[0])

    audit_direct_writes(parked, {})
    audit_direct_writes(parked, parked | {"notifiedReference": "order-1-1"})

    assert lines(log_output) == []


def test_what_is_stored_can_be_audited(log_output: io.StringIO) -> None:
    audit_direct_writes({}, to_item(an_order(created_at=datetime.now(UTC))))

    assert lines(log_output) == []
