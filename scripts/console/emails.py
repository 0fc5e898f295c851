"""Whether customers get their links by e-mail, from the newest orders that wait for a payment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from orderflow.clock import from_epoch_ms
from orderflow.orders.model import Order
from scripts.console.stage import ConsoleStage

#: An alert about SES is repeated after an hour at most: a younger one belongs to what is seen now.
_ALERT_INTERVAL: Final = timedelta(hours=1)


@dataclass(frozen=True)
class MissedEmails:
    """Orders whose customers did not get their link by e-mail.

    Attributes:
        orders: the orders.
        is_over: whether a later order's e-mail was sent.
        since: when the first of them got its link.
        until: when e-mails were sent again.
    """

    orders: list[Order]
    since: datetime
    until: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether e-mails are sent again."""
        return self.until is not None


def last_refusal(stage: ConsoleStage) -> datetime | None:
    """When operations were last alerted that SES refuses the shop's requests."""
    answer = stage.breakers_table.get_item(Key={"provider": "ses"})
    at = answer.get("Item", {}).get("refusalAlertedAt")
    return from_epoch_ms(int(at)) if at else None


def missed_emails(
    waiting: Iterable[Order], refused_at: datetime | None, now: datetime
) -> MissedEmails | None:
    """Which orders missed their e-mail because SES refuses the shop's requests.

    One address that bounces is no such case: without a refusal in the last hour there is none. An
    order's e-mail is due before its execution waits for the payment, with a token.

    Args:
        waiting: orders that wait for their payment.
        refused_at: the last alert about SES.
        now: the time.
    """
    if refused_at is None or now - refused_at > _ALERT_INTERVAL:
        return None
    due = [each for each in waiting if each.task_token is not None or _was_sent(each)]
    newest = sorted(due, key=_opened, reverse=True)
    missed = [each for each in newest if not _was_sent(each)]
    if not missed:
        return None
    sent_since = [*takewhile(_was_sent, newest)]
    until = _opened(sent_since[-1]) if sent_since else None
    return MissedEmails(missed, _opened(missed[-1]), until)


def _opened(order: Order) -> datetime:
    return order.link_opened_at or order.updated_at


def _was_sent(order: Order) -> bool:
    return order.notified_reference == order.payment_reference
