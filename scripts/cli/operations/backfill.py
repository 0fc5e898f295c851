"""``orders backfill``: gives orders of an earlier release what today's indexes need."""

from __future__ import annotations

from typing import Annotated

import typer

from orderflow.orders.store import add_shard, without_shard
from scripts.cli.console import out, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, Stage

_WHY = "Orders of an earlier release are not in the indexes."


def backfill(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count them only.")] = False,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Give orders that an earlier release wrote their shard, so that lists and recovery find them.

    Run it after the deployment that creates the indexes; again is harmless. It reads the whole
    table.
    """
    deployment = connect(stage)
    table = deployment.orders_table
    found, changed = 0, 0
    if dry_run:
        found = sum(1 for _ in without_shard(table))
    else:
        with AuditTrail(deployment).act("backfill", table.name, _WHY):
            for order_id in without_shard(table):
                found += 1
                changed += add_shard(table, order_id, deployment.index_shards)
    if json:
        print_json({"found": found, "changed": changed})
    elif dry_run:
        out.print(f"{found} orders have no shard.")
    else:
        out.print(f"{changed} of {found} orders without a shard have one now.")
