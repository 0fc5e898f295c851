"""What is lost: the table of orders, or the stack that handles them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
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
    """Deletes the stack of the workflow, the functions, the API and the queues.

    Step Functions ends the executions of a state machine that is deleted. The emulator lets them
    run, so that they are stopped first, and then forgets them.
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
    """
    machine = shop.state.outputs["StateMachineArn"]
    for page in shop.sfn.get_paginator("list_executions").paginate(
        stateMachineArn=machine, statusFilter="RUNNING"
    ):
        for execution in page["executions"]:
            with suppress(shop.sfn.exceptions.ClientError):  # it has ended meanwhile
                shop.sfn.stop_execution(executionArn=execution["executionArn"])
    shop.sfn.delete_state_machine(stateMachineArn=machine)
    cloudformation = shop.deployment.client("cloudformation")
    for stack in STACKS:
        cloudformation.delete_stack(StackName=stack)
        wait_for(partial(_status, cloudformation, stack), "DELETE_COMPLETE".__eq__, _PATIENCE)


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
