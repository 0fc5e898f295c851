"""Copies of the tables in another region, for the loss of this one.

Point-in-time recovery (:mod:`cdk.stacks.data`) answers the loss of a table or of items. It lies in
the same region. AWS Backup's "advanced features for DynamoDB" must be on in the account, or copies
are refused; `make bootstrap` checks that.
"""

from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk.constructs.foundation import removal_policy
from cdk.constructs.nag import acknowledge
from cdk.settings import Settings
from cdk.stacks.data import DataStack

EVERY_HOURS: Final = 4
"""The pause between two backups: what the loss of the region may cost at most."""

KEPT_DAYS: Final = 14


def vault_name(settings: Settings) -> str:
    """The vault's name, in either region."""
    return f"{settings.prefix}-tables"


def add_backups(scope: Construct, data: DataStack, props: dict[str, Any]) -> None:
    """Adds the vault in the other region, and the backups that are copied there."""
    settings = data.settings
    elsewhere = {
        **props,
        "env": cdk.Environment(account=settings.account, region=settings.backup_region),
    }
    copies = CopiesStack(scope, f"{settings.prefix}-copies", settings, **elsewhere)
    BackupStack(scope, f"{settings.prefix}-backup", data, **props).add_stack_dependency(copies)


class CopiesStack(cdk.Stack):
    """The vault in the other region, with a key of its own: this region's key is lost with it."""

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, termination_protection=settings.retain_data, **kwargs)
        _vault(self, settings)


class BackupStack(cdk.Stack):
    """The plan: each table, every few hours, copied to the other region."""

    def __init__(self, scope: Construct, construct_id: str, data: DataStack, **kwargs: Any) -> None:
        settings = data.settings
        super().__init__(scope, construct_id, termination_protection=settings.retain_data, **kwargs)
        vault = _vault(self, settings)
        copies = backup.BackupVault.from_backup_vault_arn(
            self,
            "Copies",
            f"arn:{cdk.Aws.PARTITION}:backup:{settings.backup_region}:{cdk.Aws.ACCOUNT_ID}"
            f":backup-vault:{vault_name(settings)}",
        )
        kept = cdk.Duration.days(KEPT_DAYS)
        plan = backup.BackupPlan(
            self,
            "Plan",
            backup_plan_name=vault_name(settings),
            backup_vault=vault,
            backup_plan_rules=[
                backup.BackupPlanRule(
                    rule_name="EveryFewHours",
                    schedule_expression=events.Schedule.cron(minute="20", hour=f"*/{EVERY_HOURS}"),
                    start_window=cdk.Duration.hours(1),
                    completion_window=cdk.Duration.hours(3),
                    delete_after=kept,
                    copy_actions=[
                        backup.BackupPlanCopyActionProps(
                            destination_backup_vault=copies, delete_after=kept
                        )
                    ],
                )
            ],
        )
        policy = "service-role/AWSBackupServiceRolePolicyForBackup"
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("backup.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(policy)],
        )
        acknowledge(
            role,
            {
                f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{policy}]": (
                    "AWS keeps this policy at what AWS Backup needs; the service alone assumes it."
                )
            },
        )
        plan.add_selection(
            "Tables",
            backup_selection_name="Tables",
            role=role,
            disable_default_backup_policy=True,
            resources=[
                backup.BackupResource.from_dynamo_db_table(table) for table in data.kept_tables
            ],
        )


def _vault(stack: cdk.Stack, settings: Settings) -> backup.BackupVault:
    key = kms.Key(
        stack,
        "Key",
        alias=f"alias/{vault_name(settings)}",
        description="Encrypts backups of the tables.",
        enable_key_rotation=True,
        removal_policy=removal_policy(settings),
    )
    return backup.BackupVault(
        stack,
        "Vault",
        backup_vault_name=vault_name(settings),
        encryption_key=key,
        removal_policy=removal_policy(settings),
    )
