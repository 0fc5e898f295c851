"""What is asked of whoever chooses products for unclear lines, and how it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from orderflow.catalog.product import Product
from orderflow.orders.lines import RequestedLine


@dataclass(frozen=True, slots=True)
class Question:
    """One unclear line and the products it may mean, the likeliest first."""

    line: RequestedLine
    candidates: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The product chosen for the question at this place, or None where none fits.

    ``confidence`` is 0 to 1.
    """

    question: int
    product_id: str | None
    confidence: Decimal


@dataclass(frozen=True, slots=True)
class Usage:
    """What the choosing cost, in the model's tokens."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Choices in any order. A question without one was left open."""

    choices: tuple[Choice, ...] = ()
    usage: Usage = Usage()


class Chooser(Protocol):
    """Chooses among candidates, such as :class:`orderflow.matching.bedrock.ConverseChooser`."""

    def __call__(self, questions: Sequence[Question]) -> Answer:
        """Answer all the questions at once.

        Raises:
            BedrockUnavailable: no answer came, or none that can be read.
        """
