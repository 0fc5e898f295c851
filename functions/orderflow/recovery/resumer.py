"""Resumes a parked order by answering the task token that its execution waits for."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from orderflow.errors import ProviderUnavailableError, StoreUnavailable
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.platform.aws_errors import outages_as
from orderflow.recovery import events as recovery_events
from orderflow.workflow import task_tokens

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: What resumes an order: its timer, its provider's breaker, or an operator, which also gives the
#: order new automatic attempts. The state machine reads it.
ResumedBy = Literal["delay", "breaker", "operator"]


class Resumption(StrEnum):
    """The result of resuming one order."""

    RESUMED = "resumed"
    #: Its token has been answered before or has timed out, or its execution has ended.
    SPENT = "spent"
    NOT_PARKED = "not-parked"


def resume(order: Order, sfn: SFNClient, store: Orders, by: ResumedBy) -> Resumption:
    """Answer the order's token, then remove it from the order; repeating that changes nothing.

    Args:
        order: as it was read; it may have been resumed, or parked again, since.

    Raises:
        ProviderUnavailableError: Step Functions throttled, failed or could not be reached.
    """
    if order.parked is None:
        return Resumption.NOT_PARKED
    token = order.parked.task_token
    with outages_as(ProviderUnavailableError, "Step Functions"):
        answered = task_tokens.answer(sfn, token, {"orderId": order.order_id, "resumedBy": by})
    # A token that stays on the order is found spent the next time; the order goes on all the same.
    with suppress(StoreUnavailable):
        store.clear_parked(order.order_id, token)
    return Resumption.RESUMED if answered else Resumption.SPENT


class Resumer:
    """Resumes orders automatically, and reports each."""

    def __init__(self, sfn: SFNClient, orders: Orders) -> None:
        self._sfn = sfn
        self._orders = orders

    def resume(self, order: Order, by: ResumedBy) -> Resumption:
        """See :func:`resume`."""
        resumption = resume(order, self._sfn, self._orders, by)
        if resumption is Resumption.RESUMED:
            recovery_events.resumed(order, by)
        elif resumption is Resumption.SPENT:
            recovery_events.token_spent(order)
        return resumption
