"""The table of an order's statuses: what each may follow, and what sets it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from orderflow.orders.status import CLOSED, PARKED, PREDECESSORS, OrderStatus
from scripts.documentation.sections import ROOT, listed, table
from scripts.documentation.source import (
    Definition,
    Place,
    callers,
    definitions,
    last_name,
    modules,
)

_STATUS_CLASS: Final = OrderStatus.__name__

#: An order begins with it.
_FIRST: Final = OrderStatus.PENDING_MATCHING


class NotWrittenError(Exception):
    """No code sets a status: the generator no longer understands the code."""


def statuses(definition: dict[str, Any]) -> str:
    """A table of all statuses.

    Raises:
        NotWrittenError: see there.
    """
    return table(
        ["status", "may follow", "kind", "set by the state", "set by the code"],
        (_row(status, definition) for status in OrderStatus),
    )


def _row(status: OrderStatus, definition: dict[str, Any]) -> Iterator[str]:
    states = [*_writing_states(status, definition)]
    code = [*_writing_code(status)]
    if not states and not code:
        raise NotWrittenError(f"nothing is known to set {status}")
    yield f"`{status}`"
    before = [str(each) for each in OrderStatus if each in PREDECESSORS[status]]
    yield ", ".join(["(the first)", *before] if status is _FIRST else before)
    yield _kind(status)
    yield ", ".join(states) or "-"
    yield "; ".join(code) or "-"


def _kind(status: OrderStatus) -> str:
    if status in CLOSED:
        return "final"
    return "parked" if status in PARKED else "open"


def _writing_states(status: OrderStatus, definition: dict[str, Any]) -> Iterator[str]:
    """The states that write it without a function."""
    for name, state in definition["States"].items():
        values = state.get("Arguments", {}).get("ExpressionAttributeValues", {})
        written = values.get(":status", {}).get("S", "")
        if status in written.replace('"', " ").split():
            yield name


def _writing_code(status: OrderStatus) -> Iterator[str]:
    """The functions that move an order to it, and the modules that call those."""
    for module in modules():
        for name, node in definitions(module.tree):
            if not isinstance(node, ast.ClassDef) and _moves_to(node, status):
                function = name.rpartition(".")[2]
                link = Place(module.path, node.lineno).link(f"`{function}`", ROOT / "docs")
                yield f"{link} for {listed(_short(each) for each in callers(function))}"


def _short(module: str) -> str:
    return module.removeprefix("orderflow.")


def _moves_to(node: Definition, status: OrderStatus) -> bool:
    """Whether it hands the status to a transition, or begins an order with it."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and last_name(inner.func).strip("_") == "transition":
            values = [*inner.args, *(keyword.value for keyword in inner.keywords)]
        elif isinstance(inner, ast.Assign) and last_name(inner.targets[0]) == "status":
            values = [inner.value]
        else:
            continue
        if any(_is_status(value, status) for value in values):
            return True
    return False


def _is_status(node: ast.expr, status: OrderStatus) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == status.name
        and last_name(node.value) == _STATUS_CLASS
    )
