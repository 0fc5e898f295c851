"""CloudWatch's alarms of a stage: which are on, and when they changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cdk.settings import Settings
from orderflow.clock import iso
from scripts.cli.deployment import Deployment

_ON: Final = "ALARM"
_RUNBOOK: Final = re.compile(r"(?P<page>[a-z-]+\.md)")
#: So many changes of alarms are read, the newest: CloudWatch keeps 30 days.
MAX_CHANGES: Final = 100


@dataclass(frozen=True)
class Alarm:
    """An alarm.

    Attributes:
        since: when it got its present state.
        is_page: whether operations hear of it: not of an alarm whose incident pages.
        pages: whether they hear of it now: not while its cause suppresses it.
    """

    name: str
    description: str
    is_on: bool
    since: datetime
    why: str
    is_page: bool = False
    pages: bool = False

    @property
    def runbook(self) -> str | None:
        """The page below ``docs/runbooks`` that its description names."""
        named = _RUNBOOK.search(self.description)
        return named["page"] if named else None

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {
            "name": self.name,
            "description": self.description,
            "isOn": self.is_on,
            "since": iso(self.since),
            "why": self.why,
        }


@dataclass(frozen=True)
class AlarmChange:
    """A change of an alarm's state, in CloudWatch's words."""

    at: datetime
    name: str
    summary: str

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {"at": iso(self.at), "name": self.name, "summary": self.summary}


def alarms(deployment: Deployment) -> list[Alarm]:
    """The stage's alarms, composite ones too, those that are on first."""
    pages = (
        deployment.client("cloudwatch")
        .get_paginator("describe_alarms")
        .paginate(AlarmNamePrefix=_prefix(deployment), AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    )
    found = [
        _alarm(each)
        for page in pages
        for each in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ()))
    ]
    return sorted(found, key=lambda alarm: (not alarm.is_on, alarm.name))


def alarm_changes(deployment: Deployment, since: datetime) -> Iterator[AlarmChange]:
    """The changes of the stage's alarms since then, the newest first, at most 100."""
    pages = (
        deployment.client("cloudwatch")
        .get_paginator("describe_alarm_history")
        .paginate(
            HistoryItemType="StateUpdate",
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            StartDate=since,
            ScanBy="TimestampDescending",
            PaginationConfig={"MaxItems": MAX_CHANGES},
        )
    )
    prefix = _prefix(deployment)
    for page in pages:
        for item in page["AlarmHistoryItems"]:
            if item["AlarmName"].startswith(prefix):
                yield AlarmChange(item["Timestamp"], item["AlarmName"], item["HistorySummary"])


def _prefix(deployment: Deployment) -> str:
    return f"{Settings.for_stage(deployment.stage).prefix}-"


def _alarm(described: dict[str, Any]) -> Alarm:
    return Alarm(
        name=described["AlarmName"],
        description=described.get("AlarmDescription") or "",
        is_on=described["StateValue"] == _ON,
        since=described.get("StateTransitionedTimestamp") or described["StateUpdatedTimestamp"],
        why=described.get("StateReason") or "",
        is_page=(is_page := bool(described.get("AlarmActions"))),
        pages=is_page and not described.get("ActionsSuppressedBy"),
    )
