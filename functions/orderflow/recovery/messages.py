"""The messages of the parked-orders queue, each to be handled after its delay.

The queue delivers them at least once, in any order, and sometimes late.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from orderflow.errors import OrderflowError, ProviderUnavailableError
from orderflow.orders.model import Parked
from orderflow.platform.aws_errors import outages_as
from orderflow.records import Record
from orderflow.validation import field_problems

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

#: The longest delay of SQS. A message that arrives before it is due is sent again.
MAX_DELAY_SECONDS: Final = 900


class UnreadableMessageError(OrderflowError):
    """The message has an unknown form; the text names the problems without the content."""


class _Message(Record, frozen=True):
    """``hops`` counts the messages before this one in its chain, each sent because of the last."""

    provider: str = Field(min_length=1)
    hops: int = Field(default=0, ge=0)


class ParkTimer(_Message):
    """The timer of a parked order: the order's delay has ended.

    ``park_count`` is the order's count when it was parked. ``sent_at`` (epoch ms) is when the timer
    was started, and ``attempts`` how often it has ended too early since. The state machine starts
    it without these two. In JSON two fields keep their first names, which messages in flight use.
    """

    kind: Literal["order"] = "order"
    order_id: str = Field(min_length=1)
    park_count: int = Field(ge=0, alias="parkings")
    sent_at: int = 0
    attempts: int = Field(default=0, ge=0, alias="rings")

    def is_of(self, parked: Parked) -> bool:
        """Whether this timer was started for this parking, not for an earlier one."""
        return (parked.provider, parked.park_count) == (self.provider, self.park_count)


class Probe(_Message):
    """A call is to probe the provider, if its breaker is still at this epoch."""

    kind: Literal["probe"] = "probe"
    epoch: int


class ResumptionStep(_Message):
    """More of the provider's parked orders can go on, if its breaker is still at this epoch.

    Until ``look_until`` (epoch ms) a step that finds no order is followed by another.
    ``allowance`` is the fraction of an order, 0 to 1, that earlier steps were allowed but left.
    """

    kind: Literal["resume"] = "resume"
    epoch: int
    look_until: int
    allowance: float = Field(default=0, ge=0, lt=1)


Message = ParkTimer | Probe | ResumptionStep

_message: Final[TypeAdapter[Message]] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def read_message(body: str, sent_at: int) -> Message:
    """The message of this body, which was sent at ``sent_at`` (epoch ms).

    Raises:
        UnreadableMessageError: the body is not one of the messages.
    """
    try:
        message = _message.validate_json(body)
    except ValidationError as error:
        # `from None`: pydantic quotes what it could not read.
        problems = "; ".join(
            f"{field or 'body'}: {kind}" for field, _, kind in field_problems(error)
        )
        raise UnreadableMessageError(f"Not a message of ours: {problems}.") from None
    if isinstance(message, ParkTimer) and not message.sent_at:
        return message.model_copy(update={"sent_at": sent_at})
    return message


class ParkedOrdersQueue:
    """Sends messages to the queue."""

    def __init__(self, sqs: SQSClient, url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, message: Message, delay_seconds: float = 0) -> None:
        """Send the message with this delay, or with SQS's longest if that is shorter.

        Raises:
            ProviderUnavailableError: SQS throttled, failed or could not be reached.
        """
        delay = min(max(math.ceil(delay_seconds), 0), MAX_DELAY_SECONDS)
        with outages_as(ProviderUnavailableError, "SQS"):
            self._sqs.send_message(
                QueueUrl=self._url,
                MessageBody=message.model_dump_json(by_alias=True),
                DelaySeconds=delay,
            )
