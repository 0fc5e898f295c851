"""``orders capacity``: what breaks first at a rate of orders, and what to do before."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any

import typer

from orderflow.recovery.settings import RecoverySettings
from scripts.capacity.capacity import Limit, ModelUse, Plan, plan
from scripts.capacity.quotas import quota_table
from scripts.cli.console import err, out, print_field, print_json
from scripts.cli.options import Json
from scripts.cli.orders.views import listing
from scripts.cost.measured_order import measured_order


def show_capacity(
    rate: Annotated[float, typer.Option(min=0.01, help="Orders a second.")] = 10,
    parked: Annotated[
        int, typer.Option(min=0, help="Parked orders that go on at this rate.")
    ] = 1000,
    model_share: Annotated[
        float, typer.Option(min=0, max=1, help="The part of orders that ask the model.")
    ] = 1.0,
    resume_rate: Annotated[
        float, typer.Option(min=0.1, max=1000, help="The recovery's resume_rate_per_second.")
    ] = RecoverySettings().resume_rate_per_second,
    json: Json = False,
) -> None:
    """Say which quotas of AWS a rate of orders reaches, the first one first."""
    found = plan(measured_order(), rate, ModelUse(share=model_share))
    settings = RecoverySettings(resume_rate_per_second=resume_rate)
    seconds = found.recovery_seconds(parked, settings)
    if json:
        print_json(_as_json(found, parked, seconds))
        return
    _print(found)
    shown = f"{seconds:,.0f} s" if isfinite(seconds) else "never: no quota is left to them"
    print_field(f"{parked:,} parked orders go on within", shown)
    err.print(f"Default quotas of {quota_table().region}, read on {quota_table().looked_up}:")
    err.print("docs/performance/capacity.md")


def _print(found: Plan) -> None:
    table = listing()
    table.add_column("Quota")
    table.add_column("Limit", justify="right")
    table.add_column(f"At {found.rate:g}/s", justify="right")
    table.add_column("Reached at", justify="right")
    table.add_column("What to do", overflow="fold")
    for limit in found.limits:
        if limit.demand:
            table.add_row(*_cells(limit, found.rate), style="red" if limit in found.broken else "")
    out.print(table)
    first = found.limits[0]
    print_field("Breaks first", f"{first.quota.name}, at {first.rate:,.3g} orders a second")


def _cells(limit: Limit, rate: float) -> tuple[str, ...]:
    quota = limit.quota
    remedy = quota.remedy if limit.used(rate) > 1 else ""
    return (
        quota.name,
        f"{quota.limit:,.4g}",
        f"{limit.used(rate):.0%}",
        f"{limit.rate:,.3g}/s",
        remedy,
    )


def _as_json(found: Plan, parked: int, seconds: float) -> dict[str, Any]:
    return {
        "rate": found.rate,
        "breaksFirst": found.limits[0].quota.name,
        "parked": parked,
        "recoverySeconds": seconds if isfinite(seconds) else None,
        "quotas": [
            {
                "name": limit.quota.name,
                "what": limit.quota.what,
                "limit": limit.quota.limit,
                "demandOfOneOrder": limit.demand,
                "used": limit.used(found.rate),
                "reachedAt": limit.rate,
                "raise": limit.quota.raised,
                "remedy": limit.quota.remedy,
                "source": limit.quota.source,
                "assumed": limit.quota.assumed,
            }
            for limit in found.limits
            if limit.demand
        ],
    }
