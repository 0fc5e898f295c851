"""``orders mail`` and ``orders alerts``: what customers and operations were sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scripts.cli.console import err, out, plain, print_json, print_reading
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.durations import age
from scripts.cli.options import Json, Since, Stage
from scripts.cli.orders.views import listing
from scripts.inspection.alarms import MAX_CHANGES, Alarm, AlarmChange, alarm_changes, alarms
from scripts.inspection.mailbox import Alert, Mail, local_alerts, mails
from scripts.inspection.reading import Reading

_DAY: Final = timedelta(days=1)


def show_mail(
    order_id: Annotated[
        str | None, typer.Argument(metavar="[ORDER_ID]", help="Only those about this order.")
    ] = None,
    *,
    text: Annotated[bool, typer.Option("--text", help="With their texts.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Show the e-mails that the local stack has sent to customers, the newest first."""
    deployment = connect(stage)
    whole_id = deployment.full_id(order_id) if order_id else None
    reading = Reading()
    found = mails(deployment, whole_id, reading, limit)
    if json:
        print_json([mail.as_json() for mail in found])
        return
    if not found:
        err.print("No e-mail was sent.")
    for mail in found:
        out.print(_mail_text(mail), soft_wrap=True)
        if text:
            out.print(Padding(plain(mail.text), (0, 0, 1, 2)))
    print_reading(reading)


def _mail_text(mail: Mail) -> Text:
    at = mail.at[:19].replace("T", " ")
    return Text.assemble(
        (f"{at}  ", "dim"), plain(", ".join(mail.to)), "  ", plain(mail.subject, "bold")
    )


def show_alerts(*, since: Since = None, json: Json = False, stage: Stage = LOCAL) -> None:
    """Show the alarms that are on, how alarms changed, and what operations were sent.

    What SNS sends is kept on the local stack alone.
    """
    deployment = connect(stage)
    now = datetime.now(UTC)
    start = now - (since or _DAY)
    reading = Reading()
    all_alarms = alarms(deployment)
    on = [alarm for alarm in all_alarms if alarm.is_on]
    changes = [*alarm_changes(deployment, start)]
    sent = [alert for alert in local_alerts(deployment, reading) if alert.at >= start]
    reading.items += len(all_alarms) + len(changes)
    if len(changes) == MAX_CHANGES:
        reading.unread.append("changes of alarms")
    if json:
        print_json(_as_json(on, changes, sent))
        return
    _print_alarms(on, len(all_alarms), now)
    _print_changes(changes)
    if deployment.urls:
        _print_alerts(sent)
    print_reading(reading)


def _as_json(on: list[Alarm], changes: list[AlarmChange], sent: list[Alert]) -> dict[str, Any]:
    return {
        "alarms": [alarm.as_json() for alarm in on],
        "changes": [change.as_json() for change in changes],
        "alerts": [alert.as_json() for alert in sent],
    }


def _print_alarms(on: list[Alarm], number: int, now: datetime) -> None:
    if not on:
        out.print(f"None of {number} alarms is on.")
    for alarm in on:
        heading = Text.assemble(("ON ", "bold red"), plain(alarm.name, "bold"))
        out.print(heading, f"for {age(alarm.since, now)}", soft_wrap=True)
        for line in filter(None, (alarm.description, alarm.why)):
            out.print(Padding(plain(line), (0, 0, 0, 2)))


def _print_changes(changes: list[AlarmChange]) -> None:
    if not changes:
        return
    out.rule("Changes of alarms", align="left")
    table: Table = listing()
    table.add_column("At (UTC)", no_wrap=True)
    table.add_column("Alarm", overflow="fold")
    table.add_column("Change", overflow="fold")
    for change in changes:
        table.add_row(f"{change.at:%m-%d %H:%M:%S}", plain(change.name), plain(change.summary))
    out.print(table)


def _print_alerts(sent: list[Alert]) -> None:
    out.rule("Sent to operations", align="left")
    if not sent:
        out.print("Nothing.")
    for alert in sent:
        at = f"{alert.at:%m-%d %H:%M:%S}  "
        out.print(Text.assemble((at, "dim"), plain(alert.subject, "bold")), soft_wrap=True)
        out.print(Padding(plain(alert.text), (0, 0, 1, 2)))
