"""Telling an AWS service's outage from our own mistake, for every boundary that calls one."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004
from botocore.parsers import ResponseParserError

#: No answer, or none that could be read: refused, reset, timed out, cut off, not the protocol.
UNREACHABLE: Final = (ConnectionError, HTTPClientError, ResponseParserError)

_FIRST_SERVER_ERROR: Final = 500
_BUSY_STATUSES: Final = frozenset({408, 424, 429})
# Services that speak the JSON protocol throttle with status 400: only the code tells.
_BUSY_CODES: Final = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "LimitExceededException",
        "ModelErrorException",
        "ModelNotReadyException",
        "ModelTimeoutException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
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
