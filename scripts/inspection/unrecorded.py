"""Executions that failed, and whose orders do not say so yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.orders.ports import OrderQueries
from orderflow.orders.status import OrderStatus
from orderflow.workflow.executions import Execution, parse_arn, unsuccessful

#: A failure is recorded within minutes, by its event or by the reconciler.
LOOKED_BACK: Final = timedelta(hours=1)
#: So many executions of each kind of failure are looked at, those that started last.
_LIMIT: Final = 100


def unrecorded_failures(
    sfn: Any, orders: OrderQueries, state_machine_arn: str, now: datetime
) -> Iterator[str]:
    """The ids of orders whose executions failed lately, while the orders do not say so.

    Where the database was out, neither the order's creation nor its failure may be written yet.

    Args:
        sfn: a boto3 Step Functions client.
        orders: the stage's.
        state_machine_arn: of the state machine, or of its alias.
        now: the time.
    """
    ended = unsuccessful(sfn, state_machine_arn, _LIMIT)
    lately = (each for each in ended if each.stop_date and each.stop_date > now - LOOKED_BACK)
    for execution in lately:
        order_id, _ = parse_arn(execution.arn)
        if not _says_so(_order(orders, order_id), execution):
            yield order_id


def _order(orders: OrderQueries, order_id: str) -> Order | None:
    try:
        return orders.get(order_id)
    except OrderNotFoundError:
        return None


def _says_so(order: Order | None, execution: Execution) -> bool:
    """Whether the order has the failure, has ended, or has gone on in another execution."""
    return order is not None and (
        order.status is OrderStatus.FAILED
        or order.is_closed
        or order.execution_arn != execution.arn
    )
