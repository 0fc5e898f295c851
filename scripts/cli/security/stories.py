"""``orders audit``: what operators did, one order's whole story, and CloudTrail's record."""

from __future__ import annotations

import json as json_format
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import typer

from orderflow.clock import iso
from orderflow.platform.audit import AuditEntry
from scripts.cli.console import err, out, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.operations.audit import OPERATORS_SOURCES, AuditTrail
from scripts.cli.options import Json, Since, Stage
from scripts.cli.orders.views import audit_table
from scripts.inspection.story import order_story

_DAY: Final = timedelta(days=1)

#: LookupEvents answers two requests a second with fifty events each.
_TRAIL_EVENTS: Final = 1000


def show_audit(
    order_id: Annotated[
        str | None, typer.Argument(metavar="[ORDER_ID]", help="Everything about this order.")
    ] = None,
    *,
    since: Since = None,
    trail: Annotated[
        bool, typer.Option("--trail", help="CloudTrail's record of calls to AWS instead.")
    ] = False,
    everybody: Annotated[
        bool, typer.Option("--all", help="Customers, functions and webhooks, too.")
    ] = False,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Show what operators did (in the last day), or all about one order, the oldest first."""
    deployment = connect(stage)
    order_id = deployment.full_id(order_id) if order_id else None
    start = datetime.now(UTC) - (since or _DAY)
    if trail:
        entries = sorted(trail_entries(deployment, start, order_id), key=_time)
    elif order_id:
        entries = order_story(deployment, order_id, start if since else None)
    else:
        found = AuditTrail(deployment).entries(start)
        entries = [each for each in found if everybody or _is_operators(each)]
    if json:
        print_json([entry.model_dump(by_alias=True, mode="json") for entry in entries])
    elif entries:
        out.print(audit_table(entries))
    else:
        err.print("There are no actions in that time.")


def trail_entries(
    deployment: Deployment, since: datetime, order_id: str | None
) -> Iterator[AuditEntry]:
    """CloudTrail's management events since then; of an order, those that mention it.

    The events of the orders table and of the archive (data events) are in the trail's log and
    bucket alone.
    """
    pages = (
        deployment.client("cloudtrail")
        .get_paginator("lookup_events")
        .paginate(StartTime=since, PaginationConfig={"MaxItems": _TRAIL_EVENTS})
    )
    for page in pages:
        for event in page["Events"]:
            if order_id is None or order_id in event["CloudTrailEvent"]:
                yield _trail_entry(event)


def _trail_entry(event: dict[str, Any]) -> AuditEntry:
    content = json_format.loads(event["CloudTrailEvent"])
    resources = [each["ResourceName"] for each in event.get("Resources", ())]
    return AuditEntry(
        id=event["EventId"],
        at=iso(event["EventTime"]),
        actor=content.get("userIdentity", {}).get("arn") or event.get("Username") or "unknown",
        action=f"{event['EventSource'].partition('.')[0]}:{event['EventName']}",
        subject=", ".join(resources) or "-",
        source=content.get("sourceIPAddress") or "unknown",
        reason=content.get("errorCode") or "",
        correlation_id=content.get("requestID"),
    )


def _time(entry: AuditEntry) -> datetime:
    return datetime.fromisoformat(entry.at)


def _is_operators(entry: AuditEntry) -> bool:
    # Lines from before the schema had a source were the command line's alone.
    return entry.source in OPERATORS_SOURCES or entry.details.get("role") == "operator"
