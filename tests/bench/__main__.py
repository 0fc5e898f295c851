"""``python -m tests.bench``: this build's local stack beside an earlier build's.

The figures are kept in ``.build/bench-local/figures.json`` after each round, so that an
interrupted run leaves what it has.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from scripts.local.stack.state import PROJECT
from tests.bench import measures, report
from tests.bench.load import place
from tests.bench.trees import Stack, Tree, earlier, fresh_stack, present

BASE = "80f2f6f"
#: Orders at once under load.
AT_ONCE = 100
KEPT = PROJECT / ".build" / "bench-local" / "figures.json"

#: By build (``theirs``, ``ours``) and measure.
Figures = dict[str, dict[str, list[float]]]
ON_A_STACK: dict[str, Callable[[Stack], float]] = {
    "first_order": measures.first_order_seconds,
    "worker": measures.worker_seconds,
    "order": measures.warm_order_ms,
    "memory": measures.workers_pss_mb,
    "imports": measures.import_seconds,
}


def main() -> int:
    """Measures in rounds, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default=BASE, help="the commit to compare with")
    parser.add_argument(
        "--rounds", type=int, default=3, help="0: the last run's figures, and orders at once anew"
    )
    parser.add_argument("--orders", type=int, default=1000, help="orders, 100 at once; 0: none")
    parser.add_argument(
        "--base-orders", type=int, default=300, help="of the earlier build, which takes long"
    )
    arguments = parser.parse_args()
    before = os.getloadavg()[0]
    trees = {"theirs": earlier(arguments.base), "ours": present()}
    figures = _kept() if arguments.rounds == 0 else {name: defaultdict(list) for name in trees}
    for number in range(arguments.rounds):
        for name, tree in trees.items():
            _measure(tree, figures[name])
            _say(f"round {number + 1}, {tree.name}: {_last(figures[name])}")
        _keep(figures)
    counts = {"theirs": arguments.base_orders, "ours": arguments.orders}
    loads = {name: _under_load(tree, counts[name]) for name, tree in trees.items() if counts[name]}
    machine = report.Machine(os.cpu_count() or 1, before, os.getloadavg()[0])
    page = report.write(PROJECT, arguments.base, figures["ours"], figures["theirs"], machine, loads)
    _say(page.read_text())
    return 0


def _measure(tree: Tree, figures: dict[str, list[float]]) -> None:
    with fresh_stack(tree) as stack, _helped(stack):
        for key, measure in ON_A_STACK.items():
            figures[key].append(measure(stack))
    figures["demo"].append(measures.demo_seconds(tree))


def _under_load(tree: Tree, orders: int) -> report.UnderLoad:
    # Without a limit the earlier build starts hundreds of workers of 71 MB each.
    limit = None if tree.path == PROJECT else 16
    settings = {"LAMBDA_ACCOUNT_CONCURRENCY": str(limit)} if limit else {}
    with fresh_stack(tree, **settings) as stack, _helped(stack):
        load = place(stack, orders, AT_ONCE)
        throttled = (stack.home / "logs" / "ministack.log").read_text().count("Rate Exceeded")
    measured = report.UnderLoad(load, limit, throttled)
    _say(f"{tree.name}, {AT_ONCE} at once: {report.in_words(measured)}")
    return measured


@contextmanager
def _helped(stack: Stack) -> Iterator[None]:
    """The stack is the one that this process's own helpers talk to."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in stack.variables.items():
            patch.setenv(name, value)
        yield


def _last(figures: dict[str, list[float]]) -> str:
    return ", ".join(f"{key} {values[-1]:.3g}" for key, values in figures.items())


def _keep(figures: Figures) -> None:
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps(figures, indent=1))


def _kept() -> Figures:
    kept: Figures = json.loads(KEPT.read_text())
    return kept


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
