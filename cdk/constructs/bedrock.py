"""The capability to call one Bedrock model."""

import re

import aws_cdk as cdk
from constructs import Construct

from cdk.constructs.functions.capability import Capability, Permission
from cdk.settings import Settings

_INFERENCE_PROFILE = re.compile(r"^(?:us|us-gov|eu|apac|au|ca|jp|global)\.(?P<model>.+)$")


def model(scope: Construct, settings: Settings) -> list[Capability]:
    """Invokes the stage's model, and applies its guardrail if it has one."""
    stack = cdk.Stack.of(scope)
    if profile := _INFERENCE_PROFILE.match(settings.model_id):
        capabilities = [_profile(stack, settings.model_id, profile["model"])]
    else:
        capabilities = [
            _allow("bedrock:InvokeModel", _model_arn(settings.region, settings.model_id))
        ]
    if settings.guardrail_id:
        guardrail = stack.format_arn(
            service="bedrock", resource="guardrail", resource_name=settings.guardrail_id
        )
        capabilities.append(_allow("bedrock:ApplyGuardrail", guardrail))
    return capabilities


def _profile(stack: cdk.Stack, profile_id: str, model_id: str) -> Capability:
    """The profile, and the model in every region that the profile routes to."""
    profile = stack.format_arn(
        service="bedrock", resource="inference-profile", resource_name=profile_id
    )
    invoke = ["bedrock:InvokeModel"]
    by_profile = {"StringEquals": {"bedrock:InferenceProfileArn": profile}}
    finding = f"AwsSolutions-IAM5[Resource::{_model_arn('*', model_id, '<AWS::Partition>')}]"
    reason = (
        "One model in the regions that the inference profile routes to, through that profile only."
    )
    return Capability(
        permissions=[
            Permission(invoke, [profile]),
            Permission(invoke, [_model_arn("*", model_id)], by_profile),
        ],
        accepted_findings={finding: reason},
    )


def _allow(action: str, arn: str) -> Capability:
    return Capability(permissions=[Permission([action], [arn])])


def _model_arn(region: str, model_id: str, partition: str = cdk.Aws.PARTITION) -> str:
    return f"arn:{partition}:bedrock:{region}::foundation-model/{model_id}"
