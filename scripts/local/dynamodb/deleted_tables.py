"""A table with point-in-time recovery leaves a backup when it is deleted; in MiniStack it does not.

Its CloudFormation does not switch that recovery on, either.

The backup is the table at the point just before its deletion, and is kept for 35 days:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from ministack.services import dynamodb  # type: ignore[import-untyped]
from ministack.services.cloudformation import provisioners  # type: ignore[import-untyped]

_SUFFIX: Final = "$DeletedTableBackup"

#: The answer's status, headers and body.
Answer = tuple[int, dict[str, str], bytes]
Delete = Callable[[dict[str, Any]], Answer]

#: A resource's physical id and its attributes.
Made = tuple[str, dict[str, str]]
Props = dict[str, Any]
Create = Callable[[str, Props, str], Made]


def install() -> None:
    """Replaces MiniStack's deletion of tables, and their creation by CloudFormation."""
    dynamodb._delete_table = backing_up(dynamodb._delete_table)
    handlers = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]
    handlers["create"] = recoverable(handlers["create"])


def recoverable(create: Create) -> Create:
    """CloudFormation's creation of a table, with its ``PointInTimeRecoverySpecification``."""

    def create_table(logical_id: str, props: Props, stack: str) -> Made:
        made = create(logical_id, props, stack)
        if asked := props.get("PointInTimeRecoverySpecification"):
            dynamodb._update_continuous_backups(
                {"TableName": made[0], "PointInTimeRecoverySpecification": asked}
            )
        return made

    return create_table


def backing_up(delete: Delete) -> Delete:
    """``DeleteTable``, which first backs a table with point-in-time recovery up."""

    def delete_table(data: dict[str, Any]) -> Answer:
        name = dynamodb._normalize_table_name(data.get("TableName"))
        if not dynamodb._pitr_settings.get(name):
            return delete(data)
        made = dynamodb._create_backup({"TableName": name, "BackupName": f"{name}{_SUFFIX}"})
        answer = delete(data)
        arn = json.loads(made[2])["BackupDetails"]["BackupArn"]
        if answer[0] == HTTPStatus.OK:
            dynamodb._backups[arn]["BackupDetails"]["BackupType"] = "SYSTEM"
        else:
            del dynamodb._backups[arn]
        return answer

    return delete_table
