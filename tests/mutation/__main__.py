"""``make mutate``: applies each mutant to a copy of the project and runs the checks for it.

Ends with status 1 if a copy without a fault does not pass, or if too many mutants survive.
"""

from __future__ import annotations

import queue
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Final

import typer
from rich.console import Console

from tests.mutation import earlier as earlier_commit
from tests.mutation.checks import CHECKS, Check
from tests.mutation.mutants import Mutant
from tests.mutation.report import Result, read_earlier, write_earlier, write_page
from tests.mutation.table import MUTANTS
from tests.mutation.tree import EditError, Tree
from tests.support.judges import FOLDER
from tests.support.npm import installed
from tests.support.paths import PROJECT

#: So many of 100 mutants must be caught.
_WANTED: Final = 95
_PROCESSES: Final = 2
_FOLDER: Final = PROJECT / ".build" / "mutation"

_console: Final = Console(highlight=False, soft_wrap=True)


def main(
    only: Annotated[str, typer.Option(help="Mutants whose kind or name holds this text.")] = "",
    earlier: Annotated[bool, typer.Option(help=f"Mutate commit {earlier_commit.COMMIT}.")] = False,
    write: Annotated[bool, typer.Option(help="Write the results to the docs.")] = False,
) -> None:
    """Apply each mutant and print which check catches it."""
    installed(FOLDER)
    mutants = [each for each in MUTANTS if only in f"{each.kind}: {each.name}"]
    began = time.monotonic()
    trees: queue.Queue[Tree] = queue.Queue()
    for number in range(_PROCESSES):
        trees.put(Tree(_FOLDER / str(number), earlier_commit.COMMIT if earlier else None))
    with ThreadPoolExecutor(_PROCESSES) as pool:
        faults = [*pool.map(lambda check: _without_fault(trees, check), _used(mutants))]
        if any(faults):
            sys.exit("Without a fault, too, this fails:\n" + "\n".join(filter(None, faults)))
        results = [*pool.map(lambda mutant: _try(trees, mutant, earlier=earlier), mutants)]
    _summarize(results, time.monotonic() - began)
    if write:
        write_earlier(results) if earlier else write_page(results, read_earlier())
    survivors = sum(each.survives for each in results)
    if not earlier and survivors * 100 > len(results) * (100 - _WANTED):
        sys.exit(1)


def _used(mutants: Sequence[Mutant]) -> list[Check]:
    """Each check once."""
    used: list[Check] = []
    for mutant in mutants:
        used += [check for check in CHECKS[mutant.kind] if check not in used]
    return used


def _without_fault(trees: queue.Queue[Tree], check: Check) -> str | None:
    tree = trees.get()
    try:
        failure = check.failure(tree)
    finally:
        trees.put(tree)
    return failure and f"{failure.label}: {failure.test}"


def _try(trees: queue.Queue[Tree], mutant: Mutant, *, earlier: bool) -> Result:
    tree = trees.get()
    edits = earlier_commit.edits(mutant.name, mutant.edits) if earlier else mutant.edits
    try:
        with tree.mutated(edits):
            result = _first_to_fail(tree, mutant)
    except EditError:
        if not earlier:
            raise
        result = Result(mutant.kind, mutant.name, there=False)
    finally:
        trees.put(tree)
    _console.print(f"{result.verdict:45} {mutant.kind}: {mutant.name}")
    return result


def _first_to_fail(tree: Tree, mutant: Mutant) -> Result:
    for check in CHECKS[mutant.kind]:
        if failure := check.failure(tree):
            return Result(mutant.kind, mutant.name, caught_by=failure.label, test=failure.test)
    return Result(mutant.kind, mutant.name)


def _summarize(results: Sequence[Result], seconds: float) -> None:
    caught = sum(each.caught_by is not None for each in results)
    survivors = [each for each in results if each.survives]
    _console.print(f"{caught} caught, {len(survivors)} survive, {seconds / 60:.1f} minutes")
    for each in survivors:
        _console.print(f"  survives: {each.kind}: {each.name}")


if __name__ == "__main__":
    typer.run(main)
