"""The file of the record of requests, and the one before it."""

from __future__ import annotations

import logging
from pathlib import Path

from scripts.local.cloudwatch.request_lines import Lines


def write(path: Path, *messages: str, most_bytes: int = 10) -> None:
    lines = Lines(path, most_bytes)
    for each in messages:
        lines.handle(logging.makeLogRecord({"msg": each}))
    lines.close()


def test_lines_are_appended(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"

    write(path, "one")
    write(path, "two")

    assert path.read_text() == "one\ntwo\n"
    assert [*tmp_path.iterdir()] == [path]


def test_a_full_file_is_kept_and_the_one_before_it_is_not(tmp_path: Path) -> None:
    path, kept = tmp_path / "requests.jsonl", tmp_path / "requests.jsonl.1"

    write(path, "äöü", "23", "next")  # the first two fill the file to the byte

    assert (kept.read_text(), path.read_text()) == ("äöü\n23\n", "next\n")
    write(path, "123456", "last")
    assert (kept.read_text(), path.read_text()) == ("123456\n", "last\n")


def test_a_line_that_is_longer_than_a_file_has_one_of_its_own(tmp_path: Path) -> None:
    path, kept = tmp_path / "requests.jsonl", tmp_path / "requests.jsonl.1"

    write(path, "longer than ten bytes", "short")

    assert (kept.read_text(), path.read_text()) == ("longer than ten bytes\n", "short\n")
