"""The one place where DynamoDB's failures become :class:`~orderflow.errors.StoreUnavailable`."""

from __future__ import annotations

from contextlib import AbstractContextManager

from orderflow.aws_errors import outages_as
from orderflow.errors import StoreUnavailable


def translated_errors() -> AbstractContextManager[None]:
    """Turn throttling, server errors and an unreachable DynamoDB into ``StoreUnavailable``."""
    return outages_as(StoreUnavailable, "DynamoDB")
