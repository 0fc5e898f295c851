"""Where orders wait while a provider is out."""

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk.settings import Settings

# The longest that SQS keeps anything: a parked order waits for people if need be.
RETENTION = cdk.Duration.days(14)

MAX_RECEIVES = 5


class ParkedOrders(Construct):
    """The queue of parked orders, each message holding the task token that lets one go on.

    Attributes:
        queue: it.
        dead_letters: messages that could not be handled ``MAX_RECEIVES`` times.
    """

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, key: kms.IKey
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self.dead_letters = self._queue("DeadLetters", key)
        self.queue = self._queue(
            "Queue",
            key,
            sqs.DeadLetterQueue(max_receive_count=MAX_RECEIVES, queue=self.dead_letters),
        )

    def _queue(
        self, construct_id: str, key: kms.IKey, dead_letters: sqs.DeadLetterQueue | None = None
    ) -> sqs.Queue:
        return sqs.Queue(
            self,
            construct_id,
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=self._settings.speaks_tls,
            retention_period=RETENTION,
            dead_letter_queue=dead_letters,
        )
