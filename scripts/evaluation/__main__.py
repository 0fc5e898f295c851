"""Measures parser and matcher: ``python -m scripts.evaluation``, or ``make evaluate``.

Prints tables and writes them, with plots, to a folder. Data that may be used but not shipped is
read from a folder beside the project; measurements whose data is missing are left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from scripts.cli.console import err, out
from scripts.evaluation.measure import Measurements
from scripts.evaluation.plots import plot_latency, plot_parsing, plot_retrieval, plot_simulation
from scripts.evaluation.report import (
    Sheet,
    latency_sheet,
    messages_sheet,
    messages_targets,
    own_lists_sheet,
    parsing_sheet,
    parsing_targets,
    retrieval_sheet,
    retrieval_targets,
    simulation_sheet,
    simulation_targets,
    speed_targets,
    targets_sheet,
)

_ROOT: Final = Path(__file__).parents[2]
_PLOTS: Final = ("parsing", "retrieval", "latency", "simulation")


def main(
    data: Annotated[Path, typer.Option(help="Folder of the shared data.")] = (
        _ROOT.parent / "shared" / "data"
    ),
    output: Annotated[Path, typer.Option(help="Folder for the report.")] = (
        _ROOT / ".build" / "evaluation"
    ),
    queries: Annotated[int, typer.Option(help="Per slice, for the matcher.", min=20)] = 500,
    orders: Annotated[int, typer.Option(help="For the simulation.", min=200)] = 2000,
) -> None:
    """Measure parser and matcher, print tables, write a report with plots."""
    output.mkdir(parents=True, exist_ok=True)
    measurements = Measurements(data, queries)
    err.print("Parsing lists ...")
    parsing, speed = measurements.parsing(), measurements.parser_speed()
    plot_parsing(parsing, output / "parsing.svg")
    messages = measurements.messages()
    err.print("Retrieving products ...")
    retrieval, latencies = measurements.retrieval(), measurements.latencies()
    plot_retrieval(retrieval.by_matcher, output / "retrieval.svg")
    plot_latency(latencies, output / "latency.svg")
    err.print("Simulating orders ...")
    windows = measurements.windows(orders)
    plot_simulation(windows, output / "simulation.svg")
    sheets = [
        targets_sheet(
            [
                *parsing_targets(parsing),
                *messages_targets(messages),
                *speed_targets(speed),
                *retrieval_targets(retrieval, next(iter(latencies.values()))),
                *simulation_targets(windows),
            ]
        ),
        parsing_sheet(parsing),
        messages_sheet(messages),
        retrieval_sheet(retrieval),
        own_lists_sheet(retrieval.own_lists),
        latency_sheet(latencies),
        simulation_sheet(windows),
    ]
    for sheet in sheets:
        out.print(sheet.for_terminal())
    _write(sheets, output / "report.md")
    err.print(f"Report: {output / 'report.md'}")


def _write(sheets: list[Sheet], path: Path) -> None:
    origin = "<!-- Written by `make evaluate`. -->"
    plots = [f"![{name}]({name}.svg)" for name in _PLOTS]
    parts = ["# Evaluation", origin, *(sheet.markdown() for sheet in sheets), *plots]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
