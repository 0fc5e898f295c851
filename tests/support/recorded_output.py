"""The output of a run as a part of a page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

_START: Final = "<!-- output:start -->\n"
_END: Final = "<!-- output:end -->"


def write_output(page: Path, lines: Iterable[str]) -> None:
    """Replaces what is between the page's marks by these lines."""
    text = page.read_text(encoding="utf-8")
    head, start, rest = text.partition(_START)
    _, end, tail = rest.partition(_END)
    assert all((start, end)), f"{page} has no place for the output"
    content = "\n".join(lines)
    page.write_text(f"{head}{start}```\n{content}\n```\n{end}{tail}", encoding="utf-8")
