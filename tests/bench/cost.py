"""``python -m tests.bench.cost``: what a paid order uses of AWS, of this build and an earlier one.

This build is measured as it ships, and with receipts of its own.

Places orders one after another on fresh local stacks, pays each, and writes the mean to
``scripts/cost/measured/<build>.json``, which docs/performance/cost.md and ``orders capacity`` are
made from. The first orders start the workers and are not counted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from orderflow.orders.model import Order
from orderflow.orders.store import OrderStore
from scripts.cli.deployment import connect
from scripts.cli.orders.execution import read_progress
from scripts.cost.measured_order import OWN_RECEIPTS, PRESENT, MeasuredOrder
from scripts.cost.stage import Counted, count
from scripts.local.stack.state import PROJECT, REQUESTS_FILE
from tests.bench.__main__ import BASE
from tests.bench.load import LIST
from tests.bench.trees import Stack, Tree, earlier, fresh_stack, present

_RECORDING: Final = Path(__file__).with_name("recording")
#: What an order causes is over so long after it: batches of streams and of logs.
_SETTLING_SECONDS: Final = 5
_WARM_UP: Final = 4


def main() -> int:
    """Measures, and writes a file for each build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", help=f"measure an earlier build, too, such as {BASE}")
    parser.add_argument("--orders", type=int, default=10)
    arguments = parser.parse_args()
    print(_measure(PRESENT, present(), arguments.orders))
    receipts = {"ORDERS_LOCAL_OWN_RECEIPTS": "true"}
    print(_measure(OWN_RECEIPTS, present(), arguments.orders, **receipts))
    if arguments.base:
        print(_measure(arguments.base, earlier(arguments.base), arguments.orders))
    return 0


def _measure(name: str, tree: Tree, orders: int, **settings: str) -> Path:
    recorded = None if tree.path == PROJECT else _record_of(name)
    with pytest.MonkeyPatch.context() as patch:
        if recorded:
            patch.setenv("PYTHONPATH", str(_RECORDING))
            patch.setenv("ORDERS_REQUEST_LOG", str(recorded))
        with fresh_stack(tree, **settings) as stack:
            for key, value in stack.variables.items():
                patch.setenv(key, value)
            for _ in range(_WARM_UP):
                # On a busy machine a first call may take longer than its function may run.
                with suppress(subprocess.CalledProcessError):
                    _paid_order(stack)
            placed = [_paid_order(stack) for _ in range(orders)]
            time.sleep(_SETTLING_SECONDS)
            deployment = connect("local")
            store = OrderStore(deployment.orders_table, by="measuring", shards=1)
            found = [store.get(each) for each in placed]
            return _write(name, found, count(deployment, found, recorded))


def _record_of(name: str) -> Path:
    """An empty file for the requests of an earlier build's emulator."""
    path = PROJECT / ".build" / "bench-local" / f"{name}-{REQUESTS_FILE}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return path


def _paid_order(stack: Stack) -> str:
    answer = json.loads(stack.orders("submit", LIST, "--pay", "--json"))
    return str(answer["orderId"])


def _write(name: str, orders: list[Order], counted: Counted) -> Path:
    sfn = connect("local").client("stepfunctions")
    progress = read_progress(sfn, str(orders[-1].execution_arn))
    assert progress
    # An error in sitecustomize does not stop Python.
    assert counted.is_complete, f"No request of {name}'s emulator was recorded: see its log."
    return MeasuredOrder(
        measured=f"{datetime.now(UTC):%Y-%m-%d}",
        orders=len(orders),
        list=LIST,
        transitions_to_link=progress.transitions_to_link,
        transitions=sum(1 + visit.retries for visit in progress.visits),
        custom_metrics=counted.custom_metrics,
        calls=counted.calls,
        usage=counted.mean.as_json(),
    ).save(name)


if __name__ == "__main__":
    sys.exit(main())
