"""What is lost: the table of orders, or the stack that handles them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from tests.support.shop import Shop
from tests.support.waiting import wait_for

#: Of the orders, and what reads its exports; the first one goes first.
STACKS: Final = ("grocery-local-operations", "grocery-local-orders")
_PATIENCE = 120


def lose_table(shop: Shop) -> None:
    """Deletes the table of orders; DynamoDB takes a backup of it then."""
    dynamodb = shop.deployment.client("dynamodb")
    dynamodb.delete_table(TableName=shop.state.outputs["OrdersTable"])


def lose_stack(shop: Shop) -> None:
    """Deletes the stack of workflow, functions, API and queues, and the stacks of its alarms.

    The state machine goes first: with its stack alone the emulator would let executions run on.
    """
    shop.sfn.delete_state_machine(stateMachineArn=shop.state.outputs["StateMachineArn"])
    _lose_pages(shop.deployment.client("cloudwatch"))
    cloudformation = shop.deployment.client("cloudformation")
    for stack in STACKS:
        cloudformation.delete_stack(StackName=stack)
        ended = wait_for(partial(_status, cloudformation, stack), _has_ended, _PATIENCE)
        assert ended == "DELETE_COMPLETE", f"{stack}: {ended}"


def _lose_pages(cloudwatch: Any) -> None:
    """Deletes the composite alarms, which the local stage has without their stack; pages first."""
    alarms = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    for alarm in sorted(alarms, key=lambda each: not each["AlarmActions"]):
        cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"]])


def _has_ended(status: str) -> bool:
    return status in {"DELETE_COMPLETE", "DELETE_FAILED"}


def versions(shop: Shop) -> Mapping[str, int]:
    """The version of each order's item, by its id."""
    dynamodb = shop.deployment.client("dynamodb")
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=shop.state.outputs["OrdersTable"], ConsistentRead=True
    )
    return {
        item["orderId"]["S"]: int(item["version"]["N"]) for page in pages for item in page["Items"]
    }


def _status(cloudformation: Any, name: str) -> str:
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except cloudformation.exceptions.ClientError:
        return "DELETE_COMPLETE"
    return str(stack["StackStatus"])
