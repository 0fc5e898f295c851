"""Names, paths, targets and commands that the documentation mentions exist.

Decisions and the changelog are left out: they speak of the time when they were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from scripts.cli.main import app
from tests.support.paths import PROJECT

PAGES = sorted(
    page
    for pattern in ("*.md", "docs/*.md", "docs/runbooks/*.md")
    for page in PROJECT.glob(pattern)
    if page.name != "CHANGELOG.md"
)
SOURCES = ("functions", "cdk", "scripts", "workflows", "tests")
SUFFIXES = {".py", ".yaml", ".graphql", ".js", ".mjs", ".json", ".jsonl", ".csv", ".html", ".txt"}

#: Names of others, which no code here uses, and placeholders.
FOREIGN = {
    "AWSServiceRoleForAmazonCognitoIdpEmailService",
    "DDBStreamBatchInfo",
    "FILE",
    "secret.json",
}

NAME = re.compile(r"[A-Za-z_][\w.]*")
PATH = re.compile(rf"(?:{'|'.join(SOURCES)}|docs|orderflow)/[\w./-]+|[\w-]+\.(?:py|json|yaml)")
SPAN = re.compile(r"`([^`\n]+)`")
#: Commands in fences, or indented.
BLOCK = re.compile(r"^```(?:sh|console)\n.*?^```|^    [^\n]+$", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"\s*(?:\$ )?make ([a-z-]+)")
COMMAND = re.compile(r"\s*(?:\$ )?orders ([a-z][a-z-]*(?: [a-z][a-z-]*)?)(?= |$)")


@cache
def sources() -> list[Path]:
    return [
        path
        for folder in SOURCES
        for path in (PROJECT / folder).rglob("*")
        if path.suffix in SUFFIXES and not {"node_modules", "cdk.out"} & {*path.parts}
    ]


@cache
def words() -> set[str]:
    """All words of the source code, as they are and as camelCase shows them outside."""
    files = [*sources(), PROJECT / "Makefile", PROJECT / "pyproject.toml"]
    text = "\n".join(path.read_text(encoding="utf-8", errors="ignore") for path in files)
    found = {*re.findall(r"\w+", text)} | {path.stem for path in files}
    return found | {re.sub(r"_(\w)", lambda part: part[1].upper(), word) for word in found}


def spans(page: Path) -> list[str]:
    """What the page has in code font, outside of code blocks."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return SPAN.findall(text)


def code(page: Path) -> list[str]:
    """What the page has in code font, and the lines of its code blocks."""
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [*spans(page), *(line for block in blocks for line in block.splitlines())]


def unknown_names(span: str) -> list[str]:
    if span in FOREIGN:
        return []
    if PATH.fullmatch(span):
        ends = span.rstrip("/")
        exists = any((PROJECT / base / ends).exists() for base in (".", "functions", "scripts"))
        return [] if exists or any(path.name == ends for path in sources()) else [span]
    if NAME.fullmatch(span):
        return [part for part in span.split(".") if part and part not in words()]
    return []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_name_and_path_in_code_font_exists(page: Path) -> None:
    assert [name for span in spans(page) for name in unknown_names(span)] == []


@pytest.mark.parametrize(
    "span", ["no_such_name", "functions/no_such_folder", "no_such_file.py", "Order.no_such_field"]
)
def test_a_name_or_path_that_does_not_exist_is_noticed(span: str) -> None:
    # In two parts, or this very file would hold the name.
    assert unknown_names(span.replace("no_such", "no_" + "suchh"))


def mentioned(pattern: re.Pattern[str]) -> set[str]:
    """What the pattern finds at the beginning of all code of all pages."""
    found = (pattern.match(line) for page in PAGES for line in code(page))
    return {match[1] for match in found if match}


def test_every_target_of_make_that_is_mentioned_exists() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = {*re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)}

    assert {"docs", "test"} <= mentioned(TARGET) <= targets


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))


def test_every_command_that_is_mentioned_exists() -> None:
    known = {*commands(typer.main.get_command(app))}
    groups = {path[0] for path in known if len(path) > 1}
    named = {tuple(found.split()) for found in mentioned(COMMAND)}

    assert ("failed",) in named
    # After a command without commands of its own comes an argument.
    assert {path if path[0] in groups else path[:1] for path in named} <= known
