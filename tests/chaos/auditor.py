"""Compares the records of the same orders: our table, Step Functions, PayStack, e-mails.

The auditor asks each of them directly (the emulator, not the faulty ways to it) and trusts none.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orderflow.breakers.state import State
from orderflow.orders.model import Order
from orderflow.orders.status import CLOSED, PARKED, OrderStatus
from scripts.local.stack import logs
from tests.chaos.paystack_books import differences
from tests.support.http import http
from tests.support.shop import Shop

S = OrderStatus
UNSUCCESSFUL = {"FAILED", "TIMED_OUT", "ABORTED"}

_LINK = re.compile(r"http://[\d.:]+/checkout/\w+")
_ORDER_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ID_LENGTH = 36


@dataclass(frozen=True)
class Books:
    """All records of some orders, at one moment."""

    accepted: frozenset[str]
    orders: Mapping[str, Order]
    executions: Mapping[str, list[dict[str, Any]]]
    transactions: Mapping[str, list[dict[str, Any]]]
    refunds: Mapping[str, list[dict[str, Any]]]
    emails: Mapping[str, list[str]]
    dead_letters: int
    clocks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def statuses(self) -> Counter[str]:
        return Counter(str(order.status) for order in self.orders.values())


def read_books(shop: Shop, accepted: Iterable[str]) -> Books:
    """Read all records of these orders."""
    wanted = frozenset(accepted)
    return Books(
        accepted=wanted,
        orders={each.order_id: each for each in _orders(shop) if each.order_id in wanted},
        executions=_by_order(_executions(shop), wanted),
        transactions=_by_order(
            ((each["reference"], each) for each in shop.transactions().values()), wanted
        ),
        refunds=_by_order(
            ((each["transaction_reference"], each) for each in shop.refunds()), wanted
        ),
        emails=_links_by_order(shop, wanted),
        dead_letters=sum(_waiting(shop, name) for name in _DEAD_LETTERS),
        clocks=shop.alarm_clocks(),
    )


_DEAD_LETTERS = (
    "DeadLettersQueueUrl",
    "KeptLettersQueueUrl",
    "SeenLettersQueueUrl",
    "ParkedOrdersDeadLettersQueueUrl",
)


def discrepancies(
    books: Books, *, may_fail: bool = False, forgotten: Collection[str] = ()
) -> list[str]:
    """All contradictions between the records.

    Args:
        may_fail: executions may have ended badly, as long as their orders say so, too.
        forgotten: closed orders whose executions were lost with their state machine.
    """
    return [
        *_lost(books),
        *(problem for order in books.orders.values() for problem in _about_order(order, books)),
        *_about_executions(books, may_fail=may_fail, forgotten=forgotten),
        *([f"{books.dead_letters} dead letters"] if books.dead_letters else []),
    ]


def _lost(books: Books) -> Iterator[str]:
    for order_id in books.accepted - books.orders.keys():
        yield f"{order_id}: accepted, but there is no order"


def _about_order(order: Order, books: Books) -> Iterator[str]:
    said = order.order_id
    if order.total_kobo != sum(line.line_total_kobo for line in order.lines):
        yield f"{said}: the total is not the sum of its lines"
    if order.status in PARKED and order.parked is None:
        yield f"{said}: {order.status}, but it can't be resumed"
    if order.status not in PARKED and order.parked is not None:
        yield f"{said}: {order.status}, but still parked"
    if [change.status for change in order.history][-1] != order.status:
        yield f"{said}: its history ends otherwise"
    yield from _about_link(order, books)
    yield from _about_payment(order, books)


def _about_link(order: Order, books: Books) -> Iterator[str]:
    shown = set(books.emails.get(order.order_id, []))
    if len(shown) > 1:
        yield f"{order.order_id}: the customer was shown {len(shown)} links"
    if order.payment_link is None:
        return
    if shown - {order.payment_link}:
        yield f"{order.order_id}: the e-mail's link is not the order's"
    mine = [
        each
        for each in books.transactions.get(order.order_id, [])
        if each["reference"] == order.payment_reference
    ]
    if [each["amount"] for each in mine] != [order.total_kobo]:
        yield f"{order.order_id}: PayStack asks for {[each['amount'] for each in mine]} kobo"


def _about_payment(order: Order, books: Books) -> Iterator[str]:
    transactions = books.transactions.get(order.order_id, [])
    yield from differences(order, transactions, books.refunds.get(order.order_id, []))
    if order.status is not S.PAYMENT_COMPLETED:
        return
    if order.payment is None:
        yield f"{order.order_id}: completed without a payment"
    elif order.payment.verified_at is None:
        yield f"{order.order_id}: completed, and PayStack was not asked"


def _about_executions(books: Books, *, may_fail: bool, forgotten: Collection[str]) -> Iterator[str]:
    for order_id, order in books.orders.items():
        runs = books.executions.get(order_id, [])
        bad = [run for run in runs if run["status"] in UNSUCCESSFUL]
        running = [run for run in runs if run["status"] == "RUNNING"]
        if not runs and not (order_id in forgotten and order.is_closed):
            yield f"{order_id}: there is no execution"
        if bad and not may_fail:
            yield f"{order_id}: an execution is {bad[0]['status']}"
        if len(running) > 1:
            yield f"{order_id}: {len(running)} executions run at once"
        if order.status in CLOSED and running:
            yield f"{order_id}: {order.status}, but its execution runs on"
        if order.status not in CLOSED | {S.FAILED} and not running:
            yield f"{order_id}: {order.status}, but nothing moves it"


def _orders(shop: Shop) -> Iterator[Order]:
    for status in OrderStatus:
        yield from shop.orders.with_status(status)


def _executions(shop: Shop) -> Iterator[tuple[str, dict[str, Any]]]:
    arn = shop.state.outputs["StateMachineArn"]
    for page in shop.sfn.get_paginator("list_executions").paginate(stateMachineArn=arn):
        for run in page["executions"]:
            yield run["name"], run


def _by_order(
    named: Iterable[tuple[str, dict[str, Any]]], wanted: frozenset[str]
) -> dict[str, list[dict[str, Any]]]:
    """Group by order id, with which the names of executions and references begin."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name, each in named:
        order_id = name[:_ID_LENGTH]
        if order_id in wanted:
            found[order_id].append(each)
    return found


def _links_by_order(shop: Shop, wanted: frozenset[str]) -> dict[str, list[str]]:
    """The payment links in e-mails to customers."""
    found: dict[str, list[str]] = defaultdict(list)
    for message in shop.all_emails():
        text = json.dumps(message)
        for order_id in wanted.intersection(_ORDER_ID.findall(text)):
            found[order_id] += set(_LINK.findall(text))
    return found


def _waiting(shop: Shop, output: str) -> int:
    answer = shop.sqs.get_queue_attributes(
        QueueUrl=shop.state.outputs[output], AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def calls_by_outcome(shop: Shop, provider: str) -> Counter[str]:
    """The results of the calls that reached a provider."""
    url = f"{getattr(shop.state.urls, provider)}/_admin/stats"
    return Counter(http.get(url).json()["byOutcome"])


def first_opening(shop: Shop, provider: str, since: datetime) -> datetime:
    """When the provider's breaker first opened since then, by the functions' logs."""
    opening = f"breaker {State.CLOSED} -> {State.OPEN}"
    found = [
        datetime.fromisoformat(audit["at"])
        for event in logs.events(shop.state, since)
        if opening in event.message
        # The audit log holds the same entry, by itself.
        and (audit := json.loads(event.message).get("audit", {})).get("subject") == provider
    ]
    return min(found)
