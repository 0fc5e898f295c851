"""One order's way through the stack, found by its id: AppSync, functions, and what these call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from orderflow.orders.model import Order
from scripts.inspection.order_logs import OrderLogs
from scripts.inspection.reading import Reading
from scripts.inspection.story import story_of
from scripts.inspection.traces import Span, Trace, order_traces
from tests.support.browser import faultless_page
from tests.support.operator_page import OperatorPage, console, is_accessible
from tests.support.shop import Shop
from tests.support.waiting import wait_for
from tests.support.xray import problems

#: Nothing else asks for it, so the model does.
LIST = "2 packs of spageti"

#: Each function of an order's way to its link, with a call that it sends.
CALLS = {
    ("api", "SFN", "StartExecution"),
    ("parse_order", "DynamoDB", "PutItem"),
    ("match_products", "Bedrock Runtime", "Converse"),
    ("create_payment_link", "PayStack", "POST"),
    ("send_payment_link", "SESv2", "SendEmail"),
}


def traces(shop: Shop, order: Order) -> list[Trace]:
    return order_traces(shop.deployment, shop.orders.get(order.order_id), Reading())


def execution_of(found: list[Trace]) -> Trace | None:
    """The trace of the submission, in which the order's execution was started."""
    return next((each for each in found if any(_is_execution(span) for span in each.spans)), None)


def _is_execution(span: Span) -> bool:
    return span.name.endswith("-order") and span.depth > 0


def calls(trace: Trace, outcome: str = "ok") -> Iterator[tuple[str, str, str]]:
    """The calls with this outcome: the function, the service, and the first word of the call."""
    function = ""
    for span in trace.spans:
        if span.orders:
            function = span.name
        elif span.what and span.outcome == outcome:
            yield function, span.name, span.what.split()[0]


def documents(shop: Shop, trace: Trace) -> list[dict[str, Any]]:
    answer = shop.deployment.client("xray").batch_get_traces(TraceIds=[trace.id])
    return [json.loads(each["Document"]) for each in answer["Traces"][0]["Segments"]]


@pytest.fixture(scope="module")
def order(shop: Shop) -> Order:
    return shop.awaiting_payment(LIST)


@pytest.fixture(scope="module")
def trace(shop: Shop, order: Order) -> Trace:
    """The order's trace, once all that led to its link has arrived."""

    def read() -> Trace | None:
        return execution_of(traces(shop, order))

    found: Trace = wait_for(read, lambda seen: seen is not None and {*calls(seen)} >= CALLS)
    return found


def test_one_trace_leads_from_the_api_to_the_providers(trace: Trace, order: Order) -> None:
    first = trace.spans[0]
    assert ".appsync-api." in first.name
    assert {each for each in calls(trace) if each in CALLS} == CALLS
    named = {span.name for span in trace.spans if order.order_id in span.orders}
    assert named >= {function for function, _, _ in CALLS}


def test_x_ray_takes_its_documents_and_they_hold_no_personal_data(
    shop: Shop, order: Order, trace: Trace
) -> None:
    found = documents(shop, trace)

    assert [problem for each in found for problem in problems(each)] == []
    text = json.dumps(found)
    for secret in (order.customer_email, order.customer_id, shop.state.paystack_secret_key, LIST):
        assert secret not in text


def test_logs_audit_and_execution_name_the_trace(shop: Shop, order: Order, trace: Trace) -> None:
    def logged() -> set[str | None]:
        lines = OrderLogs(shop.deployment).lines(order.order_id, order.created_at)
        return {line.trace_id for line in lines if line.function == "match_products"}

    def audited() -> set[str | None]:
        return {
            entry.correlation_id
            for entry in story_of(shop.deployment, order.order_id, order)
            if entry.action == "order.record_link"
        }

    assert wait_for(logged, bool) == {trace.id}
    assert wait_for(audited, bool) == {trace.id}
    assert shop.progress(order).trace_id == trace.id


def test_a_failing_provider_is_a_fault_of_its_call(shop: Shop) -> None:
    shop.set_fault("paystack", mode="error", times=1)
    order = shop.awaiting_payment("1 loaf bread")

    def failed() -> list[tuple[str, str, str]]:
        found = execution_of(traces(shop, order))
        return [*calls(found, "failed")] if found else []

    assert ("create_payment_link", "PayStack", "POST") in wait_for(failed, bool)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with faultless_page(browser, reduced_motion="reduce") as page:
        yield page


def test_the_console_draws_them(page: Page, order: Order, trace: Trace) -> None:
    with console() as url:
        operator = OperatorPage(page, url)
        operator.arrive()
        operator.open(f"/orders/{order.order_id}", f"Order {order.order_id[:8]}")
        page.get_by_role("button", name="Read the traces").click()
        table = page.get_by_role("table", name=f"Trace {trace.id}")
        for _, service, call in CALLS:
            row = table.get_by_role("row").filter(has_text=service).filter(has_text=call)
            expect(row.first).to_be_visible()
        is_accessible(page)

        page.get_by_role("link", name="Run 1").click()
        expect(page.get_by_role("region", name="Summary")).to_contain_text(trace.id)
