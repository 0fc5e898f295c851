"""``python -m scripts.documentation`` rewrites the generated sections of the documentation.

With ``--check`` it writes nothing and reports which files are out of date.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cdk.definition import load_definition
from scripts.documentation.conformance import (
    DEVIATIONS,
    REFUSED_REQUESTS,
    deviations,
    refused_requests,
)
from scripts.documentation.diagram import arrows, draw, fenced, main_arrows
from scripts.documentation.errors import catches, error_classes, retries
from scripts.documentation.order_path import order_path
from scripts.documentation.packages import packages
from scripts.documentation.permissions import permissions
from scripts.documentation.sections import ROOT, MarkersMissingError, Section, outdated
from scripts.documentation.source import UnknownNameError
from scripts.documentation.statuses import NotWrittenError, statuses
from scripts.documentation.template import Template, synthesize
from scripts.documentation.timeouts import timeouts

_DEFINITION = "workflows/order.asl.yaml"
_OVERVIEW = "docs/overview.md"
_FAILURES = "docs/failure-model.md"
_CONFORMANCE = "docs/conformance.md"


def sections_of_code() -> list[Section]:
    """The sections that need the source code and the definition alone."""
    definition = load_definition()
    short = draw(definition, main_arrows(definition), details=False)
    full = draw(definition, arrows(definition), details=True)
    return [
        Section("README.md", "diagram", _DEFINITION, fenced(short)),
        Section(_OVERVIEW, "diagram", _DEFINITION, fenced(full)),
        Section(_OVERVIEW, "path", "scripts/documentation/order_path.py", order_path()),
        Section(_OVERVIEW, "packages", "functions/orderflow", packages()),
        Section(
            "docs/data-model.md",
            "statuses",
            f"functions/orderflow/orders and {_DEFINITION}",
            statuses(definition),
        ),
        Section(_FAILURES, "errors", "functions/orderflow/errors.py", error_classes(definition)),
        Section(_FAILURES, "retries", _DEFINITION, retries(definition)),
        Section(_FAILURES, "catches", _DEFINITION, catches(definition)),
        Section(_CONFORMANCE, "deviations", DEVIATIONS, deviations()),
        Section(_CONFORMANCE, "refused-requests", REFUSED_REQUESTS, refused_requests()),
    ]


def sections_of_template(template: Template) -> list[Section]:
    """The sections that need the synthesized template, too."""
    definition: dict[str, Any] = load_definition()
    origin = "the template of the stage prod"
    return [
        Section(_FAILURES, "timeouts", origin, timeouts(definition, template)),
        Section(_OVERVIEW, "permissions", origin, permissions(template)),
    ]


def main(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 if a file is out of date.")
    ] = False,
) -> None:
    """Rewrite the generated sections of the documentation."""
    try:
        files = outdated([*sections_of_code(), *sections_of_template(synthesize())], ROOT)
    except (MarkersMissingError, NotWrittenError, UnknownNameError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    for path, text in files.items():
        if not check:
            path.write_text(text, encoding="utf-8")
        typer.echo(f"{path.relative_to(ROOT)}: {'out of date' if check else 'written'}")
    raise typer.Exit(int(check and bool(files)))


if __name__ == "__main__":
    typer.run(main)
