"""Restores a function twice from one snapshot, and compares what the two workers are and do."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.local.snapshots.emulated import worker_environment
from scripts.local.snapshots.host import Templates
from tests.snapshots.emulated_lambda import RUNTIME

PROBE = Path(__file__).parent / "probe"


@dataclass(frozen=True)
class Probed:
    """A function to be looked into.

    Attributes:
        handler: ``<module>.<function>``.
        folder: its unpacked package.
        variables: its environment.
        event: what each worker handles once.
        items: what it finds in DynamoDB's tables, in the wire format.
        parameter: what it finds in Parameter Store.
    """

    handler: str
    folder: Path
    variables: Mapping[str, str]
    event: Any = None
    items: Mapping[str, Any] = field(default_factory=dict)
    parameter: str = "{}"


@dataclass(frozen=True)
class Found:
    """What was found.

    Attributes:
        hazards: what would go wrong with SnapStart, one line each.
        sent: how many tokens the two workers sent that were not given to them.
    """

    hazards: list[str]
    sent: int


def look_into(probed: Probed) -> Found:
    """Takes the function's snapshot, restores it twice, and lets both workers handle the event."""
    first, second = _restore_twice(probed)
    found = sorted({*_in_snapshot(first), *_shared(first, second)})
    return Found(found, sent=len({*first["sent"], *second["sent"]}))


def _restore_twice(probed: Probed) -> tuple[dict[str, Any], dict[str, Any]]:
    environment = _environment(probed)
    # Where all functions import the same beforehand, the probe would not see it.
    with closing(Templates(imported=())) as templates:
        workers = [templates.start_worker(environment, str(probed.folder)) for _ in range(2)]
        first, second = (_report(worker.stdout.read().decode()) for worker in workers)
    return first, second


def _report(output: str) -> dict[str, Any]:
    reports = [line for line in output.splitlines() if line.startswith("REPORT ")]
    assert reports, output
    report: dict[str, Any] = json.loads(reports[0].removeprefix("REPORT "))
    assert "problem" not in report, report["problem"]
    return report


def _in_snapshot(report: dict[str, Any]) -> Iterator[str]:
    yield from (f"clock read before the snapshot: {each}" for each in report["clocks"])
    yield from (f"random number drawn before the snapshot: {each}" for each in report["draws"])
    yield from (f"open at the snapshot: {each.partition(':[')[0]}" for each in report["open"])
    yield from (f"fetched before the snapshot: {each}" for each in report["expiring"])


def _shared(first: dict[str, Any], second: dict[str, Any]) -> Iterator[str]:
    if {*first["generators"]} & {*second["generators"]}:
        yield "two workers draw the same random numbers"
    yield from (f"sent by two workers: {each}" for each in {*first["sent"]} & {*second["sent"]})


def _environment(probed: Probed) -> dict[str, str]:
    environment = worker_environment(
        {
            **probed.variables,
            "LAMBDA_TASK_ROOT": str(probed.folder),
            "ORDERS_LOCAL_PYTHON": sys.executable,
            "ORDERS_LOCAL_RUNTIME_DIR": str(RUNTIME),
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "restored",
            "AWS_SECRET_ACCESS_KEY": "restored",
            "_HANDLER": "hazard_probe.lambda_handler",
            "PROBED": probed.handler,
        }
    )
    *own, runtime = environment["PYTHONPATH"].split(":")
    environment["PYTHONPATH"] = ":".join((*own, str(PROBE), runtime))
    return environment | {
        "EVENT": json.dumps(probed.event),
        "ITEMS": json.dumps(probed.items),
        "PARAMETER": probed.parameter,
    }
