"""The emulated services: each is a segment of the trace that it was called in, and hands it on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.trace_header import TraceHeader
from ministack.services import stepfunctions

from scripts.local.appsync.traces import Tracing
from scripts.local.traces.emulated import Tracer, describing, header_for
from scripts.local.traces.segments import read_header
from tests.support.xray import problems

MACHINE = "arn:aws:states:eu-west-1:000000000000:stateMachine:orders"
EXECUTION = "arn:aws:states:eu-west-1:000000000000:execution:orders:one"
CONFIG = {
    "FunctionName": "parse-order",
    "FunctionArn": "arn:aws:lambda:eu-west-1:000000000000:function:parse-order:3",
    "TracingConfig": {"Mode": "Active"},
}
ORIGIN = TraceHeader("1-6b0c4e64-a006649127e371903a2de979", "53995c3f42cd8ad8", sampled=1)


class Scene:
    def __init__(self, rate: float = 1.0) -> None:
        self.documents: list[dict[str, Any]] = []
        self.tracer = Tracer(rate, self.send)
        self.handed_on: str | None = None

    def send(self, segment: Segment) -> None:
        self.documents.append(json.loads(segment.serialize()))

    def note(self) -> None:
        self.handed_on = header_for({})

    def invoke(self, result: dict[str, Any] | None = None, **config: Any) -> None:
        def execute(*_: Any) -> Any:
            self.note()
            return result or {"body": {}}

        self.tracer.invoking(execute)({}, CONFIG | config, {}, "a-request", 0.0)

    def within(self, header: TraceHeader | None, work: Any) -> None:
        async def dispatch(*_: Any) -> None:
            work()

        headers = {"x-amzn-trace-id": header.to_header_str()} if header else {}
        asyncio.run(self.tracer.carrying(dispatch)("POST", "/", headers, b"", {}, "r"))

    def start(self, **data: Any) -> None:
        def start(_: Any) -> Any:
            self.note()
            stepfunctions._executions[EXECUTION] = {
                "executionArn": EXECUTION,
                "stateMachineArn": MACHINE,
                "startDate": "2026-11-29T12:00:00.000Z",
                "status": "RUNNING",
            }
            return 200, {}, json.dumps({"executionArn": EXECUTION}).encode()

        self.tracer.starting(start)({"stateMachineArn": MACHINE, **data})


@pytest.fixture(autouse=True)
def executions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepfunctions, "_executions", {})


def test_an_invocation_is_a_segment_below_its_caller() -> None:
    scene = Scene()
    scene.within(ORIGIN, scene.invoke)

    (segment,) = scene.documents
    assert problems(segment) == []
    assert (segment["trace_id"], segment["parent_id"]) == (ORIGIN.root, ORIGIN.parent)
    assert segment["origin"] == "AWS::Lambda::Function"
    assert scene.handed_on == f"Root={ORIGIN.root};Parent={segment['id']};Sampled=1"


def test_an_invocation_without_a_caller_begins_a_trace_of_its_own() -> None:
    scene = Scene()
    scene.within(None, scene.invoke)
    scene.within(None, scene.invoke)

    first, second = scene.documents
    assert "parent_id" not in first
    assert first["trace_id"] != second["trace_id"]


def test_a_failed_invocation_is_a_fault() -> None:
    scene = Scene()
    scene.invoke({"error": True, "body": {}})

    assert scene.documents[0]["fault"] is True


def test_what_is_not_sampled_is_handed_on_and_not_sent() -> None:
    scene = Scene(rate=0)
    scene.invoke()
    scene.start()

    assert scene.documents == []
    assert scene.handed_on is not None
    assert scene.handed_on.endswith(";Sampled=0")


def test_a_function_without_active_tracing_is_no_segment() -> None:
    scene = Scene()
    scene.invoke(TracingConfig={"Mode": "PassThrough"})

    assert scene.documents == []


def test_an_execution_is_in_progress_until_it_ends() -> None:
    scene = Scene()
    scene.within(ORIGIN, scene.start)
    (begun,) = scene.documents
    assert begun["in_progress"] is True
    assert begun["parent_id"] == ORIGIN.parent
    assert scene.handed_on == f"Root={ORIGIN.root};Parent={begun['id']};Sampled=1"

    execution = stepfunctions._executions[EXECUTION]
    end = scene.tracer.ending(lambda _: None)
    end(execution)
    assert len(scene.documents) == 1  # it runs
    execution["status"] = "FAILED"
    end(execution)

    ended = scene.documents[-1]
    assert ended["id"] == begun["id"]
    assert ended["in_progress"] is False
    assert ended["fault"] is True
    assert [problems(each) for each in scene.documents] == [[], []]


def test_an_execution_may_be_given_its_trace_in_the_request() -> None:
    scene = Scene()
    scene.start(traceHeader=ORIGIN.to_header_str())

    assert scene.documents[0]["trace_id"] == ORIGIN.root


@pytest.mark.parametrize("origin", [ORIGIN, None])
def test_an_execution_is_described_with_the_header_that_it_was_given(
    origin: TraceHeader | None,
) -> None:
    scene = Scene()
    scene.within(origin, scene.start)
    _, _, body = describing(lambda _: (200, {}, b"{}"))({"executionArn": EXECUTION})

    assert json.loads(body) == ({"traceHeader": origin.to_header_str()} if origin else {})


def test_the_parts_of_a_header_come_in_any_order() -> None:
    header = read_header(f"Self=x;Sampled=1;Parent={ORIGIN.parent};Root={ORIGIN.root}")

    assert header is not None
    assert header.to_header_str() == ORIGIN.to_header_str()


@pytest.mark.parametrize("text", ["", "Root=1-2", "nonsense", "Root=1-2;Parent=3;Sampled=?"])
def test_an_incomplete_header_names_no_trace(text: str) -> None:
    assert read_header(text) is None


@pytest.mark.parametrize("fails", [False, True])
def test_a_request_to_the_api_begins_a_trace(fails: bool) -> None:
    segments: list[Segment] = []

    def serve() -> None:
        with Tracing(1.0, segments.append).request("api.appsync-api.eu-west-1") as header:
            headers.append(header)
            if fails:
                raise ConnectionError

    headers: list[TraceHeader] = []
    if fails:
        with pytest.raises(ConnectionError):
            serve()
    else:
        serve()

    (segment,) = (each.to_dict() for each in segments)
    assert problems(segment) == []
    assert (segment["id"], segment["trace_id"]) == (headers[0].parent, headers[0].root)
    assert segment.get("fault", False) is fails
