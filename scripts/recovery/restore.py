"""Restores tables.

A table that is gone is restored under its own name: what uses it finds it again, and its settings
and the readers of its stream are set up anew, which a restore leaves out. A table whose items are
damaged stays in use: its items are restored into a new table, and those that are missing, or that
are behind, are copied back. Nothing that is newer in the table is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from scripts.recovery.backups import POLL_SECONDS, Sleep

#: What an event source mapping keeps when its stream is another one.
_KEPT_OF_MAPPINGS: Final = (
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "FilterCriteria",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "TumblingWindowInSeconds",
)

VERSION: Final = "version"


class RestoreError(Exception):
    """A table can't be restored; the message says why and what to do."""


@dataclass(frozen=True)
class Settings:
    """A table's settings that a restore leaves out, as its template has them."""

    stream: str | None
    ttl_attribute: str | None
    deletion_protection: bool

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> Settings:
        """Those of an ``AWS::DynamoDB::Table``."""
        return cls(
            stream=properties.get("StreamSpecification", {}).get("StreamViewType"),
            ttl_attribute=properties.get("TimeToLiveSpecification", {}).get("AttributeName"),
            deletion_protection=bool(properties.get("DeletionProtectionEnabled")),
        )


@dataclass(frozen=True)
class Merged:
    """What was copied back: items that were missing, and items that were behind."""

    missing: int
    behind: int


def table_properties(cloudformation: Any, stack: str, table: str) -> dict[str, Any]:
    """The properties of a table in its stack's template.

    Raises:
        RestoreError: the stack has no such table.
    """
    resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    names = [each["LogicalResourceId"] for each in resources if each["PhysicalResourceId"] == table]
    if not names:
        raise RestoreError(f"The stack {stack} has no table {table}.")
    template = cloudformation.get_template(StackName=stack)["TemplateBody"]
    properties: dict[str, Any] = template["Resources"][names[0]]["Properties"]
    return properties


def restore_from_backup(dynamodb: Any, backup: str, target: str, sleep: Sleep) -> None:
    """Restores a backup into a table that does not exist, and waits until it can be used."""
    dynamodb.restore_table_from_backup(TargetTableName=target, BackupArn=backup)
    _wait_until_active(dynamodb, target, sleep)


def restore_to_time(
    dynamodb: Any, source: str, target: str, at: datetime | None, sleep: Sleep
) -> None:
    """Restores a table as it was at a time into a table that does not exist.

    Args:
        at: None for the latest time that is possible, about five minutes ago.
    """
    when: dict[str, Any] = (
        {"UseLatestRestorableTime": True} if at is None else {"RestoreDateTime": at}
    )
    dynamodb.restore_table_to_point_in_time(SourceTableName=source, TargetTableName=target, **when)
    _wait_until_active(dynamodb, target, sleep)


def apply_settings(dynamodb: Any, table: str, settings: Settings, sleep: Sleep) -> None:
    """Sets what a restore leaves out. Doing it again changes nothing."""
    dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    described = dynamodb.describe_table(TableName=table)["Table"]
    if settings.ttl_attribute and not _expires(dynamodb, table):
        dynamodb.update_time_to_live(
            TableName=table,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": settings.ttl_attribute},
        )
    if settings.stream and not described.get("StreamSpecification", {}).get("StreamEnabled"):
        dynamodb.update_table(
            TableName=table,
            StreamSpecification={"StreamEnabled": True, "StreamViewType": settings.stream},
        )
        _wait_until_active(dynamodb, table, sleep)
    if settings.deletion_protection and not described.get("DeletionProtectionEnabled"):
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=True)
        _wait_until_active(dynamodb, table, sleep)


def reconnect(dynamodb: Any, functions: Any, table: str) -> list[str]:
    """Lets functions that read the table's earlier stream read its present one; their ARNs.

    From its beginning: the stream of a restored table holds what has changed since.
    """
    stream = dynamodb.describe_table(TableName=table)["Table"].get("LatestStreamArn")
    if stream is None:
        return []
    reconnected = []
    for mapping in _readers(functions, table):
        if mapping["EventSourceArn"] == stream:
            continue
        functions.create_event_source_mapping(
            EventSourceArn=stream,
            FunctionName=mapping["FunctionArn"],
            StartingPosition="TRIM_HORIZON",
            **{name: mapping[name] for name in _KEPT_OF_MAPPINGS if mapping.get(name) is not None},
        )
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
        reconnected.append(str(mapping["FunctionArn"]))
    return reconnected


def merge(source: Any, target: Any) -> Merged:
    """Copies items back that the target lacks, or has in an earlier version.

    Args:
        source: the restored table (boto3's resource).
        target: the table in use. An item without a version is never overwritten.
    """
    keys = [each["AttributeName"] for each in target.key_schema]
    missing = behind = 0
    for item in _items(source):
        if _put(target, item, Attr(keys[0]).not_exists()):
            missing += 1
        elif VERSION in item and _put(target, item, Attr(VERSION).lt(item[VERSION])):
            behind += 1
    return Merged(missing, behind)


def _put(table: Any, item: dict[str, Any], condition: Any) -> bool:
    try:
        table.put_item(Item=item, ConditionExpression=condition)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def _items(table: Any) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {}
    while True:
        page = table.scan(ConsistentRead=True, **asked)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _readers(functions: Any, table: str) -> list[dict[str, Any]]:
    pages = functions.get_paginator("list_event_source_mappings").paginate()
    return [
        each
        for page in pages
        for each in page["EventSourceMappings"]
        if f":table/{table}/stream/" in each.get("EventSourceArn", "")
    ]


def _expires(dynamodb: Any, table: str) -> bool:
    status = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    return status["TimeToLiveStatus"] in {"ENABLED", "ENABLING"}


def _wait_until_active(dynamodb: Any, table: str, sleep: Sleep) -> None:
    while dynamodb.describe_table(TableName=table)["Table"]["TableStatus"] != "ACTIVE":
        sleep(POLL_SECONDS)
