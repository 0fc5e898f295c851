"""The messages of the parked-orders queue: what is to be looked at, and not before its delay.

The queue delivers them at least once, in any order, and sometimes late.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from orderflow.errors import OrderflowError, ProviderUnavailableError
from orderflow.platform.aws_errors import outages_as

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

#: SQS delays messages by so much at most; what is due later is sent again when it arrives.
MAX_DELAY_SECONDS: Final = 900


class UnreadableMessageError(OrderflowError):
    """The message is none of ours; the text says what is wrong with it, without its content."""


class _Message(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True
    )

    provider: str = Field(min_length=1)


class ParkTimer(_Message):
    """The alarm clock of one parking of an order: the delay of this parking is over.

    ``park_count`` is the order's count at this parking. ``sent_at`` (epoch ms) is when the clock
    was set, and ``attempts`` how often it rang too early since; the state machine, which sets it,
    leaves both out.
    """

    kind: Literal["order"] = "order"
    order_id: str = Field(min_length=1)
    park_count: int = Field(ge=0, alias="parkings")
    sent_at: int = 0
    attempts: int = Field(default=0, ge=0, alias="rings")


class Probe(_Message):
    """The provider's breaker, if still at this epoch, wants somebody to call the provider."""

    kind: Literal["probe"] = "probe"
    epoch: int


class ResumptionStep(_Message):
    """Some more of the provider's parked orders may go on, if its breaker is still at this epoch.

    ``look_until`` (epoch ms) is how long to look for orders where none is found; ``allowance`` is
    the part of an order, 0 to 1, that earlier steps have left over.
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
        UnreadableMessageError: see there.
    """
    try:
        message = _message.validate_json(body)
    except ValidationError as error:
        # `from None`: pydantic quotes what it could not read.
        raise UnreadableMessageError(f"Not a message of ours: {_problems(error)}.") from None
    if isinstance(message, ParkTimer) and not message.sent_at:
        return message.model_copy(update={"sent_at": sent_at})
    return message


def _problems(error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_context=False, include_url=False)
    return "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['type']}" for each in problems
    )


class ParkedOrdersQueue:
    """The queue, for sending."""

    def __init__(self, sqs: SQSClient, url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, message: Message, delay_seconds: float = 0) -> None:
        """Send the message, to arrive after the delay, or after the longest that SQS knows.

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
