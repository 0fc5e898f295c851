"""Log groups: encrypted, with a retention."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from cdk.constructs.foundation import Foundation, removal_policy

_RETENTION = {
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
    365: logs.RetentionDays.ONE_YEAR,
}


def log_group(
    scope: Construct, construct_id: str, foundation: Foundation, name: str
) -> logs.LogGroup:
    """A log group called ``name``, with the stage's key and retention."""
    settings = foundation.settings
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=name,
        encryption_key=foundation.key,
        retention=_RETENTION[settings.log_retention_days],
        removal_policy=removal_policy(settings),
    )


def arn_of_groups(scope: IConstruct, name: str) -> str:
    """The ARN of the log groups called ``name``, where ``*`` stands for any text."""
    return cdk.Stack.of(scope).format_arn(
        service="logs",
        resource="log-group",
        resource_name=name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )


def use_by_logs(scope: IConstruct, sid: str, name: str) -> iam.PolicyStatement:
    """Lets CloudWatch Logs encrypt the log groups called ``name`` with a key, in its policy."""
    return iam.PolicyStatement(
        sid=sid,
        principals=[iam.ServicePrincipal(f"logs.{cdk.Stack.of(scope).region}.amazonaws.com")],
        actions=[
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ],
        resources=["*"],  # In a key's own policy: this key.
        conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn_of_groups(scope, name)}},
    )
