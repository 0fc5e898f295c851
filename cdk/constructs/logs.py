"""Log groups: encrypted, with a retention."""

from aws_cdk import aws_logs as logs
from constructs import Construct

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
