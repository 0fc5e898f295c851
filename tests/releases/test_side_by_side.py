"""The last release's code and this one work on the same orders, in both directions.

Items change by expand and contract: a release reads what the one before wrote, and, after a
roll-back, what the one after wrote. The last release's code comes from git.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any, Final

import pytest

from cdk.definition import load_definition
from tests.releases.record import FOLDER, VARIABLES
from tests.releases.states import evaluate
from tests.support.in_flight import ORDERS as RECORDED
from tests.support.paths import PROJECT
from tests.support.tables import ORDERS

LAST: Final = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())[-1]
WORKER: Final = Path(__file__).with_name("worker.py")

#: The direct writes of a definition, and the order that each finds.
WRITES: Final = {"ParkOrder": "matched", "AwaitPayment": "payment_initiated"}


@pytest.fixture(scope="module")
def last_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The functions' packages of the last release."""
    packed = subprocess.run(
        ["git", "archive", LAST, "functions"], cwd=PROJECT, capture_output=True, check=False
    )
    if packed.returncode:
        pytest.skip(f"the history has no commit {LAST}: fetch it whole (git fetch --unshallow)")
    folder = tmp_path_factory.mktemp("last-release")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "functions"


def work(functions: Path, items: list[Any], writes: list[Any]) -> dict[str, Any]:
    """What a release's code reads and leaves behind."""
    task = {
        "table": ORDERS.creation(),
        "items": items,
        "writes": writes,
        "orders": [item["orderId"]["S"] for item in items],
    }
    done = subprocess.run(
        [sys.executable, str(WORKER)],
        input=json.dumps(task),
        env={**os.environ, "PYTHONPATH": str(functions)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def direct_write(definition: dict[str, Any], state: str, order_id: str) -> dict[str, Any]:
    """The request of a state that writes to the table itself."""
    variables = {**VARIABLES, "orderId": order_id}
    arguments = evaluate(definition["States"][state]["Arguments"], variables)
    del arguments["TableName"]
    return dict(arguments)


def recorded(definition: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Items in each status, and the writes of a definition's waiting states on two of them."""
    writes = [
        direct_write(definition, state, RECORDED[name]["orderId"]["S"])
        for state, name in WRITES.items()
    ]
    return list({item["orderId"]["S"]: item for item in RECORDED.values()}.values()), writes


def old_definition() -> dict[str, Any]:
    path = FOLDER / LAST / "definition.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_this_release_reads_what_the_last_one_wrote(last_release: Path) -> None:
    items, writes = recorded(old_definition())
    before = work(last_release, items, writes)

    after = work(PROJECT / "functions", before["items"], [])

    assert after["read"] == before["read"]
    assert after["listed"] == before["listed"]


def test_the_last_release_reads_what_this_one_wrote(last_release: Path) -> None:
    """After a roll-back."""
    items, writes = recorded(load_definition())
    now = work(PROJECT / "functions", items, writes)

    then = work(last_release, now["items"], [])

    assert then["read"] == now["read"]
    assert then["listed"] == now["listed"]


def test_the_waiting_states_of_both_leave_their_tokens_where_both_look(last_release: Path) -> None:
    for definition, functions in (
        (old_definition(), PROJECT / "functions"),
        (load_definition(), last_release),
    ):
        items, writes = recorded(definition)
        read = work(functions, items, writes)["read"]
        parked, unpaid = (read[RECORDED[name]["orderId"]["S"]] for name in WRITES.values())

        assert (parked["status"], parked["parkedToken"]) == ("PAYMENT_DELAYED", "a-token")
        assert unpaid["taskToken"] == "a-token"
