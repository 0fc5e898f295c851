"""One order's path through the code, from its list to its link, with the lines that it enters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cdk.definition import DEFINITION
from scripts.documentation.sections import ROOT
from scripts.documentation.source import Place, find


@dataclass(frozen=True)
class Stop:
    """A function, or a state that calls AWS directly, with what of the code the order enters.

    ``enters`` holds names as :func:`scripts.documentation.source.find` takes them.
    """

    title: str
    state: str | None
    enters: tuple[str, ...] = ()


PATH: Final = (
    Stop(
        "api",
        None,
        (
            "submit_grocery_list",
            "verified_email",
            "caller_of",
            "read_own_submission",
            "read_submission",
            "grocery_list.parser:parse",
            "accept",
            "SubmissionLimiter.admit",
        ),
    ),
    Stop(
        "parse_order",
        "ParseOrder",
        ("parse_order.handler:lambda_handler", "create_order", "parse_list", "orders.store:create"),
    ),
    Stop("a read of DynamoDB", "ReadBreakers"),
    Stop(
        "match_products",
        "MatchProducts",
        (
            "match_products.handler:lambda_handler",
            "breaker_for",
            "fill_basket",
            "CatalogStore.load_products",
            "match_lines",
            "Breaker.call",
            "orders.store:record_matches",
        ),
    ),
    Stop(
        "create_payment_link",
        "CreatePaymentLink",
        (
            "create_payment_link.handler:lambda_handler",
            "ensure_payment_link",
            "GuardedPaystack.initialize",
            "PaystackClient.initialize",
            "orders.store:record_link",
        ),
    ),
    Stop(
        "send_payment_link",
        "NotifyCustomer",
        (
            "send_payment_link.handler:lambda_handler",
            "emails.notices:send_payment_link",
            "payment_link_email",
            "orders.store:record_notification",
        ),
    ),
    Stop("an update of DynamoDB", "AwaitPayment"),
)


def order_path(base: Path = ROOT / "docs") -> str:
    """The path as a numbered list, with links for a file in the folder ``base``.

    Raises:
        UnknownNameError: the code defines a name no more, or twice.
    """
    return "\n".join(
        line
        for number, stop in enumerate(PATH, start=1)
        for line in (f"{number}. {_heading(stop, base)}", *_entered(stop, base))
    )


def _heading(stop: Stop, base: Path) -> str:
    if stop.state is None:
        return f"**{stop.title}**, called by AppSync"
    return f"{_state(stop.state).link(stop.state, base)}: {stop.title}"


def _entered(stop: Stop, base: Path) -> list[str]:
    places = map(find, stop.enters)
    return [f"   - {place.link(f'`{place.name}`', base)}: {place.doc}" for place in places]


def _state(name: str) -> Place:
    lines = DEFINITION.read_text(encoding="utf-8").splitlines()
    return Place(DEFINITION, lines.index(f"  {name}:") + 1)
