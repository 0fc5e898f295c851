"""Every command line that output, or docs/command-line.md's examples of it, advise is accepted."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator

import pytest
from typer._click.exceptions import ClickException

from tests.support.command_line import parsed
from tests.support.paths import PROJECT

PAGE = (PROJECT / "docs" / "command-line.md").read_text(encoding="utf-8")
SOURCES = (PROJECT / "scripts" / "cli", PROJECT / "scripts" / "inspection")
#: Stands for what is filled in at run time.
FILLED = "6cfc66f5"
#: What else a field may be: the name of a provider, or a selection of orders.
FILLS = (FILLED, "paystack", f"--order {FILLED}")
#: A command with something to fill in (a word in capitals), or an option: it is to be copied.
COPIED = re.compile(rf"^\s*orders [a-z].*({FILLED}|--|\b[A-Z]{{3,}}\b)")


def texts(tree: ast.AST) -> Iterator[str]:
    """The literal texts, those with fields as one: a local ``command = f"..."`` is put in."""
    names = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.JoinedStr)
    }
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield _joined(node, names)
        elif id(node) in parts:
            continue
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _joined(text: ast.JoinedStr, names: dict[str, ast.JoinedStr]) -> str:
    parts = []
    for part in text.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        elif isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
            inner = names.get(part.value.id)
            parts.append(_joined(inner, {}) if inner else FILLED)
        else:
            parts.append(FILLED)
    return "".join(parts)


def printed() -> Iterator[str]:
    for folder in SOURCES:
        for path in sorted(folder.rglob("*.py")):
            for text in texts(ast.parse(path.read_text(encoding="utf-8"))):
                if "\n" not in text and COPIED.match(text):
                    yield text.strip()


def documented() -> Iterator[str]:
    """Lines of output on the page; a usage line, with brackets or without a value, is none."""
    for line in PAGE.splitlines():
        if re.match(r"^ {5,}orders ", line):
            yield line.strip()


def test_there_is_advice_to_look_at() -> None:
    assert any(line.startswith("orders refunds done") for line in printed())
    assert any(line.startswith("orders refunds done") for line in documented())


@pytest.mark.parametrize("line", sorted({*printed(), *documented()}))
def test_advice_is_a_command_line_that_the_program_takes(line: str) -> None:
    assert any(accepts(line.replace(FILLED, filled)) for filled in FILLS)


def accepts(line: str) -> bool:
    try:
        parsed(shlex.split(line)[1:])
    except ClickException:
        return False
    return True
