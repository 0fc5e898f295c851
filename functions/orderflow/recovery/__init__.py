"""Parked orders: what resumes them, when, how fast, and when operations are alerted.

A parked order's execution waits for an answer to its task token. Its timer, its provider's breaker
or an operator gives the answer.
"""

__all__ = [
    "chains",
    "dead_letters",
    "escalation",
    "messages",
    "pacing",
    "parked_orders",
    "resumer",
    "settings",
    "waiting",
]
