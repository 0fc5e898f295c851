"""Look-ups of advisories, with recorded answers: silence is never a clean result."""

from __future__ import annotations

import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from scripts.security.advisories import (
    NODE_FOLDERS,
    Findings,
    NotLookedUpError,
    look_up,
    read_npm_audit,
    read_pip_audit,
)
from scripts.security.row import Result
from tests.support.paths import PROJECT, TESTS

Read = Callable[[CompletedProcess[str]], Findings]


def done(name: str, code: int = 0, error: str = "") -> CompletedProcess[str]:
    text = (TESTS / "data" / "advisories" / f"{name}.json").read_text() if name else ""
    return CompletedProcess([], code, text, error)


def result(known: CompletedProcess[str], wanted: CompletedProcess[str], read: Read) -> Result:
    return look_up("all", lambda: read(known), lambda: read(wanted)).result


PIP = ("pip", read_pip_audit)
NPM = ("npm", read_npm_audit)


@pytest.mark.parametrize(("tool", "read"), [PIP, NPM])
def test_packages_without_advisories_are_green_where_the_service_has_some(
    tool: str, read: Read
) -> None:
    known, clean = done(f"{tool}_vulnerable", 1), done(f"{tool}_clean")
    row = look_up("all", lambda: read(known), lambda: read(clean))
    assert (row.result, row.reason) == (Result.GREEN, "2 packages, no advisory")


@pytest.mark.parametrize(
    ("tool", "read", "named"),
    [(*PIP, "jinja2 2.11.2: PYSEC-2021-66"), (*NPM, "minimist <=0.2.3: critical")],
)
def test_an_advisory_is_red_and_named(tool: str, read: Read, named: str) -> None:
    found = done(f"{tool}_vulnerable", 1)
    row = look_up("all", lambda: read(found), lambda: read(found))
    assert (row.result, row.reason) == (Result.RED, named)


@pytest.mark.parametrize(("tool", "read"), [PIP, NPM])
def test_a_service_without_any_advisory_was_not_asked(tool: str, read: Read) -> None:
    """The known package has advisories, so an answer without them is none."""
    clean = done(f"{tool}_clean")
    assert result(clean, clean, read) is Result.NOT_LOOKED_UP


@pytest.mark.parametrize(
    ("answer", "read", "reason"),
    [
        (done("pip_skipped"), read_pip_audit, "1 of 1 packages skipped: Dependency not found"),
        (done("", 1, "ERROR: no connection\n"), read_pip_audit, "ERROR: no connection"),
        (CompletedProcess([], 0, '{"dependencies": []}', ""), read_pip_audit, "wrote nothing"),
        (CompletedProcess([], 0, "[]", ""), read_pip_audit, "no object"),
        (done("npm_refused", 1), read_npm_audit, "the service answered 405"),
        (done("", 1, "npm error network\n"), read_npm_audit, "npm error network"),
        (CompletedProcess([], 0, "{}", ""), read_npm_audit, "wrote nothing"),
    ],
)
def test_a_failed_look_up_is_never_green(
    answer: CompletedProcess[str], read: Read, reason: str
) -> None:
    with pytest.raises(NotLookedUpError, match=reason):
        read(answer)
    tool = "pip" if read is read_pip_audit else "npm"
    assert result(done(f"{tool}_vulnerable"), answer, read) is Result.NOT_LOOKED_UP
    assert result(answer, done(f"{tool}_clean"), read) is Result.NOT_LOOKED_UP


def test_every_lock_file_of_npm_is_looked_up() -> None:
    locks = [
        path.parent.relative_to(PROJECT).as_posix()
        for path in PROJECT.rglob("package-lock.json")
        if not {"node_modules", ".venv", ".build", ".local"} & {*path.parts}
    ]
    assert sorted(NODE_FOLDERS) == sorted(locks)


def test_the_recorded_answers_are_json() -> None:
    for path in (TESTS / "data" / "advisories").glob("*.json"):
        assert json.loads(path.read_text())
