"""Dead letters: which of them are tried again, and why the others are kept.

Two queues hold what could not be handled: messages of the parked orders' queue, and what Lambda and
EventBridge report of events and stream records. A message of ours is tried again, with growing
delays: what it needs may have been out. Lambda and EventBridge have tried an event for up to six
hours, and a report about stream records has no records in it: those are kept, for operations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from orderflow.errors import ProviderUnavailableError
from orderflow.platform.aws_errors import outages_as
from orderflow.recovery.messages import MAX_DELAY_SECONDS, UnreadableMessageError, read_message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef

#: A message is tried again so often, after ``delay``, twice and four times that.
MAX_RETRIES: Final = 3

#: The attributes of messages: how often one was tried again, and why and from where it is kept.
RETRIES: Final = "retries"
REASON: Final = "reason"
SOURCE: Final = "source"

#: SQS takes fewer characters of an attribute than of a body; reasons are short.
_LONGEST_REASON: Final = 300


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter.

    Attributes:
        body: as it was sent.
        source: the name of the dead-letter queue.
        retries: how often it was tried again.
        error: what EventBridge says of an event that it could not deliver; "" without.
    """

    body: str
    source: str
    retries: int = 0
    error: str = ""


def reason_to_keep(letter: Letter) -> str | None:
    """Why a letter is not tried again; None if it is. Without the letter's content."""
    event = _json_object(letter.body)
    if "DDBStreamBatchInfo" in event:
        function = _name_of(event.get("requestContext", {}).get("functionArn", ""))
        return f"Records of a stream that {function} could not handle; they are not in the letter."
    if "requestPayload" in event:
        context, answer = event.get("requestContext") or {}, event.get("responsePayload") or {}
        error = answer.get("errorType") or context.get("condition") or "an unknown error"
        return f"{_name_of(context.get('functionArn', ''))} failed: {error}."
    if letter.error:
        return f"EventBridge could not deliver an event: {letter.error}."
    try:
        read_message(letter.body, 0)
    except UnreadableMessageError as error:
        return str(error)
    if letter.retries >= MAX_RETRIES:
        return f"It failed after {MAX_RETRIES} more attempts: see the log of recover_orders."
    return None


def _json_object(text: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _name_of(function_arn: str) -> str:
    """The function's name in an ARN, which may end with a version or an alias."""
    parts = function_arn.split(":")
    return parts[6] if len(parts) > 6 else "a function"  # noqa: PLR2004 - arn:aws:lambda:R:A:function:NAME


class DeadLetters:
    """Sends letters to the queue that tries them again, or to the one that keeps them.

    Args:
        retry_url: the queue of parked orders.
        kept_url: the queue of letters for operations.
        delay_seconds: the first delay.
    """

    def __init__(
        self, sqs: SQSClient, *, retry_url: str, kept_url: str, delay_seconds: float
    ) -> None:
        self._sqs = sqs
        self._retry_url = retry_url
        self._kept_url = kept_url
        self._delay_seconds = delay_seconds

    def handle(self, letter: Letter) -> str | None:
        """Try a letter again, or keep it; the reason why it is kept, or None.

        Raises:
            ProviderUnavailableError: SQS throttled, failed or could not be reached; the letter
                stays where it is.
        """
        reason = reason_to_keep(letter)
        if reason is None:
            delay = self._delay_seconds * 2**letter.retries
            self._send(self._retry_url, letter, {RETRIES: _number(letter.retries + 1)}, delay)
        else:
            attributes = {
                RETRIES: _number(letter.retries),
                REASON: _text(reason[:_LONGEST_REASON]),
                SOURCE: _text(letter.source),
            }
            self._send(self._kept_url, letter, attributes, 0)
        return reason

    def _send(
        self,
        url: str,
        letter: Letter,
        attributes: Mapping[str, MessageAttributeValueTypeDef],
        delay: float,
    ) -> None:
        with outages_as(ProviderUnavailableError, "SQS"):
            self._sqs.send_message(
                QueueUrl=url,
                MessageBody=letter.body,
                DelaySeconds=min(round(delay), MAX_DELAY_SECONDS),
                MessageAttributes=attributes,
            )


def _number(value: int) -> MessageAttributeValueTypeDef:
    return {"DataType": "Number", "StringValue": str(value)}


def _text(value: str) -> MessageAttributeValueTypeDef:
    return {"DataType": "String", "StringValue": value}
