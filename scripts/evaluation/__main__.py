"""Measures parser and matcher: ``python -m scripts.evaluation``, or ``make evaluate``.

Prints tables and writes them, with plots, to a folder. Data that may be used but not shipped is
looked for beside the project; what is missing there is left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from scripts.cli.console import err, out
from scripts.evaluation.measure import Measurements
from scripts.evaluation.plots import plot_finding, plot_latency, plot_reading, plot_simulation
from scripts.evaluation.report import (
    Sheet,
    demands_sheet,
    finding_sheet,
    latency_sheet,
    matching_demands,
    own_lists_sheet,
    reading_demands,
    reading_sheet,
    simulation_demands,
    simulation_sheet,
    speed_demands,
)

_ROOT: Final = Path(__file__).parents[2]
_PLOTS: Final = ("reading", "finding", "latency", "simulation")


def main(
    data: Annotated[Path, typer.Option(help="Folder of the shared data.")] = (
        _ROOT.parent / "shared" / "data"
    ),
    output: Annotated[Path, typer.Option(help="Folder for the report.")] = (
        _ROOT / ".build" / "evaluation"
    ),
    questions: Annotated[int, typer.Option(help="For the matcher, of each slice.", min=20)] = 500,
    orders: Annotated[int, typer.Option(help="For the simulation.", min=200)] = 2000,
) -> None:
    """Measure parser and matcher, print tables, write a report with plots."""
    output.mkdir(parents=True, exist_ok=True)
    measurements = Measurements(data, questions)
    err.print("Reading lists ...")
    reading, speed = measurements.reading(), measurements.parser_speed()
    plot_reading(reading, output / "reading.svg")
    err.print("Finding products ...")
    matching, latencies = measurements.matching(), measurements.latencies()
    plot_finding(matching.finding, output / "finding.svg")
    plot_latency(latencies, output / "latency.svg")
    err.print("Simulating orders ...")
    windows = measurements.windows(orders)
    plot_simulation(windows, output / "simulation.svg")
    sheets = [
        demands_sheet(
            [
                *reading_demands(reading),
                *speed_demands(speed),
                *matching_demands(matching, next(iter(latencies.values()))),
                *simulation_demands(windows),
            ]
        ),
        reading_sheet(reading),
        finding_sheet(matching),
        own_lists_sheet(matching.own_lists),
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
