"""What Amazon Bedrock's Converse answers: the choices in it, and what its errors mean.

Shapes: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from enum import Enum, auto
from typing import Annotated, Any, Final

from botocore.exceptions import ClientError
from pydantic import Field, ValidationError

from orderflow.errors import BedrockUnavailable
from orderflow.matching.chooser import Answer, Choice, Unanswered, Usage
from orderflow.platform.aws_errors import error_code, is_outage
from orderflow.records import Record
from orderflow.validation import fields_in_words

#: Answers that were stopped for what the question says.
_STOPPED_BY_FILTERS: Final = frozenset({"guardrail_intervened", "content_filtered"})

#: The model can't be used: no retry helps, and operations have to act. ModelNotReadyException has
#: the status of a throttle, and lasts.
_REFUSALS: Final = frozenset({"ModelNotReadyException", "ServiceQuotaExceededException"})
#: In the message of a ThrottlingException that is over a quota of a day rather than a burst.
_DAILY_QUOTA: Final = "per day"
#: In the message of a ValidationException about the question, such as one that is too long.
_ABOUT_THE_INPUT: Final = ("too long", "malformed input", "context window")


class Refused(Enum):
    """The meaning of an error that is not an outage."""

    #: The model could not process this question.
    QUESTION = auto()
    #: The model is denied, retired, not offered in the region, or over its quota; or the request
    #: is not ours to make.
    US = auto()


class _FromJson(Record, populate_by_name=False):
    """A part of the model's answer, under the names that the prompt gives."""


class _ToolChoice(_FromJson):
    line: int
    product_id: str | None
    confidence: Annotated[Decimal, Field(ge=0, le=1)]


class _ToolUse(_FromJson):
    # Written by the model, so any of it may be malformed.
    input: Any = None


class _ContentBlock(_FromJson):
    tool_use: _ToolUse | None = None


class _Message(_FromJson):
    content: list[_ContentBlock]


class _Output(_FromJson):
    message: _Message


class _TokenUsage(_FromJson):
    input_tokens: int
    output_tokens: int


class _Response(_FromJson):
    """The part of Converse's response that matters here. Bedrock writes it, not the model."""

    stop_reason: str
    usage: _TokenUsage
    output: _Output


def read_answer(response: Mapping[str, Any], questions: int) -> Answer:
    """The choices for so many questions that can be read, and why the others have none.

    A choice that can't be read costs its own question alone, whatever the reason for which the
    model stopped.

    Raises:
        BedrockUnavailable: this is not a response of Converse.
    """
    try:
        known = _Response.model_validate(response)
    except ValidationError as error:
        # `from None`: pydantic's error would carry the customer's words into the log.
        fields = fields_in_words(error)
        raise BedrockUnavailable(f"Bedrock's answer is unreadable at: {fields}") from None
    usage = Usage(known.usage.input_tokens, known.usage.output_tokens)
    if known.stop_reason in _STOPPED_BY_FILTERS:
        return Answer(usage=usage, unanswered=dict.fromkeys(range(questions), Unanswered.BLOCKED))
    choices = tuple(
        choice
        for block in known.output.message.content
        if block.tool_use
        for choice in _choices(block.tool_use.input)
        if 0 <= choice.question < questions
    )
    missing = set(range(questions)) - {choice.question for choice in choices}
    return Answer(choices, usage, dict.fromkeys(sorted(missing), Unanswered.NOT_UNDERSTOOD))


def refusal(error: ClientError) -> Refused | None:
    """Whether Bedrock refuses this question, or us; None if it is out."""
    code, message = error_code(error), str(error.response.get("Error", {}).get("Message", ""))
    if code == "ModelErrorException":
        return Refused.QUESTION
    if code in _REFUSALS or (code == "ThrottlingException" and _DAILY_QUOTA in message.lower()):
        return Refused.US
    if is_outage(error):
        return None
    is_about_input = any(words in message.lower() for words in _ABOUT_THE_INPUT)
    return Refused.QUESTION if code == "ValidationException" and is_about_input else Refused.US


def _choices(tool_input: Any) -> Iterator[Choice]:
    found = _parsed(tool_input)
    entries = _parsed(found.get("choices")) if isinstance(found, dict) else found
    for entry in entries if isinstance(entries, list) else ():
        with suppress(ValidationError):
            choice = _ToolChoice.model_validate(entry)
            yield Choice(choice.line, choice.product_id, choice.confidence)


def _parsed(value: Any) -> Any:
    """The value; of JSON in a text, which models write now and then, what the text holds."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
