"""AWS as all packages use it: clients, environment, settings, alerts, audit, logs and traces.

Translates AWS's errors at one boundary. Knows nothing of groceries.
"""

__all__ = [
    "alerts",
    "audit",
    "aws",
    "aws_errors",
    "dynamodb",
    "environment",
    "observability",
    "parameters",
    "privacy",
    "retry_after",
    "tracing",
]
