"""The calls that functions send: to AWS by botocore, to PayStack and to the API by HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from botocore import register_initializer
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from orderflow.platform.tracing.documents import add_class_of, short

if TYPE_CHECKING:
    from aws_xray_sdk.core.models.subsegment import Subsegment

    from orderflow.platform.tracing.invocation import Invocation

_CONTEXT: Final = "orderflow.tracing"

#: Parts of the codes with which services throttle with status 400.
_THROTTLING: Final = ("Throttl", "TooManyRequests", "Throughput", "LimitExceeded")


@dataclass(slots=True)
class Running:
    """The running invocation, if its trace is recorded; an environment runs one at a time."""

    invocation: Invocation | None = None


RUNNING: Final = Running()


class Call:
    """A call under way, and its subsegment where it is recorded."""

    def __init__(self, subsegment: Subsegment | None = None) -> None:
        self._subsegment = subsegment

    def answered(self, status: int) -> None:
        """Notes the answer's HTTP status, and the flags that follow from it."""
        if self._subsegment is not None:
            self._subsegment.put_http_meta("status", status)


@contextmanager
def outgoing_call(name: str, method: str, url: str) -> Iterator[Call]:
    """Records the block as a call by HTTP.

    Args:
        name: the service's, as the trace is to show it.
        method: such as ``GET``.
        url: recorded without its query, which may hold personal data.
    """
    invocation = RUNNING.invocation
    if invocation is None:
        yield Call()
        return
    subsegment = invocation.begin(name, "remote")
    subsegment.put_http_meta("method", method)
    subsegment.put_http_meta("url", short(url.partition("?")[0]))
    try:
        yield Call(subsegment)
    except Exception as error:
        add_class_of(error, subsegment)
        raise
    finally:
        invocation.end_call(subsegment)


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
    if RUNNING.invocation is None:
        return
    subsegment = RUNNING.invocation.begin(str(model.service_model.service_id), "aws")
    about = {"operation": model.name, "region": context.get("client_region")}
    for name, field in (("TableName", "table_name"), ("QueueUrl", "queue_url")):
        if isinstance(params.get(name), str):
            about[field] = short(params[name])
    subsegment.set_aws(about)
    context[_CONTEXT] = RUNNING.invocation, subsegment


def _end(http_response: Any, parsed: Any, context: Mapping[str, Any], **_: Any) -> None:
    if _CONTEXT not in context:
        return
    invocation, subsegment = context[_CONTEXT]
    request_id = parsed.get("ResponseMetadata", {}).get("RequestId")
    if request_id:
        subsegment.aws["request_id"] = short(request_id)
    subsegment.put_http_meta("status", http_response.status_code)
    code = str(parsed.get("Error", {}).get("Code", ""))
    if any(each in code for each in _THROTTLING):
        subsegment.add_throttle_flag()
    invocation.end_call(subsegment)


def _fail(exception: BaseException, context: Mapping[str, Any], **_: Any) -> None:
    if _CONTEXT not in context:
        return
    invocation, subsegment = context[_CONTEXT]
    add_class_of(exception, subsegment)
    invocation.end_call(subsegment)
