"""The names of the indexes of the orders table."""

from typing import Literal

OrdersIndex = Literal[
    "byCustomerKeys", "byStatusShard", "byRefund", "byLinkCheckShard", "byReversal", "byIdShard",
    # Of earlier releases.
    "byCustomer", "byStatus", "byLinkCheck",
]  # fmt: skip
"""All that there have been."""

CURRENT_INDEXES: tuple[OrdersIndex, ...] = (
    "byCustomerKeys",
    "byStatusShard",
    "byRefund",
    "byLinkCheckShard",
    "byReversal",
    "byIdShard",
)
"""The indexes that the functions use, and the command line."""
