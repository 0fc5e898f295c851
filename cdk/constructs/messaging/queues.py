"""Queues: encrypted, with an alarm for undeliverable messages."""

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk.constructs.alarms.alarm import AlarmProps, OperationsAlarm
from cdk.constructs.alarms.incident import Incident
from cdk.constructs.alarms.orders import queue_age
from cdk.constructs.foundation import Foundation
from cdk.constructs.nag import acknowledge

# The longest retention of SQS: dead letters wait for operations.
RETENTION = cdk.Duration.days(14)

MAX_RECEIVES = 5

#: The timeout of the function that handles dead letters.
LETTER_SECONDS = 20


class DeadLetters(Construct):
    """A queue for messages that could not be handled; handle_dead_letters reads it.

    Attributes:
        queue: the queue.
    """

    def __init__(
        self, scope: Construct, construct_id: str, foundation: Foundation, of: str = ""
    ) -> None:
        """``of``: what the messages are about, in the alarm's name."""
        super().__init__(scope, construct_id)
        self.queue = _queue(
            self,
            "Queue",
            foundation,
            visibility_timeout=cdk.Duration.seconds(6 * LETTER_SECONDS),
        )
        acknowledge(self.queue, {"AwsSolutions-SQS3": "This is where dead letters end."})
        _alarm_on_messages(
            self,
            foundation,
            self.queue,
            f"{of}DeadLettersWaiting",
            "Dead letters are not looked at: handle_dead_letters fails.",
            minutes=5,
        )


class KeptLetters(Construct):
    """The dead letters that are not tried again, with their reasons, for operations.

    Attributes:
        queue: the letters that no operator has looked at; each of them alarms.
        seen: those that operators have looked at and keep.
    """

    def __init__(self, scope: Construct, construct_id: str, foundation: Foundation) -> None:
        super().__init__(scope, construct_id)
        self.queue = _queue(self, "Queue", foundation)
        self.seen = _queue(self, "Seen", foundation)
        for queue in (self.queue, self.seen):
            acknowledge(queue, {"AwsSolutions-SQS3": "Operations alone read it."})
        _alarm_on_messages(
            self, foundation, self.queue, "DeadLettersKept", "Messages could not be handled."
        )


class ParkedOrders(Construct):
    """The timers of parked orders: one delayed message for each time that an order is parked.

    Attributes:
        queue: the queue.
        dead_letters: messages that could not be handled ``MAX_RECEIVES`` times.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        foundation: Foundation,
        handling_seconds: int,
    ) -> None:
        """``handling_seconds``: the timeout of the function that handles the messages."""
        super().__init__(scope, construct_id)
        self.dead_letters = DeadLetters(self, "DeadLetters", foundation, of="ParkedOrders").queue
        self.queue = _queue(
            self,
            "Queue",
            foundation,
            sqs.DeadLetterQueue(max_receive_count=MAX_RECEIVES, queue=self.dead_letters),
            # As AWS advises for queues that a function reads.
            visibility_timeout=cdk.Duration.seconds(6 * handling_seconds),
        )
        queue_age(foundation.settings, self, self.queue.queue_name)


def _alarm_on_messages(
    scope: Construct,
    foundation: Foundation,
    queue: sqs.Queue,
    name: str,
    what: str,
    *,
    minutes: int = 1,
) -> None:
    """An alarm when messages have been visible for so many minutes."""
    visible = queue.metric_approximate_number_of_messages_visible(
        period=cdk.Duration.minutes(1), statistic="Maximum"
    )
    OperationsAlarm(
        scope,
        foundation.settings,
        AlarmProps(
            name,
            visible,
            what,
            "poison-messages.md",
            incident=Incident.DEAD_LETTERS,
            periods=minutes,
        ),
    )


def _queue(
    scope: Construct,
    construct_id: str,
    foundation: Foundation,
    dead_letters: sqs.DeadLetterQueue | None = None,
    visibility_timeout: cdk.Duration | None = None,
) -> sqs.Queue:
    return sqs.Queue(
        scope,
        construct_id,
        encryption=sqs.QueueEncryption.KMS,
        encryption_master_key=foundation.key,
        enforce_ssl=foundation.settings.speaks_tls,
        retention_period=RETENTION,
        dead_letter_queue=dead_letters,
        visibility_timeout=visibility_timeout,
    )
