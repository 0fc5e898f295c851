"""The backups of a stage's tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

#: The tables, by the name that commands use and the output that names them.
TABLES: Final[Mapping[str, str]] = {
    "orders": "OrdersTable",
    "catalog": "CatalogTable",
    "breakers": "BreakersTable",
    "submissions": "SubmissionsTable",
}

POLL_SECONDS: Final = 1.0

Sleep = Callable[[float], None]


@dataclass(frozen=True)
class Recoverability:
    """What a table can be restored to.

    Attributes:
        table: its name on AWS.
        exists: whether it is there.
        continuous: whether point-in-time recovery is on.
        earliest, latest: the times that it can be restored to; None without.
        backups: on-demand and system backups, the newest first: their ARN and time.
    """

    table: str
    exists: bool
    continuous: bool
    earliest: datetime | None
    latest: datetime | None
    backups: list[tuple[str, datetime]]


def recoverability(dynamodb: Any, table: str) -> Recoverability:
    """What the table can be restored to, also where it is gone."""
    found = dynamodb.list_backups(TableName=table, BackupType="ALL")["BackupSummaries"]
    backups = sorted(
        ((each["BackupArn"], each["BackupCreationDateTime"]) for each in found),
        key=lambda each: each[1],
        reverse=True,
    )
    try:
        described = dynamodb.describe_continuous_backups(TableName=table)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        return Recoverability(table, False, False, None, None, backups)  # noqa: FBT003
    recovery = described["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return Recoverability(
        table,
        exists=True,
        continuous=recovery["PointInTimeRecoveryStatus"] == "ENABLED",
        earliest=recovery.get("EarliestRestorableDateTime"),
        latest=recovery.get("LatestRestorableDateTime"),
        backups=backups,
    )


_GONE: Final = {"TableNotFoundException", "ResourceNotFoundException"}


def exists(dynamodb: Any, table: str) -> bool:
    """Whether the table is there."""
    try:
        dynamodb.describe_table(TableName=table)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        return False
    return True


def back_up(dynamodb: Any, table: str, name: str, sleep: Sleep) -> str:
    """Takes a backup of a table, and waits until it can be restored; its ARN."""
    arn: str = dynamodb.create_backup(TableName=table, BackupName=name)["BackupDetails"][
        "BackupArn"
    ]
    while True:
        details = dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]
        if details["BackupStatus"] == "AVAILABLE":
            return arn
        sleep(POLL_SECONDS)
