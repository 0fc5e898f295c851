"""The one place where DynamoDB's failures become :class:`~orderflow.errors.StoreUnavailable`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from orderflow.aws_errors import UNREACHABLE, error_code, is_outage, retry_after_seconds
from orderflow.errors import StoreUnavailable


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn throttling, server errors and an unreachable DynamoDB into ``StoreUnavailable``.

    Everything else passes through unchanged: a failed condition is the caller's to interpret, and
    a refused permission or a malformed request is a mistake of ours that must surface.

    Raises:
        StoreUnavailable: DynamoDB throttled, failed or could not be reached.
    """
    try:
        yield
    except ClientError as error:
        if not is_outage(error):
            raise
        message = f"DynamoDB failed: {error_code(error)}"
        raise StoreUnavailable(message, retry_after_seconds(error)) from error
    except UNREACHABLE as error:
        raise StoreUnavailable(f"DynamoDB did not answer: {type(error).__name__}") from error
