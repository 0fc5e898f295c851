"""What a paid order may use of AWS at most, so that no later work lets it grow unseen.

A figure may grow for a capability that is worth it: then docs/decisions/0073 says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scripts.cost.usage import Unit, Usage

TRANSITIONS_TO_LINK: Final = 8

#: By unit, of one order of three lines that resolve without the model, with warm functions.
BUDGET: Final[Mapping[Unit, float]] = {
    Unit.TRANSITIONS: 10,
    Unit.FUNCTION_REQUESTS: 37,
    Unit.WRITES: 37,
    Unit.READS: 40,
    Unit.API_OPERATIONS: 8,
    Unit.API_MESSAGES: 7,
    Unit.EMAILS: 1,
    Unit.QUEUE_REQUESTS: 0,
    Unit.PUBLICATIONS: 0,
    Unit.FIREWALL_REQUESTS: 9,
}
#: Invocations of the functions that streams and logs cause. An order is written some ten times,
#: and a batch may hold one write.
CAUSED: Final[Mapping[str, float]] = {
    "publish-order-updates": 11,
    "send-status-emails": 0,
    "collect-audit": 15,
}


def over_budget(used: Usage) -> dict[str, tuple[float, float]]:
    """What an order used too much of: the amount and the most that it may be."""
    functions = used.by_detail(Unit.FUNCTION_REQUESTS)
    amounts = {str(unit): (used.of(unit), most) for unit, most in BUDGET.items()}
    amounts |= {name: (functions.get(name, 0.0), most) for name, most in CAUSED.items()}
    return {name: amount for name, amount in amounts.items() if amount[0] > amount[1]}
