"""The runbooks: what each has, and that every command on them is one that its program accepts."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from typer._click.exceptions import ClickException

from tests.support.command_line import parsed
from tests.support.following import differences
from tests.support.paths import PROJECT, TESTS
from tests.support.runbooks import (
    ACT,
    LOOK,
    PLACEHOLDERS,
    PRACTISE,
    VERIFY,
    PageCommand,
    commands,
    commands_of,
    filled,
    pages,
    sections,
)
from tests.support.terminal import Ran

CONTENTS = "README.md"
RUNBOOKS = [page.name for page in pages() if page.name != CONTENTS]
COMMANDS = [command for page in pages() for command in commands_of(page.name)]
#: A command with arguments in a sentence or a table: the name of one alone is no command line.
INLINE = re.compile(r"`((?:orders|aws|make) [^`\n]+)`")
TARGETS = re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)

GOOD = """# A page
## Look
```sh
orders failed     # what fails? shows "a" or "b" and "c"; shows no "ORDER_ID"; exit code 1
```
## Act
```sh
aws kms enable-key --key-id KEY_ID     # not here: no key is disabled
```
## Verify
```sh
orders show ORDER_ID
```
"""


def missing(text: str) -> list[str]:
    """The sections that a page lacks, or in which nothing says what to do."""
    found = sections(text)
    return [each for each in (LOOK, ACT, VERIFY) if not found.get(each, "").strip()]


def refusal(line: str) -> str | None:
    """Why a program refuses the command line; None where it takes it."""
    words = shlex.split(filled(line, PLACEHOLDERS))
    match words:
        case ["orders", *rest]:
            return _refusal_of_orders(rest)
        case ["aws", service, operation, *options]:
            return _refusal_of_aws(service, operation, options)
        case ["make", target, *variables]:
            is_good = target in TARGETS and all("=" in each for each in variables)
            return None if is_good else f"no target {target}"
    return f"{words[0]} is none of our programs"


def _refusal_of_orders(words: list[str]) -> str | None:
    try:
        parsed(words)
    except (ClickException, AssertionError) as error:
        return getattr(error, "message", None) or str(error)
    return None


def _refusal_of_aws(service: str, operation: str, options: list[str]) -> str | None:
    """As the AWS CLI, whose commands and options are made of the services' models."""
    try:
        model = botocore.session.get_session().get_service_model(service)
    except botocore.exceptions.UnknownServiceError as error:
        return str(error)
    names = {xform_name(each, "-"): each for each in model.operation_names}
    if operation not in names:
        return f"{service} has no {operation}"
    shape = model.operation_model(names[operation]).input_shape
    assert shape is not None  # each operation on these pages takes something
    known = {xform_name(each, "-") for each in shape.members}
    needed = {xform_name(each, "-") for each in shape.required_members}
    given = {each.removeprefix("--") for each in options if each.startswith("--")}
    if wrong := (given - known) | (needed - given):
        return f"{service} {operation}: {sorted(wrong)} are unknown or missing"
    return None


def is_a_name(span: str) -> bool:
    """Whether the span names a command, as ``orders show`` does, and gives it no argument."""
    return all(re.fullmatch(r"[a-z][a-z-]*", word) for word in span.split())


@pytest.mark.parametrize("page", RUNBOOKS)
def test_a_page_says_where_to_look_what_to_do_and_how_to_see_that_it_helped(page: str) -> None:
    text = next(each for each in pages() if each.name == page).read_text("utf-8")

    assert missing(text) == []
    of = {command.section for command in commands_of(page)}
    assert {LOOK, VERIFY} <= of
    assert of <= {LOOK, ACT, VERIFY, PRACTISE}


@pytest.mark.parametrize("section", [LOOK, ACT, VERIFY])
def test_a_page_without_a_section_or_with_an_empty_one_is_noticed(section: str) -> None:
    without = GOOD.replace(f"## {section}\n", f"## Not {section}\n")
    empty = re.sub(rf"## {section}\n```sh\n.+\n```\n", f"## {section}\n\n", GOOD)

    assert missing(GOOD) == []
    assert missing(without) == missing(empty) == [section]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: f"{each.page}: {each.line}")
def test_every_command_is_one_that_its_program_takes(command: PageCommand) -> None:
    assert refusal(command.line) is None
    assert command.problems == []
    # Only what is another program's may be out of a test's reach.
    assert command.elsewhere is None or not command.line.startswith("orders ")
    assert command.elsewhere or command.line.startswith("orders ")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_command_in_a_sentence_or_a_table_is_one_too(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S)
    spans = [each for each in INLINE.findall(text) if not is_a_name(each)]

    refused = {each: why for each in spans if (why := refusal(each.replace("...", "Why.")))}

    assert refused == {}


def test_no_command_stands_outside_of_a_fence_of_its_kind() -> None:
    """Where no test would find it."""
    for page in pages():
        text = page.read_text("utf-8")
        assert re.findall(r"^    \S.*$", text, re.MULTILINE) == []
        assert {*re.findall(r"^```(\w*)$", text, re.MULTILINE)} <= {"sh", "text", ""}
        for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
            is_command = re.search(r"^(orders|aws|make) ", block, re.MULTILINE)
            assert language == "sh" or not is_command


@pytest.mark.parametrize(
    "line",
    [
        "orders shwo ORDER_ID",
        "orders show",
        "orders refunds",
        "orders failed --sinse 2h",
        "orders failed --since soon",
        "orders breakers open ebay --reason X",
        "orders replay --rate",
        "aws kmss enable-key --key-id KEY_ID",
        "aws kms enabel-key --key-id KEY_ID",
        "aws kms enable-key",
        "aws kms enable-key --key KEY_ID",
        "make smok STAGE=prod",
        "curl https://status.paystack.com",
    ],
)
def test_a_command_that_is_wrong_is_noticed(line: str) -> None:
    assert refusal(line)


def test_a_page_is_read_with_what_it_says_of_each_command() -> None:
    failed, enable, show = commands("page.md", GOOD)

    assert (failed.section, failed.line, failed.exit_code) == (LOOK, "orders failed", 1)
    assert failed.shows({"ORDER_ID": "x"}) == [["a", "b"], ["c"]]
    assert failed.hides({"ORDER_ID": "x"}) == ["x"]
    assert failed.placeholders == {"ORDER_ID"}
    assert (enable.section, enable.elsewhere) == (ACT, "no key is disabled")
    assert (show.words({"ORDER_ID": "x y"}), show.exit_code) == (["orders", "show", "x", "y"], 0)
    with pytest.raises(KeyError):
        show.words({})


@pytest.mark.parametrize(
    ("screen", "exit_code", "found"),
    [
        ("a and c", 1, []),
        ("b and c", 1, []),
        ("c", 1, ["does not show a or b"]),
        ("a", 1, ["does not show c"]),
        ("a, c and 6cfc66f5", 1, ["shows 6cfc66f5"]),
        ("a and c", 0, ["exit code 0"]),
    ],
)
def test_a_command_that_does_not_do_as_its_page_says_is_noticed(
    screen: str, exit_code: int, found: list[str]
) -> None:
    failed, *_ = commands("page.md", GOOD)

    assert differences(failed, PLACEHOLDERS, Ran(exit_code, screen)) == found


@pytest.mark.parametrize(
    "says", ['see "a"', "shows a", 'shows "a" "b"', "exit code one", "exits with exit code 1"]
)
def test_a_statement_that_can_not_be_read_is_noticed(says: str) -> None:
    assert PageCommand("page.md", LOOK, "orders failed", says).problems == [says]


@pytest.mark.parametrize("page", RUNBOOKS)
def test_a_test_on_the_deployed_stack_follows_each_page(page: str) -> None:
    tests = [*(TESTS / "integration").glob("test_*.py")]

    assert any(re.search(rf'Following\(\s*"{page}"', each.read_text("utf-8")) for each in tests)
