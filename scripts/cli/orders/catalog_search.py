"""``orders catalog search``: what a text finds in the catalog, and why."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orderflow.errors import InvalidOrder
from orderflow.matching.rules import Rules
from orderflow.money import naira
from orderflow.units import in_words
from scripts.cli.console import CommandError, ExitCode, err, out, plain, print_json
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.options import Json, Stage
from scripts.cli.orders.submit import read_list
from scripts.cli.orders.views import listing
from scripts.inspection.matching import LineMatch, MatchExplainer, Runner


def search_catalog(
    text: Annotated[str, typer.Argument(help="A line of a list, or several; - reads them.")],
    *,
    limit: Annotated[int, typer.Option(min=1, max=50, help="Candidates of each line.")] = 5,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Show which product a text finds, why, and which others came close; asks no model."""
    explainer = MatchExplainer(connect(stage))
    try:
        found = explainer.explain(read_list(text), limit)
    except InvalidOrder as error:
        raise CommandError(f"InvalidOrder: {error}", ExitCode.REFUSED) from error
    if json:
        print_json([each.as_json() for each in found])
        return
    for each in found:
        out.print(match_view(each, explainer.rules))
    err.print(f"Read {len(explainer.products):,} products.", style="dim")


def match_view(found: LineMatch, rules: Rules) -> RenderableType:
    """A line's reading, what becomes of it, and its candidates with their scores' parts."""
    amount = in_words(found.line.quantity, found.line.unit)
    heading = Text.assemble(
        plain(found.line.text, "bold"), plain(f": {found.line.name}, {amount}", "dim")
    )
    return Group(
        heading,
        Padding(_decision(found, rules), (0, 0, 0, 2)),
        Padding(_candidates(found.runners), (0, 0, 1, 2)) if found.runners else Text(),
    )


def _decision(found: LineMatch, rules: Rules) -> Text:
    if found.matched is None:
        why = found.unmatched.reason if found.unmatched else "It was not bought."
        return plain(why, "yellow")
    line = found.matched
    bought = f"{line.packs} x {line.name} ({line.pack_size}), {naira(line.line_total_kobo)}: "
    return Text.assemble(plain(bought, "green"), plain(_why(found, rules)))


def _why(found: LineMatch, rules: Rules) -> str:
    if found.asks_model:
        return (
            "the model would choose among these; without it the best name counts, from "
            f"{rules.minimum_score:.2f} on."
        )
    by = found.matched.matched_by if found.matched else ""
    return {
        "exact": "the catalog's very name or synonym.",
        "alias": "this name was resolved before, and is remembered.",
        "name": f"the best name, at {rules.clear_score:.2f} or more and {rules.clear_lead:.2f} "
        "ahead of the next.",
    }.get(by, f"{by}.")


def _candidates(runners: list[Runner]) -> Table:
    table = listing()
    table.add_column("Product", overflow="fold", ratio=1)
    for column in ("Score", "Words", "Brevity", "Head", "Aisle", "Spelling"):
        table.add_column(column, justify="right", no_wrap=True)
    for runner in runners:
        parts = (runner.why.score, *runner.why.parts)
        table.add_row(_named(runner), *(f"{part:.2f}" for part in parts))
    return table


def _named(runner: Runner) -> Text:
    """The product, and below it the words that were compared."""
    why, product = runner.why, runner.product
    missing = "" if product.available else " (out of stock)"
    worth = f", worth {why.worth:.2f}" if why.worth < 1 else ""
    compared = f'"{why.name}" for "{" ".join(why.asked)}"{worth}'
    return Text.assemble(
        plain(f"{product.name} ({product.pack_size})"),
        (missing, "yellow"),
        "\n",
        plain(compared, "dim"),
    )
