"""Which failures of DynamoDB become StoreUnavailable."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from orderflow.errors import StoreUnavailable
from orderflow.platform.dynamodb import translated_errors


def _client_error(code: str, status: int, headers: dict[str, str] | None = None) -> ClientError:
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers or {}}
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": metadata}
    return ClientError(response, "GetItem")


@pytest.mark.parametrize(
    "error",
    [
        _client_error("ProvisionedThroughputExceededException", 400),
        _client_error("ThrottlingException", 400),
        _client_error("RequestLimitExceeded", 400),
        _client_error("TooManyRequests", 429),
        _client_error("InternalServerError", 500),
        _client_error("ServiceUnavailable", 503),
        EndpointConnectionError(endpoint_url="https://db.example"),
        ReadTimeoutError(endpoint_url="https://db.example"),
        ResponseParserError("not JSON"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_throttling_failures_and_timeouts_make_the_store_unavailable(
    error: Exception,
) -> None:
    with pytest.raises(StoreUnavailable), translated_errors():
        raise error


@pytest.mark.parametrize(
    "error",
    [
        _client_error("ConditionalCheckFailedException", 400),
        _client_error("AccessDeniedException", 400),
        _client_error("ValidationException", 400),
        _client_error("ResourceNotFoundException", 400),
        ValueError("a bug"),
    ],
)
def test_refusals_and_bugs_pass_through_unchanged(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, translated_errors():
        raise error
    assert raised.value is error


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry-after": "7"}, 7.0), ({"retry-after": "soon"}, None), ({}, None)],
)
def test_retry_after_is_kept(headers: dict[str, str], seconds: float | None) -> None:
    with pytest.raises(StoreUnavailable) as raised, translated_errors():
        raise _client_error("ServiceUnavailable", 503, headers)
    assert raised.value.retry_after_seconds == seconds
