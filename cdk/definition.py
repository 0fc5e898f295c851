"""The workflow's definition as data, for deployment, diagrams and tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cdk.durations import Durations
from orderflow.orders.status import PREDECESSORS, OrderStatus

#: The alias by which the workflow and each function are called.
LIVE = "live"

DEFINITION = Path(__file__).parents[1] / "workflows" / "order.asl.yaml"

# For example: #status IN predecessors(EXPIRED)
_PREDECESSORS_OF = re.compile(r"predecessors\(([\w, ]+)\)")

# For example: TimeoutSeconds: duration(link_validity)
_DURATION_OF = re.compile(r"duration\((\w+)\)")

_ON_AWS = Durations()


def load_definition(path: Path = DEFINITION, durations: Durations = _ON_AWS) -> dict[str, Any]:
    """The definition in Amazon States Language, its anchors, predecessors and durations filled in.

    ``x-shared`` only holds anchors and is dropped. ``${...}`` names stay for CloudFormation.

    In a ConditionExpression, ``predecessors(STATUS)`` stands for the statuses that may precede
    ``STATUS`` (orderflow.orders.status). Several statuses, separated by commas, must have the same
    predecessors.

    A ``TimeoutSeconds`` of ``duration(NAME)`` stands for the whole seconds of the stage's duration.

    Raises:
        ValueError: an unknown status, or statuses with different predecessors.
        AttributeError: an unknown duration.
    """
    definition: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    definition.pop("x-shared", None)
    for state in definition["States"].values():
        _fill_in_predecessors(state.get("Arguments", {}))
        if name := _DURATION_OF.fullmatch(str(state.get("TimeoutSeconds"))):
            state["TimeoutSeconds"] = durations.whole(name[1])
    return definition


def _fill_in_predecessors(arguments: dict[str, Any]) -> None:
    """Replaces the placeholder in the condition and adds a value for each status."""
    if not (placeholder := _PREDECESSORS_OF.search(arguments.get("ConditionExpression", ""))):
        return
    statuses = list(_common_predecessors(placeholder[1]))
    names = ", ".join(f":{status}" for status in statuses)
    arguments["ConditionExpression"] = _PREDECESSORS_OF.sub(
        f"({names})", arguments["ConditionExpression"]
    )
    arguments["ExpressionAttributeValues"] |= {
        f":{status}": {"S": status.value} for status in statuses
    }


def _common_predecessors(names: str) -> Iterator[OrderStatus]:
    """In the order of OrderStatus, so that the filled-in definition is always the same."""
    predecessors = {PREDECESSORS[OrderStatus(name.strip())] for name in names.split(",")}
    if len(predecessors) > 1:
        raise ValueError(f"These statuses have different predecessors: {names}.")
    (allowed,) = predecessors
    return (status for status in OrderStatus if status in allowed)
