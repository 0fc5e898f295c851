"""The thresholds for matching names, and for counts that are bought without a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rules:
    """The matcher's thresholds. Scores are 0 to 1.

    Attributes:
        minimum_score: a name with less is not matched when the model gives no answer.
        clear_score: a name with this score or more is matched without asking the model ...
        clear_lead: ... if its score is this much above the next one.
        max_candidates: at most so many products are considered for an unclear line.
        max_count: the highest bare count ("50 eggs") that is bought without a question ...
        max_count_by_category: ... and the same for some categories, by their names.
    """

    minimum_score: float = 0.72
    clear_score: float = 0.85
    clear_lead: float = 0.1
    max_candidates: int = 8
    max_count: int = 50
    max_count_by_category: Mapping[str, int] = field(default_factory=dict)

    def highest_count(self, category: str) -> int:
        """The highest bare count of products of a category that is bought without asking."""
        return self.max_count_by_category.get(category, self.max_count)
