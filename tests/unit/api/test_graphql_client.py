"""Calls of our own GraphQL API: how they are signed and sent, and what their failures mean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from orderflow.api.graphql_client import GraphqlClient, signed, with_token
from orderflow.errors import ApiRefusedError, ApiUnavailable

URL = "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql"
CREDENTIALS = Credentials("AKIDEXAMPLE", "secret", "session")


class Answer:
    def __init__(self, status: int, content: bytes) -> None:
        self.status_code = status
        self.content = content


class Http:
    """Gives one answer, or raises one error."""

    def __init__(self, outcome: Answer | Exception) -> None:
        self.outcome = outcome
        self.sent: list[AWSPreparedRequest] = []

    def send(self, request: AWSPreparedRequest) -> Any:
        self.sent.append(request)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def answering(status: int = 200, **body: Any) -> Http:
    return Http(Answer(status, json.dumps(body).encode()))


def client(http: Http, url: str = URL, host: str | None = None) -> GraphqlClient:
    return GraphqlClient(url, signed("eu-west-1", CREDENTIALS), http, host)


def test_an_operation_is_sent_with_its_variables_and_answered_with_its_data() -> None:
    http = answering(data={"x": 1})
    assert client(http).execute("mutation { x }", {"a": "b"}) == {"x": 1}
    (request,) = http.sent
    assert (request.method, request.url) == ("POST", URL)
    assert json.loads(request.body) == {"query": "mutation { x }", "variables": {"a": "b"}}


@pytest.mark.parametrize(
    ("url", "host", "signed_host"),
    [
        (URL, None, "abc.appsync-api.eu-west-1.amazonaws.com"),
        ("http://127.0.0.1:80/graphql", "api.example.com", "api.example.com"),
    ],
    ids=["at AWS", "by another way"],
)
def test_it_is_signed_for_the_apis_own_name(url: str, host: str | None, signed_host: str) -> None:
    http = answering(data={})
    client(http, url, host).execute("mutation { x }", {})

    headers = http.sent[0].headers
    assert headers["X-Amz-Security-Token"] == "session"
    assert headers["User-Agent"] == "grocery-orders"
    again = AWSRequest(
        "POST",
        f"https://{signed_host}/graphql",
        data=http.sent[0].body,
        headers={"Content-Type": "application/json"},
    )
    signer = SigV4Auth(CREDENTIALS, "appsync", "eu-west-1")
    again.context["timestamp"] = headers["X-Amz-Date"]
    again.headers["X-Amz-Date"] = headers["X-Amz-Date"]
    again.headers["X-Amz-Security-Token"] = "session"
    signature = signer.signature(
        signer.string_to_sign(again, signer.canonical_request(again)), again
    )
    assert headers["Authorization"].endswith(f"Signature={signature}")


@pytest.mark.parametrize(
    "outcome",
    [
        Answer(500, b""),
        Answer(503, b"{}"),
        Answer(429, b"{}"),
        Answer(408, b""),
        Answer(200, b"<html>"),
        Answer(200, b"[]"),
        EndpointConnectionError(endpoint_url=URL),
        ReadTimeoutError(endpoint_url=URL),
    ],
    ids=lambda outcome: type(outcome).__name__ + str(getattr(outcome, "status_code", "")),
)
def test_no_proper_answer_is_an_outage(outcome: Answer | Exception) -> None:
    with pytest.raises(ApiUnavailable):
        client(Http(outcome)).execute("mutation { x }", {})


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (401, {"errors": [{"errorType": "UnauthorizedException", "message": "x@y.example"}]},
         "(401): UnauthorizedException"),
        (200, {"data": {"x": None}, "errors": [{"message": "x@y.example"}]},
         "(200): no type, as if the deployed schema did not fit"),
        (200, {"data": None}, "(200): no data"),
    ],
)  # fmt: skip
def test_a_refusal_is_our_fault_and_its_message_does_not_quote_the_request(
    status: int, body: dict[str, Any], says: str
) -> None:
    with pytest.raises(ApiRefusedError) as refusal:
        client(answering(status, **body)).execute("mutation { x }", {})
    assert str(refusal.value).endswith(says)
    assert "@" not in str(refusal.value)


def test_a_user_s_token_is_sent_as_it_is() -> None:
    http = answering(data={"x": 1})
    assert GraphqlClient(URL, with_token("a.token"), http).execute("{ x }", {}) == {"x": 1}
    (request,) = http.sent
    assert request.headers["Authorization"] == "a.token"
