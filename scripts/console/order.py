"""The view *Order*: all that is known of one order."""

from __future__ import annotations

from typing import Any, Final

from orderflow.api.views import order_view
from orderflow.clock import from_epoch_ms, iso, utc_now
from orderflow.orders.model import Order
from orderflow.payments.reversals.refunding import RefundRequest
from orderflow.platform.audit import AuditEntry
from orderflow.workflow.executions import parse_arn
from scripts.cli.console import CommandError
from scripts.cli.money.refund_creation import ask_function
from scripts.cli.operations.audit import short_name
from scripts.cli.orders.show import find_order
from scripts.cli.orders.trace import nothing_found
from scripts.console.stage import ConsoleStage, Parallel, Reads
from scripts.inspection.mailbox import mails
from scripts.inspection.reading import Reading
from scripts.inspection.story import story_of
from scripts.inspection.traces import MOST_TRACES, is_trace_id, order_traces, trace_link
from scripts.inspection.waiting import why_waiting

_MONEY: Final = {
    "payment", "declined", "refunds_due", "refunds", "disputes", "unconfirmed_payments",
    "payment_reference", "payment_attempts", "link_checks", "link_check_at", "cancel_requested",
}  # fmt: skip
_MAX_ENTRIES: Final = 300

#: The parts that are read beside the order's record, as the page calls them.
_AUDIT: Final = "audit"
_MAILS: Final = "e-mails"
_WHY: Final = "what it waits for"


class OrderView:
    """Reads the view.

    Args:
        stage: the stage.
        parallel: runs its reads.
    """

    def __init__(self, stage: ConsoleStage, parallel: Parallel) -> None:
        self._stage = stage
        self._parallel = parallel

    def view(self, order_id: str, reads: Reads) -> dict[str, Any]:
        """One order; ``reads`` names the parts that could not be read.

        Raises:
            CommandError: there is no such order.
        """
        order = find_order(self._stage, order_id)
        found = self._parallel.run(
            reads,
            {
                _AUDIT: lambda: story_of(self._stage, order_id, order),
                _MAILS: lambda: self._mails(order_id),
                _WHY: lambda: self._why(order),
            },
        )
        story: list[AuditEntry] | None = found.get(_AUDIT)
        if story is not None and len(story) > _MAX_ENTRIES:
            reads.limits.append(f"the latest {_MAX_ENTRIES} entries of the audit are shown")
        return {
            **order_view(order),
            "customerId": order.customer_id,
            "groceryList": order.grocery_list,
            **order.model_dump(by_alias=True, mode="json", include=_MONEY),
            "history": [
                {
                    "status": each.status,
                    "at": iso(each.at),
                    "by": _by(order, each.by),
                    "reason": each.reason,
                }
                for each in order.history
            ],
            "why": found.get(_WHY),
            "failure": _failure(order),
            "parked": _parked(order),
            "mails": found.get(_MAILS, []),
            "notices": sorted(order.notified_statuses or ()),
            "linkWasSent": order.notified_reference is not None
            and order.notified_reference == order.payment_reference,
            "run": parse_arn(order.execution_arn)[1] if order.execution_arn else None,
            "audit": None
            if story is None
            else [self._entry(order, entry) for entry in story[-_MAX_ENTRIES:]],
            "isClosed": order.is_closed,
        }

    def _entry(self, order: Order, entry: AuditEntry) -> dict[str, Any]:
        return {
            **entry.model_dump(by_alias=True, mode="json"),
            "actor": _by(order, short_name(entry.actor)),
            "traceLink": self._trace_link(entry.correlation_id),
        }

    def paystack(self, order_id: str) -> dict[str, Any]:
        """The order's payment as PayStack has it; asks through a function, which has the key.

        Raises:
            CommandError: there is no such order, or it has no payment reference.
        """
        order = find_order(self._stage, order_id)
        if order.payment_reference is None:
            return {"answer": "PayStack has not been asked for a link for this order yet."}
        request = RefundRequest(
            order_id=order_id,
            reference=order.payment_reference,
            by="console",
            reason="look",
            request_id="look",
        )
        try:
            payment = ask_function(self._stage, request, look=True)["payment"]
        except CommandError as error:
            return {"answer": str(error)}
        return {"answer": None, "payment": payment}

    def traces(self, order_id: str, reads: Reads) -> dict[str, Any]:
        """What X-Ray has recorded of the order's way through the system.

        Raises:
            CommandError: there is no such order.
        """
        reading = Reading()
        found = order_traces(self._stage, find_order(self._stage, order_id), reading)
        if not reading.is_complete:
            reads.limits.append(f"the first {MOST_TRACES} traces are shown")
        return {
            "traces": [each.as_json() for each in found],
            "why": None if found else nothing_found(self._stage),
        }

    def _mails(self, order_id: str) -> list[dict[str, Any]] | None:
        """The order's e-mails, the newest first; None where they are not kept."""
        if self._stage.urls is None:
            return None
        found = mails(self._stage, order_id, Reading())
        return [{**mail.as_json(), "at": _moment(mail.at)} for mail in found]

    def _trace_link(self, correlation_id: str | None) -> str | None:
        """The trace's page at AWS; None for acts without a trace, and on this machine."""
        if correlation_id is None or not is_trace_id(correlation_id):
            return None
        return trace_link(self._stage, correlation_id)

    def _why(self, order: Order) -> str | None:
        if order.is_closed:
            return None
        breaker = self._stage.breakers.read(order.parked.provider) if order.parked else None
        return why_waiting(order, breaker, utc_now())


def _by(order: Order, by: str) -> str:
    # The workflow writes its execution's name: the order's id, with ".2" after a restart.
    return by.removeprefix(order.order_id).removeprefix("/") or "the workflow"


def _moment(at: str) -> str:
    """The emulator gives an e-mail's time in epoch seconds."""
    return iso(from_epoch_ms(int(float(at) * 1000))) if at.replace(".", "").isdecimal() else at


def _failure(order: Order) -> dict[str, Any] | None:
    if order.failure is None:
        return None
    return order.failure.model_dump(by_alias=True, mode="json")


def _parked(order: Order) -> dict[str, Any] | None:
    if order.parked is None:
        return None
    return order.parked.model_dump(by_alias=True, mode="json", exclude={"task_token"})
