"""Chooses products with a model on Amazon Bedrock (Converse API, one forced tool call).

Protocol: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html.
The prompt and the tool's schema are versioned files in ``prompts/``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from orderflow.catalog.product import Product
from orderflow.errors import BedrockUnavailable
from orderflow.matching.chooser import Answer, Question, Unanswered, no_answer
from orderflow.matching.converse import Refused, read_answer, refusal
from orderflow.platform.aws_errors import error_code, outages_as

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

PROMPT_VERSION: Final = "choose_products.v1"

_TOKENS_A_CHOICE: Final = 80
_TOKENS_AROUND: Final = 200


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A Bedrock guardrail that every call goes through."""

    id: str
    version: str


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

        What was refused, or can't be read, leaves its questions unanswered. It does not count as an
        outage: otherwise one customer's words could open the breaker for all.

        Raises:
            BedrockUnavailable: no answer (timeout, throttling, 5xx), or none of Converse.
        """
        request = self._request(questions)
        with outages_as(BedrockUnavailable, "Bedrock"):
            try:
                response = self._client.converse(**request)
            except ClientError as error:
                match refusal(error):
                    case Refused.QUESTION:
                        return no_answer(questions, Unanswered.NOT_UNDERSTOOD)
                    case Refused.US:
                        return no_answer(questions, Unanswered.UNAVAILABLE, error_code(error))
                raise
        return read_answer(response, len(questions))

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
