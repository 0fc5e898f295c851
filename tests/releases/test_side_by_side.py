"""An earlier release's code and this one work on the same orders, in both directions.

Items change by expand and contract: a release reads what an earlier one wrote, and, after a
roll-back, the earlier one reads what it wrote. The earlier release's code comes from git.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from cdk.definition import load_definition
from orderflow.orders.status import OrderStatus
from tests.releases.record import VARIABLES, commit_of, releases
from tests.releases.states import Definition, evaluate
from tests.support.in_flight import ORDERS as RECORDED
from tests.support.paths import PROJECT
from tests.support.tables import ORDERS

LAST: Final = releases()[-1]
WORKER: Final = Path(__file__).with_name("worker.py")
PRESENT: Final = PROJECT / "functions"

#: The direct writes of a definition's waiting states, the order that each finds, and where the
#: answer to its task token is looked for.
WRITES: Final = {
    "ParkOrder": ("matched", "parkedToken"),
    "AwaitReview": ("failed", "reviewToken"),
    "AwaitPayment": ("payment_initiated", "taskToken"),
}


@dataclass(frozen=True)
class Release:
    """An earlier release: its record's folder, its definition, and its functions' packages."""

    folder: Path
    definition: Definition
    functions: Path

    @property
    def writes(self) -> set[str]:
        """The states that write in this release and in the present one."""
        return set(WRITES) & set(self.definition["States"])


@pytest.fixture(scope="module", params=releases(), ids=lambda path: path.name)
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Each release that orders may be in flight of."""
    recorded: Path = request.param
    commit = commit_of(recorded)
    packed = subprocess.run(
        ["git", "archive", commit, "functions"], cwd=PROJECT, capture_output=True, check=False
    )
    if packed.returncode:
        pytest.skip(f"the history has no commit {commit}: fetch it whole (git fetch --unshallow)")
    folder = tmp_path_factory.mktemp(recorded.name)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    definition = json.loads((recorded / "definition.json").read_text(encoding="utf-8"))
    return Release(recorded, definition, folder / "functions")


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


def direct_write(definition: Definition, state: str, order_id: str) -> dict[str, Any]:
    """The request of a state that writes to the table itself."""
    variables = {**VARIABLES, "orderId": order_id}
    arguments = evaluate(definition["States"][state]["Arguments"], variables)
    del arguments["TableName"]
    return dict(arguments)


def recorded(definition: Definition, states: set[str]) -> tuple[list[Any], list[Any]]:
    """Items in each status, and the writes of these states of a definition."""
    writes = [direct_write(definition, state, order_of(state)) for state in sorted(states)]
    return list({item["orderId"]["S"]: item for item in RECORDED.values()}.values()), writes


def order_of(state: str) -> str:
    """The id of the order that a state writes to."""
    name, _ = WRITES[state]
    order_id: str = RECORDED[name]["orderId"]["S"]
    return order_id


def test_this_release_reads_what_an_earlier_one_wrote(release: Release) -> None:
    items, writes = recorded(release.definition, release.writes)
    before = work(release.functions, items, writes)

    after = work(PRESENT, before["items"], [])

    assert after["read"] == before["read"]
    assert after["listed"] == before["listed"]


def test_an_earlier_release_reads_what_this_one_wrote(release: Release) -> None:
    """After a roll-back."""
    items, writes = recorded(load_definition(), release.writes)
    now = work(PRESENT, items, writes)

    then = work(release.functions, now["items"], [])

    assert then["read"] == now["read"]
    assert then["listed"] == now["listed"]


def test_the_waiting_states_of_both_leave_their_tokens_where_both_look(release: Release) -> None:
    for definition, functions in (
        (release.definition, PRESENT),
        (load_definition(), release.functions),
    ):
        items, writes = recorded(definition, release.writes)
        read = work(functions, items, writes)["read"]

        found = {state: read[order_of(state)][WRITES[state][1]] for state in release.writes}
        assert found == dict.fromkeys(release.writes, "a-token")


def test_the_last_release_knows_every_status_that_this_one_writes(release: Release) -> None:
    """A new status takes two releases: one that reads it, then one whose orders come to it."""
    if release.folder != LAST:
        pytest.skip("no roll-back goes further back than to the last release")

    assert {*OrderStatus} <= {*work(release.functions, [], [])["statuses"]}
