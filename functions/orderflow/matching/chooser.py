"""The interface for choosing products for unclear lines: questions and answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
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


@dataclass(frozen=True, slots=True)
class Answer:
    """Choices in any order. A question without a choice is unanswered."""

    choices: tuple[Choice, ...] = ()
    usage: Usage = Usage()


class Chooser(Protocol):
    """Chooses among candidates, such as :class:`orderflow.matching.bedrock.ConverseChooser`."""

    def __call__(self, questions: Sequence[Question]) -> Answer:
        """Answer all the questions at once.

        Raises:
            BedrockUnavailable: there is no answer, or an unreadable one.
        """
