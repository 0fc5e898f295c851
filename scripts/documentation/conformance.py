"""The tables of engines that stand in for AWS, and of what they do otherwise than AWS documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final

import yaml

from scripts.documentation.sections import ROOT, table

DEVIATIONS: Final = "tests/engines/deviations.yaml"
REFUSED_REQUESTS: Final = "tests/engines/refused_requests.yaml"

_JUDGES_LOCK: Final = "tests/judges/package-lock.json"
_DYNAMODBS: Final = ("moto", "ministack", "dynalite")
_TITLES: Final = {
    "moto": "moto",
    "ministack": "MiniStack",
    "dynalite": "dynalite",
    "jsonata": "JSONata",
}


def deviations() -> str:
    """What engines do otherwise than AWS documents."""
    return table(
        ["engine", "what it does", "what AWS documents", "here"],
        (
            [
                _engine(row["engine"]),
                row["does"],
                f"{row['aws']} ([source]({row['source']}))",
                row["here"],
            ]
            for row in _read(DEVIATIONS)
        ),
    )


def refused_requests() -> str:
    """Requests that AWS refuses, and what each DynamoDB that stands in for it does with them.

    Those that all of them refuse are counted alone.
    """
    file = _read(REFUSED_REQUESTS)
    rows = file["requests"]
    let_pass = [row for row in rows if row.get("passes") or row.get("fails_on")]
    by_none = [row for row in let_pass if not _judges(row)]
    text = (
        f"{len(rows)} requests were tried. {len(rows) - len(let_pass)} are refused by all three "
        f"engines, {len(let_pass) - len(by_none)} by one or two, {len(by_none)} by none."
    )
    head = ["request", *map(_engine, _DYNAMODBS), "judge"]
    return f"{text}\n\n{table(head, (_request(row, file['sources']) for row in let_pass))}"


def _request(row: Mapping[str, Any], sources: Mapping[str, str]) -> Iterator[str]:
    yield f"{row['name']} ([{row['operation']}]({sources[row['source']]}))"
    for engine in _DYNAMODBS:
        if engine in row.get("passes", ()):
            yield "**passes**"
        else:
            yield "fails" if engine in row.get("fails_on", ()) else "refused"
    yield ", ".join(_TITLES[engine] for engine in _judges(row)) or "our own rules"


def _judges(row: Mapping[str, Any]) -> list[str]:
    """The engines that refuse the request."""
    others = {*row.get("passes", ()), *row.get("fails_on", ())}
    return [engine for engine in _DYNAMODBS if engine not in others]


def _engine(name: str) -> str:
    """An engine's title and version."""
    return f"{_TITLES[name]} {_version(name)}"


def _version(name: str) -> str:
    if name in {"dynalite", "jsonata"}:
        lock = json.loads((ROOT / _JUDGES_LOCK).read_text(encoding="utf-8"))
        found: str = lock["packages"][f"node_modules/{name}"]["version"]
        return found
    return version(name)


def _read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
