"""``orders``: the command line for grocery orders, on this machine or on AWS."""

from __future__ import annotations

import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from orderflow.api.views import order_view
from orderflow.catalog.csv_file import read_csv
from orderflow.orders.status import OrderStatus
from scripts.cli.console import CommandError, ExitCode, err, out, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.errors import ErrorReporting
from scripts.cli.local import demo_shop, faults, payments
from scripts.cli.local import stack as local
from scripts.cli.operations import (
    backfill,
    breakers,
    cancel,
    failed,
    feedback,
    reconcile,
    replay,
    resume,
)
from scripts.cli.operations import refunds as refund_commands
from scripts.cli.options import Json, Stage
from scripts.cli.orders.find import find_orders
from scripts.cli.orders.show import show_order
from scripts.cli.orders.submit import ListCommand, Submission, parse_list
from scripts.cli.orders.views import orders_table
from scripts.cli.security import accounts, forget, secret, stories, waf

OPERATIONS: Final = "Operations"
PRACTICE: Final = "Practice on the local stack"

app = typer.Typer(
    name="orders",
    cls=ErrorReporting,
    help="Place, follow and operate grocery orders, on this machine or on AWS.",
    epilog="Exit codes: 0 done, 1 the order failed, 2 refused, 3 a dependency is unavailable, "
    "4 no such order or stage, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
catalog_app = typer.Typer(help="The catalog of products.", no_args_is_help=True)
app.add_typer(catalog_app, name="catalog")
app.add_typer(accounts.app, name="accounts", rich_help_panel=OPERATIONS)
app.add_typer(breakers.app, name="breakers", rich_help_panel=OPERATIONS)
app.add_typer(refund_commands.app, name="refunds", rich_help_panel=OPERATIONS)
app.add_typer(waf.app, name="waf", rich_help_panel=OPERATIONS)
app.add_typer(secret.app, name="secret", rich_help_panel=OPERATIONS)
app.add_typer(faults.app, name="faults")
app.add_typer(local.app, name="local")
app.command("demo")(local.demo)
app.command("demo-shop")(demo_shop.demo_shop)


@app.command(cls=ListCommand)
def submit(  # noqa: PLR0913 - options
    text: Annotated[
        str | None,
        typer.Argument(
            help='The list, such as "2 cups milk, 3 eggs"; - reads it from standard input. '
            'One that begins with "-" comes last, after --.'
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
    submission = Submission(connect(stage), timeout, json=json)
    raise typer.Exit(submission.run(fields, wait=not no_wait, pay=pay))


@app.command()
def show(
    order_id: Annotated[str, typer.Argument()], json: Json = False, stage: Stage = LOCAL
) -> None:
    """Show one order: its lines, its history, and the states of its execution."""
    show_order(connect(stage), order_id, json=json)


@app.command("list")
def list_orders(
    status: Annotated[
        OrderStatus | None, typer.Option(metavar="STATUS", help="Only orders of this status.")
    ] = None,
    refunds: Annotated[
        bool, typer.Option("--refunds", help="Only orders with a refund that is due or under way.")
    ] = False,
    disputes: Annotated[
        bool, typer.Option("--disputes", help="Only orders with an open dispute.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """List orders, the newest first; those with disputes by their deadline."""
    stored = connect(stage).orders
    orders = find_orders(stored, status, limit, refunds=refunds, disputes=disputes)
    if json:
        print_json([order_view(order) for order in orders])
    elif orders:
        out.print(orders_table(orders))
    else:
        is_filtered = status or refunds or disputes
        err.print("There are no such orders." if is_filtered else "There are no orders yet.")


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


app.command("pay", rich_help_panel=PRACTICE)(payments.pay)
app.command("expire", rich_help_panel=PRACTICE)(payments.expire)
app.command("dispute", rich_help_panel=PRACTICE)(payments.dispute)
app.command("refund", rich_help_panel=PRACTICE)(payments.refund)
app.command("failed", rich_help_panel=OPERATIONS)(failed.list_failed)
app.command("feedback", rich_help_panel=OPERATIONS)(feedback.feedback)
app.command("replay", rich_help_panel=OPERATIONS)(replay.replay)
app.command("resume", rich_help_panel=OPERATIONS)(resume.resume_orders)
app.command("cancel", rich_help_panel=OPERATIONS)(cancel.cancel_order)
app.command("reconcile", rich_help_panel=OPERATIONS)(reconcile.reconcile_orders)
app.command("backfill", rich_help_panel=OPERATIONS)(backfill.backfill)
app.command("audit", rich_help_panel=OPERATIONS)(stories.show_audit)
app.command("forget", rich_help_panel=OPERATIONS)(forget.forget_customer)


def run() -> None:
    """The ``orders`` command."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Under nohup the command ignores the end of the terminal.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    app()


def _end(number: int, _: object) -> None:
    """Exit as after Ctrl-C, so that context managers clean up."""
    sys.exit(128 + number)
