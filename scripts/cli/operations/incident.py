"""``orders incident``: a timeline of what happened, from alarms and the audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rich.table import Table

from cdk.constructs.alarms.incident import Incident
from cdk.settings import Settings
from orderflow.clock import iso, utc_now
from scripts.cli.console import err, out, plain, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, Since, Stage
from scripts.inspection.alarms import alarms

#: The beginnings of acts that customers and their orders make all day: no part of an incident.
_EVERYDAY: Final = (
    "Query.", "Mutation.submit", "Mutation.cancel", "order.", "order status", "webhook",
)  # fmt: skip

_DEFAULT: Final = timedelta(hours=2)

_STATE_UPDATE: Final = "StateUpdate"


@dataclass(frozen=True)
class Moment:
    """One thing that happened.

    Attributes:
        kind: ``page`` for an alarm that pages, ``alarm`` for one that does not (its incident does),
            ``act`` for the audit's lines.
    """

    at: datetime
    kind: str
    what: str
    who: str = ""
    reason: str = ""


def show_incident(*, since: Since = None, json: Json = False, stage: Stage = LOCAL) -> None:
    """Tell what happened in the last 2 hours: pages, alarms, breakers, and what people did."""
    deployment = connect(stage)
    start = utc_now() - (since or _DEFAULT)
    moments = sorted([*_alarms(deployment, start), *_acts(deployment, start)], key=_at)
    if json:
        print_json([{**asdict(each), "at": iso(each.at)} for each in moments])
    elif moments:
        out.print(_table(moments))
    else:
        err.print("Nothing happened: no alarm began or ended, and nobody acted.")


def _at(moment: Moment) -> datetime:
    return moment.at


def _alarms(deployment: Deployment, start: datetime) -> Iterator[Moment]:
    """Every begin and end of the stage's alarms and pages since then."""
    prefix = f"{Settings.for_stage(deployment.stage).prefix}-"
    # An alarm that is deleted since then is known by the incident that it stood for.
    pages = {f"{prefix}{each.title}": each.what for each in Incident}
    pages |= {each.name: each.description for each in alarms(deployment) if each.is_page}
    for each in _changes(deployment, start):
        name = each["AlarmName"].removeprefix(prefix)
        if name == each["AlarmName"] or _is_first_look(each):
            continue
        yield Moment(
            at=each["Timestamp"].astimezone(UTC),
            kind="page" if each["AlarmName"] in pages else "alarm",
            what=f"{name}: {each['HistorySummary']}",
            reason=pages.get(each["AlarmName"], ""),
        )


def _changes(deployment: Deployment, start: datetime) -> Iterator[Any]:
    """The changes of all alarms of the account."""
    pages = (
        deployment.client("cloudwatch")
        .get_paginator("describe_alarm_history")
        .paginate(
            AlarmTypes=["CompositeAlarm", "MetricAlarm"],
            HistoryItemType=_STATE_UPDATE,
            StartDate=start,
            EndDate=utc_now(),
        )
    )
    return (item for page in pages for item in page["AlarmHistoryItems"])


def _is_first_look(item: dict[str, Any]) -> bool:
    """Whether an alarm went from its making to OK, as every alarm does."""
    return "INSUFFICIENT_DATA" in item["HistorySummary"]


def _acts(deployment: Deployment, start: datetime) -> Iterator[Moment]:
    """What was audited since then, but for what customers do all day."""
    for entry in AuditTrail(deployment).entries(start):
        if not entry.action.startswith(_EVERYDAY):
            yield Moment(
                at=datetime.fromisoformat(entry.at),
                kind="act",
                what=f"{entry.action} {entry.subject}: {entry.outcome}",
                who=entry.actor,
                reason=entry.reason,
            )


def _table(moments: list[Moment]) -> Table:
    table = Table("When (UTC)", "What", "", "By", "Reason", box=None)
    for each in moments:
        table.add_row(
            f"{each.at:%d %b %H:%M:%S}",
            each.kind,
            plain(each.what),
            plain(each.who),
            plain(each.reason),
        )
    return table
