"""Tables of production are copied to another region."""

from __future__ import annotations

from typing import Any

import aws_cdk
import pytest
from aws_cdk.assertions import Match, Template

from cdk.settings import Settings, Stage
from cdk.stacks.backup import EVERY_HOURS, BackupStack, CopiesStack
from cdk.stacks.data import DataStack


@pytest.fixture(scope="module")
def backups() -> tuple[Template, Template]:
    settings = Settings.for_stage("prod", {})
    app = aws_cdk.App()
    data = DataStack(app, "data", settings)
    stacks = (BackupStack(app, "backup", data), CopiesStack(app, "copies", settings))
    return Template.from_stack(stacks[0]), Template.from_stack(stacks[1])


def rule(template: Template) -> dict[str, Any]:
    (plan,) = template.find_resources("AWS::Backup::BackupPlan").values()
    (found,) = plan["Properties"]["BackupPlan"]["BackupPlanRule"]
    return dict(found)


def test_every_backup_is_copied_to_the_vault_in_the_other_region(
    backups: tuple[Template, Template],
) -> None:
    plan, copies = backups
    (copy,) = rule(plan)["CopyActions"]
    parts = copy["DestinationBackupVaultArn"]["Fn::Join"][1]
    arn = "".join(part for part in parts if isinstance(part, str))
    copies.has_resource_properties(
        "AWS::Backup::BackupVault", {"BackupVaultName": "grocery-prod-tables"}
    )
    assert ":backup:eu-central-1:" in arn
    assert arn.endswith(":backup-vault:grocery-prod-tables")
    assert f"*/{EVERY_HOURS}" in rule(plan)["ScheduleExpression"]
    assert rule(plan)["Lifecycle"] == copy["Lifecycle"] == {"DeleteAfterDays": 14}


def test_orders_catalog_breakers_and_refused_addresses_are_backed_up(
    backups: tuple[Template, Template],
) -> None:
    (selection,) = backups[0].find_resources("AWS::Backup::BackupSelection").values()

    assert len(selection["Properties"]["BackupSelection"]["Resources"]) == 4


@pytest.mark.parametrize("number", [0, 1])
def test_each_vault_has_a_key_of_its_own_and_outlives_its_stack(
    backups: tuple[Template, Template], number: int
) -> None:
    backups[number].has_resource(
        "AWS::Backup::BackupVault",
        {
            "DeletionPolicy": "Retain",
            "Properties": Match.object_like({"EncryptionKeyArn": Match.any_value()}),
        },
    )
    backups[number].has_resource_properties("AWS::KMS::Key", {"EnableKeyRotation": True})


def test_only_production_pays_for_copies() -> None:
    copied = {stage for stage in Stage if Settings.for_stage(stage, {}).backup_region}

    assert copied == {Stage.PROD}


def test_a_copy_in_the_same_region_is_refused() -> None:
    settings = Settings.for_stage("prod", {}).model_dump() | {"backup_region": "eu-west-1"}

    with pytest.raises(ValueError, match="another region"):
        Settings.model_validate(settings)
