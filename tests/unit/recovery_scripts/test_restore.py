"""Items come back where they are missing or behind; nothing newer is overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from scripts.recovery.backups import back_up, exists, recoverability
from scripts.recovery.restore import (
    RestoreError,
    Settings,
    apply_settings,
    merge,
    reconnect,
    restore_from_backup,
    restore_to_time,
    table_properties,
)

TABLE: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "orderId", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "orderId", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def sleepless(_: float) -> None: ...


def table(name: str, items: dict[str, int | None]) -> Any:
    """A table of orders, by their version; None for an item without one."""
    made = boto3.resource("dynamodb", region_name="eu-west-1").create_table(TableName=name, **TABLE)
    for order_id, version in items.items():
        content = {} if version is None else {"version": version}
        made.put_item(Item={"orderId": order_id, "from": name, **content})
    return made


def origins(target: Any) -> dict[str, str]:
    return {each["orderId"]: each["from"] for each in target.scan()["Items"]}


@mock_aws
def test_missing_items_and_items_behind_come_back_and_newer_ones_stay() -> None:
    restored = table("restored", {"gone": 3, "behind": 5, "newer": 2, "same": 4})
    used = table("used", {"behind": 4, "newer": 7, "same": 4, "since": 1})

    merged = merge(restored, used)

    assert (merged.missing, merged.behind) == (1, 1)
    assert origins(used) == {
        "gone": "restored", "behind": "restored", "newer": "used", "same": "used", "since": "used"
    }  # fmt: skip
    assert merge(restored, used) == type(merged)(0, 0), "again changes nothing"


@mock_aws
def test_an_item_without_a_version_is_never_overwritten() -> None:
    restored, used = table("restored", {"a": None, "b": 2}), table("used", {"a": None, "b": None})

    merge(restored, used)

    assert origins(used) == {"a": "used", "b": "used"}


VERSIONS = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 5))


@settings(max_examples=10, deadline=None)  # each makes two tables
@given(restored=VERSIONS, used=VERSIONS)
def test_after_a_restore_each_item_is_there_in_its_highest_version(
    restored: dict[str, int], used: dict[str, int]
) -> None:
    with mock_aws():
        target = table("used", dict(used))
        merge(table("restored", dict(restored)), target)
        found = {each["orderId"]: int(each["version"]) for each in target.scan()["Items"]}

    names = restored.keys() | used.keys()
    assert found == {name: max(restored.get(name, 0), used.get(name, 0)) for name in names}


@mock_aws
def test_a_table_that_is_gone_is_restored_from_its_newest_backup() -> None:
    client = boto3.client("dynamodb", region_name="eu-west-1")
    table("lost-orders", {"a": 1})
    arn = back_up(client, "lost-orders", "before", sleepless)
    client.delete_table(TableName="lost-orders")

    found = recoverability(client, "lost-orders")
    assert not found.exists
    assert found.backups[0][0] == arn
    restore_from_backup(client, arn, "lost-orders", sleepless)

    assert exists(client, "lost-orders")
    items = client.scan(TableName="lost-orders")["Items"]
    assert [each["orderId"]["S"] for each in items] == ["a"]


@mock_aws
def test_settings_that_a_restore_leaves_out_are_set_once() -> None:
    client = boto3.client("dynamodb", region_name="eu-west-1")
    table("lost-orders", {})
    wanted = Settings("NEW_AND_OLD_IMAGES", "ttl", deletion_protection=True)

    for _ in range(2):
        apply_settings(client, "lost-orders", wanted, sleepless)

    described = client.describe_table(TableName="lost-orders")["Table"]
    assert described["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert described["DeletionProtectionEnabled"]
    assert recoverability(client, "lost-orders").continuous
    ttl = client.describe_time_to_live(TableName="lost-orders")["TimeToLiveDescription"]
    assert ttl["AttributeName"] == "ttl"


def test_settings_are_those_of_the_template() -> None:
    assert Settings.of(
        {
            "StreamSpecification": {"StreamViewType": "KEYS_ONLY"},
            "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
        }
    ) == Settings("KEYS_ONLY", "ttl", deletion_protection=False)
    assert Settings.of({}) == Settings(None, None, deletion_protection=False)


class Stream:
    """A table with a new stream, and two functions: one reads its old stream, one another's."""

    STREAM = "arn:aws:dynamodb:eu-west-1:1:table/orders/stream/{}"

    def __init__(self) -> None:
        self.made: list[dict[str, Any]] = []
        self.deleted: list[str] = []

    def describe_table(self, **_: Any) -> Any:
        return {"Table": {"LatestStreamArn": self.STREAM.format("new")}}

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self) -> Any:
        mine = {
            "UUID": "1", "EventSourceArn": self.STREAM.format("old"), "FunctionArn": "emails:live",
            "BatchSize": 10, "FilterCriteria": {"Filters": []}, "State": "Enabled",
        }  # fmt: skip
        other = {**mine, "UUID": "2", "EventSourceArn": "arn:aws:dynamodb:a:1:table/x/stream/old"}
        done = {**mine, "UUID": "3", "EventSourceArn": self.STREAM.format("new")}
        queue = {**mine, "UUID": "4", "EventSourceArn": "arn:aws:sqs:eu-west-1:1:orders"}
        return [{"EventSourceMappings": [mine, other]}, {"EventSourceMappings": [done, queue]}]

    def create_event_source_mapping(self, **asked: Any) -> None:
        self.made.append(asked)

    def delete_event_source_mapping(self, **asked: Any) -> None:
        assert self.made, "a reader is made before the old one goes"
        self.deleted.append(asked["UUID"])


def test_functions_read_the_new_stream_with_the_same_settings() -> None:
    aws = Stream()

    assert reconnect(aws, aws, "orders") == ["emails:live"]
    assert aws.made == [
        {
            "EventSourceArn": Stream.STREAM.format("new"),
            "FunctionName": "emails:live",
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": 10,
            "FilterCriteria": {"Filters": []},
        }
    ]
    assert aws.deleted == ["1"]


MOMENT = datetime(2026, 11, 29, tzinfo=UTC)


class Recorder:
    """Keeps what a restore to a time asks for."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def restore_table_to_point_in_time(self, **asked: Any) -> None:
        self.asked = asked

    def describe_table(self, **_: Any) -> Any:
        return {"Table": {"TableStatus": "ACTIVE"}}


@pytest.mark.parametrize(
    ("at", "asked"),
    [
        (None, {"UseLatestRestorableTime": True}),
        (
            datetime(2026, 11, 29, tzinfo=UTC),
            {"RestoreDateTime": datetime(2026, 11, 29, tzinfo=UTC)},
        ),
    ],
)
def test_a_restore_goes_to_the_time_or_as_late_as_possible(
    at: datetime | None, asked: dict[str, Any]
) -> None:
    aws = Recorder()

    restore_to_time(aws, "orders", "orders-restored", at, sleepless)

    assert aws.asked == {
        "SourceTableName": "orders", "TargetTableName": "orders-restored", **asked
    }  # fmt: skip


def test_a_table_of_another_stack_is_refused() -> None:
    class CloudFormation:
        def describe_stack_resources(self, **_: Any) -> Any:
            return {"StackResources": []}

    with pytest.raises(RestoreError, match="has no table orders"):
        table_properties(CloudFormation(), "grocery-dev-data", "orders")
