"""The thresholds for matching a customer's words with a product's name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """The matcher's thresholds. Scores are 0 to 1.

    Attributes:
        minimum_score: a name with less is not matched when the model gives no answer.
        clear_score: a name with this score or more is matched without asking the model ...
        clear_lead: ... if its score is this much above the next one.
        max_candidates: at most so many products are considered for an unclear line.
    """

    minimum_score: float = 0.72
    clear_score: float = 0.85
    clear_lead: float = 0.1
    max_candidates: int = 8
