"""``orders feedback``: how well customers find that their lists were understood.

Lines that they mark as wrong become candidates for the evaluation set, without personal data.
"""

from __future__ import annotations

import json as json_module
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from orderflow.orders.lines import MatchedLine, RequestedLine, Understanding
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.platform.privacy import without_personal_data
from scripts.cli.console import err, out, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.options import Json, Since, Stage

#: Telephone and account numbers; no amount of groceries has so many digits.
_LONG_NUMBER: Final = re.compile(r"\+?\d(?:[\s-]?\d){6,}")
_PAGE: Final = 100


@dataclass
class Feedback:
    """The answers of rated orders, summed up.

    Attributes:
        paid: how many orders were paid.
        answers: how often each answer was given.
        lines: how many lines the rated orders have.
        wrong: the lines that were marked as wrong, with their orders.
    """

    paid: int = 0
    answers: Counter[Understanding] = field(default_factory=Counter)
    lines: int = 0
    wrong: list[tuple[Order, MatchedLine]] = field(default_factory=list)

    @classmethod
    def of(cls, paid_orders: Iterable[Order]) -> Feedback:
        """Sum up the ratings of these orders."""
        feedback = cls()
        for order in paid_orders:
            feedback.paid += 1
            if order.rating is None:
                continue
            feedback.answers[order.rating.understood] += 1
            feedback.lines += len(order.lines)
            feedback.wrong += [(order, order.lines[each]) for each in order.rating.wrong_lines]
        return feedback

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {
            "paid": self.paid,
            "rated": self.answers.total(),
            "answers": {str(each): self.answers[each] for each in Understanding},
            "lines": self.lines,
            "wrongLines": len(self.wrong),
            "wrongByMatch": dict(Counter(str(line.matched_by) for _, line in self.wrong)),
        }

    def candidates(self) -> list[dict[str, Any]]:
        """The wrong lines in the form of the evaluation set, as they were parsed.

        ``meant`` is left to be labelled, and the rest to be put right.

        They are sorted by their text, so that their order tells nothing about who wrote them.
        """
        wrong = [_candidate(order, line) for order, line in self.wrong]
        unique = {each["text"]: each for each in wrong}
        return [
            {"id": f"feedback-{number:03}"} | unique[text]
            for number, text in enumerate(sorted(unique), start=1)
        ]


def _candidate(order: Order, line: MatchedLine) -> dict[str, Any]:
    parsed = next((each for each in order.requested if each.text == line.text), None)
    name, notes = (parsed.name, parsed.notes) if parsed else ("", [])
    read: MatchedLine | RequestedLine = parsed or line
    understood = {
        "quantity": f"{read.quantity.normalize():f}",
        "unit": read.unit,
        "name": masked(order, name),
        "notes": [masked(order, note) for note in notes],
        "meant": None,
    }
    return {"text": masked(order, line.text), "lines": [understood], "matchedTo": line.name}


def masked(order: Order, text: str) -> str:
    """The customer's words without names, addresses and long numbers."""
    mailbox = order.customer_email.partition("@")[0]
    names = [mailbox, *re.split(r"[._+-]", mailbox)]
    if order.customer_name:
        names += [order.customer_name, *order.customer_name.split()]
    return _LONG_NUMBER.sub("[removed]", without_personal_data(text, names))


def feedback(
    since: Since = None,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help="Look at so many paid orders, the newest first.")
    ] = 1000,
    candidates: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            metavar="FILE",
            help="Write the lines marked as wrong as JSONL, for the evaluation set.",
        ),
    ] = None,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Sum up how well customers find that their lists were understood."""
    earliest = None if since is None else datetime.now(UTC) - since
    orders = connect(stage).orders
    paid = orders.newest_with_status([OrderStatus.PAYMENT_COMPLETED], earliest, None, _PAGE)
    found = Feedback.of(_first(paid, limit))
    if candidates is not None:
        lines = [json_module.dumps(each, ensure_ascii=False) for each in found.candidates()]
        candidates.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        err.print(f"Wrote {len(lines)} candidates to {candidates}. Please check and label each.")
    if json:
        print_json(found.as_json())
    elif not found.answers:
        err.print(f"None of {found.paid} paid orders was rated.")
    else:
        out.print(_table(found))


def _first(orders: Iterator[Order], limit: int) -> Iterator[Order]:
    return (order for _, order in zip(range(limit), orders, strict=False))


def _table(found: Feedback) -> Table:
    rated = found.answers.total()
    table = Table(box=None, pad_edge=False)
    table.add_column("Understood")
    table.add_column("Orders", justify="right")
    table.add_column("Share", justify="right")
    for each in Understanding:
        count = found.answers[each]
        table.add_row(each.value.lower(), str(count), f"{count / rated:.0%}")
    table.add_section()
    table.add_row("rated of paid", f"{rated} of {found.paid}", f"{rated / found.paid:.0%}")
    share = f"{len(found.wrong) / found.lines:.1%}" if found.lines else ""
    table.add_row("wrong lines", f"{len(found.wrong)} of {found.lines}", share)
    return table
