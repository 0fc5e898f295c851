"""The workflow's definition as data, for whoever deploys, draws or checks it."""

from pathlib import Path
from typing import Any

import yaml

DEFINITION = Path(__file__).parents[1] / "workflows" / "order.asl.yaml"


def load_definition(path: Path = DEFINITION) -> dict[str, Any]:
    """The definition in Amazon States Language, its YAML anchors resolved.

    ``x-shared`` only holds anchors and is dropped. ``${...}`` names stay for CloudFormation.
    """
    definition: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    definition.pop("x-shared", None)
    return definition
