"""States of a definition, evaluated here: the JSONata of arguments and assignments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonata import Jsonata

_EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)

#: What CloudFormation fills in; in an expression it is a number of seconds.
_SUBSTITUTION = re.compile(r"\$\{\w+\}")

Definition = Mapping[str, Any]

CONTEXT = {
    "Execution": {"Id": "arn:aws:states:eu-west-1:1:execution:orders:an-order", "Name": "an-order"},
    "State": {"Name": "State", "EnteredTime": "2026-01-31T12:00:00.000Z", "RetryCount": 0},
    "Task": {"Token": "a-token"},
}


def evaluate(value: Any, variables: Mapping[str, Any], **states: Any) -> Any:
    """A part of a state with its expressions replaced.

    Args:
        value: any part.
        variables: the execution's.
        states: what ``$states`` holds beside the context: ``input``, ``result``.
    """
    match value:
        case dict():
            return {name: evaluate(each, variables, **states) for name, each in value.items()}
        case list():
            return [evaluate(each, variables, **states) for each in value]
        case str() if found := _EXPRESSION.fullmatch(value.strip()):
            bindings = {**variables, "states": {"context": CONTEXT, **states}}
            return Jsonata(_SUBSTITUTION.sub("60", found[1].strip())).evaluate(None, bindings)
        case _:
            return value


def in_flight(definition: Definition) -> Iterator[str]:
    """The states in which executions stay: those that wait, and those that retry."""
    for name, state in definition["States"].items():
        if state["Type"] == "Wait" or "Retry" in state:
            yield name


def waits_for_token(state: Mapping[str, Any]) -> bool:
    """Whether a function answers the state."""
    return str(state.get("Resource", "")).endswith(".waitForTaskToken")
