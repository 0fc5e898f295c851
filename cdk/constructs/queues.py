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


class DeadLetters(Construct):
    """A queue for messages that could not be handled, with an alarm for operations.

    Attributes:
        queue: the queue.
    """

    def __init__(
        self, scope: Construct, construct_id: str, foundation: Foundation, of: str = ""
    ) -> None:
        """``of``: what the messages are about, in the alarm's name."""
        super().__init__(scope, construct_id)
        self.queue = _queue(self, "Queue", foundation)
        acknowledge(self.queue, {"AwsSolutions-SQS3": "This is where dead letters end."})
        waiting = self.queue.metric_approximate_number_of_messages_visible(
            period=cdk.Duration.minutes(1), statistic="Maximum"
        )
        OperationsAlarm(
            self,
            foundation.settings,
            AlarmProps(
                f"{of}DeadLettersWaiting",
                waiting,
                "Messages could not be handled.",
                "poison-messages.md",
                incident=Incident.DEAD_LETTERS,
            ),
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
