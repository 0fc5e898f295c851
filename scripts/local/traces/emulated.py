"""MiniStack's Lambda and Step Functions, which hand traces on and send segments as AWS's do.

A request's header (``X-Amzn-Trace-Id``) names the trace and the segment that it comes from. A
function's invocation and an execution become segments below it, and are the origin of what they
call. MiniStack begins a new trace with each invocation. Sources:
https://docs.aws.amazon.com/xray/latest/devguide/xray-services-lambda.html,
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final

from ministack import app  # type: ignore[import-untyped]
from ministack.services import lambda_svc, stepfunctions  # type: ignore[import-untyped]

from orderflow.platform.tracing import Daemon, Document, TraceHeader, new_id
from scripts.local.traces.sampling import new_trace, trace_rate

#: A request's body, or the answer's status, headers and body.
Data = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]

_HEADER: Final = "traceHeader"
_SEGMENT: Final = "traceSegment"

#: What the current request, execution or invocation hands on; None where it began no trace yet.
_current: ContextVar[TraceHeader | None] = ContextVar("trace", default=None)


def install() -> None:
    """Replaces the parts of MiniStack that begin traces or could hand them on."""
    tracer = Tracer(trace_rate(), Daemon().send)
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
    return str(header) if header else None


class Tracer:
    """Wraps MiniStack's functions.

    Args:
        rate: the part of the traces that begin here which is recorded.
        send: sends a segment document.
    """

    def __init__(self, rate: float, send: Callable[[Document], None]) -> None:
        self._rate = rate
        self._send = send

    def carrying(self, dispatch: Callable[..., Any]) -> Callable[..., Any]:
        """``dispatch``, whose request knows the trace that its header names."""

        async def dispatch_within_trace(
            method: str, path: str, headers: Mapping[str, str], *rest: Any, **named: Any
        ) -> Any:
            token = _current.set(TraceHeader.read(headers.get("x-amzn-trace-id", "")))
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
            header = self._below(origin)
            segment = _segment(header, origin, config["FunctionName"], "AWS::Lambda::Function")
            segment["aws"] = {"function_arn": config["FunctionArn"], "request_id": request_id}
            token = _current.set(header)
            try:
                result = execute(func, config, event, request_id, started)
            finally:
                _current.reset(token)
            if header.sampled:
                failed = {"fault": True} if result.get("error") else {}
                self._send({**segment, **failed, "end_time": time.time()})
            return result

        return invoke

    def starting(self, start: Callable[[Data], Answer]) -> Callable[[Data], Answer]:
        """``StartExecution``: the execution hands the trace on, and is a segment of it."""

        def start_traced(data: Data) -> Answer:
            origin = _current.get() or TraceHeader.read(data.get(_HEADER) or "")
            header = self._below(origin)
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
            segment = execution.get(_SEGMENT)
            if segment and execution["status"] != "RUNNING":
                failed = {} if execution["status"] == "SUCCEEDED" else {"fault": True}
                done = {name: value for name, value in segment.items() if name != "in_progress"}
                self._send({**done, **failed, "end_time": time.time()})

        return emit_and_send

    def _below(self, origin: TraceHeader | None) -> TraceHeader:
        """The header of a new segment's own calls."""
        if origin is None:
            return new_trace(self._rate)
        return TraceHeader(origin.trace_id, new_id(), origin.sampled)

    def _note(self, execution: Data, header: TraceHeader, origin: TraceHeader | None) -> None:
        if origin is not None:
            execution[_HEADER] = str(origin)
        if not header.sampled:
            return
        name = execution["stateMachineArn"].rpartition(":")[2]
        segment = _segment(header, origin, name, "AWS::StepFunctions::StateMachine")
        segment["start_time"] = datetime.fromisoformat(execution["startDate"]).timestamp()
        segment |= {"aws": {"execution_arn": execution["executionArn"]}, "in_progress": True}
        execution[_SEGMENT] = segment
        self._send(segment)


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


def _segment(header: TraceHeader, origin: TraceHeader | None, name: str, kind: str) -> Document:
    below = {"parent_id": origin.parent_id} if origin else {}
    return {
        "id": header.parent_id,
        "trace_id": header.trace_id,
        **below,
        "name": name,
        "origin": kind,
        "start_time": time.time(),
    }
