"""A table that is deleted leaves a backup where point-in-time recovery is on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import dynamodb  # type: ignore[import-untyped]

from scripts.local.dynamodb.deleted_tables import backing_up, recoverable

TABLE = "deleted"
delete = backing_up(dynamodb._delete_table)


@pytest.fixture(autouse=True)
def _table() -> Iterator[None]:
    dynamodb._create_table(
        {
            "TableName": TABLE,
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
    )
    dynamodb._put_item({"TableName": TABLE, "Item": {"id": {"S": "a"}}})
    yield
    dynamodb.reset()


def recovery(*, enabled: bool) -> None:
    dynamodb._update_continuous_backups(
        {
            "TableName": TABLE,
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": enabled},
        }
    )


def backups() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(dynamodb._list_backups({"TableName": TABLE})[2])[
        "BackupSummaries"
    ]
    return found


def test_the_backup_holds_what_the_table_held() -> None:
    recovery(enabled=True)
    delete({"TableName": TABLE})
    (backup,) = backups()

    dynamodb._restore_table_from_backup(
        {"TargetTableName": TABLE, "BackupArn": backup["BackupArn"]}
    )

    items = json.loads(dynamodb._scan({"TableName": TABLE})[2])["Items"]
    assert (backup["BackupType"], items) == ("SYSTEM", [{"id": {"S": "a"}}])


def test_without_point_in_time_recovery_nothing_is_kept() -> None:
    recovery(enabled=False)

    delete({"TableName": TABLE})

    assert backups() == []


def test_a_table_that_is_protected_leaves_no_backup() -> None:
    recovery(enabled=True)
    dynamodb._tables[TABLE]["DeletionProtectionEnabled"] = True

    assert delete({"TableName": TABLE})[0] == 400
    assert backups() == []


@pytest.mark.parametrize("asked", [True, False])
def test_cloudformation_switches_point_in_time_recovery_on_where_the_template_does(
    asked: bool,
) -> None:
    create = recoverable(lambda *_: (TABLE, {}))

    create(
        "Table", {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": asked}}, "s"
    )

    delete({"TableName": TABLE})
    assert len(backups()) == asked
