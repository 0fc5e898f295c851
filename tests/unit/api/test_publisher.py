"""Publishing a batch of the stream: what is news, in which sequence, and what comes again."""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.api.publisher import PARALLEL_ORDERS, PUBLISH, Change, PublishResult, publish
from orderflow.errors import ApiRefusedError, ApiUnavailable, OrderflowError
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import to_item
from tests.support.factories import CUSTOMER_EMAIL, an_order

S = OrderStatus


class Api:
    """Records what is published; fails for chosen orders."""

    def __init__(self, error: Exception | None = None, *broken: str) -> None:
        self.heard: list[tuple[str, int]] = []
        self._error = error
        self._broken = broken

    def execute(self, query: str, variables: Mapping[str, Any]) -> None:
        assert query == PUBLISH
        update = variables["input"]
        if self._error and update["orderId"] in self._broken:
            raise self._error
        self.heard.append((update["orderId"], update["version"]))


def change(order_id: str, version: int, before: int | None = None, sequence: int = 0) -> Change:
    """From version to version; the earlier one where nothing else is said, none before 1."""
    earlier = version - 1 if before is None else before
    return Change(
        sequence=str(sequence),
        before={"orderId": order_id, "version": earlier} if earlier else {},
        after=to_item(an_order(order_id=order_id, version=version)),
    )


def test_each_orders_changes_are_published_in_their_sequence() -> None:
    api = Api()
    outcome = publish([change("a", 1), change("b", 1), change("a", 2)], api.execute)
    assert [each for each in api.heard if each[0] == "a"] == [("a", 1), ("a", 2)]
    assert [each for each in api.heard if each[0] == "b"] == [("b", 1)]
    assert outcome == PublishResult(published=3)


def test_several_orders_are_on_their_way_at_once() -> None:
    together = threading.Barrier(PARALLEL_ORDERS, timeout=60)
    orders = [change(f"order {number}", 1) for number in range(PARALLEL_ORDERS)]
    assert publish(orders, lambda *_: together.wait()) == PublishResult(published=PARALLEL_ORDERS)


@pytest.mark.parametrize(
    "quiet",
    [change("a", 2, before=2), Change("0", {"orderId": "a", "version": 2}, {})],
    ids=["another attribute", "deleted"],
)
def test_other_changes_are_no_news(quiet: Change) -> None:
    api = Api()
    assert publish([quiet], api.execute) == PublishResult()
    assert api.heard == []


@pytest.mark.parametrize("error", [ApiUnavailable("x"), ApiRefusedError("x")])
def test_after_a_failure_the_same_order_waits_and_others_go_on(error: OrderflowError) -> None:
    api = Api(error, "a")
    outcome = publish(
        [change("a", 1, sequence=1), change("b", 1, sequence=2), change("a", 2, sequence=3)],
        api.execute,
    )
    assert api.heard == [("b", 1)]
    assert outcome == PublishResult(published=1, failed=["1", "3"])


def test_an_item_that_is_no_order_fails_alone_and_is_logged_without_its_data(
    log_output: io.StringIO,
) -> None:
    broken = change("a", 1)
    item = dict(broken.after) | {"status": "LOST", "customerEmail": CUSTOMER_EMAIL}
    api = Api()
    outcome = publish([Change("7", {}, item), change("b", 1)], api.execute)
    assert outcome == PublishResult(published=1, failed=["7"])
    assert "status" in log_output.getvalue()
    assert CUSTOMER_EMAIL not in log_output.getvalue()


def test_a_bug_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        publish([change("a", 1)], Api(ZeroDivisionError(), "a").execute)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.sampled_from("abc"), max_size=12), st.sets(st.integers(0, 30)))
def test_whatever_fails_clients_that_drop_old_versions_see_each_order_in_sequence(
    order_ids: list[str], failing_calls: set[int]
) -> None:
    """Lambda gives a batch again from its first failed record on, until nothing fails."""
    versions = dict.fromkeys("abc", 0)
    pending = []
    for number, order_id in enumerate(order_ids):
        versions[order_id] += 1
        pending.append(change(order_id, versions[order_id], sequence=number))
    seen: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    calls = count(1)

    def execute(_: str, variables: Mapping[str, Any]) -> None:
        if next(calls) in failing_calls:
            raise ApiUnavailable("x")
        update = variables["input"]
        known = seen[update["orderId"]]
        if update["version"] > (known[-1] if known else 0):
            known.append(update["version"])

    while pending:
        failed = publish(pending, execute).failed
        first = next((n for n, each in enumerate(pending) if each.sequence in failed), len(pending))
        pending = pending[first:]

    assert seen == {name: list(range(1, last + 1)) for name, last in versions.items()}
