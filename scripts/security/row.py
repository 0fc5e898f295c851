"""A row of the security report."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


class Result(StrEnum):
    """How a check ended. Only ``GREEN`` says that it was made and found nothing."""

    GREEN = "green"
    RED = "red"
    NOT_LOOKED_UP = "not looked up"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Row:
    """One check.

    Attributes:
        part: the part of the report, such as ``Scanners``.
        check: what was checked.
        reason: what was found, or why there is no result.
    """

    part: str
    check: str
    result: Result
    reason: str

    @property
    def is_bad(self) -> bool:
        """Whether something was found."""
        return self.result is Result.RED


def run(
    command: Sequence[str], folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a tool and captures what it writes."""
    return subprocess.run(  # noqa: S603  # nosec B603
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def last_line(text: str) -> str:
    """The last line that is not empty; a text about that where there is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it wrote nothing"
