"""The scenarios of the unit tests (QUICK) and of ``make verify-breaker`` (FULL)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.breaker.scenario import Scenario

QUICK: Final[Mapping[str, Scenario]] = {
    "3 callers with 1 call each": Scenario((1, 1, 1), threshold=1),
    "2 callers with 2 calls each": Scenario((2, 2), lost_replies=False),
    "one clock ahead": Scenario((2, 1), threshold=1, ahead=(0, 1), lost_replies=False),
    "time passes between any two looks at a clock": Scenario((1, 1), threshold=1, every_look=True),
    "the item is deleted": Scenario((2, 1), threshold=1, deletions=1, stale=False),
    "all failures are reported": Scenario((1, 1, 1), crashes=False, lost_replies=False),
}

#: The largest first, as several processes share them.
FULL: Final[Mapping[str, Scenario]] = {
    "3 callers with 2 calls each, one clock ahead": Scenario((2, 2, 2), ahead=(0, 0, 1)),
    "3 callers with 2 calls each, two clocks ahead": Scenario((2, 2, 2), ahead=(0, 1, 1)),
    "3 callers with 2 calls each, clocks agree": Scenario((2, 2, 2)),
    "the first failure opens": Scenario((2, 2, 1), threshold=1),
    "time passes between any two looks at a clock": Scenario((2, 2, 1), every_look=True),
    "the item is deleted": Scenario((2, 2, 1), deletions=1),
    "all attributes of the item": Scenario((2, 1, 1), all_fields=True),
    "all failures are reported": Scenario(
        (2, 2, 2), crashes=False, lost_replies=False, stale=False
    ),
}
