"""Every command that changes a stage writes an audit line: a command in neither list fails here."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from textwrap import dedent
from typing import Any

import pytest
import typer

from scripts.cli import main
from scripts.cli.deployment import Deployment
from scripts.cli.operations.audit import AuditTrail

#: Commands that only look, and those that act for a customer, whom the API audits. The console acts
#: through the functions of the others, which audit.
LOOKS = {
    "alerts show", "audit", "backup list", "breakers", "breakers show", "capacity",
    "catalog search", "canary run", "confirm", "console", "cost", "dead-letters list",
    "dead-letters show",
    "demo-shop", "deploy status", "failed", "feedback", "health", "incident", "list", "logs",
    "mail", "refunds list", "show", "submit", "trace", "versions list", "waf status",
    "waf test", "watch",
}  # fmt: skip

#: Commands that act, each with how its audit lines' actions begin.
ACTS = {
    "accounts reset-authenticator": {"account reset-authenticator"},
    "alerts test": {"test page"},
    "backfill": {"backfill"},
    "backup create": {"backup create"},
    "breakers auto": {"breaker "},
    "breakers close": {"breaker "},
    "breakers open": {"breaker "},
    "breakers policy": {"breaker policy"},
    "cancel": {"cancel"},
    "canary set-up": {"canary set-up"},
    "dead-letters drop": {"drop dead letter"},
    "dead-letters keep": {"keep dead letter"},
    "dead-letters retry": {"retry dead letter"},
    "deploy rollback": {"rollback"},
    "forget": {"forget"},
    "reconcile": {"reconcile"},
    "refunds create": {"refund create"},
    "refunds done": {"refund done"},
    "replay": {"redrive", "restart"},
    "restore": {"restore"},
    "resume": {"resume"},
    "secret revoke-previous": {"secret revoke-previous"},
    "secret rotate": {"secret rotate"},
    "versions clean": {"versions clean"},
}

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


@cache
def own(what: Any) -> tuple[frozenset[str], frozenset[Any]]:
    """Of a function or class: the actions within its audit lines, and the code that it names."""
    nodes = list(ast.walk(ast.parse(dedent(inspect.getsource(what)))))
    calls = [
        item.context_expr for node in nodes if isinstance(node, ast.With) for item in node.items
    ]
    actions = {
        beginning(call.args[0])
        for call in calls
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "act"
    }
    known = vars(sys.modules[what.__module__])
    named = [known.get(node.id) for node in nodes if isinstance(node, ast.Name)]
    code = {
        each
        for each in named
        if (inspect.isfunction(each) or inspect.isclass(each))
        and each.__module__.startswith(("scripts.", "orderflow."))
    }
    return frozenset(actions), frozenset(code)


def audited(callback: Any) -> set[str]:
    """How the actions begin that a command does within an audit line, itself or what it names."""
    found: set[str] = set()
    reached, to_read = {callback}, [callback]
    while to_read:
        actions, code = own(to_read.pop())
        found |= actions
        to_read += code - reached
        reached |= code
    return found


def beginning(action: ast.expr) -> str:
    """A text, or what a formatted one begins with."""
    first = action.values[0] if isinstance(action, ast.JoinedStr) else action
    assert isinstance(first, ast.Constant), ast.unparse(action)
    return str(first.value)


def test_every_command_is_known_to_act_or_to_look() -> None:
    assert set(OPERATORS) - LOOKS - set(ACTS) == set()
    assert set(OPERATORS) <= LOOKS | set(ACTS)


@pytest.mark.parametrize("name", sorted(set(ACTS) & set(OPERATORS)))
def test_what_acts_does_so_within_its_audit_line(name: str) -> None:
    assert ACTS[name] <= audited(OPERATORS[name])


@pytest.mark.parametrize("name", sorted(LOOKS & set(OPERATORS)))
def test_what_looks_needs_no_line(name: str) -> None:
    assert audited(OPERATORS[name]) == set()


def without_a_line(_order_id: str) -> None:
    """Names the trail and another act, and writes no line of its own."""
    assert main
    AuditTrail(Deployment("dev"))


def test_a_command_that_lost_its_line_is_found() -> None:
    assert audited(without_a_line) == set()
