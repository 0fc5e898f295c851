"""The calls that functions send: to AWS by botocore, to PayStack and to the API by HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from botocore import register_initializer
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from orderflow.platform.tracing.documents import (
    Document,
    mark_exception,
    mark_status,
    name_of,
    short,
)
from orderflow.platform.tracing.recorder import RECORDER, begun, ended

_CONTEXT: Final = "orderflow.tracing"

#: Parts of the codes with which services throttle with status 400.
_THROTTLING: Final = ("Throttl", "TooManyRequests", "Throughput", "LimitExceeded")


class Call:
    """A call under way."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def answered(self, status: int) -> None:
        """Notes the answer's HTTP status."""
        mark_status(self._document, status)


@contextmanager
def outgoing_call(name: str, method: str, url: str) -> Iterator[Call]:
    """Records the block as a call by HTTP.

    Args:
        name: the service's, as the trace is to show it.
        method: such as ``GET``.
        url: recorded without its query, which may hold personal data.
    """
    invocation = RECORDER.invocation
    if invocation is None:
        yield Call({})
        return
    document = begun(name_of(name))
    document["namespace"] = "remote"
    document["http"] = {"request": {"method": method, "url": short(url.partition("?")[0])}}
    try:
        yield Call(document)
    except Exception as error:
        mark_exception(document, error)
        raise
    finally:
        invocation.add(ended(document))


class TracedSession(URLLib3Session):
    """botocore's HTTP session, which records what it sends under the host's name (``Host``)."""

    def send(self, request: AWSRequest | AWSPreparedRequest) -> AWSResponse:
        """Sends a request and returns its answer."""
        url = str(request.url)
        name = request.headers.get("Host") or urlsplit(url).hostname
        with outgoing_call(_text(name), str(request.method), url) as call:
            response = super().send(request)
            call.answered(response.status_code)
            return response


def _text(header: Any) -> str:
    """A prepared request's headers are bytes."""
    return header.decode("ascii", "replace") if isinstance(header, bytes) else str(header)


@cache
def record_aws_calls() -> None:
    """Records the calls of all AWS clients that are made from now on."""
    register_initializer(_observe)


def _observe(session: Any) -> None:
    session.register("before-parameter-build", _begin)
    session.register("after-call", _end)
    session.register("after-call-error", _fail)


def _begin(params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    if RECORDER.invocation is None:
        return
    document = begun(name_of(str(model.service_model.service_id)))
    document["namespace"] = "aws"
    document["aws"] = {"operation": model.name, "region": context.get("client_region")}
    for name, field in (("TableName", "table_name"), ("QueueUrl", "queue_url")):
        if isinstance(params.get(name), str):
            document["aws"][field] = short(params[name])
    context[_CONTEXT] = RECORDER.invocation, document


def _end(http_response: Any, parsed: Any, context: Mapping[str, Any], **_: Any) -> None:
    if _CONTEXT not in context:
        return
    invocation, document = context[_CONTEXT]
    request_id = parsed.get("ResponseMetadata", {}).get("RequestId")
    if request_id:
        document["aws"]["request_id"] = short(request_id)
    code = str(parsed.get("Error", {}).get("Code", ""))
    throttled = any(each in code for each in _THROTTLING)
    mark_status(document, http_response.status_code, throttled=throttled)
    invocation.add(ended(document))


def _fail(exception: BaseException, context: Mapping[str, Any], **_: Any) -> None:
    if _CONTEXT not in context:
        return
    invocation, document = context[_CONTEXT]
    mark_exception(document, exception)
    invocation.add(ended(document))
