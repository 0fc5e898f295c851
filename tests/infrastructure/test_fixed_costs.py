"""The fixed costs in docs/performance/cost.md are those of the templates."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scripts.cost.fixed import FixedCosts, fixed_costs
from scripts.cost.page import REGION
from tests.support.templates import Synthesize


# The stage prod has a stack for copies in another region, which this session does not synthesize.
@pytest.mark.parametrize("stage", ["dev", "staging"])
def test_each_stages_resources_are_priced(synthesize: Synthesize, stage: str) -> None:
    parts = vars(synthesize(stage)).values()
    templates = [part for part in parts if isinstance(part, dict) and "Resources" in part]

    assert FixedCosts.read().stages[stage] == fixed_costs(templates, REGION), (
        "run `make cost-pages`"
    )


def test_resources_are_counted_by_hand() -> None:
    resources = {
        "Key": {"Type": "AWS::KMS::Key"},
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "Errors"}},
        "Math": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "Metrics": [{"MetricStat": {}}, {"MetricStat": {}}, {"Expression": "a/b"}]
            },
        },
        "Acl": {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": [{}, {}, {}]}},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"MemorySize": 512, "SnapStart": {"ApplyOn": "PublishedVersions"}},
        },
        "Other": {"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": 512}},
    }
    costs = {
        each.what.partition(" ")[0]: each
        for each in fixed_costs([{"Resources": resources}], REGION)
    }
    assert costs["alarms"].usd == Decimal("0.30")  # three metrics
    assert costs["web"].usd == Decimal(5)
    assert costs["rules"].usd == Decimal(3)
    # 0.5 GB x 730 h x 3,600 s x $0.0000015046
    assert costs["GB"].usd == Decimal("1.97704440")
