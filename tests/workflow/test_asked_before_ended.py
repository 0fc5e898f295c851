"""No order that has had a link ends unasked: by no ending state, on no path of the definition.

Every path is walked, with what matters of it: whether PayStack has just been asked, and whether
``$unpaidReference`` names what it was asked about. Where an ending state is reached unasked, its
own condition must refuse every open order with a link.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from cdk.definition import load_definition
from orderflow.orders.model import CancelRequest, Order
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.orders.store import OrderStore
from tests.support.factories import a_payment, an_order
from tests.support.memory_table import MemoryTable
from tests.unit.orders.test_order_sequences import direct

Definition = dict[str, Any]

#: What VerifyPayment raises only once PayStack has answered about the order's reference.
ANSWERS = {"PaymentNotConfirmed", "PaymentLinkExpired", "OrderToBeCancelled", "OrderToBeRejected"}


@dataclass(frozen=True)
class At:
    """A state on the way, and what came before.

    ``asked``: PayStack was asked in the step before. ``named``: ``$unpaidReference`` is set.
    """

    state: str
    asked: bool = False
    named: bool = False


def endings(definition: Definition) -> set[str]:
    """The states that write a status which nothing follows."""
    return {name for name, state in definition["States"].items() if _status(state) in CLOSED}


def _status(state: dict[str, Any]) -> str | None:
    values = state.get("Arguments", {}).get("ExpressionAttributeValues", {})
    status: str | None = values.get(":status", {}).get("S")
    return status


def _steps(definition: Definition, at: At) -> Iterator[At]:
    state = definition["States"][at.state]
    ways = [(state, set[str]())] if "Next" in state else []
    ways += [({"Next": state["Default"]}, set())] if "Default" in state else []
    ways += [(choice, set()) for choice in state.get("Choices", [])]
    ways += [(catcher, set(catcher["ErrorEquals"])) for catcher in state.get("Catch", [])]
    for way, errors in ways:
        assigned = way.get("Assign", {}).get("unpaidReference")
        named = at.named if assigned is None else assigned != ""
        asked = at.state == "VerifyPayment" and errors <= ANSWERS
        yield At(way["Next"], asked, named)


def reached(definition: Definition) -> set[At]:
    """All states that an execution can come to, with all that can have come before."""
    seen: set[At] = set()
    left = [At(definition["StartAt"])]
    while left:
        at = left.pop()
        if at not in seen:
            seen.add(at)
            left.extend(_steps(definition, at))
    return seen


def orders_with_a_link() -> Iterator[Order]:
    """Unconfirmed: a confirmed payment was asked about."""
    wish = CancelRequest(at="2026-01-31T12:00:00.000Z", by="customer", reason="No.")
    for status in sorted(set(OrderStatus) - CLOSED):
        yield an_order(status=status)
        yield an_order(status=status, cancel_requested=wish)
        yield an_order(status=status, payment=a_payment(), payment_reports=1)


def ends(definition: Definition, at: At, order: Order) -> bool:
    """Whether the state's write ends this order."""
    table = MemoryTable()
    item = json.loads(order.model_dump_json(by_alias=True, exclude_none=True))
    table._items[order.order_id] = item
    store = OrderStore(cast(Any, table), by="tests")
    unpaid = "-1" if at.named else ""
    try:
        direct(at.state, unpaid=unpaid, states=definition["States"])(store, order.order_id)
    except ClientError:
        return False
    return True


def unasked(definition: Definition) -> set[str]:
    """The states that end an order with a link unasked."""
    ending = endings(definition)
    return {
        at.state
        for at in reached(definition)
        if at.state in ending and not at.asked
        for order in orders_with_a_link()
        if ends(definition, at, order)
    }


def test_the_ending_states_are_known() -> None:
    expected = {"CompleteOrder", "CancelOrder", "ExpireOrder", "ExpireReview", "RejectOrder"}
    assert endings(load_definition()) == expected
    statuses = {_status(load_definition()["States"][name]) for name in expected}
    assert statuses == {str(status) for status in CLOSED}


def test_no_order_with_a_link_ends_unasked() -> None:
    assert unasked(load_definition()) == set()


@pytest.mark.parametrize("ending", ["CancelOrder", "ExpireOrder", "RejectOrder"])
def test_an_unpaid_order_ends_once_paystack_was_asked(ending: str) -> None:
    definition = load_definition()
    ways = [at for at in reached(definition) if at.state == ending and at.asked]

    assert any(ends(definition, at, order) for at in ways for order in orders_with_a_link())


def forget_when_time_is_over(states: dict[str, Any]) -> None:
    states["AwaitPayment"]["Catch"][0]["Next"] = "ExpireOrder"


def end_while_paystack_is_out(states: dict[str, Any]) -> None:
    states["VerifyPayment"]["Catch"][0]["Next"] = "ExpireOrder"


def cancel_before_a_link_is_made(states: dict[str, Any]) -> None:
    for catcher in states["CreatePaymentLink"]["Catch"]:
        if "OrderToBeCancelled" in catcher["ErrorEquals"]:
            catcher["Next"] = "CancelOrder"


def reject_without_looking(states: dict[str, Any]) -> None:
    arguments = states["RejectOrder"]["Arguments"]
    condition = arguments["ConditionExpression"]
    arguments["ConditionExpression"] = condition.partition(" AND (attribute_not_exists(pay")[0]
    assert arguments["ConditionExpression"] != condition


def name_a_reference_too_early(states: dict[str, Any]) -> None:
    states["ParseOrder"]["Assign"]["unpaidReference"] = "{% $states.input.orderId %}"


def complete_what_is_only_reported(states: dict[str, Any]) -> None:
    arguments = states["CompleteOrder"]["Arguments"]
    arguments["ConditionExpression"] = arguments["ConditionExpression"].replace(
        "payment.verifiedAt", "payment"
    )
    states["AwaitPayment"]["Next"] = "CompleteOrder"


def forget_the_link_when_a_review_ends(states: dict[str, Any]) -> None:
    arguments = states["ExpireReview"]["Arguments"]
    condition = arguments["ConditionExpression"]
    arguments["ConditionExpression"] = condition.partition(" AND attribute_not_exists(pay")[0]
    assert arguments["ConditionExpression"] != condition


@pytest.mark.parametrize(
    ("mutate", "ending"),
    [
        (forget_the_link_when_a_review_ends, "ExpireReview"),
        (forget_when_time_is_over, "ExpireOrder"),
        (end_while_paystack_is_out, "ExpireOrder"),
        (cancel_before_a_link_is_made, "CancelOrder"),
        (reject_without_looking, "RejectOrder"),
        (name_a_reference_too_early, "RejectOrder"),
        (complete_what_is_only_reported, "CompleteOrder"),
    ],
)
def test_a_definition_that_forgets_to_ask_is_noticed(mutate: Any, ending: str) -> None:
    mutant = copy.deepcopy(load_definition())
    mutate(mutant["States"])

    assert unasked(mutant) == {ending}
