"""AppSync resolvers for customers: accept grocery lists, show, change and cancel orders."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import AppSyncResolver
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.api.appsync import caller_of, identity_of, resolver_app
from orderflow.api.audited import resolve
from orderflow.api.customers import cancel_order, order_to_pay, rate_order
from orderflow.api.reviews import find_products, read_edit
from orderflow.api.verified_emails import read_own_submission, verified_email
from orderflow.api.views import order_view, page_view, payment_link_view
from orderflow.orders.access import visible_order
from orderflow.orders.pages import customers_page
from orderflow.orders.ports import Orders
from orderflow.orders.submission import accept
from orderflow.platform import aws, snapshots
from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import traced
from orderflow.review.edits import Edit, LineAddition, LineRemoval, LineUpdate
from orderflow.wiring import api as wiring

# Beside those of both APIs.
snapshots.prepare(aws.cognito, aws.ssm_parameters)

app: AppSyncResolver = resolver_app()


@app.resolver(type_name="Mutation", field_name="submitGroceryList")
def submit_grocery_list(input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - GraphQL's name
    """Start one order's execution."""
    own_email = verified_email(identity_of(app), wiring.accounts())
    if input.get("review") is None:
        input = {**input, "review": wiring.reviews_by_default()}  # noqa: A001 - GraphQL's name
    caller = caller_of(app)
    submission = read_own_submission(caller.user_id, own_email, input)
    accepted = accept(
        submission,
        aws.step_functions(),
        _orders(),
        wiring.state_machine_arn(),
        wiring.submission_limiter(caller).admit,
        synthetic=caller.is_synthetic,
    )
    logger.info("order accepted", extra={"order_id": accepted.order_id})
    _count("OrdersAccepted")
    return accepted.model_dump(by_alias=True, mode="json")


@app.resolver(type_name="Mutation", field_name="cancelOrder")
def cancel(orderId: str) -> dict[str, Any]:  # noqa: N803 - GraphQL's name
    """End an order that is not paid."""
    caller = caller_of(app)
    order = cancel_order(_orders(), aws.step_functions(), caller, orderId)
    logger.info("order cancelled", extra={"order_id": orderId, "by": caller.user_id})
    _count("OrdersCancelled")
    return order_view(order)


@app.resolver(type_name="Mutation", field_name="updateOrderLine")
def update_order_line(input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - GraphQL's name
    """Another product or number of packs for a line of an order in review."""
    return _edit(LineUpdate, input)


@app.resolver(type_name="Mutation", field_name="removeOrderLine")
def remove_order_line(input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - GraphQL's name
    """Take a line off an order in review."""
    return _edit(LineRemoval, input)


@app.resolver(type_name="Mutation", field_name="addOrderLine")
def add_order_line(input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - GraphQL's name
    """Add a product to an order in review."""
    return _edit(LineAddition, input)


@app.resolver(type_name="Mutation", field_name="confirmOrder")
def confirm_order(orderId: str, version: int) -> dict[str, Any]:  # noqa: N803 - GraphQL's name
    """Let an order that was reviewed go on to its payment link."""
    order = wiring.reviews(_orders()).confirm(caller_of(app), orderId, version)
    _count("OrdersConfirmed")
    return order_view(order)


@app.resolver(type_name="Query", field_name="products")
def products(text: str, limit: int | None = None) -> dict[str, Any]:
    """Products that can be added to an order."""
    return find_products(wiring.product_search(), text, limit)


@app.resolver(type_name="Mutation", field_name="rateOrder")
def rate(
    orderId: str,  # noqa: N803 - GraphQL's name
    input: dict[str, Any],  # noqa: A002 - GraphQL's name
) -> dict[str, Any]:
    """Take a customer's answer to how well their list was understood."""
    order = rate_order(_orders(), caller_of(app), orderId, input)
    _count("OrdersRated")
    return order_view(order)


@app.resolver(type_name="Query", field_name="getOrder")
def get_order(orderId: str) -> dict[str, Any]:  # noqa: N803 - GraphQL's name
    """One of the caller's own orders; for operations staff, any."""
    order = visible_order(_orders(), caller_of(app), orderId)
    _count("OrdersShown")
    return order_view(order)


@app.resolver(type_name="Query", field_name="myOrders")
def my_orders(
    limit: int | None = None,
    nextToken: str | None = None,  # noqa: N803 - GraphQL's name
) -> dict[str, Any]:
    """The caller's own orders, the newest first."""
    page = customers_page(_orders(), caller_of(app).user_id, limit, nextToken)
    _count("OrdersShown", len(page.orders))
    return page_view(page)


@app.resolver(type_name="Query", field_name="getPaymentLink")
def get_payment_link(orderId: str) -> dict[str, Any]:  # noqa: N803 - GraphQL's name
    """Where an order can be paid now."""
    order = order_to_pay(_orders(), caller_of(app), orderId)
    _count("PaymentLinksShown")
    return payment_link_view(order)


def _edit(kind: type[Edit], fields: dict[str, Any]) -> dict[str, Any]:
    order = wiring.reviews(_orders()).edit(caller_of(app), read_edit(kind, fields))
    _count("OrdersEdited")
    return order_view(order)


def _count(metric: str, number: int = 1) -> None:
    """Count what customers do; the canary is none."""
    if not caller_of(app).is_synthetic:
        metrics.add_metric(metric, MetricUnit.Count, number)


def _orders() -> Orders:
    return wiring.orders(by="api")


def _note_hidden_order(customer_id: str) -> None:
    wiring.access_refusals().note(customer_id)


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Resolve one GraphQL field."""
    return resolve(app, event, context, _note_hidden_order)
