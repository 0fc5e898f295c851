"""Orders and executions as tables. At 80 columns, ids and links are never truncated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from orderflow.clock import iso
from orderflow.money import amount_in_words, naira
from orderflow.orders.lines import ModelUse
from orderflow.orders.model import Order
from orderflow.orders.money_records import Dispute, Refund
from orderflow.orders.status import OrderStatus
from orderflow.platform.audit import AuditEntry
from scripts.cli.console import plain
from scripts.cli.durations import age
from scripts.cli.operations.audit import short_name
from scripts.cli.orders.execution import Progress, StateVisit, VisitOutcome
from scripts.inspection.stuck_orders import payment_remark

_COLOURS: Final = {
    OrderStatus.AWAITING_REVIEW: "cyan",
    OrderStatus.PAYMENT_INITIATED: "green",
    OrderStatus.PAYMENT_COMPLETED: "bold green",
    OrderStatus.PAYMENT_DELAYED: "yellow",
    OrderStatus.NEEDS_ATTENTION: "bold yellow",
    OrderStatus.REJECTED: "red",
    OrderStatus.FAILED: "bold red",
    OrderStatus.EXPIRED: "magenta",
    OrderStatus.CANCELLED: "magenta",
}
_MARKS: Final = {
    VisitOutcome.RUNNING: ("…", "cyan"),
    VisitOutcome.ERROR: ("↻", "yellow"),
    VisitOutcome.SUCCEEDED: ("✓", "green"),
    VisitOutcome.CAUGHT: ("↷", "yellow"),
    VisitOutcome.FAILED: ("✗", "bold red"),
}


def status_text(status: str) -> Text:
    """A status in its colour."""
    return Text(status, style=_COLOURS.get(OrderStatus(status), "cyan"))


def states_table(progress: Progress | None, now: datetime | None = None) -> Table:
    """The states of an execution: their outcome, duration, retries and last error."""
    table = listing()
    table.add_column("")
    table.add_column("State")
    table.add_column("Seconds", justify="right")
    table.add_column("Retries", justify="right")
    table.add_column("Last error")
    for visit in progress.visits if progress else []:
        table.add_row(*_state_cells(visit, now or datetime.now(UTC)))
    return table


def _state_cells(visit: StateVisit, now: datetime) -> tuple[Text | str, ...]:
    has_succeeded = visit.outcome is VisitOutcome.SUCCEEDED
    return (
        Text(*_MARKS[visit.outcome]),
        visit.name,
        f"{visit.seconds(now):.2f}",
        str(visit.retries or ""),
        plain(visit.error or "", "dim" if has_succeeded else "red"),
    )


def lines_table(order: dict[str, Any]) -> Table:
    """An order's matched lines and total, then its unmatched lines."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=bool(order["lines"]))
    table.add_column("You wrote", overflow="fold")
    table.add_column("Product", overflow="fold")
    table.add_column("Packs", justify="right", no_wrap=True)
    table.add_column("Price", "Total", justify="right", no_wrap=True)
    table.add_column("Total", naira(order["totalKobo"]), justify="right", no_wrap=True)
    table.add_column("Matched by")
    for line in order["lines"]:
        table.add_row(
            plain(line["text"]),
            _with_remark(f"{line['name']} ({line['packSize']})", line["packing"]),
            str(line["packs"]),
            naira(line["unitPriceKobo"]),
            naira(line["lineTotalKobo"]),
            f"{line['matchedBy']} ({float(line['confidence']):.0%})",
        )
    for line in order["unmatched"]:
        reason = plain(line["reason"], "yellow")
        question = plain(line.get("question") or "", "bold")
        nearest = _nearest(line["alternatives"])
        table.add_row(plain(line["text"]), _joined(reason, question, nearest))
    return table


def _with_remark(text: str, remark: str) -> Text:
    return _joined(plain(text), plain(remark, "dim"))


def _nearest(alternatives: list[dict[str, Any]]) -> Text:
    """The most similar products: "Rice (68%), Beans (41%)"."""
    named = (f"{each['name']} ({float(each['similarity']):.0%})" for each in alternatives)
    return plain("Nearest: " + ", ".join(named) if alternatives else "", "dim")


def _joined(*lines: Text) -> Text:
    return Text("\n").join(filter(None, lines))


def model_use_text(use: ModelUse | None) -> str:
    """The model's usage: "amazon.nova-lite-v1:0, 321 + 45 tokens, $0.000030 (...)"."""
    if use is None:
        return "not asked"
    cost = (
        "cost unknown: no prices are configured" if use.cost_usd is None else f"${use.cost_usd:f}"
    )
    tokens = f"{use.input_tokens:,} + {use.output_tokens:,} tokens"
    return f"{use.model_id}, {tokens}, {cost} (prompt {use.prompt_version})"


def orders_table(orders: list[Order], now: datetime | None = None) -> Table:
    """Orders with their age; below each order, the reason of its status."""
    table = listing()
    table.add_column("Order", overflow="fold")
    table.add_column("Status", no_wrap=True)
    table.add_column("Total", justify="right", no_wrap=True)
    table.add_column("Age", justify="right", no_wrap=True)
    for order in orders:
        table.add_row(
            _id_and_reason(order),
            status_text(order.status),
            naira(order.total_kobo),
            age(order.created_at, now or datetime.now(UTC)),
        )
    return table


def _id_and_reason(order: Order) -> Text:
    reason = payment_remark(order) or order.status_reason or ""
    money = [
        *(f"Dispute {dispute_text(each)}" for each in order.open_disputes),
        *(f"Refund due: {each.reference}" for each in order.due_refunds),
        *(f"Refund {refund_text(each)}" for each in order.open_refunds),
    ]
    return _with_remark(order.order_id, "\n".join(filter(None, (reason, *money))))


def refund_text(refund: Refund) -> str:
    """A refund of one of the order's payments: "3018284, NGN 100.00, pending since ..."."""
    name = refund.refund_id or refund.refund_reference or refund.reference
    by = f", by {refund.by}: {refund.reason}" if refund.by else ""
    note = f" ({refund.note})" if refund.note else ""
    amount = amount_in_words(refund.currency, refund.amount)
    return f"{name}, {amount}, {refund.status} since {iso(refund.updated_at)}{by}{note}"


def dispute_text(dispute: Dispute) -> str:
    """A dispute: "358950, NGN 58.00, awaiting-merchant-feedback, due at ..."."""
    amount = amount_in_words(dispute.currency or "", dispute.amount or 0).strip()
    state = " ".join(filter(None, (dispute.status, dispute.resolution)))
    due = f", due at {iso(dispute.due_at)}" if dispute.due_at else ""
    return f"{dispute.dispute_id}, {amount}, {state}{due}"


def history_table(order: Order) -> Table:
    """The changes of an order's status."""
    table = listing()
    table.add_column("At (UTC)", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    table.add_column("By", overflow="fold")
    table.add_column("Reason", overflow="fold")
    for change in order.history:
        table.add_row(
            f"{change.at:%Y-%m-%d %H:%M:%S}",
            status_text(change.status),
            # The workflow writes its execution's name: the order's id, with ".2" after a restart.
            plain(change.by.removeprefix(order.order_id).removeprefix("/")),
            plain(change.reason or ""),
        )
    return table


def listing() -> Table:
    """An empty table in the style of all lists."""
    return Table(box=None, pad_edge=False, header_style="dim")


def audit_table(entries: Sequence[AuditEntry]) -> Table:
    """Actions with their time; below each, its reason, actor, origin, and request (its trace)."""
    table = listing()
    table.add_column("At (UTC)", no_wrap=True)
    table.add_column("Act", overflow="fold")
    table.add_column("On", overflow="fold")
    for entry in entries:
        why = " ".join(filter(None, (_outcome(entry), entry.reason)))
        details = [
            plain(entry.subject),
            *([plain(why, "dim")] if why else []),
            plain(f"by {short_name(entry.actor)} ({entry.source})", "dim"),
            *([plain(f"in {entry.correlation_id}", "dim")] if entry.correlation_id else []),
        ]
        table.add_row(
            entry.at[:19].replace("T", " "), plain(entry.action), Text("\n").join(details)
        )
    return table


def _outcome(entry: AuditEntry) -> str:
    return f"{entry.outcome}:" if entry.outcome in {"refused", "failed"} else ""


def acts_table(entries: Sequence[AuditEntry], customer_id: str) -> Table:
    """Who did what to one order, and why."""
    table = listing()
    table.add_column("At (UTC)", no_wrap=True)
    table.add_column("Act", overflow="fold")
    table.add_column("By", overflow="fold")
    table.add_column("Reason", overflow="fold")
    for entry in entries:
        who = "the customer" if entry.actor == customer_id else short_name(entry.actor)
        table.add_row(
            entry.at[:19].replace("T", " "),
            plain(entry.action.removeprefix("Mutation.")),
            plain(f"{who} ({entry.source})"),
            plain(" ".join(filter(None, (_outcome(entry), entry.reason)))),
        )
    return table
