"""Any sequence of events leaves an order in a legal status, with its whole history.

The events are all writes to an order that there are: the store's, and the direct ones of the state
machine with the definition's own expressions. ``ORDER_SEQUENCES`` says how many sequences to try;
``make chaos`` tries 10,000.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any, cast

import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdk.definition import load_definition
from orderflow.clock import utc_now
from orderflow.errors import IllegalTransitionError
from orderflow.orders.lines import ParsedList
from orderflow.orders.model import CancelRequest, Failure, Order
from orderflow.orders.money_records import (
    Decline,
    RefundDue,
    RefundReason,
    RefundStatus,
    UnconfirmedPayment,
)
from orderflow.orders.reversals import RefundState
from orderflow.orders.status import CLOSED, PREDECESSORS, OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.payments.reversals.dispute_changes import with_dispute
from orderflow.payments.reversals.events import DisputeReport
from orderflow.payments.reversals.refund_changes import SeenRefund, with_refund
from orderflow.payments.reversals.times import ReversalTimes
from tests.support.factories import (
    CUSTOMER_EMAIL,
    CUSTOMER_ID,
    GROCERY_LIST,
    LINK,
    a_payment,
    an_order_id,
    matched_line,
    requested_line,
)
from tests.support.memory_table import MemoryTable

SEQUENCES = int(os.environ.get("ORDER_SEQUENCES", "300"))
STATES = load_definition()["States"]
REVIEW_ENDS = STATES["AwaitReview"]["Arguments"]["ExpressionAttributeValues"][":ends"]["S"]
READING = ParsedList(requested=[requested_line()])

Event = Callable[[OrderStore, str], Any]


def create(store: OrderStore, order_id: str) -> None:
    store.create(
        order_id=order_id,
        customer_id=CUSTOMER_ID,
        customer_email=CUSTOMER_EMAIL,
        customer_name=None,
        grocery_list=GROCERY_LIST,
        execution_arn=f"arn:aws:states:eu-west-1:123456789012:execution:order:{order_id}",
        parsed=READING,
    )


def record_link(store: OrderStore, order_id: str) -> None:
    store.record_link(
        order_id,
        link=LINK,
        reference=f"{order_id}-1",
        attempts=1,
        expires_at=datetime.now(UTC) + timedelta(hours=24),
    )


def record_failure(store: OrderStore, order_id: str) -> None:
    failure = Failure(error="KeyError", execution_arn="arn:x", at="2026-01-31T12:00:00.000Z")
    store.record_failure(order_id, failure, "Something went wrong on our side.")


def record_payment(store: OrderStore, order_id: str) -> None:
    store.record_payment(order_id, a_payment(f"{order_id}-1"))


def drop_payment(store: OrderStore, order_id: str) -> None:
    payment = a_payment(f"{order_id}-1")
    store.drop_payment(
        store.get(order_id),
        UnconfirmedPayment(payment=payment, paystack_answer="abandoned", at=utc_now()),
    )


def flag_refund(store: OrderStore, order_id: str) -> None:
    order = store.get(order_id)
    refund = RefundDue(
        reference=f"{order_id}-1",
        amount=1,
        currency="NGN",
        why=RefundReason.DIFFERS,
        at=utc_now(),
        paid_at=utc_now(),
    )
    store.record_refunds(order, [*order.refunds_due, refund])


def settle_refunds(store: OrderStore, order_id: str) -> None:
    order = store.get(order_id)
    settled = [each.model_copy(update={"settled_at": utc_now()}) for each in order.refunds_due]
    store.record_refunds(order, settled)


def report_refund(status: RefundStatus, amount: int) -> Event:
    """An event of a refund, as the webhook records it."""

    def write(store: OrderStore, order_id: str) -> None:
        order = store.get(order_id)
        seen = SeenRefund(f"{order_id}-1", amount, "NGN", status)
        store.record_reversals(order, with_refund(order, seen, utc_now(), ReversalTimes()))

    return write


def report_dispute(event: str) -> Event:
    """An event of a dispute, as the webhook records it."""

    def write(store: OrderStore, order_id: str) -> None:
        order = store.get(order_id)
        seen = DisputeReport.model_validate(
            {
                "id": 358950,
                "refund_amount": 1,
                "status": "resolved" if event == "resolve" else "awaiting-merchant-feedback",
                "resolution": "auto-accepted" if event == "resolve" else None,
                "transaction": {"reference": f"{order_id}-1"},
                "dueAt": "2026-02-02T12:00:00.000Z",
            }
        )
        changed = with_dispute(order, seen, utc_now(), ReversalTimes(), reminds=event == "remind")
        store.record_reversals(order, changed)

    return write


def edit_in_review(store: OrderStore, order_id: str) -> None:
    order = store.get(order_id)
    store.record_edit(order, [matched_line(packs=order.version)], [], f"edit-{order.version}")


def direct(
    state: str,
    status: OrderStatus | None = None,
    token: str = "filled in",
    *,
    unpaid: str = "",
    states: Mapping[str, Any] = STATES,
) -> Event:
    """The direct write of a state, its templates filled in.

    Args:
        state: one of ``states``.
        status: where JSONata chooses it.
        token: the task token.
        unpaid: the end of the reference that PayStack says is not paid; "" where it was not asked.
        states: of the definition.
    """
    arguments = states[state]["Arguments"]
    decode = TypeDeserializer().deserialize

    def write(store: OrderStore, order_id: str) -> None:
        fill = {
            "{% $orderId %}": order_id,
            "{% $string($parkings) %}": "0",
            "{% $states.context.Task.Token %}": token,
            "{% $unpaidReference %}": f"{order_id}{unpaid}" if unpaid else "",
            "{% $states.context.State.EnteredTime %}": "2026-01-31T12:00:00.000Z",
            REVIEW_ENDS: "2026-02-01T12:00:00.000Z",
        }
        filled = _filled(arguments, fill, str(status))
        # From the wire format that the state machine speaks.
        del filled["TableName"]
        for mapping in ("Key", "ExpressionAttributeValues"):
            filled[mapping] = {name: decode(each) for name, each in filled[mapping].items()}
        store._table.update_item(**filled)

    return write


def _filled(value: Any, fill: dict[str, str], status: str) -> Any:
    match value:
        case dict():
            return {key: _filled(each, fill, status) for key, each in value.items()}
        case list():
            return [_filled(each, fill, status) for each in value]
        case str() if "PAYMENT_DELAYED" in value and value.startswith("{%"):
            return status
        case str() if value.startswith("{%"):
            return fill.get(value, "filled in")
        case _:
            return value


#: The direct writes of states whose write depends on what went before.
DEPENDENT: dict[str, list[Event]] = {
    "ParkOrder": [
        direct("ParkOrder", OrderStatus.PAYMENT_DELAYED),
        direct("ParkOrder", OrderStatus.NEEDS_ATTENTION),
    ],
    "RejectOrder": [direct("RejectOrder"), direct("RejectOrder", unpaid="-1")],
}


def direct_writes(state: str) -> list[Event]:
    """What a state of the definition may write to an order; nothing, for most of them."""
    if "dynamodb:updateItem" not in STATES[state].get("Resource", ""):
        return []
    return DEPENDENT.get(state, [direct(state)])


EVENTS: list[Event] = [
    create,
    record_link,
    record_failure,
    lambda store, order_id: store.record_parsed_list(order_id, READING),
    lambda store, order_id: store.record_matches(order_id, [matched_line()], []),
    lambda store, order_id: store.reopen_link(order_id),
    lambda store, order_id: store.cancel(order_id, "Changed my mind."),
    lambda store, order_id: store.cancel(order_id, "Changed my mind.", f"{order_id}-1"),
    lambda store, order_id: store.request_cancellation(
        order_id, CancelRequest(at=utc_now(), by="customer", reason="Changed my mind.")
    ),
    lambda store, order_id: store.record_unsettled_alert(order_id),
    lambda store, order_id: store.record_link_check(order_id, 1, utc_now()),
    lambda store, order_id: store.record_link_check(order_id, 2, None),
    record_payment,
    lambda store, order_id: store.confirm_payment(
        order_id, a_payment(f"{order_id}-1", verified_at="2026-01-31T12:00:01.000Z")
    ),
    drop_payment,
    lambda store, order_id: store.record_decline(
        order_id, Decline(reference=f"{order_id}-1", reason="Declined", at=utc_now())
    ),
    flag_refund,
    settle_refunds,
    *(
        report_refund(status, amount)
        for status in RefundStatus
        if status not in (RefundStatus.REQUESTED, RefundStatus.REFUSED)
        for amount in (1, 2)
    ),
    *(report_dispute(event) for event in ("create", "remind", "resolve")),
    lambda store, order_id: store.clear_parked(order_id, "filled in"),
    lambda store, order_id: store.take_over(order_id, "arn:another"),
    lambda store, order_id: store.record_notified_status(order_id, OrderStatus.FAILED),
    lambda store, order_id: store.record_notification(order_id, f"{order_id}-1"),
    edit_in_review,
    lambda store, order_id: store.confirm_review(store.get(order_id)),
    *(write for state in STATES for write in direct_writes(state)),
]


def memory_store() -> OrderStore:
    return OrderStore(cast(Any, MemoryTable()), by="tests")


def test_a_direct_write_is_found_in_the_definition() -> None:
    writers = {name for name in STATES if direct_writes(name)}

    assert {"AwaitReview", "ParkOrder", "AwaitPayment", "CompleteOrder", "RejectOrder"} <= writers
    assert "ReadBreakers" not in writers
    assert not DEPENDENT.keys() - writers


sequences = st.lists(st.sampled_from(EVENTS), min_size=4, max_size=14)


@settings(max_examples=SEQUENCES, deadline=None)
@given(events=sequences)
def test_no_sequence_of_events_leads_to_an_illegal_status_or_loses_history(
    events: list[Event],
) -> None:
    run(memory_store(), events)


@pytest.mark.parametrize("state", ["CancelOrder", "ExpireOrder", "ExpireReview", "RejectOrder"])
def test_no_state_ends_an_order_whose_payment_was_reported(state: str) -> None:
    order = run(memory_store(), [record_failure, record_payment, direct(state)])

    assert order.status is OrderStatus.FAILED


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=sequences)
def test_in_memory_they_lead_where_they_do_in_the_table(
    store: OrderStore, events: list[Event]
) -> None:
    assert outline(run(memory_store(), events)) == outline(run(store, events))


def outline(order: Order) -> dict[str, Any]:
    """An order less its id and its times."""
    kept = order.model_dump(exclude={"order_id", "created_at", "updated_at", "ttl"})
    times_and_ids = r"\d{4}-\d\d-[\d:.TZ-]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    without = re.sub(times_and_ids, "", json.dumps(kept, default=_text))
    outlined: dict[str, Any] = json.loads(without)
    return outlined


def _text(value: Any) -> str:
    """DynamoDB trims the trailing zeros of numbers."""
    return str(value.normalize() if isinstance(value, Decimal) else value)


def run(store: OrderStore, events: list[Event]) -> Order:
    """Let all of it happen to a new order, and look at it after each event."""
    order_id = an_order_id()
    create(store, order_id)
    before = store.get(order_id)
    for event in events:
        with suppress(IllegalTransitionError, ClientError):
            event(store, order_id)
        after = store.get(order_id)
        check(before, after)
        before = after
    return before


def shown(order: Order) -> tuple[int, bool, bool, RefundState | None, tuple[str, ...]]:
    """What of an order's course customers see: see GraphQL's ``version``."""
    is_paid, is_wished = order.payment is not None, order.cancel_requested is not None
    return (
        len(order.history),
        is_paid,
        is_wished,
        order.refund_state,
        tuple(order.review_edits or ()),
    )


def check(before: Order, after: Order) -> None:
    """What must hold from one moment to the next."""
    added = after.history[len(before.history) :]
    assert after.history[: len(before.history)] == before.history, "history was lost"
    assert len(added) <= 1
    assert after.version == before.version + (shown(before) != shown(after)), (
        "the version counts the changes that customers see"
    )
    assert after.status == after.history[-1].status, "the status is the history's last"
    if added:
        assert before.status in PREDECESSORS[after.status], f"{before.status} -> {after.status}"
    if before.status in CLOSED:
        assert after.status == before.status, "what has ended stays as it is"
    if before.cancel_requested is not None:
        assert after.cancel_requested == before.cancel_requested, "a wish stays"
    if before.payment is not None and before.payment.verified_at is not None:
        assert after.payment == before.payment, "a confirmed payment stays"
    elif before.payment is not None and after.payment is None:
        assert after.unconfirmed_payments[-1].payment == before.payment, (
            "what is dropped is kept elsewhere"
        )
    if after.status is OrderStatus.PAYMENT_COMPLETED:
        assert after.payment is not None
        assert after.payment.verified_at is not None
    elif after.status in CLOSED:
        assert after.payment is None
    check_money_that_goes_back(before, after)
    references = [refund.reference for refund in before.refunds_due]
    assert [each.reference for each in after.refunds_due][: len(references)] == references
    if after.status in CLOSED | {OrderStatus.FAILED, OrderStatus.PAYMENT_INITIATED}:
        assert after.parked is None, "only a parked order can be resumed"


def check_money_that_goes_back(before: Order, after: Order) -> None:
    """What must hold of refunds and disputes from one moment to the next."""
    for old, new in zip(before.refunds, after.refunds, strict=False):
        assert old.status is new.status or old.can_become(new.status), "a refund goes forward only"
        assert (old.reference, old.amount) == (new.reference, new.amount)
    for dispute, later in zip(before.disputes, after.disputes, strict=False):
        assert dispute.is_open or later.status == dispute.status, "a dispute's end is final"
    assert len(after.refunds) >= len(before.refunds), "a refund was lost"
    assert len(after.disputes) >= len(before.disputes), "a dispute was lost"
    fails = [
        new
        for old, new in zip_longest(before.refunds, after.refunds)
        if new.status is RefundStatus.FAILED and (old is None or old.status is not new.status)
    ]
    for failed in fails:
        dues = [each for each in after.refunds_due if each.reference == failed.reference]
        went_back = after.given_back(failed.reference)
        # A dispute may have given it back meanwhile.
        is_covered = bool(dues) and all(went_back >= each.amount for each in dues)
        assert is_covered or any(each.settled_at is None for each in dues), "what failed is due"
