"""The order: its lines, its statuses, its store, and who may see or submit or cancel it.

Each change is one conditional write that allows the listed predecessors alone, so that late and
repeated events change nothing.
"""

__all__ = [
    "access",
    "cancellation",
    "intake",
    "lines",
    "model",
    "money_records",
    "pages",
    "ports",
    "reversals",
    "status",
    "store",
    "submission",
    "submission_limits",
]
