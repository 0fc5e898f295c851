"""``python -m tests.releases.record COMMIT``: keeps the present definition as that release's.

The folder of a release is its number and its commit, so that the names' order is that of time.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cdk.definition import load_definition
from tests.releases.states import Definition, evaluate, in_flight
from tests.support.paths import TESTS

FOLDER = TESTS / "data" / "releases"

#: An execution's variables, and what its tasks answer, in the middle of its way.
VARIABLES: dict[str, Any] = {
    "orderId": "an-order",
    "parkings": 1,
    "verifications": 2,
    "rejection": "",
    "unpaidReference": "an-order-1",
    "cancellation": "Changed my mind.",
    "delayReason": "Our payment provider did not answer.",
    "waitsFor": "paystack",
    "toReview": True,
    "matchedCount": 2,
    "pending": "",
    "bedrockBreaker": {},
    "paystackBreaker": {},
    "breakers": {
        "bedrock": {"item": {}, "openUntil": 0},
        "paystack": {"item": {}, "openUntil": 0},
        "readAt": 0,
    },
}
RESULT: dict[str, Any] = {
    "Payload": {"orderId": "an-order", "matchedCount": 2},
    "orderId": "an-order",
    "resumedBy": "breaker",
}


def releases() -> list[Path]:
    """The folders of all recorded releases, the oldest first."""
    return sorted(path for path in FOLDER.iterdir() if path.is_dir())


def commit_of(release: Path) -> str:
    """The commit of a recorded release."""
    return release.name.partition("-")[2]


def histories(definition: Definition) -> dict[str, Any]:
    """For each state in which executions stay: one that is there, and how it goes on."""
    return {
        name: {
            "variables": VARIABLES,
            "result": RESULT,
            "assigned": evaluate(
                definition["States"][name].get("Assign", {}),
                VARIABLES,
                result=RESULT,
                input=RESULT["Payload"],
            ),
        }
        for name in in_flight(definition)
    }


def main(commit: str) -> None:
    """Writes the release's folder."""
    definition = load_definition()
    folder = FOLDER / f"{len(releases()) + 1:04}-{commit}"
    folder.mkdir()
    contents = {"definition": definition, "histories": histories(definition)}
    for name, content in contents.items():
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
        (folder / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
