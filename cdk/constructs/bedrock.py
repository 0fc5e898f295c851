"""Permission to call one Bedrock model."""

import re

import aws_cdk as cdk

from cdk.constructs.function import OrdersFunction
from cdk.constructs.nag import acknowledge
from cdk.settings import Settings

_INFERENCE_PROFILE = re.compile(r"^(?:us|us-gov|eu|apac|au|ca|jp|global)\.(?P<model>.+)$")


def allow_model(function: OrdersFunction, settings: Settings) -> None:
    """Lets ``function`` invoke the stage's model, and apply its guardrail if it has one."""
    stack = cdk.Stack.of(function)
    if profile := _INFERENCE_PROFILE.match(settings.model_id):
        _allow_profile(function, settings.model_id, profile["model"])
    else:
        function.allow(["bedrock:InvokeModel"], [_model_arn(settings.region, settings.model_id)])
    if settings.guardrail_id:
        guardrail = stack.format_arn(
            service="bedrock", resource="guardrail", resource_name=settings.guardrail_id
        )
        function.allow(["bedrock:ApplyGuardrail"], [guardrail])


def _allow_profile(function: OrdersFunction, profile_id: str, model_id: str) -> None:
    """The profile, and the model wherever in its geography the profile sends the request."""
    profile = cdk.Stack.of(function).format_arn(
        service="bedrock", resource="inference-profile", resource_name=profile_id
    )
    model = _model_arn("*", model_id)
    function.allow(["bedrock:InvokeModel"], [profile])
    function.allow(
        ["bedrock:InvokeModel"],
        [model],
        conditions={"StringEquals": {"bedrock:InferenceProfileArn": profile}},
    )
    finding = f"AwsSolutions-IAM5[Resource::{_model_arn('*', model_id, '<AWS::Partition>')}]"
    reason = "One model, wherever the inference profile sends it, and only by way of that profile."
    acknowledge(function, {finding: reason})


def _model_arn(region: str, model_id: str, partition: str = cdk.Aws.PARTITION) -> str:
    return f"arn:{partition}:bedrock:{region}::foundation-model/{model_id}"
