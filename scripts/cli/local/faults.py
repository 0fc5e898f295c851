"""``orders faults``: injects faults into the local stand-ins."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.table import Table

from orderflow.breakers.providers import ProviderName
from orderflow.orders.money_records import RefundStatus
from scripts.cli.console import out, plain, print_json
from scripts.cli.local.stand_ins import admin
from scripts.cli.options import Json
from scripts.local.stack import lifecycle as stack
from scripts.local.stand_ins.bedrock_forms import Form
from scripts.local.stand_ins.faults import Mode

app = typer.Typer(help="Faults of the local stand-ins for providers.", no_args_is_help=True)


class Provider(StrEnum):
    """The stand-ins with fault injection."""

    PAYSTACK = ProviderName.PAYSTACK
    BEDROCK = ProviderName.BEDROCK
    DYNAMODB = "dynamodb"
    EMAIL = "email"


class RefundOutcome(StrEnum):
    """The states in which refunds end at PayStack."""

    PROCESSED = RefundStatus.PROCESSED
    FAILED = RefundStatus.FAILED
    NEEDS_ATTENTION = RefundStatus.NEEDS_ATTENTION


Rate = Annotated[float, typer.Option(min=0, max=1, help="Share of affected calls.")]
For = Annotated[
    float | None,
    typer.Option("--for", min=0.1, max=86_400, help="End it after this number of seconds."),
]
Times = Annotated[
    int | None, typer.Option(min=1, help="End it after this number of affected calls.")
]


@app.command("set")
def set_fault(
    provider: Provider,
    mode: Annotated[Mode, typer.Option(help="What goes wrong.")] = Mode.OUTAGE,
    rate: Rate = 1.0,
    for_seconds: For = None,
    times: Times = None,
    answer: Annotated[
        str | None, typer.Option(help="One of the provider's own answers, by its name.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a provider's calls fail, from now on; an unknown answer's name lists those there are."""
    mode = Mode.ANSWER if answer else mode
    fault = {
        "mode": mode,
        "rate": rate,
        "forSeconds": for_seconds,
        "times": times,
        "answer": answer,
    }
    wanted = {name: value for name, value in fault.items() if value is not None}
    _show(_admin("PUT", provider, "faults", wanted), json=json)


@app.command("answer")
def set_answer(
    form: Annotated[Form, typer.Argument(help="The form of the model's next answers.")],
    times: Annotated[int | None, typer.Option(min=1, help="End it after so many answers.")] = None,
    containing: Annotated[str, typer.Option(help="Only for lists with this text.")] = "",
    json: Json = False,
) -> None:
    """Make Bedrock's model answer in another form; "normal" ends it."""
    wanted = {"form": form, "times": times, "containing": containing}
    _show(_admin("PUT", Provider.BEDROCK, "answers", wanted), json=json)


@app.command("refunds")
def set_refund_outcome(
    outcome: Annotated[RefundOutcome, typer.Argument(help="How PayStack's refunds end.")],
    json: Json = False,
) -> None:
    """Let refunds at PayStack end otherwise from now on; "processed" ends it."""
    _show(_admin("PUT", Provider.PAYSTACK, "account", {"refundOutcome": outcome}), json=json)


@app.command("clear")
def clear_fault(provider: Provider, json: Json = False) -> None:
    """Make the provider healthy again."""
    _show(_admin("DELETE", provider, "faults"), json=json)


@app.command("stats")
def show_stats(provider: Provider, json: Json = False) -> None:
    """Show the calls that the provider has seen."""
    _show(_admin("GET", provider, "stats"), json=json)


def _admin(
    method: str, provider: Provider, resource: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    content: dict[str, Any] = admin(getattr(stack.read().urls, provider), method, resource, body)
    return content


def _show(content: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(content)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in content.items():
        table.add_row(name, plain(_in_words(value)))
    out.print(table)


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {each}" for name, each in value.items()) or "none"
    return "none" if value is None else str(value)
