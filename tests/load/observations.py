"""What the customers see, one line each, as it happens."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self, TextIO


class Kind(StrEnum):
    """What was observed."""

    ACCEPT = "accept"  # from sending a list to its acceptance
    LINK = "link"  # from sending it to the link on the customer's screen
    UPDATE = "update"  # from a change of status to its arrival
    READ = "read"  # a query for an order
    PAYMENT = "payment"  # from paying to the completed order on the screen
    STAFF = "staff"  # a query of operations staff
    OTHER = "other end"  # an order that ended without a link, such as a refusal
    ERROR = "error"


@dataclass(frozen=True)
class Observation:
    """One observation.

    Attributes:
        at: epoch seconds.
        seconds: how long it took.
        customers: how many there were.
        detail: an error's cause, or a status.
    """

    at: float
    kind: Kind
    seconds: float
    order: str = ""
    customers: int = 0
    detail: str = ""

    @classmethod
    def of(cls, line: str) -> Self:
        """From a line of the file."""
        content: dict[str, Any] = json.loads(line)
        return cls(**{**content, "kind": Kind(content["kind"])})


class Notebook:
    """Writes observations down."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def note(
        self, kind: Kind, seconds: float, order: str = "", customers: int = 0, detail: str = ""
    ) -> None:
        """One more."""
        line = Observation(time.time(), kind, round(seconds, 4), order, customers, detail)
        self._file.write(json.dumps(asdict(line)) + "\n")
        self._file.flush()


def read_observations(path: Path) -> Iterator[Observation]:
    """All of a file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield Observation.of(line)
