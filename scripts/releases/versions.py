"""The versions of the state machine and of the functions: what uses them, and what may go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

#: The number of versions before the live one that stay for a roll-back.
KEPT_FOR_ROLL_BACK: Final = 2

#: How long a failed execution can be redriven, on its own version.
REDRIVABLE_FOR: Final = timedelta(days=14)

#: A function's version in a definition: its name and the version's number.
_PINNED: Final = re.compile(r":function:([\w-]+):(\d+)")

_UNSUCCESSFUL: Final = ("FAILED", "TIMED_OUT", "ABORTED")


@dataclass
class MachineVersion:
    """One version of the state machine.

    Attributes:
        arn: its ARN.
        published: when.
        weight: the percentage of new executions that it gets.
        running: the names of executions that run on it.
        redrivable: failed executions that may still be redriven on it.
        functions: the function versions that its definition calls, as (name, number).
    """

    arn: str
    published: datetime
    weight: int = 0
    running: list[str] = field(default_factory=list)
    redrivable: list[str] = field(default_factory=list)
    functions: frozenset[tuple[str, str]] = frozenset()

    @property
    def number(self) -> int:
        """Its number."""
        return int(self.arn.rpartition(":")[2])


@dataclass(frozen=True)
class Clearance:
    """Which versions may go.

    Attributes:
        machine: state machine versions that nothing needs.
        functions: function versions that nothing needs, as (name, number).
        kept: why each other state machine version stays, by number.
    """

    machine: list[MachineVersion]
    functions: list[tuple[str, str]]
    kept: Mapping[int, str]


def machine_versions(
    sfn: Any, machine_arn: str, alias_arn: str, now: datetime
) -> list[MachineVersion]:
    """All versions of the state machine, the newest first, with what uses them."""
    weights = {
        each["stateMachineVersionArn"]: each["weight"]
        for each in sfn.describe_state_machine_alias(stateMachineAliasArn=alias_arn)[
            "routingConfiguration"
        ]
    }
    found = {
        arn: MachineVersion(arn, published, weights.get(arn, 0), functions=pinned(sfn, arn))
        for arn, published in _published(sfn, machine_arn)
    }
    for name, arn in _executions(sfn, machine_arn, "RUNNING", None):
        if arn in found:
            found[arn].running.append(name)
    for status in _UNSUCCESSFUL:
        for name, arn in _executions(sfn, machine_arn, status, now - REDRIVABLE_FOR):
            if arn in found:
                found[arn].redrivable.append(name)
    return sorted(found.values(), key=lambda each: -each.number)


def pinned(sfn: Any, version_arn: str) -> frozenset[tuple[str, str]]:
    """The function versions that a version's definition calls."""
    definition = sfn.describe_state_machine(stateMachineArn=version_arn)["definition"]
    return frozenset(_PINNED.findall(json.dumps(json.loads(definition))))


def function_versions(functions: Any, names: Iterable[str]) -> dict[str, list[str]]:
    """The published versions of each function, the oldest first."""
    found: dict[str, list[str]] = {}
    for name in names:
        pages = functions.get_paginator("list_versions_by_function").paginate(FunctionName=name)
        numbers = (each["Version"] for page in pages for each in page["Versions"])
        found[name] = [each for each in numbers if each != "$LATEST"]
    return found


def clearance(
    versions: Sequence[MachineVersion],
    functions: Mapping[str, Sequence[str]],
    recorded: Iterable[Mapping[str, str]],
    live: Mapping[str, str],
) -> Clearance:
    """Decides which versions may go.

    Args:
        versions: of the state machine, the newest first.
        functions: the published versions of each function.
        recorded: the functions' versions of the releases that may be gone back to.
        live: where the functions' aliases lead.
    """
    kept = {each.number: reason for each in versions if (reason := _reason(each, versions))}
    needed = {
        *(pair for each in versions if each.number in kept for pair in each.functions),
        *(pair for release in recorded for pair in release.items()),
        *live.items(),
    }
    return Clearance(
        machine=[each for each in versions if each.number not in kept],
        functions=[
            (name, number)
            for name, numbers in functions.items()
            for number in numbers
            # Newer ones than the live one belong to a deployment that is under way.
            if (name, number) not in needed and int(number) < int(live.get(name, "0"))
        ],
        kept=kept,
    )


def _reason(version: MachineVersion, versions: Sequence[MachineVersion]) -> str:
    """Why it stays; empty if it may go."""
    live = max((each.number for each in versions if each.weight), default=0)
    earlier = [each.number for each in versions if each.number < live]
    if version.weight:
        return f"{version.weight} % of new orders"
    if version.number > live:
        return "newer than the live one"
    if version.running:
        return f"{len(version.running)} orders run on it"
    if version.redrivable:
        return f"{len(version.redrivable)} failed executions may be redriven on it"
    if version.number in earlier[:KEPT_FOR_ROLL_BACK]:
        return "for a roll-back"
    return ""


def _published(sfn: Any, machine_arn: str) -> Iterator[tuple[str, datetime]]:
    asked: dict[str, Any] = {"stateMachineArn": machine_arn}
    while True:
        answer = sfn.list_state_machine_versions(**asked)
        for each in answer["stateMachineVersions"]:
            yield each["stateMachineVersionArn"], each["creationDate"]
        if not (token := answer.get("nextToken")):
            return
        asked["nextToken"] = token


def _executions(
    sfn: Any, machine_arn: str, status: str, since: datetime | None
) -> Iterator[tuple[str, str]]:
    """Names and versions of the executions of a status that ended after ``since``."""
    pages = sfn.get_paginator("list_executions").paginate(
        stateMachineArn=machine_arn, statusFilter=status
    )
    for page in pages:
        for each in page["executions"]:
            if since is None or each["stopDate"] >= since:
                yield each["name"], each.get("stateMachineVersionArn", "")
