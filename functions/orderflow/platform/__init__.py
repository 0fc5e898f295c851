"""AWS as all packages use it: clients, environment, settings, alerts, audit, logs and traces.

Translates AWS's errors at one boundary. Knows nothing of groceries.
"""

from orderflow.platform.lean_boto3 import import_boto3

# Before anything here, or a library that it uses, does.
import_boto3()

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
    "snapshots",
    "tracing",
]
