"""What is wrong with a stage: since when, how many orders, how much money, and what to do.

Pure: the facts are read elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from orderflow.breakers.providers import ProviderName
from orderflow.breakers.state import BreakerItem, Mode
from orderflow.clock import to_epoch_ms
from scripts.cli.durations import in_words
from scripts.console.overview.problem import (
    Facts,
    Outage,
    Problem,
    Severity,
    clock_time,
    plural,
)
from scripts.inspection.breakers import is_open
from scripts.inspection.causes import Kind
from scripts.inspection.stuck_orders import StuckGroup

NAMES: Final = {ProviderName.PAYSTACK: "PayStack", ProviderName.BEDROCK: "Bedrock"}

NO_ORDER_HANGS: Final = "no order hangs on it"

#: A failure so soon after a deployment is likely its fault.
_BLAMED_FOR_SECONDS: Final = 3600


def problems(facts: Facts) -> list[Problem]:
    """Everything that is wrong, what needs an operator first."""
    found = [
        *_outages(facts),
        *_failures(facts),
        *_missed_emails(facts),
        *_dead_letters(facts),
        *_others(facts),
    ]
    found = found or [*_pages(facts)]
    order = list(Severity)
    return sorted(found, key=lambda problem: order.index(problem.severity))


def headline(found: list[Problem], open_orders: int, more: bool) -> str:  # noqa: FBT001
    """One sentence for each problem; or that all is well."""
    if found:
        return ". ".join(problem.sentence for problem in found) + "."
    orders = plural(open_orders, "order")
    return f"All is well: {'more than ' if more else ''}{orders} on the way."


def _outages(facts: Facts) -> Iterator[Problem]:
    for outage in facts.outages:
        provider = outage.item.provider
        waiting = [
            group
            for group in facts.groups
            if group.cause.kind is Kind.PARKED and group.cause.provider == provider
        ]
        if not outage.item.admits_all:
            yield _outage(outage, waiting, facts)
        elif waiting:
            yield _recovery(outage, waiting, facts)


def _outage(outage: Outage, waiting: list[StuckGroup], facts: Facts) -> Problem:
    item = outage.item
    name = NAMES[ProviderName(item.provider)]
    forced = item.mode is Mode.FORCED_OPEN
    return _of_groups(
        waiting,
        facts,
        what=f"{name} is not called: an operator forced its breaker open"
        if forced
        else f"{name} is out",
        severity=Severity.ACT if forced else Severity.WATCH,
        since=outage.out_since,
        happens=_fate(item, facts.now, waiting),
        advice=f"leave the breaker to itself once {name} may be called again"
        if forced
        else "nothing: orders survive it",
        command=f"orders breakers auto {item.provider}" if forced else None,
        act="breaker",
        subject=item.provider,
        runbook="stuck-breaker.md" if forced else "provider-outage.md",
        counted="" if waiting else "no order waits",
    )


def _fate(item: BreakerItem, now: datetime, waiting: list[StuckGroup]) -> str:
    """What happens to the orders, and when the provider is called again."""
    bedrock = item.provider == ProviderName.BEDROCK
    fates = ["lists are matched by name meanwhile"] if bedrock else []
    if item.mode is Mode.FORCED_OPEN:
        return "; ".join([*fates, "orders wait until an operator changes it"])
    if waiting or not bedrock:
        fates.append("they go on by themselves")
    ms = to_epoch_ms(now)
    due = item.next_probe_at or 0
    probe = f"in {in_words((due - ms) / 1000)}" if is_open(item, ms) else "with the next order"
    return "; ".join([*fates, f"next probe {probe}"])


def _recovery(outage: Outage, waiting: list[StuckGroup], facts: Facts) -> Problem:
    item = outage.item
    name = NAMES[ProviderName(item.provider)]
    count = sum(len(group.orders) for group in waiting)
    seconds = count * facts.parked_for_each_read / facts.resume_rate
    return _of_groups(
        waiting,
        facts,
        what=f"{name} is back",
        severity=Severity.WATCH,
        since=outage.back_since,
        happens=f"they go on by themselves, {facts.resume_rate:g} a second: done in about "
        f"{in_words(max(seconds, 1))}",
        advice="nothing; if they are still there after some minutes, resume them",
        command=f"orders resume --all --provider {item.provider}",
        act="resume",
        runbook="parked-orders.md",
        counted="still waiting",
    )


def _failures(facts: Facts) -> Iterator[Problem]:
    for group in facts.groups:
        if group.cause.kind is not Kind.FAILED:
            continue
        yield _of_groups(
            [group],
            facts,
            what=f"Orders fail in {group.cause.text}",
            severity=Severity.ACT,
            since=group.since,
            happens=_blame(group.since, facts.deployed_at),
            advice=group.advice.text,
            command=group.advice.command,
            act="replay",
            runbook=group.advice.runbook,
            error=group.cause.error,
            counted="failed",
        )


def _blame(since: datetime, deployed_at: datetime | None) -> str:
    kept = "they are kept, and wait for a replay"
    seconds = (since - deployed_at).total_seconds() if deployed_at else -1
    if deployed_at is None or not 0 <= seconds <= _BLAMED_FOR_SECONDS:
        return kept
    at = clock_time(deployed_at)
    return f"{kept}; the last deployment was at {at}, {in_words(seconds)} before"


def _missed_emails(facts: Facts) -> Iterator[Problem]:
    missed = facts.missed
    if missed is None:
        return
    span = (missed.since, missed.until)
    until = " from {} to {}".format(*map(clock_time, filter(None, span))) if missed.until else ""
    yield Problem(
        what=f"E-mail was refused{until}" if missed.is_over else "E-mail is refused by Amazon SES",
        severity=Severity.OVER if missed.is_over else Severity.ACT,
        since=None if missed.is_over else missed.since,
        order_ids=[order.order_id for order in missed.orders],
        customers=len({order.customer_id for order in missed.orders}),
        kobo=sum(order.total_kobo for order in missed.orders),
        more="PAYMENT_INITIATED" in facts.unread,
        happens="the app shows their links",
        advice="e-mails are sent again: nothing is left to do"
        if missed.is_over
        else "SES console: is sending paused, the account suspended, the sender not verified?",
        runbook="provider-outage.md",
        counted="without an e-mail",
    )


def _dead_letters(facts: Facts) -> Iterator[Problem]:
    for queue in facts.dead_letters:
        yield Problem(
            what=f"{plural(queue.count, 'message')} could not be handled",
            severity=Severity.ACT,
            since=queue.since,
            order_ids=[order.order_id for order in queue.orders],
            customers=len({order.customer_id for order in queue.orders}),
            kobo=sum(order.total_kobo for order in queue.orders),
            happens=f"in {queue.name}; "
            + ("see what they are about" if queue.orders else NO_ORDER_HANGS),
            advice=". ".join([*queue.reasons, "Mend the cause, then send it back or drop it"]),
            command="orders dead-letters list" if queue.is_kept else None,
            runbook="poison-messages.md",
            subject=queue.name,
            counted="named there" if queue.orders else "",
        )


def _others(facts: Facts) -> Iterator[Problem]:
    for group in facts.groups:
        if group.cause.kind in {Kind.FAILED, Kind.PARKED}:
            continue
        undecided = group.cause.kind is Kind.UNDECIDED
        yield _of_groups(
            [group],
            facts,
            what="PayStack has not decided about payments" if undecided else group.cause.text,
            severity=Severity.WATCH,
            since=group.since,
            happens="it is asked again and again" if undecided else "",
            advice=group.advice.text,
            command=group.advice.command,
            runbook=group.advice.runbook,
        )


def _pages(facts: Facts) -> Iterator[Problem]:
    """The alarms that page, which say what is wrong where orders, breakers and queues do not."""
    for alarm in facts.pages:
        yield Problem(
            what=f"{alarm.name} pages",
            severity=Severity.ACT,
            since=alarm.since,
            counted=NO_ORDER_HANGS,
            advice=alarm.description,
            runbook=alarm.runbook,
        )


def _of_groups(groups: list[StuckGroup], facts: Facts, **fields: Any) -> Problem:
    orders = [stuck.order for group in groups for stuck in group.orders]
    fields["since"] = fields["since"] or min((group.since for group in groups), default=None)
    return Problem(
        order_ids=[order.order_id for order in orders],
        customers=len({order.customer_id for order in orders}),
        kobo=sum(order.total_kobo for order in orders),
        more=any(str(order.status) in facts.unread for order in orders),
        **fields,
    )


def total_waiting(found: Iterable[Problem]) -> tuple[int, int]:
    """The orders and the money (kobo) of problems that are not over."""
    open_ones = [problem for problem in found if problem.severity is not Severity.OVER]
    return sum(len(each.order_ids) for each in open_ones), sum(each.kobo for each in open_ones)
