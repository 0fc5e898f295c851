"""The requests that the emulator recorded (:mod:`scripts.local.cloudwatch.request_log`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

#: The operations of AppSync that the functions call themselves.
PUBLISH: Final = "publishOrderUpdate"


class Request(BaseModel):
    """One request, or one invocation of a function."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    at: float
    service: str
    operation: str
    resource: str = ""
    by: Literal["function", "workflow", "client"] = "client"
    trace: str = ""
    orders: frozenset[str] = frozenset()
    requestId: str = ""  # noqa: N815 - as in the file
    bytes: int = 0
    status: int = 200
    reads: dict[str, float] = {}
    writes: dict[str, float] = {}


def read_requests(path: Path, since: float = 0, until: float = float("inf")) -> list[Request]:
    """The requests of this time (epoch seconds), oldest first; none if there is no file."""
    return [
        Request.model_validate(line)
        for file in (path.with_name(path.name + ".1"), path)
        for line in _lines(file)
        if since <= line["at"] <= until
    ]


def _lines(path: Path) -> Iterator[dict[str, float]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):  # the last one may be incomplete
                yield json.loads(line)


def orders_of(requests: Iterable[Request], known: frozenset[str]) -> list[frozenset[str]]:
    """For each request the orders that it was sent for, of those that are known.

    A function's requests share a trace: one that names no order, such as a look-up in the catalog,
    was sent for the orders that the others name.
    """
    listed = list(requests)
    by_trace: dict[str, set[str]] = {}
    for each in listed:
        if each.trace:
            by_trace.setdefault(each.trace, set()).update(each.orders & known)
    return [
        frozenset(by_trace[each.trace]) if each.trace else each.orders & known for each in listed
    ]
