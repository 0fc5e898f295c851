"""Any encoding of the terminal: characters that it does not hold become similar ones."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest

from scripts.cli.console import print_json
from scripts.cli.encodings import likeness, write_likenesses
from tests.support.paths import PROJECT

SOURCES = sorted((PROJECT / "scripts" / "cli").rglob("*.py"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("₦2,550.00 ✓", "N2,550.00 v"),
        ("crème fraîche", "creme fraiche"),
        ("⠋ Waiting", "* Waiting"),
        ("History ───", "History ---"),
        ("卵 3", "? 3"),
        ("plain", "plain"),
    ],
)
def test_characters_become_similar_ones_of_the_same_width(text: str, shown: str) -> None:
    assert likeness(text) == shown
    assert len(shown) == len(text)


def test_every_sign_that_the_views_use_has_a_likeness() -> None:
    signs = {
        sign
        for file in SOURCES
        for sign in re.findall(r"[^\x00-\x7f]", file.read_text(encoding="utf-8"))
    }

    assert {sign for sign in signs if "?" in likeness(sign)} == set()


@pytest.mark.parametrize(
    ("encoding", "written"), [("ascii", b"N3"), ("latin-1", b"N3"), ("utf-8", "₦3".encode())]
)
def test_only_what_the_encoding_lacks_is_replaced(encoding: str, written: bytes) -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding)
    write_likenesses([stream])

    stream.write("₦3")
    stream.flush()

    assert buffer.getvalue() == written


@pytest.mark.parametrize(("encoding", "written"), [("ascii", '"\\u20a6"'), ("utf-8", '"₦"')])
def test_json_is_escaped_where_the_encoding_needs_it(
    monkeypatch: pytest.MonkeyPatch, encoding: str, written: str
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)

    print_json("₦")

    stream.seek(0)
    assert stream.read() == f"{written}\n"


@pytest.mark.parametrize(
    "encoding",
    ["ascii", *(pytest.param(each, marks=pytest.mark.long) for each in ("latin-1", "cp1252"))],
)
def test_the_command_runs_on_any_terminal(encoding: str) -> None:
    run = (
        "import sys; from scripts.cli.main import run; sys.argv = ['orders', 'submit', '-h']; run()"
    )
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "80"}

    done = subprocess.run(
        [sys.executable, "-c", run], cwd=PROJECT, env=environment, capture_output=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Send a grocery list" in done.stdout
