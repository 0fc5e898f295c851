"""The security report as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from scripts.security.row import Row


def markdown(rows: Sequence[Row], stage: str, at: str) -> str:
    """The report: a summary, then a table for each part, in the rows' order."""
    counts = Counter(row.result for row in rows)
    summary = ", ".join(f"{count} {result}" for result, count in counts.items())
    tables = [
        f"## {part}\n\n| check | result | |\n|---|---|---|\n" + "\n".join(map(_line, of_part))
        for part, of_part in groupby(rows, key=lambda row: row.part)
    ]
    head = f"# Security report\n\nStage `{stage}`, {at}: {summary}."
    return "\n\n".join([head, *tables]) + "\n"


def _line(row: Row) -> str:
    cells = (row.check, f"**{row.result}**", row.reason)
    return "| " + " | ".join(_cell(text) for text in cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
