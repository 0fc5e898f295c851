"""The requests of the page, with wrong parameters, too."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from orderflow.orders.store import OrderStore
from orderflow.payments.reversals.refunding import RefundRequest
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.deployment import Deployment
from scripts.console import order as order_module
from scripts.console.operators import NotAnOperatorError, Operators
from scripts.console.stage import ConsoleStage, Reads
from scripts.console.views import Views
from scripts.demo_shop.sessions import Sessions
from tests.support.factories import an_order, stored
from tests.unit.console.test_acts import wish
from tests.unit.console.test_app import Accounts


@pytest.fixture
def views(operated: Deployment) -> Views:
    accounts = Accounts()
    return Views(ConsoleStage.of(operated), Operators(accounts, Sessions(accounts.refresh)))


def test_an_order_is_shown_by_the_beginning_of_its_id(views: Views, store: OrderStore) -> None:
    order = stored(store, an_order())

    shown = views.order(Reads(), order.order_id[:8])

    assert shown["orderId"] == order.order_id
    assert shown["mails"] is None  # SES keeps none on AWS
    assert not shown["linkWasSent"]
    assert "taskToken" not in str(shown)


@pytest.mark.parametrize(
    ("read", "what", "lost"),
    [("story_of", "audit", "audit"), ("why_waiting", "what it waits for", "why")],
)
def test_an_order_is_shown_without_what_cannot_be_read(
    views: Views,
    store: OrderStore,
    monkeypatch: pytest.MonkeyPatch,
    read: str,
    what: str,
    lost: str,
) -> None:
    def refuse(*_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "FilterLogEvents")

    monkeypatch.setattr(order_module, read, refuse)
    order, reads = stored(store, an_order()), Reads()

    shown = views.order(reads, order.order_id)

    assert (shown["orderId"], shown[lost]) == (order.order_id, None)
    assert shown["history"]
    assert [each.what for each in reads.unread] == [what]


def test_paystacks_view_of_a_payment_is_asked_of_the_function_and_changes_nothing(
    views: Views, store: OrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = stored(store, an_order())
    asked = []

    def ask(_: Any, request: RefundRequest, *, look: bool) -> dict[str, Any]:
        asked.append((request.reference, look))
        return {"outcome": "shown", "payment": {"status": "success"}}

    monkeypatch.setattr(order_module, "ask_function", ask)

    shown = views.paystack(Reads(), order.order_id)

    assert shown == {"answer": None, "payment": {"status": "success"}}
    assert asked == [(order.payment_reference, True)]


def test_what_paystack_does_not_know_is_said(
    views: Views, store: OrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise CommandError("PayStack knows no payment.", ExitCode.REFUSED)

    monkeypatch.setattr(order_module, "ask_function", refuse)

    order = stored(store, an_order())
    assert views.paystack(Reads(), order.order_id) == {"answer": "PayStack knows no payment."}


def test_an_unknown_order_is_not_found(views: Views, orders_table: Any) -> None:
    with pytest.raises(CommandError) as error:
        views.order(Reads(), "76302e01-f0c2-4325-8235-d7a6ec1da4f1")

    assert error.value.code is ExitCode.NOT_FOUND


@pytest.mark.parametrize("number", ["", "x", "-1", "1.5"])
def test_a_run_has_a_number(views: Views, number: str) -> None:
    with pytest.raises(CommandError, match="no number of a run"):
        views.run(Reads(), "o", number)


@pytest.mark.parametrize("span", [{}, {"since": "soon"}, {"since": "2026-01-31", "until": "x"}])
def test_logs_have_a_span_of_time(views: Views, span: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="no time"):
        views.logs(Reads(), "o", **span)


def test_without_an_operator_nothing_is_done(views: Views, store: OrderStore) -> None:
    order = stored(store, an_order())

    with pytest.raises(NotAnOperatorError):
        views.act(wish("cancel", order))

    assert store.get(order.order_id) == order
