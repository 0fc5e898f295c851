"""What a stage costs each month without any order, from its templates.

``make cost`` keeps the counts of all stages in ``measured/fixed.json``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict

from scripts.cost.prices import price_table
from scripts.cost.usage import Unit

_SECONDS_A_MONTH: Final = 730 * 3600
_RULE: Final = "rule of a web ACL"
_METRIC: Final = "custom metric"
_FILE: Final = Path(__file__).parent / "measured" / "fixed.json"


class FixedCost(BaseModel):
    """A kind of resource: how many there are, and what they cost a month in US dollars."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    number: float
    usd: Decimal


class FixedCosts(BaseModel):
    """The fixed costs of all stages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stages: dict[str, list[FixedCost]]

    @classmethod
    def read(cls) -> Self:
        """As ``make cost`` kept them."""
        return cls.model_validate_json(_FILE.read_text(encoding="utf-8"))

    def save(self) -> None:
        """Keeps them."""
        _FILE.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")

    def with_metrics(self, number: int, region: str) -> FixedCosts:
        """And so many metrics of the functions' own in each stage."""
        row = price_table().month(_METRIC)
        assert row  # nosec B101 # the table has it
        cost = FixedCost(what=row.what, number=number, usd=row.in_region(region) * number)
        return FixedCosts(stages={name: [*costs, cost] for name, costs in self.stages.items()})

    @property
    def kinds(self) -> list[str]:
        """What any stage has, once."""
        return [*dict.fromkeys(each.what for costs in self.stages.values() for each in costs)]

    def cell(self, stage: str, what: str) -> str:
        """What a kind costs in a stage, and how many there are; "-" for none."""
        found = next((each for each in self.stages[stage] if each.what == what), None)
        return f"{found.usd:.2f} ({found.number:g})" if found else "-"

    def sum(self, stage: str) -> Decimal:
        """All kinds together."""
        return sum((each.usd for each in self.stages[stage]), Decimal())


def read_templates(folder: Path) -> list[Mapping[str, Any]]:
    """The synthesized templates of a stage (``make synth STAGE=...``)."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.template.json"))]


def fixed_costs(templates: Iterable[Mapping[str, Any]], region: str) -> list[FixedCost]:
    """The monthly costs by kind; kinds without a price for their existence are left out.

    A snapshot is kept for each published version, and the former version of each function for the
    orders that began with it; one version is counted.
    """
    resources = [each for template in templates for each in template["Resources"].values()]
    table = price_table()
    counts: Counter[str] = Counter()
    for each in resources:
        counts[each["Type"]] += _times(each)
        if each["Type"] == "AWS::WAFv2::WebACL":
            counts[_RULE] += len(each["Properties"].get("Rules", []))
    found = []
    for kind, number in sorted(counts.items()):
        row = table.month(kind)
        if row and row.in_region(region):
            usd = row.in_region(region) * number
            found.append(FixedCost(what=row.what, number=number, usd=usd))
    cached = sum(_snapshot_gb(each) for each in resources)
    snapshots = table.unit(Unit.SNAPSHOT_CACHE)
    usd = snapshots.in_region(region) * Decimal(str(cached)) * _SECONDS_A_MONTH
    if cached:
        what = "GB of snapshots kept, one version of each function"
        found.append(FixedCost(what=what, number=cached, usd=usd))
    return found


def _times(resource: Mapping[str, Any]) -> int:
    """An alarm on an expression counts for each of its metrics."""
    if resource["Type"] != "AWS::CloudWatch::Alarm":
        return 1
    metrics = resource["Properties"].get("Metrics", [])
    return max(1, sum("MetricStat" in each for each in metrics))


def _snapshot_gb(resource: Mapping[str, Any]) -> float:
    properties = resource.get("Properties", {})
    if resource["Type"] != "AWS::Lambda::Function" or "SnapStart" not in properties:
        return 0.0
    return float(properties["MemorySize"]) / 1024
