"""The interface for choosing products for unclear lines: questions and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from orderflow.catalog.product import Product
from orderflow.orders.lines import RequestedLine


@dataclass(frozen=True, slots=True)
class Question:
    """One unclear line and the products that it may mean, the most likely first."""

    line: RequestedLine
    candidates: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The product chosen for a question, or None if none fits.

    ``question`` is the question's index, from 0; ``confidence`` is 0 to 1.
    """

    question: int
    product_id: str | None
    confidence: Decimal


@dataclass(frozen=True, slots=True)
class Usage:
    """The model's tokens that the answer took."""

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Both together."""
        return Usage(
            self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens
        )


class Unanswered(StrEnum):
    """Why a question has no choice."""

    #: The model could not be asked, or gave no answer. It may answer the same question later.
    UNAVAILABLE = "unavailable"
    #: The model answered, but not with a choice for this question.
    NOT_UNDERSTOOD = "not-understood"
    #: A guardrail or the model's own filter stopped the answer, for what the question says.
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Answer:
    """Choices in any order, and why other questions have none.

    ``unanswered`` is by the question's index. ``refusal`` is the provider's name for its refusal to
    serve us, such as ``AccessDeniedException``: operations have to act.
    """

    choices: tuple[Choice, ...] = ()
    usage: Usage = Usage()
    unanswered: Mapping[int, Unanswered] = field(default_factory=dict)
    refusal: str | None = None


def no_answer(questions: Sequence[Question], why: Unanswered, refusal: str | None = None) -> Answer:
    """An answer without choices, for the same reason for all questions."""
    return Answer(unanswered=dict.fromkeys(range(len(questions)), why), refusal=refusal)


class Chooser(Protocol):
    """Chooses among candidates, such as :class:`orderflow.matching.bedrock.ConverseChooser`."""

    def __call__(self, questions: Sequence[Question]) -> Answer:
        """Answer all the questions at once.

        Raises:
            BedrockUnavailable: none of the questions has an answer, for a reason that passes.
        """
