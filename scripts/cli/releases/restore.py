"""``orders backup`` and ``orders restore``: the tables' backups, and the way back to them."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from cdk.settings import Settings as StageSettings
from scripts.cli.console import CommandError, ExitCode, err, out, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, Reason, Stage
from scripts.recovery import restore as tables
from scripts.recovery.backups import TABLES, back_up, exists, recoverability

app = typer.Typer(help="The backups of the tables.", no_args_is_help=True)

_TableName = Annotated[str, typer.Argument(metavar="TABLE", help=f"One of {', '.join(TABLES)}.")]


@app.command("list")
def list_backups(json: Json = False, stage: Stage = LOCAL) -> None:
    """Show what each table can be restored to. Exit code 1 if one has no continuous backups."""
    deployment = connect(stage)
    dynamodb = deployment.client("dynamodb")
    found = {
        name: recoverability(dynamodb, deployment.output(output)) for name, output in TABLES.items()
    }
    if json:
        print_json({name: _plain(asdict(each)) for name, each in found.items()})
    else:
        shown = Table("Table", "Continuous", "Back to", "Up to", "Backups", box=None)
        for name, each in found.items():
            state = ("on" if each.continuous else "OFF") if each.exists else "the table is gone"
            shown.add_row(name, state, _at(each.earliest), _at(each.latest), str(len(each.backups)))
        out.print(shown)
    good = all(each.continuous for each in found.values())
    raise typer.Exit(ExitCode.OK if good else ExitCode.FAILED)


@app.command("create")
def create_backup(table: _TableName, json: Json = False, stage: Stage = LOCAL) -> None:
    """Take a backup of one table now."""
    deployment = connect(stage)
    name = f"by-hand-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    table_name = _named(deployment, table)
    with AuditTrail(deployment).act("backup create", table, "Taken by hand.", backup=name):
        arn = back_up(deployment.client("dynamodb"), table_name, name, time.sleep)
    if json:
        print_json({"backupArn": arn})
    else:
        out.print(arn, soft_wrap=True)


def restore(
    table: _TableName,
    *,
    reason: Reason,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%SZ"],
            help="Restore the table as it was then (UTC); by default as late as possible.",
        ),
    ] = None,
    backup: Annotated[
        str | None, typer.Option(metavar="ARN", help="Restore this backup instead.")
    ] = None,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Restore a table that is gone, or items of it that are missing or behind.

    A table that is gone comes back under its own name, from its newest backup: DynamoDB takes one
    when a table is deleted. Of a table that is there, items are restored into a new table and
    copied back where they are missing or behind; newer items stay. Doing it again is safe.
    """
    deployment = connect(stage)
    name = _named(deployment, table)
    with AuditTrail(deployment).act("restore", table, reason, at=str(at or "latest")):
        if exists(deployment.client("dynamodb"), name):
            done = _bring_items_back(deployment, name, at, backup)
        else:
            done = _bring_table_back(deployment, name, backup)
    if json:
        print_json(done)
        return
    for key, value in done.items():
        out.print(f"{key}: {value}", soft_wrap=True)
    if table == "orders":
        err.print(
            "Next: `orders reconcile` asks PayStack about payments, `orders failed` and "
            "`orders replay` bring back what broke meanwhile."
        )


def _bring_table_back(deployment: Deployment, name: str, backup: str | None) -> dict[str, Any]:
    dynamodb, functions = deployment.client("dynamodb"), deployment.client("lambda")
    backups = recoverability(dynamodb, name).backups
    if backup is None and not backups:
        raise CommandError(
            f"The table {name} is gone, and DynamoDB has no backup of it. AWS Backup may have one: "
            "docs/recovery/lost-region.md says how to get it.",
            ExitCode.NOT_FOUND,
        )
    arn = backup or backups[0][0]
    stack = f"{StageSettings.for_stage(deployment.stage, {}).prefix}-data"
    settings = tables.Settings.of(
        tables.table_properties(deployment.client("cloudformation"), stack, name)
    )
    tables.restore_from_backup(dynamodb, arn, name, time.sleep)
    tables.apply_settings(dynamodb, name, settings, time.sleep)
    readers = tables.reconnect(dynamodb, functions, name)
    return {"table": name, "backup": arn, "readersOfItsStream": len(readers)}


def _bring_items_back(
    deployment: Deployment, name: str, at: datetime | None, backup: str | None
) -> dict[str, Any]:
    dynamodb = deployment.client("dynamodb")
    target = f"{name}-restored-{datetime.now(UTC):%Y%m%d%H%M%S}"
    if backup:
        tables.restore_from_backup(dynamodb, backup, target, time.sleep)
    else:
        moment = at.replace(tzinfo=UTC) if at else None
        tables.restore_to_time(dynamodb, name, target, moment, time.sleep)
    merged = tables.merge(deployment.table(target), deployment.table(name))
    return {"restoredInto": target, **asdict(merged)}


def _named(deployment: Deployment, table: str) -> str:
    if table not in TABLES:
        raise CommandError(
            f"There is no table {table!r}; the tables are {', '.join(TABLES)}.", ExitCode.REFUSED
        )
    return deployment.output(TABLES[table])


_NONE: Final = "-"


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else _NONE


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value
