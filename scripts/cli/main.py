"""``orders``: the command line for grocery orders, on this machine or on AWS."""

from __future__ import annotations

import signal
import sys
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from orderflow.catalog.csv_file import read_csv
from scripts.cli.commands import OrdersGroup
from scripts.cli.console import CommandError, ExitCode, out, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.encodings import write_likenesses
from scripts.cli.health import alerts, canary, checks
from scripts.cli.local import demo_shop, faults, payments, watch
from scripts.cli.local import stack as local
from scripts.cli.money import refunds as refund_commands
from scripts.cli.operations import (
    backfill,
    breakers,
    cancel,
    console,
    dead_letters,
    failed,
    incident,
    reconcile,
    replay,
    resume,
)
from scripts.cli.options import Json, OrderId, Stage
from scripts.cli.orders import catalog_search, listing, logs, messages, trace
from scripts.cli.orders.show import show_order
from scripts.cli.orders.submit import ListCommand, Submission, parse_list
from scripts.cli.planning import capacity, cost, feedback
from scripts.cli.releases import deploy, restore, versions
from scripts.cli.security import accounts, forget, secret, stories, waf
from scripts.local.stack.state import PROJECT

OPERATIONS: Final = "Operations"
PRACTICE: Final = "Practice on the local stack"

app = typer.Typer(
    name="orders",
    cls=OrdersGroup,
    epilog="Exit codes: 0 done, 1 the order failed, 2 refused, 3 a dependency is unavailable, "
    "4 no such order or stage, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
catalog_app = typer.Typer(help="The catalog of products.", no_args_is_help=True)
app.add_typer(catalog_app, name="catalog")
app.add_typer(accounts.app, name="accounts", rich_help_panel=OPERATIONS)
app.add_typer(alerts.app, name="alerts", rich_help_panel=OPERATIONS)
app.add_typer(breakers.app, name="breakers", rich_help_panel=OPERATIONS)
app.add_typer(canary.app, name="canary", rich_help_panel=OPERATIONS)
app.add_typer(dead_letters.app, name="dead-letters", rich_help_panel=OPERATIONS)
app.add_typer(refund_commands.app, name="refunds", rich_help_panel=OPERATIONS)
app.add_typer(waf.app, name="waf", rich_help_panel=OPERATIONS)
app.add_typer(secret.app, name="secret", rich_help_panel=OPERATIONS)
app.add_typer(deploy.app, name="deploy", rich_help_panel=OPERATIONS)
app.add_typer(versions.app, name="versions", rich_help_panel=OPERATIONS)
app.add_typer(restore.app, name="backup", rich_help_panel=OPERATIONS)
app.add_typer(faults.app, name="faults")
app.add_typer(local.app, name="local")
local.app.command("watch")(watch.watch)
app.command("demo")(local.demo)
app.command("demo-shop")(demo_shop.demo_shop)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - Typer's call
    if wanted:
        project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
        typer.echo(f"orders {project['version']}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Place, follow and operate grocery orders, on this machine or on AWS."""


@app.command(cls=ListCommand)
def submit(  # noqa: PLR0913 - options
    text: Annotated[
        str | None,
        typer.Argument(
            help='The list, such as "2 cups milk, 3 eggs"; - reads it from standard input.'
        ),
    ] = None,
    *,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            "-f",
            exists=True,
            dir_okay=False,
            readable=True,
            help="Read the list from a file.",
        ),
    ] = None,
    email: Annotated[
        str | None,
        typer.Option(help="The verified address of your account; any other is refused."),
    ] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="The same key twice gives one order.")
    ] = None,
    review: Annotated[
        bool, typer.Option("--review", help="Confirm the products before the link is made.")
    ] = False,
    pay: Annotated[bool, typer.Option("--pay", help="Pay at the local checkout.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Don't follow the order.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the link.", min=1)] = 300,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Send a grocery list and follow the order to its payment link."""
    if pay and no_wait:
        raise CommandError("--pay needs to wait for the link: drop --no-wait.", ExitCode.REFUSED)
    given = {"customerEmail": email, "idempotencyKey": idempotency_key}
    fields: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    fields["groceryList"] = parse_list(text, file)
    if review:
        fields["review"] = True
    submission = Submission(connect(stage), timeout, json=json)
    raise typer.Exit(submission.run(fields, wait=not no_wait, pay=pay))


@app.command()
def confirm(
    order_id: OrderId,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the link.", min=1)] = 300,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Confirm an order that was submitted with --review, and follow it to its payment link."""
    deployment = connect(stage)
    order_id = deployment.full_id(order_id)
    raise typer.Exit(Submission(deployment, timeout, json=json).confirm(order_id))


@app.command()
def show(order_id: OrderId, json: Json = False, stage: Stage = LOCAL) -> None:
    """Show one order: its lines, who did what to it, and the states of its execution."""
    show_order(connect(stage), order_id, json=json)


app.command("list")(listing.list_orders)


@catalog_app.command("load")
def load_catalog(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Make the catalog hold exactly the products of a CSV file (docs/catalog.md)."""
    products = read_csv(file)
    changes = asdict(connect(stage).catalog.put_products(products))
    if json:
        print_json(changes)
        return
    counts = ", ".join(f"{number} {change}" for change, number in changes.items())
    out.print(f"{len(products)} products: {counts}.")


catalog_app.command("search", cls=ListCommand)(catalog_search.search_catalog)
app.command("pay", rich_help_panel=PRACTICE)(payments.pay)
app.command("expire", rich_help_panel=PRACTICE)(payments.expire)
app.command("dispute", rich_help_panel=PRACTICE)(payments.dispute)
app.command("refund", rich_help_panel=PRACTICE)(payments.refund)
app.command("console", rich_help_panel=OPERATIONS)(console.console)
app.command("capacity", rich_help_panel=OPERATIONS)(capacity.show_capacity)
app.command("cost", rich_help_panel=OPERATIONS)(cost.show_cost)
app.command("failed", rich_help_panel=OPERATIONS)(failed.list_failed)
app.command("feedback", rich_help_panel=OPERATIONS)(feedback.feedback)
app.command("replay", rich_help_panel=OPERATIONS)(replay.replay)
app.command("restore", rich_help_panel=OPERATIONS)(restore.restore)
app.command("resume", rich_help_panel=OPERATIONS)(resume.resume_orders)
app.command("cancel", rich_help_panel=OPERATIONS)(cancel.cancel_order)
app.command("health", rich_help_panel=OPERATIONS)(checks.show_health)
app.command("incident", rich_help_panel=OPERATIONS)(incident.show_incident)
app.command("reconcile", rich_help_panel=OPERATIONS)(reconcile.reconcile_orders)
app.command("logs", rich_help_panel=OPERATIONS)(logs.order_logs)
app.command("trace", rich_help_panel=OPERATIONS)(trace.show_traces)
app.command("mail", rich_help_panel=PRACTICE)(messages.show_mail)
app.command("backfill", rich_help_panel=OPERATIONS)(backfill.backfill)
app.command("audit", rich_help_panel=OPERATIONS)(stories.show_audit)
app.command("forget", rich_help_panel=OPERATIONS)(forget.forget_customer)


def run() -> None:
    """The ``orders`` command."""
    write_likenesses((sys.stdout, sys.stderr))
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Under nohup the command ignores the end of the terminal.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    app()


def _end(number: int, _: object) -> None:
    """Exit as after Ctrl-C, so that context managers clean up."""
    sys.exit(128 + number)
