"""One thing that is wrong with a stage, and the facts that it is found in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from orderflow.breakers.state import BreakerItem
from orderflow.clock import iso
from orderflow.money import naira
from orderflow.orders.model import Order
from orderflow.orders.status import PARKED
from scripts.console.emails import MissedEmails
from scripts.inspection.alarms import Alarm
from scripts.inspection.stuck_orders import StuckGroup


class Severity(StrEnum):
    """How much a problem needs an operator."""

    #: An operator has to act.
    ACT = "act"
    #: It ends by itself; an operator may watch it.
    WATCH = "watch"
    #: It is over; something is left to know.
    OVER = "over"


@dataclass(frozen=True)
class Outage:
    """A breaker, and since when its provider is out, or back.

    ``began_earlier`` is whether it may have been out before ``out_since``.
    """

    item: BreakerItem
    out_since: datetime | None = None
    began_earlier: bool = False
    back_since: datetime | None = None


@dataclass(frozen=True)
class DeadLetters:
    """A queue with messages that could not be handled.

    ``since`` is when the oldest was sent, if that is known; ``orders`` are those that they name;
    of the messages that were looked into, unless ``is_complete``.
    ``reasons`` say why they are kept, ``is_kept`` whether nothing tries them again.
    """

    name: str
    count: int
    since: datetime | None = None
    orders: list[Order] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    is_kept: bool = False
    is_complete: bool = True


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        what: in a few words: "PayStack is out".
        severity: whether an operator has to act.
        since: when it began, if that is known.
        order_ids: the orders that it affects, as far as they were read.
        customers: how many customers.
        kobo: what those orders cost.
        more: whether more orders are affected than were read: the figures are lower bounds.
        earlier: whether it may have begun before ``since``.
        happens: what happens next by itself: "they go on by themselves; next probe in 40 s".
        advice: what to do, as the runbook says.
        command: the command that does it, where there is one.
        act: what the page offers: "resume", "replay" or "breaker".
        runbook: the page below ``docs/runbooks``.
        error: the error that the orders share.
    """

    what: str
    severity: Severity
    since: datetime | None
    order_ids: list[str] = field(default_factory=list)
    customers: int = 0
    kobo: int = 0
    more: bool = False
    earlier: bool = False
    happens: str = ""
    advice: str = ""
    command: str | None = None
    act: str | None = None
    subject: str | None = None
    runbook: str | None = None
    error: str | None = None
    counted: str = ""

    @property
    def sentence(self) -> str:
        """``PayStack is out since 14:02; 25 orders, ₦182,400.00 waiting; they ...``."""
        earlier = " or earlier" if self.earlier else ""
        since = f" since {clock_time(self.since)}{earlier}" if self.since else ""
        parts = [f"{self.what}{since}", self._affected(), self.happens]
        return "; ".join(filter(None, parts))

    def _affected(self) -> str:
        if not self.order_ids:
            return self.counted
        least = "at least " if self.more else ""
        orders = plural(len(self.order_ids), "order")
        money = f", {least}{naira(self.kobo)}" if self.kobo else ""
        return f"{least}{orders}{money} {self.counted or 'waiting'}"

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        return {
            "what": self.what,
            "severity": self.severity,
            "since": iso(self.since) if self.since else None,
            "orders": len(self.order_ids),
            "orderIds": self.order_ids,
            "customers": self.customers,
            "kobo": self.kobo,
            "more": self.more,
            "earlier": self.earlier,
            "happens": self.happens,
            "advice": self.advice,
            "command": self.command,
            "act": self.act,
            "subject": self.subject,
            "runbook": self.runbook,
            "error": self.error,
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class Facts:
    """What was read of a stage.

    Attributes:
        groups: stuck orders by cause.
        outages: the providers' breakers.
        missed: orders whose customers missed an e-mail.
        dead_letters: the queues that are not empty.
        deployed_at: when the workflow's definition was last deployed.
        resume_rate: how many orders a second recovery resumes; None if that is not known.
        unread: the statuses of which more orders exist than were read, or may exist.
        pages: the alarms that are on and page.
        refused_since: since when Bedrock refuses us; None if it does not.
        parked_for_each_read: how many parked orders there are for each that was read.
        now: the time.
    """

    groups: list[StuckGroup]
    outages: list[Outage]
    now: datetime
    missed: MissedEmails | None = None
    dead_letters: list[DeadLetters] = field(default_factory=list)
    deployed_at: datetime | None = None
    resume_rate: float | None = 20
    unread: list[str] = field(default_factory=list)
    pages: list[Alarm] = field(default_factory=list)
    refused_since: datetime | None = None
    parked_for_each_read: float = 1

    @property
    def may_lack_parked(self) -> bool:
        """Whether there may be parked orders that were not read."""
        return not {*map(str, PARKED)}.isdisjoint(self.unread)


def clock_time(moment: datetime) -> str:
    """``14:02``, in this machine's time zone: the operator's."""
    return f"{moment.astimezone():%H:%M}"


def plural(number: int, noun: str) -> str:
    """``25 orders``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
