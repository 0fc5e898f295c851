"""Circuit breakers: whether a provider may be called, decided by conditional writes in DynamoDB.

Everything about one breaker: its states, its transitions, its settings, its store and its metrics.
Knows no provider's protocol: a caller passes its call and a classification of the call's errors.
"""

__all__ = [
    "breaker",
    "events",
    "factory",
    "ports",
    "providers",
    "rate_limits",
    "refusals",
    "reminders",
    "settings",
    "state",
    "store",
]
