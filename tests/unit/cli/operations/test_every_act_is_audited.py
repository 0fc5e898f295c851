"""Every command that changes a stage writes an audit line: a command in neither list fails here."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import pytest
import typer

from scripts.cli import main

#: Commands that only look, and those that act for a customer, whom the API audits.
LOOKS = {
    "audit", "breakers", "breakers show", "demo-shop", "failed", "feedback", "list", "refunds list",
    "show", "submit", "waf status", "waf test", "watch",
}  # fmt: skip

#: Commands whose act is audited.
ACTS = {
    "accounts reset-authenticator", "backfill",
    "breakers auto", "breakers close", "breakers open", "breakers policy", "cancel",
    "forget", "reconcile", "refunds create", "refunds done", "replay", "resume",
    "secret revoke-previous", "secret rotate",
}  # fmt: skip

#: What is practised with stand-ins, and this machine's own stack.
PRACTICE = {"demo", "pay", "expire", "dispute", "refund", "faults", "local", "catalog load"}


def commands(app: typer.Typer, prefix: str = "") -> dict[str, Any]:
    found = {}
    for each in app.registered_commands:
        assert each.callback is not None
        name = each.name or each.callback.__name__.replace("_", "-")
        found[f"{prefix}{name}"] = each.callback
    for group in app.registered_groups:
        assert group.typer_instance is not None
        found |= commands(group.typer_instance, f"{prefix}{group.name} ")
        if group.typer_instance.registered_callback:
            found[f"{prefix}{group.name}"] = group.typer_instance.registered_callback.callback
    return found


COMMANDS = commands(main.app)
OPERATORS = {
    name: callback
    for name, callback in COMMANDS.items()
    if name not in PRACTICE and name.partition(" ")[0] not in PRACTICE
}


def test_every_command_is_known_to_act_or_to_look() -> None:
    assert set(OPERATORS) - LOOKS - ACTS == set()
    assert set(OPERATORS) <= LOOKS | ACTS


@pytest.mark.parametrize("name", sorted(ACTS & set(OPERATORS)))
def test_what_acts_is_audited(name: str) -> None:
    module = sys.modules[OPERATORS[name].__module__]

    assert "AuditTrail(" in inspect.getsource(module)
