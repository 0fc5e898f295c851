"""Bills of materials (CycloneDX 1.5) of the functions' deployment packages, as uv writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from cyclonedx.model.bom import Bom

from cdk.constructs.functions.bundling import PROVIDED, BundlingError, run_uv
from scripts.security.row import ROOT, Result, Row

PART: Final = "Bills of materials"
FOLDER: Final = ROOT / ".build" / "sbom"


def functions() -> list[str]:
    """The functions' names."""
    return sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))


def bill(function: str) -> dict[str, Any]:
    """What the function's package holds beside our own code: name, version and hashes of each.

    Raises:
        BundlingError: uv fails.
    """
    group = function.replace("_", "-")
    options = [f"--prune={package}" for package in PROVIDED]
    preview = ["--preview-features", "sbom-export"]
    text = run_uv(
        *("export", "--frozen", "--no-emit-project", "--format", "cyclonedx1.5"),
        *(*preview, f"--only-group={group}", *options),
    )
    found: dict[str, Any] = json.loads(text)
    found["metadata"]["component"] = {
        "type": "application",
        "bom-ref": found["metadata"]["component"]["bom-ref"],
        "name": function,
    }
    return found


def problem(content: dict[str, Any]) -> str | None:
    """Why CycloneDX's own library can't read it as a bill of materials; None if it can."""
    try:
        read = Bom.from_json(content)  # type: ignore[attr-defined]
    except Exception as error:  # noqa: BLE001 - the library documents none
        return f"{type(error).__name__}: {error}"
    return None if len(read.components) == len(content["components"]) else "components are missing"


def rows(folder: Path = FOLDER) -> list[Row]:
    """Writes the bill of each function into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_row(function, folder / f"{function}.cdx.json") for function in functions()]


def _row(function: str, path: Path) -> Row:
    try:
        content = bill(function)
    except BundlingError as error:
        return Row(PART, function, Result.RED, str(error))
    if found := problem(content):
        return Row(PART, function, Result.RED, found[:200])
    path.write_text(json.dumps(content, indent=2) + "\n")
    return Row(PART, function, Result.GREEN, f"{len(content['components'])} components")
