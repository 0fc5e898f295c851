"""The tables of errors: which modules raise and catch ours, and what the state machine does."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, Final

from orderflow import errors
from scripts.documentation.diagram import grouped
from scripts.documentation.sections import listed, table
from scripts.documentation.source import caught, modules, raised

_ERRORS: Final[list[type[Exception]]] = [
    member
    for member in vars(errors).values()
    if inspect.isclass(member)
    and issubclass(member, Exception)
    and member.__module__ == errors.__name__
]


def error_classes(definition: dict[str, Any]) -> str:
    """A table of the errors of ``orderflow.errors``, families first."""
    names = {each.__name__ for each in _ERRORS}
    raising, catching = _modules_by_error(raised, names), _modules_by_error(caught, names)
    named = _names_in(definition)
    return table(
        ["error", "occurs when", "is a", "raised in", "caught in", "in the definition"],
        (
            [
                f"`{error.__name__}`",
                _occurs_when(error),
                f"`{error.__base__.__name__}`" if error.__base__ else "",
                listed(raising.get(error.__name__, [])) or "-",
                listed(catching.get(error.__name__, [])) or "-",
                "yes" if error.__name__ in named else "-",
            ]
            for error in _ERRORS
        ),
    )


def _occurs_when(error: type[Exception]) -> str:
    return " ".join((error.__doc__ or "").partition("\n\n")[0].split()).replace(":class:", "")


def _modules_by_error(look: Callable[[Any], set[str]], names: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for module in modules():
        for name in look(module.tree) & names:
            found.setdefault(name, []).append(module.name.removeprefix("orderflow."))
    return found


def _names_in(definition: dict[str, Any]) -> set[str]:
    return {
        name
        for state in definition["States"].values()
        for rule in (*state.get("Retry", []), *state.get("Catch", []))
        for name in rule["ErrorEquals"]
    }


def states(definition: dict[str, Any]) -> str:
    """A table of what each state retries, and where the errors that it catches lead."""
    return table(
        ["state", "retries", "then catches"],
        (
            [f"`{name}`", "; ".join(_retries(state)) or "-", "; ".join(_catches(state)) or "-"]
            for name, state in definition["States"].items()
            if "Retry" in state or "Catch" in state
        ),
    )


def _retries(state: dict[str, Any]) -> Iterator[str]:
    for rule in state.get("Retry", []):
        yield f"{rule['MaxAttempts']} times: {listed(grouped(rule['ErrorEquals']))}"


def _catches(state: dict[str, Any]) -> Iterator[str]:
    for rule in state.get("Catch", []):
        yield f"{listed(grouped(rule['ErrorEquals']))} -> `{rule['Next']}`"
