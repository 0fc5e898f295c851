"""Calls of our own GraphQL API, signed with SigV4 as the function's role, or with a user's token.

botocore signs and sends: the Lambda runtime has it, and another package for GraphQL would make cold
starts longer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, Protocol

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.exceptions import ConnectionError, HTTPClientError  # noqa: A004
from pydantic import ConfigDict, Field, ValidationError

from orderflow.errors import ApiRefusedError, ApiUnavailable
from orderflow.records import Model

# AWS WAF's common rules block requests without one.
_USER_AGENT: Final = "grocery-orders"

#: AppSync gives its own errors none where a request does not fit the schema:
#: https://github.com/graphql/graphql-over-http/issues/81 (by AppSync's team).
_NO_TYPE: Final = "no type, as if the deployed schema did not fit"
_BUSY: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


#: Authorizes a request, in place.
Authorize = Callable[[AWSRequest], None]


class HttpSession(Protocol):
    """Sends requests; botocore's ``URLLib3Session`` is one."""

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """The answer, whatever its status."""


class _GraphqlError(Model):
    model_config = ConfigDict(extra="ignore")

    message: str = ""
    error_type: str | None = Field(default=None, alias="errorType")


class _Answer(Model):
    model_config = ConfigDict(extra="ignore")

    data: dict[str, Any] | None = None
    errors: list[_GraphqlError] | None = None


def signed(region: str, credentials: Credentials) -> Authorize:
    """Signs requests with SigV4; temporary credentials refresh themselves."""

    def sign(request: AWSRequest) -> None:
        SigV4Auth(credentials.get_frozen_credentials(), "appsync", region).add_auth(request)

    return sign


def with_token(token: str) -> Authorize:
    """Sends a token of the user pool."""

    def add(request: AWSRequest) -> None:
        request.headers["Authorization"] = token

    return add


class GraphqlClient:
    """One AppSync API.

    Args:
        url: the API's URL, with its path.
        authorize: :func:`signed` or :func:`with_token`.
        http: sends the requests.
        host: the API's name at AWS, if ``url`` names another host.
    """

    def __init__(
        self,
        url: str,
        authorize: Authorize,
        http: HttpSession,
        host: str | None = None,
    ) -> None:
        self._url = url
        self._headers = {
            "Content-Type": "application/json",
            "User-Agent": _USER_AGENT,
            **({"Host": host} if host else {}),
        }
        self._authorize = authorize
        self._http = http

    def execute(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run one operation and return its data.

        Raises:
            ApiUnavailable: no answer, a failing one, or one that can't be read.
            ApiRefusedError: the API refuses the request, or a part of it.
        """
        response = self._send(json.dumps({"query": query, "variables": variables}).encode())
        status = response.status_code
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _BUSY:
            raise ApiUnavailable(f"The API failed: {status}")
        try:
            answer = _Answer.model_validate_json(response.content)
        except ValidationError:
            # `from None`: pydantic's error would carry the order into the log.
            raise ApiUnavailable("The API's answer can't be read") from None
        if answer.errors or answer.data is None:
            raise ApiRefusedError(_summary(status, answer.errors or []))
        return answer.data

    def _send(self, body: bytes) -> AWSResponse:
        request = AWSRequest("POST", self._url, data=body, headers=self._headers)
        self._authorize(request)
        try:
            return self._http.send(request.prepare())
        except (ConnectionError, HTTPClientError) as error:
            raise ApiUnavailable(f"No answer from the API: {type(error).__name__}") from error


def _summary(status: int, errors: list[_GraphqlError]) -> str:
    """The errors' types. Their messages may quote the request."""
    kinds = sorted({error.error_type or _NO_TYPE for error in errors})
    return f"The API refused the request ({status}): {', '.join(kinds) or 'no data'}"
