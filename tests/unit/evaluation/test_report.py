"""The report: what falls short is said, tables and plots hold what was measured."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from scripts.evaluation.measure import Matching
from scripts.evaluation.parsing import Accuracy
from scripts.evaluation.plots import plot_finding, plot_latency, plot_reading, plot_simulation
from scripts.evaluation.report import (
    demands_sheet,
    finding_sheet,
    latency_sheet,
    matching_demands,
    reading_demands,
    reading_sheet,
    simulation_demands,
    simulation_sheet,
    speed_demands,
)
from scripts.evaluation.retrieval import Found
from scripts.evaluation.simulation import Window
from scripts.evaluation.speed import Latency, ParserSpeed

READING = {
    "ours": [
        Accuracy("development lines", 100, 100, 99, 98, 90),
        Accuracy("held-out lines, glued", 10, 10, 10, 10, 10),
        Accuracy("held-out lines, shouted", 10, 10, 10, 9, 9),
        Accuracy("own lists, held out", 10, 10, 10, 10, 10),
    ]
}
MATCHING = Matching(
    products=27_000,
    finding={"ours": [Found("typo", 100, 98)], "WRatio": [Found("typo", 100, 70)]},
    own_lists={"held out": [Found("exact", 10, 9)]},
)
LATENCIES = {
    "ours": [Latency(300, 0.5, 0.6, 1.0, 0.1, 1.0), Latency(27_000, 2.0, 3.0, 6.0, 1.0, 20)]
}
WINDOWS = [Window(100, 100, 12, 20, 100, 50), Window(200, 100, 6, 20, 100, 30)]


def _met() -> dict[str, bool]:
    demands = [
        *reading_demands(READING),
        *speed_demands(ParserSpeed(25_000, "(", 21.0)),
        *matching_demands(MATCHING, LATENCIES["ours"]),
        *simulation_demands(WINDOWS),
    ]
    return {demand.what: demand.is_met for demand in demands}


def test_what_falls_short_is_said() -> None:
    short = {what for what, is_met in _met().items() if not is_met}

    assert short == {
        "development lines: everything",
        "messy rewrites of unseen lines, the worst style (shouted)",
        "slowest 5,000 characters",
        "... 95th percentile",
    }


def test_without_the_shared_data_our_own_lists_still_judge() -> None:
    demands = reading_demands({"ours": READING["ours"][1:]})

    assert [demand.is_met for demand in demands] == [False, True]


def test_a_table_is_the_same_in_the_terminal_and_in_the_report() -> None:
    console = Console(width=200)
    sheets = [
        demands_sheet(speed_demands(ParserSpeed(19_000, "(", 9.0))),
        reading_sheet(READING),
        finding_sheet(MATCHING),
        latency_sheet(LATENCIES),
        simulation_sheet(WINDOWS),
    ]

    for sheet in sheets:
        with console.capture() as shown:
            console.print(sheet.for_terminal())
        written = sheet.markdown()
        for cell in (cell for row in sheet.rows for cell in row):
            assert cell in shown.get()
            assert cell in written


def test_plots_are_written_the_same_each_time(tmp_path: Path) -> None:
    def draw(folder: Path) -> dict[str, bytes]:
        folder.mkdir()
        plot_reading(READING, folder / "reading.svg")
        plot_finding(MATCHING.finding, folder / "finding.svg")
        plot_latency(LATENCIES, folder / "latency.svg")
        plot_simulation(WINDOWS, folder / "simulation.svg")
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    first, second = draw(tmp_path / "first"), draw(tmp_path / "second")

    assert first == second
    assert len(first) == 4
    assert b"held-out lines, shouted" in first["reading.svg"]
