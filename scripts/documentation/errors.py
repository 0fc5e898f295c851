"""The tables of errors: which modules raise and catch ours, and what the state machine does."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
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


def retries(definition: dict[str, Any]) -> str:
    """A table of the state machine's retries: errors, waits, and the states that have them."""
    states: dict[str, list[str]] = {}
    rules: dict[str, dict[str, Any]] = {}
    for name, state in definition["States"].items():
        for rule in state.get("Retry", []):
            key = json.dumps(rule, sort_keys=True)
            rules[key] = rule
            states.setdefault(key, []).append(name)
    return table(
        ["errors", "retries", "waits", "in"],
        (
            [
                listed(rule["ErrorEquals"]),
                str(rule["MaxAttempts"]),
                _waits(rule),
                listed(states[key]),
            ]
            for key, rule in rules.items()
        ),
    )


def _waits(rule: dict[str, Any]) -> str:
    first, factor = rule["IntervalSeconds"], rule.get("BackoffRate", 2.0)
    times = f", each {factor:g} times as long" if factor != 1 else " each"
    most = f", at most {rule['MaxDelaySeconds']} s" if "MaxDelaySeconds" in rule else ""
    jitter = ", full jitter" if rule.get("JitterStrategy") == "FULL" else ""
    return f"{first} s{times}{most}{jitter}"


def catches(definition: dict[str, Any]) -> str:
    """A table of the errors that each state catches, and where they lead."""
    return table(
        ["state", "caught errors", "next state"],
        (
            [f"`{name}`", ", ".join(map(_as_code, grouped(rule["ErrorEquals"]))), f"`{next_state}`"]
            for name, state in definition["States"].items()
            for rule in state.get("Catch", [])
            if (next_state := rule["Next"])
        ),
    )


def _as_code(error: str) -> str:
    """An error's name as code; a number of errors as it is."""
    return error if " " in error else f"`{error}`"
