"""``python -m scripts.cost`` counts the stages' resources and writes two pages of documentation.

It needs the synthesized templates (``make synth-all``); ``make cost`` makes both.
"""

from __future__ import annotations

import sys
from typing import Final

from cdk.settings import Stage
from scripts.capacity import capacity_page
from scripts.cost import page
from scripts.cost.fixed import FixedCosts, fixed_costs, read_templates
from scripts.local.stack.state import PROJECT

_STAGES: Final = (Stage.DEV, Stage.STAGING, Stage.PROD)


def main() -> None:
    """Writes both files, or fails where a stage is not synthesized."""
    stages = {}
    for stage in _STAGES:
        templates = read_templates(PROJECT / ".build" / "synth" / stage)
        if not templates:
            sys.exit(f"error: stage {stage} is not synthesized: make synth-all")
        stages[str(stage)] = fixed_costs(templates, page.REGION)
    FixedCosts(stages=stages).save()
    page.write(PROJECT)
    capacity_page.write(PROJECT)


if __name__ == "__main__":
    main()
