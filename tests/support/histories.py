"""Execution histories as Step Functions on AWS answers them, and short ones made up on the spot."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def load_history(name: str) -> list[dict[str, Any]]:
    """``histories/<name>.json`` with its timestamps as boto3 parses them."""
    path = Path(__file__).parent / "histories" / f"{name}.json"
    events: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["events"]
    return [{**each, "timestamp": datetime.fromisoformat(each["timestamp"])} for each in events]


def entered(name: str, kind: str = "Task") -> dict[str, Any]:
    return {"type": f"{kind}StateEntered", "stateEnteredEventDetails": {"name": name}}


def exited(name: str, kind: str = "Task") -> dict[str, Any]:
    return {"type": f"{kind}StateExited", "stateExitedEventDetails": {"name": name}}


def happened(kind: str, **details: Any) -> dict[str, Any]:
    """Any other event, with its details under the key that AWS has for it."""
    return {"type": kind, f"{kind[0].lower()}{kind[1:]}EventDetails": details}


def one_a_second(*events: dict[str, Any]) -> list[dict[str, Any]]:
    """A history in which each event took a second."""
    return [
        {**event, "id": number + 1, "timestamp": START + timedelta(seconds=number)}
        for number, event in enumerate(events)
    ]
