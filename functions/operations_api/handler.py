"""AppSync resolvers for operations staff: all customers' orders, and replays."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import AppSyncResolver
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.api.appsync import caller_of, resolver_app
from orderflow.api.audited import resolve
from orderflow.api.operators import replay_order, require_operator
from orderflow.api.views import page_view
from orderflow.orders.pages import page
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus
from orderflow.platform import aws
from orderflow.platform.audit import LoggedTrail
from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import traced
from orderflow.wiring import api as wiring

app: AppSyncResolver = resolver_app()


@app.resolver(type_name="Query", field_name="orders")
def orders(
    status: str | None = None,
    createdAfter: str | None = None,  # noqa: N803 - GraphQL's names
    limit: int | None = None,
    nextToken: str | None = None,  # noqa: N803
) -> dict[str, Any]:
    """All customers' orders, the newest first."""
    require_operator(caller_of(app))
    found = page(_orders(), OrderStatus(status) if status else None, createdAfter, limit, nextToken)
    metrics.add_metric("OrdersShown", MetricUnit.Count, len(found.orders))
    return page_view(found)


@app.resolver(type_name="Mutation", field_name="replayOrder")
def replay(orderId: str, *, restart: bool | None = None) -> dict[str, Any]:  # noqa: N803
    """Redrive or restart a failed order."""
    caller = caller_of(app)
    require_operator(caller)
    replayed = replay_order(
        orderId,
        _orders(),
        aws.step_functions(),
        wiring.state_machine_arn(),
        LoggedTrail(caller.user_id),
        restart=bool(restart),
    )
    metrics.add_metric("OrdersReplayed", MetricUnit.Count, 1)
    return {
        "orderId": replayed.order_id,
        "outcome": replayed.outcome.upper(),
        "note": replayed.note,
    }


def _orders() -> Orders:
    return wiring.orders(by="operations_api")


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Resolve one GraphQL field."""
    return resolve(app, event, context)
