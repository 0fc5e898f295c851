"""When the name of a product is like enough to the one that a customer wrote."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """The matcher's thresholds. Scores are 0 to 1.

    Attributes:
        minimum_score: what a name needs to be matched without the model.
        clear_score: what it needs to be matched without asking the model ...
        clear_lead: ... and how far it must be ahead of the next.
        max_candidates: how many products are considered for an unclear line.
    """

    minimum_score: float = 0.72
    clear_score: float = 0.85
    clear_lead: float = 0.1
    max_candidates: int = 8
