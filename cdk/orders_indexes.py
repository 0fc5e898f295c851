"""The names of the indexes of the orders table."""

from typing import Literal

OrdersIndex = Literal[
    "byCustomer", "byStatusShard", "byRefund", "byLinkCheckShard", "byReversal",
    # Of earlier releases.
    "byStatus", "byLinkCheck",
]  # fmt: skip
"""All that there have been."""

CURRENT_INDEXES: tuple[OrdersIndex, ...] = (
    "byCustomer",
    "byStatusShard",
    "byRefund",
    "byLinkCheckShard",
    "byReversal",
)
"""The indexes that the functions use."""
