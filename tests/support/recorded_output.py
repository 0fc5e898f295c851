"""The output of a run as a part of a page."""

from __future__ import annotations

import os
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


def busy() -> str:
    """How busy the machine is: without it no time can be compared."""
    return f"{os.getloadavg()[2]:.0f} processes ran at once on {os.cpu_count()} processors"
