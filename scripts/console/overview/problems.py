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
from scripts.console.overview.pages import pages
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

_LETTER_ADVICE: Final = "Mend the cause, then send it back or drop it; or keep it: its alarm ends"

#: A failure so soon after a deployment is likely its fault.
_BLAMED_FOR_SECONDS: Final = 3600


def problems(facts: Facts) -> list[Problem]:
    """Everything that is wrong, what needs an operator first."""
    found = [
        *_outages(facts),
        *_failures(facts),
        *_missed_emails(facts),
        *_dead_letters(facts),
        *_undecided(facts),
    ]
    found = found or [*pages(facts)]
    order = list(Severity)
    return sorted(found, key=lambda problem: order.index(problem.severity))


def headline(found: list[Problem], on_the_way: str, unread: Iterable[str] = ()) -> str:
    """One sentence for each problem; or that all is well, as far as it could be read.

    Args:
        found: the problems.
        on_the_way: how many orders are, in words; empty if that is not known.
        unread: the parts of the view that could not be read.
    """
    parts = ", ".join(dict.fromkeys(unread))
    sentences = [problem.sentence for problem in found]
    if not found:
        on_the_way = f": {on_the_way} on the way" if on_the_way else ""
        sentences = [f"Nothing is wrong in what was read{on_the_way}" if parts
                     else f"All is well{on_the_way}"]  # fmt: skip
    if parts:
        sentences.append(f"Not read: {parts}")
    return ". ".join(sentences) + "."


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
        elif provider == ProviderName.BEDROCK and facts.refused_since:
            yield _refusal(facts.refused_since, waiting)
        elif waiting:
            yield _recovery(outage, waiting, facts)


def _outage(outage: Outage, waiting: list[StuckGroup], facts: Facts) -> Problem:
    item = outage.item
    name = ProviderName(item.provider).display_name
    forced = item.mode is Mode.FORCED_OPEN
    return _of_groups(
        waiting,
        what=f"{name} is not called: an operator forced its breaker open"
        if forced
        else f"{name} is out",
        severity=Severity.ACT if forced else Severity.WATCH,
        since=outage.out_since,
        earlier=outage.out_since is not None and outage.began_earlier,
        happens=_fate(item, facts.now, waiting),
        advice=f"leave the breaker to itself once {name} may be called again"
        if forced
        else "nothing: orders survive it",
        command=f"orders breakers auto {item.provider}" if forced else None,
        act="breaker",
        subject=item.provider,
        runbook="stuck-breaker.md" if forced else "provider-outage.md",
        counted="" if waiting or facts.may_lack_parked else "no order waits",
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


def _refusal(since: datetime, waiting: list[StuckGroup]) -> Problem:
    """Bedrock answers, and refuses us: no breaker opens, and nothing goes on by itself."""
    return _of_groups(
        waiting,
        what="Bedrock refuses our requests",
        severity=Severity.ACT,
        since=since,
        happens="lists are matched by name; those that names do not match wait until it is mended",
        advice="Bedrock console: access to the model, its quotas, its end of life; then resume",
        command=f"orders resume --all --provider {ProviderName.BEDROCK}",
        act="resume" if waiting else None,
        runbook="provider-outage.md",
        counted="" if waiting else "no order waits",
    )


def _recovery(outage: Outage, waiting: list[StuckGroup], facts: Facts) -> Problem:
    item = outage.item
    name = ProviderName(item.provider).display_name
    return _of_groups(
        waiting,
        what=f"{name} is back",
        severity=Severity.WATCH,
        since=outage.back_since,
        happens=_expected_end(sum(len(group.orders) for group in waiting), facts),
        advice="nothing; if they are still there after some minutes, resume them",
        command=f"orders resume --all --provider {item.provider}",
        act="resume",
        runbook="parked-orders.md",
        counted="still waiting",
    )


def _expected_end(orders: int, facts: Facts) -> str:
    if facts.resume_rate is None:
        return "they go on by themselves"
    seconds = max(orders * facts.parked_for_each_read / facts.resume_rate, 1)
    rate = f"{facts.resume_rate:g} a second"
    return f"they go on by themselves, {rate}: done in about {in_words(seconds)}"


def _failures(facts: Facts) -> Iterator[Problem]:
    for group in facts.groups:
        if group.cause.kind is not Kind.FAILED:
            continue
        yield _of_groups(
            [group],
            what=f"Orders fail in {group.cause.text}",
            severity=Severity.ACT,
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
        more=(more := "PAYMENT_INITIATED" in facts.unread),
        earlier=more and not missed.is_over,
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
            more=bool(queue.orders) and not queue.is_complete,
            earlier=queue.since is not None and not queue.is_complete,
            order_ids=[order.order_id for order in queue.orders],
            customers=len({order.customer_id for order in queue.orders}),
            kobo=sum(order.total_kobo for order in queue.orders),
            happens=f"in {queue.name}; "
            + (
                "they name no order"
                if queue.is_complete and not queue.orders
                else "see what they are about"
            ),
            advice=". ".join([*queue.reasons, _LETTER_ADVICE]),
            command="orders dead-letters list" if queue.is_kept else None,
            runbook="poison-messages.md",
            subject=queue.name,
            counted="named there" if queue.orders else "",
        )


def _undecided(facts: Facts) -> Iterator[Problem]:
    for group in facts.groups:
        if group.cause.kind is not Kind.UNDECIDED:
            continue
        yield _of_groups(
            [group],
            what="PayStack has not decided about payments",
            severity=Severity.WATCH,
            happens="it is asked again and again",
            advice=group.advice.text,
            command=group.advice.command,
            runbook=group.advice.runbook,
        )


def _of_groups(groups: list[StuckGroup], **fields: Any) -> Problem:
    """A problem with the figures of these groups; since when the first got stuck, if not said."""
    orders = [stuck.order for group in groups for stuck in group.orders]
    more = any(not group.is_complete for group in groups)
    said = fields.pop("since", None)
    earlier = fields.pop("earlier", False)
    return Problem(
        since=said or min((group.since for group in groups), default=None),
        earlier=earlier or (more and said is None),
        order_ids=[order.order_id for order in orders],
        customers=len({order.customer_id for order in orders}),
        kobo=sum(order.total_kobo for order in orders),
        more=more,
        **fields,
    )
