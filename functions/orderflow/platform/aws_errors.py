"""Telling an AWS service's outage from our own mistake, for every boundary that calls one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004
from botocore.parsers import ResponseParserError

from orderflow.errors import ProviderUnavailableError

#: No answer, or none that could be read: refused, reset, timed out, cut off, not the protocol. The
#: last two are how botocore's parser fails on JSON that is no object, and on what is not UTF-8.
NO_ANSWER: Final = (
    ConnectionError,
    HTTPClientError,
    ResponseParserError,
    AttributeError,
    UnicodeDecodeError,
)

_FIRST_SERVER_ERROR: Final = 500
_BUSY_STATUSES: Final = frozenset({408, 424, 429})
# Services that speak the JSON protocol throttle with status 400: only the code tells.
_BUSY_CODES: Final = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "KmsThrottledException",
        "LimitExceededException",
        "ModelErrorException",
        "ModelNotReadyException",
        "ModelTimeoutException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceQuotaExceededException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)


@contextmanager
def outages_as(unavailable: type[ProviderUnavailableError], service: str) -> Iterator[None]:
    """Turn a service's throttling, server errors and silence into ``unavailable``.

    Everything else passes through unchanged: a failed condition is the caller's to interpret, and
    a refused permission or a malformed request is a mistake of ours that must surface.

    The block is to hold the service's call and nothing else.

    Args:
        unavailable: the error to raise.
        service: its name, for the message.
    """
    try:
        yield
    except ClientError as error:
        if not is_outage(error):
            raise
        message = f"{service} failed: {error_code(error)}"
        raise unavailable(message, retry_after_seconds(error)) from error
    except NO_ANSWER as error:
        raise unavailable(f"{service} did not answer: {type(error).__name__}") from error


def is_outage(error: ClientError) -> bool:
    """Whether the service was throttling or failing, as opposed to refusing what we asked."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return (
        status >= _FIRST_SERVER_ERROR
        or status in _BUSY_STATUSES
        or error_code(error) in _BUSY_CODES
    )


def error_code(error: ClientError) -> str:
    """The service's name for the error, such as ``ThrottlingException``."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def retry_after_seconds(error: ClientError) -> float | None:
    """The wait that the service asked for (``Retry-After`` in seconds), if it did."""
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    value = str(headers.get("retry-after", ""))
    return float(value) if value.isdecimal() else None
