"""docs/command-line.md documents exactly the commands and options of ``orders --help``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
import typer.main

from orderflow.operations.replay_plan import Action
from orderflow.orders.status import OrderStatus
from scripts.cli.console import ExitCode
from scripts.cli.main import app
from scripts.local.stack.health import check
from scripts.local.stack.state import Process, Supervised
from scripts.local.stand_ins.faults import Mode
from tests.support.paths import PROJECT
from tests.unit.cli.conftest import URLS

PAGE = (PROJECT / "docs" / "command-line.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))

#: A process that does not run: nothing is asked.
ENDED = Process(pid=1, created=psutil.boot_time() - 1)


def commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(commands(typer.main.get_command(app), "orders"))


def spellings(option: Any) -> set[str]:
    return {*option.opts, *option.secondary_opts}


def options(command: Any) -> Iterator[Any]:
    return (each for each in command.params if each.param_type_name == "option")


def test_the_sections_are_those_of_the_commands() -> None:
    assert {name for name in SECTIONS if name.startswith("orders ")} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_first_table_leads_to_every_command(name: str) -> None:
    assert f"(#{name.replace(' ', '-')})" in PAGE.split("\n## ")[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_options_and_their_variables_are_documented(name: str) -> None:
    own, common = (set(re.findall(r"`([^`]+)`", SECTIONS[each])) for each in (name, "Which stage"))
    for option in options(COMMANDS[name]):
        # `--name` is the same everywhere.
        table = common if "--name" in spellings(option) else own
        assert spellings(option) <= table
        if option.envvar:
            assert option.envvar in table


@pytest.mark.parametrize("name", COMMANDS)
def test_every_documented_option_exists(name: str) -> None:
    known = set().union(*map(spellings, options(COMMANDS[name])))
    rows = re.findall(r"^\| (`-.+?) \|", SECTIONS[name], re.MULTILINE)
    usage = re.search(r"^    orders (.+)$", SECTIONS[name], re.MULTILINE)
    assert usage is not None
    mentioned = {word for text in (*rows, usage[1]) for word in re.findall(r"(?<!\w)-[-\w]+", text)}
    assert mentioned <= known


@pytest.mark.parametrize("code", ExitCode)
def test_every_exit_code_is_documented(code: ExitCode) -> None:
    assert f"| {code.value} | {code.name} |" in SECTIONS["Exit codes"]


def test_the_fault_modes_are_documented() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", SECTIONS["orders faults set"], re.MULTILINE)) == set(
        Mode
    )


def test_the_actions_of_a_replay_are_documented() -> None:
    planned = re.findall(r"^\| (\w+) \|", SECTIONS["orders replay"], re.MULTILINE)
    assert set(planned) - {"plan", "option"} == set(Action)


@pytest.mark.parametrize("example", re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_are_json_with_statuses_that_exist(example: str) -> None:
    content = json.loads(example)
    assert content.get("status", "MATCHED") in set(OrderStatus)


def test_the_components_of_a_local_stack_are_documented() -> None:
    sentence = re.search(r"the components are (.+?)\.", SECTIONS["orders local status"], re.DOTALL)
    assert sentence is not None
    status = check("default", Supervised(supervisor=ENDED, ministack=ENDED, urls=URLS), None)
    assert set(re.findall(r"`(\w+)`", sentence[1])) == {each.name for each in status.components}
