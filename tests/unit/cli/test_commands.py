"""What every command has: help with examples, ``--name``, a version, errors as JSON."""

from __future__ import annotations

import json
import os
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

from scripts.cli.commands import commands_below
from scripts.cli.examples import EXAMPLES
from scripts.cli.operations import failed
from tests.support.command_line import ROOT, parsed
from tests.support.paths import PROJECT
from tests.unit.cli.conftest import Orders

COMMANDS = dict(commands_below(ROOT, "orders"))


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_every_commands_help_has_its_examples(orders: Orders, path: str, flag: str) -> None:
    result = orders(*path.split()[1:], flag)

    assert result.exit_code == 0
    text = "".join(result.stdout.split())
    assert path in EXAMPLES, "scripts/cli/examples.py has no example of it"
    for example in EXAMPLES[path]:
        assert "".join(example.split()) in text


@pytest.mark.parametrize("group", ["accounts", "breakers", "faults", "local", "refunds", "waf"])
def test_groups_have_a_short_flag_for_help(orders: Orders, group: str) -> None:
    result = orders(group, "-h")

    assert result.exit_code == 0
    assert "Usage:" in result.stdout


@pytest.mark.parametrize(
    ("path", "example"), [(path, line) for path in COMMANDS for line in EXAMPLES.get(path, ())]
)
def test_every_example_is_accepted_by_its_command(
    path: str, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("list.txt", "catalog.csv"):
        (tmp_path / name).write_text("3 eggs", encoding="utf-8")
    line = example.removeprefix('eval "$(').removesuffix(')"').rpartition("| ")[2]

    assert parsed(shlex.split(line)[1:]) is COMMANDS[path]


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_every_command_has_a_name_of_a_local_stack(path: str) -> None:
    assert any("--name" in each.opts for each in COMMANDS[path].params)


@pytest.mark.parametrize("before", [None, "other"])
def test_the_name_holds_for_one_command(
    orders: Orders, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    monkeypatch.delenv("ORDERS_LOCAL_NAME", raising=False)
    if before:
        monkeypatch.setenv("ORDERS_LOCAL_NAME", before)
    seen: list[str | None] = []

    def connect(_: str) -> Any:
        seen.append(os.environ.get("ORDERS_LOCAL_NAME"))
        raise KeyboardInterrupt

    monkeypatch.setattr(failed, "connect", connect)

    orders("failed", "--name", "mine")
    orders("failed")

    assert seen == ["mine", before]
    assert os.environ.get("ORDERS_LOCAL_NAME") == before


def test_the_version_is_the_projects(orders: Orders) -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]

    assert orders("--version").stdout == f"orders {project['version']}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["shwo", "--json"],
        ["list", "--limit", "x", "--json"],
        ["list", "--json", "--status", "lost"],
        ["--bogus", "--json"],
        ["cancel", "6cfc66f5", "--json"],
    ],
)
def test_a_misuse_is_json_with_json(orders: Orders, arguments: list[str]) -> None:
    result = orders(*arguments)

    error = json.loads(result.stderr)["error"]
    assert result.exit_code == error["exitCode"] == 2
    assert (error["code"], result.stdout) == ("REFUSED", "")


def test_without_json_a_misuse_is_shown_with_the_usage(orders: Orders) -> None:
    result = orders("list", "--limit", "x")

    assert result.exit_code == 2
    assert "Usage: orders list" in result.stderr


def test_a_list_that_holds_the_option_asks_for_no_json(orders: Orders) -> None:
    result = orders("submit", "--bogus", "--", "--json")

    assert "Usage: orders submit" in result.stderr
