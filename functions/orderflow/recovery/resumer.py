"""Letting a parked order go on: its execution waits for the answer to a task token."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from orderflow.errors import ProviderUnavailableError, StoreUnavailable
from orderflow.orders.model import Order
from orderflow.orders.store import OrderStore
from orderflow.platform.aws_errors import outages_as
from orderflow.recovery import events as recovery_events
from orderflow.workflow import task_tokens

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: Who lets it go on: its alarm clock, its provider's breaker, or people (who so give it new
#: automatic attempts). The state machine reads it.
ResumedBy = Literal["delay", "breaker", "operator"]


class Resumption(StrEnum):
    """What became of an order that was to go on."""

    RESUMED = "resumed"
    #: Its token was answered by somebody else, or has timed out, or its execution has ended.
    SPENT = "spent"
    NOT_PARKED = "not-parked"


def resume(order: Order, sfn: SFNClient, store: OrderStore, by: ResumedBy) -> Resumption:
    """Answer the order's token, then forget it; doing so again changes nothing.

    Args:
        order: as it was read; it may have gone on, or been parked anew, since.

    Raises:
        ProviderUnavailableError: Step Functions throttled, failed or could not be reached.
    """
    if order.parked is None:
        return Resumption.NOT_PARKED
    token = order.parked.task_token
    with outages_as(ProviderUnavailableError, "Step Functions"):
        answered = task_tokens.answer(sfn, token, {"orderId": order.order_id, "resumedBy": by})
    # What could not be forgotten is found spent the next time, and the order goes on all the same.
    with suppress(StoreUnavailable):
        store.clear_parked(order.order_id, token)
    return Resumption.RESUMED if answered else Resumption.SPENT


class Resumer:
    """Resumes orders on the system's own account, and reports each."""

    def __init__(self, sfn: SFNClient, orders: OrderStore) -> None:
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
