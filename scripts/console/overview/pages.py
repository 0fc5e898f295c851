"""The alarms that page, as problems of the view *Now*: an outage that is over is told as such."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from cdk.alarm_names import PROVIDER_OUT
from orderflow.breakers.providers import ProviderName
from scripts.console.overview.problem import Facts, Outage, Problem, Severity, clock_time
from scripts.inspection.alarms import Alarm

#: The page on an outage ends so long after the outage at the latest, where no order waits: its
#: alarms on parked orders end five minutes after the next run of the reconciler, which comes within
#: five minutes, and CloudWatch needs two to evaluate them.
OUTLASTS: Final = timedelta(minutes=5 + 5 + 2)


def pages(facts: Facts) -> Iterator[Problem]:
    """The alarms that page, which say what is wrong where orders, breakers and queues do not."""
    for alarm in facts.pages:
        ended = _ended_outage(alarm, facts)
        yield (
            _after_outage(alarm, ended)
            if ended
            else Problem(
                what=f"The alarm {alarm.name} is on",
                severity=Severity.ACT,
                since=alarm.since,
                counted="" if facts.unread else "no order waits or has failed",
                advice=alarm.description,
                runbook=alarm.runbook,
            )
        )


def _ended_outage(alarm: Alarm, facts: Facts) -> Outage | None:
    """The outage that the alarm is about, where it is known to be over; else None."""
    all_known = len(facts.outages) == len(ProviderName) and not facts.unread
    if not alarm.name.endswith(f"-{PROVIDER_OUT}") or not all_known:
        return None
    earliest = max(alarm.since, facts.now - OUTLASTS)
    over = (each for each in facts.outages if each.back_since and each.back_since >= earliest)
    return max(over, key=lambda each: each.back_since or earliest, default=None)


def _after_outage(alarm: Alarm, outage: Outage) -> Problem:
    name = ProviderName(outage.item.provider).display_name
    back = outage.back_since
    return Problem(
        what=f"{name} was out, and is back",
        severity=Severity.OVER,
        since=back,
        counted="no order waits for it",
        happens=f"the alarm {alarm.name} ends by itself by {clock_time(back + OUTLASTS)}"
        if back
        else "",
        advice="nothing",
        runbook=alarm.runbook,
    )
