"""``orders``: place, follow and look after grocery orders, on this machine or on AWS."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from botocore.exceptions import BotoCoreError, ClientError

from orderflow.catalog import CatalogFileError, read_csv
from orderflow.errors import StoreUnavailable
from orderflow.order import OrderStatus
from orderflow.views import order_view
from scripts.auth import SignInError
from scripts.cli import faults, local
from scripts.cli.console import CommandError, ExitCode, err, out, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.show import show_order
from scripts.cli.submit import Submission
from scripts.cli.views import orders_table
from scripts.local.errors import LocalStackError

app = typer.Typer(name="orders", help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
catalog_app = typer.Typer(help="The catalog of products.", no_args_is_help=True)
app.add_typer(catalog_app, name="catalog")
app.add_typer(faults.app, name="faults")
app.add_typer(local.app, name="local")
app.command("demo")(local.demo)

Stage = Annotated[
    str, typer.Option(envvar="ORDERS_STAGE", help="local, or a stage that is deployed on AWS.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@app.command()
def submit(  # noqa: PLR0913 - options
    text: Annotated[
        str, typer.Argument(help='The list, such as "2 cups milk, 3 eggs"; - reads it.')
    ],
    *,
    email: Annotated[str | None, typer.Option(help="Where the payment link is sent.")] = None,
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
    fields: dict[str, Any] = {"groceryList": sys.stdin.read() if text == "-" else text}
    if email is not None:
        fields["customerEmail"] = email
    if idempotency_key is not None:
        fields["idempotencyKey"] = idempotency_key
    submission = Submission(connect(stage), timeout, quiet=json)
    raise typer.Exit(submission.run(fields, wait=not no_wait, pay=pay))


@app.command()
def show(
    order_id: Annotated[str, typer.Argument()], json: Json = False, stage: Stage = LOCAL
) -> None:
    """Show one order: its lines, its history, and the states of its execution."""
    show_order(connect(stage), order_id, json=json)


@app.command("list")
def list_orders(
    status: Annotated[OrderStatus | None, typer.Option(help="Only these.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """List orders, the newest first."""
    orders = connect(stage).orders.newest(status, limit)
    if json:
        print_json([order_view(order) for order in orders])
    else:
        out.print(orders_table(orders))


@catalog_app.command("load")
def load_catalog(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Make the catalog hold exactly the products of a CSV file (docs/catalog.md)."""
    products = read_csv(file)
    changes = connect(stage).catalog.put_products(products)
    if json:
        print_json(
            {
                "added": changes.added,
                "updated": changes.updated,
                "unchanged": changes.unchanged,
                "removed": changes.removed,
            }
        )
        return
    out.print(
        f"{len(products)} products: {changes.added} added, {changes.updated} updated, "
        f"{changes.unchanged} unchanged, {changes.removed} removed."
    )


def run() -> None:
    """The ``orders`` command. Whatever goes wrong ends in one clear message and an exit code."""
    # Like Ctrl-C: whatever was started is taken down on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        app()
    except CommandError as error:
        _end(str(error), error.code)
    except CatalogFileError as error:
        _end(str(error), ExitCode.REFUSED)
    except (LocalStackError, SignInError, StoreUnavailable) as error:
        _end(str(error), ExitCode.UNAVAILABLE)
    except (BotoCoreError, ClientError, httpx.HTTPError) as error:
        _end(f"{type(error).__name__}: {error}", ExitCode.UNAVAILABLE)
    except KeyboardInterrupt:
        _end("Interrupted.", ExitCode.FAILED)


def _end(message: str, code: ExitCode) -> None:
    err.print(f"[red]error:[/red] {message}", markup=True, soft_wrap=True)
    sys.exit(code)
