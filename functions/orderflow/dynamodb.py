"""The one place where DynamoDB's failures become :class:`~orderflow.errors.StoreUnavailable`."""

from __future__ import annotations

from contextlib import AbstractContextManager

from botocore.exceptions import ClientError

from orderflow.aws_errors import error_code, outages_as
from orderflow.errors import StoreUnavailable


def translated_errors() -> AbstractContextManager[None]:
    """Turn throttling, server errors and an unreachable DynamoDB into ``StoreUnavailable``."""
    return outages_as(StoreUnavailable, "DynamoDB")


def condition_failed(error: ClientError) -> bool:
    """Whether a conditional write found its condition unmet."""
    return error_code(error) == "ConditionalCheckFailedException"
