"""Chooses products with a model on Amazon Bedrock (Converse API, one forced tool call).

Protocol: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html.
The prompt and the tool's schema are versioned files in ``prompts/``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field, ValidationError

from orderflow.catalog.product import Product
from orderflow.errors import BedrockUnavailable
from orderflow.matching.chooser import Answer, Choice, Question, Usage
from orderflow.platform.aws_errors import outages_as
from orderflow.records import Record
from orderflow.validation import fields_in_words

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

PROMPT_VERSION: Final = "choose_products.v1"

_STOPPED_BY_GUARDRAIL: Final = "guardrail_intervened"
_TOKENS_A_CHOICE: Final = 80
_TOKENS_AROUND: Final = 200


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A Bedrock guardrail that every call goes through."""

    id: str
    version: str


class _FromJson(Record, populate_by_name=False):
    """A part of the model's answer, under the names that the prompt gives."""


class _ToolChoice(_FromJson):
    line: int
    product_id: str | None
    confidence: Annotated[Decimal, Field(ge=0, le=1)]


class _ToolInput(_FromJson):
    choices: list[_ToolChoice]


class _ToolUse(_FromJson):
    input: _ToolInput


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
    """The part of Converse's response that matters here."""

    stop_reason: str
    usage: _TokenUsage
    output: _Output

    @property
    def tool_uses(self) -> list[_ToolUse]:
        return [block.tool_use for block in self.output.message.content if block.tool_use]


class ConverseChooser:
    """A :class:`~orderflow.matching.chooser.Chooser` that asks a model one question for all lines.

    Args:
        client: a client without retries of its own, with timeouts.
        model_id: a model or an inference profile that supports tool use.
        guardrail: applied to the call if given.
    """

    def __init__(
        self, client: BedrockRuntimeClient, model_id: str, guardrail: Guardrail | None = None
    ) -> None:
        self._client = client
        self._model_id = model_id
        self._guardrail = guardrail
        prompts = files("orderflow.matching") / "prompts"
        self._prompt = (prompts / f"{PROMPT_VERSION}.txt").read_text(encoding="utf-8")
        self._tool = json.loads((prompts / f"{PROMPT_VERSION}.json").read_text(encoding="utf-8"))

    def __call__(self, questions: Sequence[Question]) -> Answer:
        """Choose a product for each question.

        An answer that the guardrail stopped leaves every question unanswered. It does not count as
        an outage: otherwise one customer's words could open the breaker for all.

        Raises:
            BedrockUnavailable: no answer (timeout, throttling, 5xx, model not ready), or one
                without a valid tool call.
            botocore.exceptions.ClientError: Bedrock refused the request: missing permission,
                unknown model, invalid parameter.
        """
        request = self._request(questions)
        with outages_as(BedrockUnavailable, "Bedrock"):
            answer = self._client.converse(**request)
        response = _read(answer)
        usage = Usage(response.usage.input_tokens, response.usage.output_tokens)
        if response.stop_reason == _STOPPED_BY_GUARDRAIL:
            return Answer(usage=usage)
        return Answer(_choices(response), usage)

    def _request(self, questions: Sequence[Question]) -> dict[str, Any]:
        request: dict[str, Any] = {
            "modelId": self._model_id,
            "system": [{"text": self._prompt}],
            "messages": [{"role": "user", "content": [{"text": _as_data(questions)}]}],
            "inferenceConfig": {
                "temperature": 0,
                "maxTokens": _TOKENS_AROUND + _TOKENS_A_CHOICE * len(questions),
            },
            "toolConfig": {
                "tools": [{"toolSpec": self._tool}],
                "toolChoice": {"tool": {"name": self._tool["name"]}},
            },
        }
        if self._guardrail:
            request["guardrailConfig"] = {
                "guardrailIdentifier": self._guardrail.id,
                "guardrailVersion": self._guardrail.version,
            }
        return request


def _as_data(questions: Sequence[Question]) -> str:
    """The questions as JSON in a tag. No text inside can close the tag: "<" is escaped."""
    document = {"lines": [_line(number, question) for number, question in enumerate(questions)]}
    text = json.dumps(document, ensure_ascii=False).replace("<", "\\u003c")
    return f"<grocery_lines>{text}</grocery_lines>"


def _line(number: int, question: Question) -> dict[str, Any]:
    asked = question.line
    return {
        "line": number,
        "text": asked.text,
        "name": asked.name,
        "quantity": str(asked.quantity),
        "unit": asked.unit,
        "notes": asked.notes,
        "candidates": [_candidate(product) for product in question.candidates],
    }


def _candidate(product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "name": product.name,
        "brand": product.brand,
        "category": product.category,
        "pack": product.pack_size,
        "alsoCalled": list(product.synonyms),
    }


def _read(answer: Mapping[str, Any]) -> _Response:
    try:
        return _Response.model_validate(answer)
    except ValidationError as error:
        # `from None`: pydantic's error would carry the customer's words into the log.
        fields = fields_in_words(error)
        raise BedrockUnavailable(f"Bedrock's answer is unreadable at: {fields}") from None


def _choices(response: _Response) -> tuple[Choice, ...]:
    if not response.tool_uses:
        raise BedrockUnavailable(f"Bedrock answered without a tool call: {response.stop_reason}")
    chosen = response.tool_uses[0].input.choices
    return tuple(Choice(each.line, each.product_id, each.confidence) for each in chosen)
