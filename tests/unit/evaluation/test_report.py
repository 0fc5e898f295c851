"""The report names missed targets; tables and plots contain the measured values."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from scripts.evaluation.measure import Retrieval
from scripts.evaluation.parsing import Accuracy
from scripts.evaluation.plots import plot_latency, plot_parsing, plot_retrieval, plot_simulation
from scripts.evaluation.report import (
    latency_sheet,
    parsing_sheet,
    parsing_targets,
    retrieval_sheet,
    retrieval_targets,
    simulation_sheet,
    simulation_targets,
    speed_targets,
    targets_sheet,
)
from scripts.evaluation.retrieval import RetrievalScore
from scripts.evaluation.simulation import Window
from scripts.evaluation.speed import Latency, ParserSpeed

PARSING = {
    "ours": [
        Accuracy("development lines", 100, 100, 99, 98, 90),
        Accuracy("held-out lines, glued", 10, 10, 10, 10, 10),
        Accuracy("held-out lines, shouted", 10, 10, 10, 9, 9),
        Accuracy("own lists, held out", 10, 10, 10, 10, 10),
    ]
}
RETRIEVAL = Retrieval(
    products=27_000,
    by_matcher={
        "ours": [RetrievalScore("typo", 100, 98)],
        "WRatio": [RetrievalScore("typo", 100, 70)],
    },
    own_lists={"held out": [RetrievalScore("exact", 10, 9)]},
)
LATENCIES = {
    "ours": [Latency(300, 0.5, 0.6, 1.0, 0.1, 1.0), Latency(27_000, 2.0, 3.0, 6.0, 1.0, 20)]
}
WINDOWS = [Window(100, 100, 12, 20, 100, 50), Window(200, 100, 6, 20, 100, 30)]


def _met() -> dict[str, bool]:
    targets = [
        *parsing_targets(PARSING),
        *speed_targets(ParserSpeed(25_000, "(", 21.0)),
        *retrieval_targets(RETRIEVAL, LATENCIES["ours"]),
        *simulation_targets(WINDOWS),
    ]
    return {target.metric: target.is_met for target in targets}


def test_the_report_names_the_targets_that_are_missed() -> None:
    missed = {metric for metric, is_met in _met().items() if not is_met}

    assert missed == {
        "development lines: everything",
        "perturbed held-out lines, the worst style (shouted)",
        "slowest 5,000 characters",
        "time for a line, 95th percentile",
    }


def test_own_lists_are_evaluated_without_the_shared_data() -> None:
    targets = parsing_targets({"ours": PARSING["ours"][1:]})

    assert [target.is_met for target in targets] == [False, True]


def test_a_table_has_the_same_cells_in_the_terminal_and_in_the_report() -> None:
    console = Console(width=200)
    sheets = [
        targets_sheet(speed_targets(ParserSpeed(19_000, "(", 9.0))),
        parsing_sheet(PARSING),
        retrieval_sheet(RETRIEVAL),
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


def test_plots_are_reproducible(tmp_path: Path) -> None:
    def draw(folder: Path) -> dict[str, bytes]:
        folder.mkdir()
        plot_parsing(PARSING, folder / "parsing.svg")
        plot_retrieval(RETRIEVAL.by_matcher, folder / "retrieval.svg")
        plot_latency(LATENCIES, folder / "latency.svg")
        plot_simulation(WINDOWS, folder / "simulation.svg")
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    first, second = draw(tmp_path / "first"), draw(tmp_path / "second")

    assert first == second
    assert len(first) == 4
    assert b"held-out lines, shouted" in first["parsing.svg"]
