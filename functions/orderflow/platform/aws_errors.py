"""Separates the outages of AWS services from the errors of our own requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004
from botocore.parsers import ResponseParserError

from orderflow.clock import parse_retry_after
from orderflow.errors import ProviderUnavailableError

#: No answer, or an unreadable one: refused, reset, timed out, cut off, malformed. botocore's parser
#: raises the last two for JSON that is not an object and for bytes that are not UTF-8.
NO_ANSWER: Final = (
    ConnectionError,
    HTTPClientError,
    ResponseParserError,
    AttributeError,
    UnicodeDecodeError,
)

_FIRST_SERVER_ERROR: Final = 500
_BUSY_STATUSES: Final = frozenset({408, 424, 429})
# Services with the JSON protocol throttle with status 400, so the code decides.
_BUSY_CODES: Final = frozenset(
    {
        "ExecutionLimitExceeded",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "KmsThrottledException",
        "KmsThrottlingException",
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
    """Turn a service's throttling, server errors and missing answers into ``unavailable``.

    Other errors pass unchanged: the caller interprets a failed condition; a refused permission or a
    malformed request is an error of ours and has to surface.

    The block holds the service's call and nothing else.

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
    """Whether the service throttled or failed; False if it refused the request."""
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
    """The ``Retry-After`` of the service's answer, in seconds, if there is one."""
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return parse_retry_after(headers.get("retry-after"))
