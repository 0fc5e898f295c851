"""The queues: how many messages wait, and which could not be handled; nothing is taken out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from orderflow.clock import from_epoch_ms
from orderflow.errors import OrderNotFoundError
from orderflow.orders.model import Order
from orderflow.recovery.dead_letters import REASON
from scripts.console.overview.problem import DeadLetters
from scripts.console.stage import ConsoleStage
from scripts.inspection.order_ids import UUID

#: The queue of dead letters that are not tried again; each says why in an attribute.
KEPT: Final = "KeptLettersQueueUrl"

#: The queues by their names on the page; the outputs have their addresses.
QUEUES: Final = {
    "parked orders": "ParkedOrdersQueueUrl",
    "dead letters of parked orders": "ParkedOrdersDeadLettersQueueUrl",
    "dead letters of streams and events": "DeadLettersQueueUrl",
    "dead letters kept for operations": KEPT,
    "letters that operations have seen": "SeenLettersQueueUrl",
}
_DEPTHS: Final = {
    "waiting": "ApproximateNumberOfMessages",
    "delayed": "ApproximateNumberOfMessagesDelayed",
    "in hand": "ApproximateNumberOfMessagesNotVisible",
}
#: SQS hands out so many messages at once.
_MAX_MESSAGES: Final = 10

Depth = dict[str, int]


def depth(stage: ConsoleStage, name: str) -> Depth:
    """How many messages of a queue wait, are delayed, and are in hand."""
    answer = stage.client("sqs").get_queue_attributes(
        QueueUrl=stage.output(QUEUES[name]), AttributeNames=list(_DEPTHS.values())
    )
    return {label: int(answer["Attributes"][attribute]) for label, attribute in _DEPTHS.items()}


def holds_dead_letters(name: str) -> bool:
    """Whether a queue is for messages that could not be handled."""
    return name.startswith("dead")


def queues(stage: ConsoleStage) -> list[str]:
    """The names of the queues that the stage has."""
    return [name for name, output in QUEUES.items() if output in stage.outputs]


def look_into(stage: ConsoleStage, name: str, count: int) -> DeadLetters:
    """What could not be handled: how much, since when, and about which orders.

    Args:
        stage: the stage.
        name: the queue's.
        count: how many messages it holds.
    """
    answer = stage.client("sqs").receive_message(
        QueueUrl=stage.output(QUEUES[name]),
        MaxNumberOfMessages=_MAX_MESSAGES,
        VisibilityTimeout=0,  # they stay in the queue for everybody
        AttributeNames=["SentTimestamp"],
        MessageAttributeNames=[REASON],
    )
    messages = answer.get("Messages", [])
    sent = [int(each["Attributes"]["SentTimestamp"]) for each in messages]
    since = from_epoch_ms(min(sent)) if sent else None
    return DeadLetters(
        name,
        count,
        since,
        orders=list(_orders_of(stage, messages)),
        reasons=list(dict.fromkeys(_reasons(messages))),
        is_kept=QUEUES[name] == KEPT,
        is_complete=len(messages) >= count,
    )


def _reasons(messages: list[dict[str, Any]]) -> Iterator[str]:
    for message in messages:
        if reason := message.get("MessageAttributes", {}).get(REASON):
            yield str(reason["StringValue"]).rstrip(".")


def _orders_of(stage: ConsoleStage, messages: list[dict[str, Any]]) -> Iterator[Order]:
    """The orders that the messages name."""
    ids = (order_id for each in messages for order_id in UUID.findall(each["Body"]))
    for order_id in dict.fromkeys(ids):
        try:
            yield stage.orders.get(order_id)
        except OrderNotFoundError:  # another UUID
            continue
