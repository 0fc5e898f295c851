"""The app as a whole: the rules of cdk-nag, and the differences of the local stage."""

from pathlib import Path
from typing import Any

import aws_cdk
import pytest
from aws_cdk import aws_iam as iam

from cdk.app import add_stacks
from cdk.constructs.foundation import CodeFor
from cdk.settings import Settings
from tests.support.templates import Synthesize

NOT_ON_THE_EMULATOR = {
    "AWS::CloudTrail::Trail",
    "AWS::WAFv2::WebACLAssociation",
}


def test_a_stage_with_an_unexplained_wildcard_does_not_synthesize(
    tmp_path: Path, context: dict[str, Any], stub_code: CodeFor
) -> None:
    app = aws_cdk.App(outdir=str(tmp_path), context=context)
    data, _ = add_stacks(app, Settings.for_stage("dev", {}), stub_code)
    role = iam.Role(data, "Careless", assumed_by=iam.AccountRootPrincipal())
    role.add_to_policy(iam.PolicyStatement(actions=["dynamodb:*"], resources=["*"]))

    with pytest.raises(RuntimeError, match="Validation"):
        app.synth()


def test_the_local_stage_has_no_resource_that_the_emulator_lacks(synthesize: Synthesize) -> None:
    templates = synthesize("local")
    kinds = {
        resource["Type"]
        for template in (templates.data, templates.orders)
        for resource in template["Resources"].values()
    }
    assert kinds.isdisjoint(NOT_ON_THE_EMULATOR)
    assert not any(kind.startswith("Custom::") for kind in kinds)


def test_the_local_stage_needs_no_bootstrapped_account(synthesize: Synthesize) -> None:
    for template in (synthesize("local").data, synthesize("local").orders):
        assert "BootstrapVersion" not in template.get("Parameters", {})


def test_code_goes_to_the_bucket_that_the_local_stack_creates(synthesize: Synthesize) -> None:
    code = synthesize("local").function("api")["Code"]
    assert code["S3Bucket"] == "grocery-local-assets"
