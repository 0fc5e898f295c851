"""AppSync resolvers: accept grocery lists, show orders to those who placed them."""

from __future__ import annotations

from typing import Any, cast

from aws_lambda_powertools.event_handler import AppSyncResolver
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes.appsync_resolver_event import (
    AppSyncIdentityCognito,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow import aws
from orderflow.config import OrdersEnvironment, WorkflowEnvironment, load_environment
from orderflow.errors import BusinessRefusalError, OrderNotFoundError
from orderflow.observability import logger, metrics
from orderflow.store import OrderStore
from orderflow.submission import accept, read_submission
from orderflow.tracing import tracer
from orderflow.views import order_view

app: AppSyncResolver = AppSyncResolver()  # type: ignore[no-untyped-call]


class ApiEnvironment(OrdersEnvironment, WorkflowEnvironment):
    """What this function needs."""


@app.resolver(type_name="Mutation", field_name="submitGroceryList")
def submit_grocery_list(input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - GraphQL's name
    """Start one order's execution."""
    environment = load_environment(ApiEnvironment)
    submission = read_submission(_customer_id(), input)
    accepted = accept(
        submission,
        aws.step_functions(),
        OrderStore(aws.table(environment.orders_table), by="api"),
        environment.state_machine_arn,
    )
    logger.info("order accepted", extra={"order_id": accepted.order_id})
    metrics.add_metric("OrdersAccepted", MetricUnit.Count, 1)
    return accepted.model_dump(by_alias=True, mode="json")


@app.resolver(type_name="Query", field_name="getOrder")
def get_order(orderId: str) -> dict[str, Any]:  # noqa: N803 - GraphQL's name
    """One of the caller's own orders."""
    environment = load_environment(ApiEnvironment)
    order = OrderStore(aws.table(environment.orders_table), by="api").get(orderId)
    if order.customer_id != _customer_id():
        # The same answer as for no order: ids of others are not confirmed.
        raise OrderNotFoundError(orderId)
    metrics.add_metric("OrdersShown", MetricUnit.Count, 1)
    return order_view(order)


@app.exception_handler(BusinessRefusalError)  # type: ignore[untyped-decorator]
def refuse(error: BusinessRefusalError) -> dict[str, Any]:
    """A refusal that the customer can act on; the resolver raises it as a GraphQL error."""
    metrics.add_metric("RequestsRefused", MetricUnit.Count, 1)
    return {
        "refusal": {
            "errorType": type(error).__name__.removesuffix("Error"),
            "errorMessage": str(error),
        }
    }


@app.exception_handler(OrderNotFoundError)  # type: ignore[untyped-decorator]
def refuse_unknown_order(_: OrderNotFoundError) -> dict[str, Any]:
    """No such order, or another customer's."""
    metrics.add_metric("RequestsRefused", MetricUnit.Count, 1)
    return {"refusal": {"errorType": "OrderNotFound", "errorMessage": "You have no such order."}}


def _customer_id() -> str:
    identity = cast(AppSyncIdentityCognito, app.current_event.identity)  # type: ignore[union-attr]
    return identity.sub


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Resolve one GraphQL field."""
    answer: dict[str, Any] = app.resolve(event, context)
    return answer
