"""The requests of refused_requests.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_suffix(".yaml")

REFUSES = "refuses"
PASSES = "passes"
FAILS = "fails"


@dataclass(frozen=True)
class RefusedRequest:
    """A request that AWS refuses.

    Attributes:
        operation: the API's operation.
        request: its parameters in the wire format.
        passes: the engines that let it pass.
        fails_on: the engines that fail otherwise than by a refusal.
        depends_on_item: whether AWS refuses it because of what the table holds.
    """

    name: str
    operation: str
    request: dict[str, Any]
    passes: tuple[str, ...]
    fails_on: tuple[str, ...]
    depends_on_item: bool

    def __str__(self) -> str:
        return self.name

    def expected(self, engine: str) -> str:
        """What the engine does with it."""
        if engine in self.fails_on:
            return FAILS
        return PASSES if engine in self.passes else REFUSES


@cache
def refused_requests() -> list[RefusedRequest]:
    """All of the file's requests."""
    file = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return [
        RefusedRequest(
            row["name"],
            row["operation"],
            _written_out(row["request"]),
            tuple(row.get("passes", ())),
            tuple(row.get("fails_on", ())),
            row.get("depends_on_item", False),
        )
        for row in file["requests"]
    ]


def _written_out(part: Any) -> Any:
    match part:
        case {"repeat": number, "text": text, **more}:
            repeated = more.get("joined", "").join([text] * number)
            return more.get("within", "@").replace("@", repeated).ljust(more.get("padded", 0))
        case {"repeat": number, "each": each}:
            return [_numbered(each, str(n)) for n in range(number)]
        case dict():
            return {name: _written_out(value) for name, value in part.items()}
        case list():
            return [_written_out(each) for each in part]
        case _:
            return part


def _numbered(part: Any, number: str) -> Any:
    if isinstance(part, dict):
        return {name: _numbered(value, number) for name, value in part.items()}
    return part.replace("@", number)
