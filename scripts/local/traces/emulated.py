"""MiniStack's Lambda and Step Functions, which hand traces on and send segments as AWS's do.

A request's header (``X-Amzn-Trace-Id``) names the trace and the segment that it comes from. A
function's invocation and an execution become segments below it, and are the origin of what they
call. MiniStack begins a new trace with each invocation. Sources:
https://docs.aws.amazon.com/xray/latest/devguide/xray-services-lambda.html,
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final

from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.trace_header import TraceHeader
from ministack import app  # type: ignore[import-untyped]
from ministack.services import lambda_svc, stepfunctions  # type: ignore[import-untyped]

from scripts.local.traces.sampling import trace_rate
from scripts.local.traces.segments import header_below, read_header, segment

#: A request's body, or the answer's status, headers and body.
Data = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]

_HEADER: Final = "traceHeader"
_OWN_HEADER: Final = "ownTraceHeader"

#: What the current request, execution or invocation hands on; None where it began no trace yet.
_current: ContextVar[TraceHeader | None] = ContextVar("trace", default=None)


def install() -> None:
    """Replaces the parts of MiniStack that begin traces or could hand them on."""
    tracer = Tracer(trace_rate(), UDPEmitter().send_entity)
    app._dispatch_service_request = tracer.carrying(app._dispatch_service_request)
    stepfunctions._start_execution = tracer.starting(stepfunctions._start_execution)
    stepfunctions._describe_execution = describing(stepfunctions._describe_execution)
    stepfunctions._emit_execution_status_event = tracer.ending(
        stepfunctions._emit_execution_status_event
    )
    lambda_svc._execute_function_dispatch = tracer.invoking(lambda_svc._execute_function_dispatch)
    lambda_svc._xray_trace_id_for_invocation = header_for


def header_for(_config: Data, _inbound: str | None = None) -> str | None:
    """The header that an invocation's worker is given."""
    header = _current.get()
    return header.to_header_str() if header else None


class Tracer:
    """Wraps MiniStack's functions.

    Args:
        rate: the part of the traces that begin here which is recorded.
        send: sends a segment.
    """

    def __init__(self, rate: float, send: Callable[[Segment], None]) -> None:
        self._rate = rate
        self._send = send

    def carrying(self, dispatch: Callable[..., Any]) -> Callable[..., Any]:
        """``dispatch``, whose request knows the trace that its header names."""

        async def dispatch_within_trace(
            method: str, path: str, headers: Mapping[str, str], *rest: Any, **named: Any
        ) -> Any:
            token = _current.set(read_header(headers.get("x-amzn-trace-id", "")))
            try:
                return await dispatch(method, path, headers, *rest, **named)
            finally:
                _current.reset(token)

        return dispatch_within_trace

    def invoking(self, execute: Callable[..., Any]) -> Callable[..., Any]:
        """MiniStack's execution of a function, as a segment of the current trace or of a new one.

        As with active tracing on AWS, a trace that begins here is sampled here.
        """

        def invoke(func: Any, config: Data, event: Any, request_id: str, started: float) -> Any:
            if (config.get("TracingConfig") or {}).get("Mode") != "Active":
                return execute(func, config, event, request_id, started)
            origin = None if _is_of_a_log(event) else _current.get()
            header = header_below(origin, self._rate)
            began = segment(header, origin, config["FunctionName"], "AWS::Lambda::Function")
            began.set_aws({"function_arn": config["FunctionArn"], "request_id": request_id})
            token = _current.set(header)
            try:
                result = execute(func, config, event, request_id, started)
            finally:
                _current.reset(token)
            if header.sampled:
                self._end(began, failed=bool(result.get("error")))
            return result

        return invoke

    def starting(self, start: Callable[[Data], Answer]) -> Callable[[Data], Answer]:
        """``StartExecution``: the execution hands the trace on, and is a segment of it."""

        def start_traced(data: Data) -> Answer:
            origin = _current.get() or read_header(data.get(_HEADER) or "")
            header = header_below(origin, self._rate)
            token = _current.set(header)  # the execution's thread runs in a copy of this context
            try:
                answer = start(data)
            finally:
                _current.reset(token)
            if answer[0] < 400:  # noqa: PLR2004 - HTTP
                execution = stepfunctions._executions[json.loads(answer[2])["executionArn"]]
                self._note(execution, header, origin)
            return answer

        return start_traced

    def ending(self, emit: Callable[[Data], None]) -> Callable[[Data], None]:
        """Sends an execution's segment again when the execution has ended."""

        def emit_and_send(execution: Data) -> None:
            emit(execution)
            if _OWN_HEADER in execution and execution["status"] != "RUNNING":
                self._end(_segment_of(execution), failed=execution["status"] != "SUCCEEDED")

        return emit_and_send

    def _note(self, execution: Data, header: TraceHeader, origin: TraceHeader | None) -> None:
        if origin is not None:
            execution[_HEADER] = origin.to_header_str()
        if header.sampled:
            execution[_OWN_HEADER] = header.to_header_str()
            self._send(_segment_of(execution))

    def _end(self, began: Segment, *, failed: bool) -> None:
        if failed:
            began.add_fault_flag()
        began.close()
        self._send(began)


def describing(describe: Callable[[Data], Answer]) -> Callable[[Data], Answer]:
    """``DescribeExecution``, with the header that the execution was started with."""

    def describe_with_header(data: Data) -> Answer:
        status, headers, body = describe(data)
        header = stepfunctions._executions.get(data.get("executionArn"), {}).get(_HEADER)
        if header is None:
            return status, headers, body
        return status, headers, json.dumps(json.loads(body) | {_HEADER: header}).encode()

    return describe_with_header


def _is_of_a_log(event: Any) -> bool:
    """Whether a log's subscription calls, which hands no trace on; MiniStack's does."""
    return isinstance(event, dict) and "awslogs" in event


def _segment_of(execution: Data) -> Segment:
    """The segment of an execution, in progress."""
    header = TraceHeader.from_header_str(execution[_OWN_HEADER])
    origin = read_header(execution.get(_HEADER, ""))
    name = execution["stateMachineArn"].rpartition(":")[2]
    began = segment(header, origin, name, "AWS::StepFunctions::StateMachine")
    began.start_time = datetime.fromisoformat(execution["startDate"]).timestamp()
    began.set_aws({"execution_arn": execution["executionArn"]})
    return began
