"""The full exploration of the circuit breaker: ``make verify-breaker``.

Ends with status 1 if an invariant does not hold, or if a mutant is not caught.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from ctypes import c_long
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.breaker.beside import CALLERS, Ours, Powertools, measure
from tests.breaker.explorer import Found, explore
from tests.breaker.mutants import MUTANTS
from tests.breaker.scenario import Scenario
from tests.breaker.scenarios import FULL
from tests.support.engines import run_ministack

_PROCESSES: Final = 2
_console: Final = Console(highlight=False)

_counts: Any = None


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one scenario, and its processor time."""

    found: Found
    seconds: float


def main() -> int:
    with _console.status("Exploring mutants ..."):
        mutants = {name: explore(scenario) for name, scenario in MUTANTS.items()}
    begin = time.monotonic()
    results = _explore_all(FULL)
    took = time.monotonic() - begin
    _print_mutants(mutants)
    _print_results(results, took)
    _print_beside()
    broken = [result.found for result in results.values() if result.found.problem]
    for found in broken:
        _print_trace(str(found.problem), found)
    return 1 if broken or not all(found.problem for found in mutants.values()) else 0


def _explore_all(scenarios: Mapping[str, Scenario]) -> dict[str, Result]:
    counts = multiprocessing.Array(c_long, len(scenarios), lock=False)
    with (
        ProcessPoolExecutor(_PROCESSES, initializer=_random_fraction, initargs=(counts,)) as pool,
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:>12,.0f} states"),
            TimeElapsedColumn(),
            console=_console,
        ) as progress,
    ):
        futures = {
            name: pool.submit(_explore, number, scenario)
            for number, (name, scenario) in enumerate(scenarios.items())
        }
        _watch(progress, futures, counts)
        return {name: future.result() for name, future in futures.items()}


def _watch(progress: Progress, futures: Mapping[str, Future[Result]], counts: Any) -> None:
    bars = [progress.add_task(name, total=None, start=False) for name in futures]
    while not all(future.done() for future in futures.values()):
        for number, future in enumerate(futures.values()):
            _draw(progress, bars[number], future, counts[number])
        with suppress(TimeoutError):
            next(one for one in futures.values() if not one.done()).result(timeout=0.5)
    for number, future in enumerate(futures.values()):
        _draw(progress, bars[number], future, counts[number])


def _draw(progress: Progress, bar: Any, future: Future[Result], states: int) -> None:
    if states:
        progress.start_task(bar)
    progress.update(bar, completed=states, total=states if future.done() else None)
    if future.done():
        progress.stop_task(bar)


def _random_fraction(counts: Any) -> None:
    global _counts  # noqa: PLW0603 - a pool's way to hand over shared memory
    _counts = counts


def _explore(number: int, scenario: Scenario) -> Result:
    def progress(states: int) -> None:
        _counts[number] = states

    begin = time.process_time()
    found = explore(scenario, progress)
    progress(found.states)
    return Result(found, time.process_time() - begin)


def _print_mutants(mutants: Mapping[str, Found]) -> None:
    for name, found in mutants.items():
        _print_trace(f"Mutant: {name}", found)
    table = Table("mutant", "caught by invariant", title="Mutants", title_justify="left")
    _right(table, "steps", "states")
    for name, found in mutants.items():
        problem = found.problem or "[bold red]not caught"
        table.add_row(name, problem, str(len(found.trace)), f"{found.states:,}")
    _console.print(table)


def _print_results(results: Mapping[str, Result], seconds: float) -> None:
    table = Table("explored", title="The breaker", title_justify="left")
    _right(table, "states", "edges", "versions of the item", "CPU s")
    table.add_column("invariants")
    for name, result in results.items():
        found = result.found
        numbers = [f"{n:,}" for n in (found.states, found.edges, found.items)]
        holds = f"[bold red]{found.problem}" if found.problem else "hold"
        table.add_row(name, *numbers, f"{result.seconds:.0f}", holds)
    _console.print(table)
    states = sum(result.found.states for result in results.values())
    edges = sum(result.found.edges for result in results.values())
    _console.print(f"{states:,} states, {edges:,} edges in {seconds:.0f} s.")


def _print_beside() -> None:
    """The table of docs/breaker.md ("What others do")."""
    with (
        _console.status("Running Powertools' breaker beside this one ..."),
        tempfile.TemporaryDirectory() as home,
        run_ministack(Path(home)) as endpoint,
    ):
        measured = {
            "this one": measure(Ours, endpoint),
            f"Powertools {version('aws-lambda-powertools')}": measure(Powertools, endpoint),
        }
    table = Table("breaker", title="Beside another", title_justify="left")
    _right(table, f"probes of {CALLERS} callers")
    for column in ("late success", "late failure", f"{CALLERS} failures"):
        table.add_column(column)
    _right(table, "reads", "writes")
    for name, row in measured.items():
        table.add_row(name, *map(str, dataclasses.astuple(row)))
    _console.print(table)


def _right(table: Table, *names: str) -> None:
    for name in names:
        table.add_column(name, justify="right")


def _print_trace(title: str, found: Found) -> None:
    _console.print(f"\n[bold]{title}[/bold]: {found.problem}")
    for line in found.trace:
        _console.print(f"  {line}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
