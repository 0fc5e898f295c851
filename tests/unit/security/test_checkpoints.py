"""The report's rows: every named test exists, and only what ran and passed is green."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from scripts.security import runs
from scripts.security.checkpoints import CHECKPOINTS, Checkpoint, unknown
from scripts.security.report import markdown
from scripts.security.row import Result, Row
from scripts.security.runs import Ran, read, row
from scripts.security.scanners import scan

HERE = "tests/unit/security/test_checkpoints.py"


def test_every_test_of_a_checkpoint_exists() -> None:
    assert unknown(test for each in CHECKPOINTS for test in each.tests) == []


@pytest.mark.parametrize(
    ("test", "exists"),
    [
        (HERE, True),
        (f"{HERE}::test_every_test_of_a_checkpoint_exists", True),
        (f"{HERE}::test_that_is_not_there", False),
        ("tests/unit/handlers/test_api.py::TestSubmitGroceryList::test_an_order_is_accepted", True),
        ("tests/unit/no_such_file.py", False),
    ],
)
def test_a_test_is_found_by_its_node_id(test: str, exists: bool) -> None:
    assert unknown([test]) == ([] if exists else [test])


TEST = f"{HERE}::test_every_test_of_a_checkpoint_exists"


@pytest.mark.parametrize(
    ("ran", "result", "reason"),
    [
        ([Ran(TEST, "passed"), Ran(f"{TEST}[a]", "passed")], Result.GREEN, "2 tests"),
        ([Ran(f"{TEST}[a]", "failed"), Ran(TEST, "passed")], Result.RED, f"failed: {TEST}[a]"),
        ([Ran(TEST, "skipped")], Result.NOT_RUN, f"skipped: {TEST}"),
        ([Ran(f"{TEST}_too", "passed")], Result.RED, f"did not run: {TEST}"),
        ([], Result.RED, f"did not run: {TEST}"),
    ],
)
def test_a_checkpoint_is_green_where_all_its_tests_ran_and_passed(
    ran: list[Ran], result: Result, reason: str
) -> None:
    found = row(Checkpoint("It holds", (TEST,)), ran)
    assert (found.result, found.reason) == (result, reason)


def test_a_checkpoint_of_a_test_that_does_not_exist_is_red() -> None:
    found = row(Checkpoint("It holds", ("tests/unit/gone.py",)), [])
    assert (found.result, found.reason) == (Result.RED, "no such test: tests/unit/gone.py")


@pytest.mark.parametrize(
    ("inputs", "result", "reason"),
    [
        (150, Result.RED, "tried 150 of 10,000 inputs"),
        (10_000, Result.GREEN, "1 tests, 10,000 inputs"),
    ],
)
def test_a_checkpoint_whose_tests_try_too_few_inputs_is_red(
    inputs: int, result: Result, reason: str
) -> None:
    found = row(Checkpoint("It holds", (TEST,), inputs=10_000), [Ran(TEST, "passed", inputs)])
    assert (found.result, found.reason) == (result, reason)


def test_what_names_a_number_of_inputs_tries_as_many() -> None:
    """The number in a row's name is what its tests have to try."""
    for each in CHECKPOINTS:
        named = re.match(r"([\d,]+) ", each.name)
        assert each.inputs == (int(named[1].replace(",", "")) if named else 0)


def test_the_tests_run_once_and_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[list[str], dict[str, Any]]] = []
    monkeypatch.setattr(runs, "run", lambda command, **more: ran.append((command, more)))
    checkpoints = [Checkpoint("It holds", (TEST,)), Checkpoint("All hold", (HERE,))]

    assert runs.run_tests(checkpoints, tmp_path) == []

    ((command, options),) = ran
    assert options["environment"]["FUZZ"] == "full"
    assert [each for each in command if each.startswith("tests/")] == [HERE], "each once"


def test_pytests_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "unit.xml"
    assert read(path) == []
    path.write_text(
        '<testsuites><testsuite><testcase classname="tests.unit.a.test_b" name="test_c[1]"/>'
        '<testcase classname="tests.unit.test_b.TestD" name="test_e"><failure/></testcase>'
        '<testcase classname="tests.unit.test_b" name="test_f"><error/></testcase>'
        '<testcase classname="tests.unit.test_b" name="test_g"><skipped/></testcase>'
        '<testcase classname="tests.unit.test_b" name="test_h"><properties>'
        '<property name="inputs" value="300"/></properties></testcase>'
        "</testsuite></testsuites>"
    )
    assert read(path) == [
        Ran("tests/unit/a/test_b.py::test_c[1]", "passed"),
        Ran("tests/unit/test_b.py::TestD::test_e", "failed"),
        Ran("tests/unit/test_b.py::test_f", "failed"),
        Ran("tests/unit/test_b.py::test_g", "skipped"),
        Ran("tests/unit/test_b.py::test_h", "passed", 300),
    ]


def test_a_scanner_is_green_where_it_ends_well() -> None:
    assert scan("it", ["true"]).result is Result.GREEN
    found = scan("it", ["sh", "-c", "echo a finding; exit 1"])
    assert (found.result, found.reason) == (Result.RED, "a finding")
    assert scan("it", ["no-such-tool-here"]).result is Result.RED


def test_the_report_shows_every_row_with_its_reason() -> None:
    rows = [
        Row("A", "one", Result.GREEN, "3 tests"),
        Row("A", "two", Result.RED, "x | y\nz"),
        Row("B", "three", Result.NOT_LOOKED_UP, "the service answered 405"),
    ]

    text = markdown(rows, "local", "2026-01-31T12:00:00.000Z")

    assert "1 green, 1 red, 1 not looked up." in text
    assert "| two | **red** | x \\| y z |" in text
    assert text.index("## A") < text.index("## B") < text.index("the service answered 405")


def test_a_scanner_says_with_which_codes_it_found_nothing() -> None:
    command = ["sh", "-c", "exit 3"]
    assert scan("a scanner", command).result is Result.RED
    assert scan("a scanner", command, clean=(0, 3)).result is Result.GREEN
