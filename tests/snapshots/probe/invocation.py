"""One invocation of a restored handler, with AWS's answers made up, and what it sent meanwhile."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

#: What is meant to be unique looks like this.
TOKEN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b")

ANSWERS: dict[str, Any] = {
    "BatchGetItem": {"Responses": {}},
    "GetSecretValue": {"SecretString": '{"secretKey": "sk_test_0123456789"}'},
    "Query": {"Items": [], "Count": 0},
    "ReceiveMessage": {},
    "StartExecution": {"executionArn": "arn:aws:states:eu-west-1:1:execution:o:1", "startDate": 0},
}
PUBLISHED = (
    b"<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
)


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler of its invocation."""

    function_name: str = "a-function"
    function_version: str = "7"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:a-function:7"
    aws_request_id: str = "f9d0c7d0-5b7c-4a53-8a58-3f3c1f6f5a11"

    def get_remaining_time_in_millis(self) -> int:
        """Time enough."""
        return 10_000


def run(handler: Callable[[Any, Any], Any]) -> list[str]:
    """The tokens of all requests to AWS, but for those that came in with the event.

    What the handler makes of the answers is of no interest: they can't satisfy every function.
    """
    sent: list[str] = []

    def send(_session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        sent.append(f"{request.url} {dict(request.headers)} {_text(request.body)}")
        return AWSResponse(request.url, 200, {}, _Body(_answer(request)))

    URLLib3Session.send = send
    event = json.loads(os.environ["EVENT"])
    with suppress(Exception):
        handler(event, Context())
    known = set(TOKEN.findall(json.dumps([event, _logged(event), dict(os.environ)])))
    return sorted({token for each in sent for token in TOKEN.findall(each)} - known)


def _logged(event: Any) -> str:
    """What an event of CloudWatch Logs holds; nothing of all others."""
    data = event["awslogs"]["data"] if event and "awslogs" in event else ""
    return gzip.decompress(base64.b64decode(data)).decode() if data else ""


def _text(body: Any) -> str:
    return body.decode() if isinstance(body, bytes) else str(body)


def _answer(request: AWSPreparedRequest) -> bytes:
    operation = _text(request.headers.get("X-Amz-Target", b"")).rpartition(".")[2]
    if "sns." in request.url:
        return PUBLISHED
    if operation == "GetItem":
        items = json.loads(os.environ["ITEMS"])
        return json.dumps({"Item": items[json.loads(request.body)["TableName"]]}).encode()
    if operation == "GetParameter":
        return json.dumps({"Parameter": {"Value": os.environ["PARAMETER"]}}).encode()
    return json.dumps(ANSWERS.get(operation, {})).encode()


class _Body:
    """As much of a urllib3 response as botocore reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        """All of it."""
        return [self._content]
