"""Step Functions in memory, behind a real client, which checks calls by the service's model."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3

from orderflow.workflow.executions import execution_arn
from tests.support.factories import STATE_MACHINE_ARN
from tests.unit.conftest import REGION

NOW = datetime.now(UTC)
DEPLOYED = '{"StartAt": "New"}'
EARLIER = '{"StartAt": "Old"}'
ENDED = {"FAILED", "TIMED_OUT", "ABORTED", "SUCCEEDED"}

#: The executions of one page of a list, the latest start first.
LIST_PAGE = 2


@dataclass
class FakeRun:
    """One execution."""

    name: str
    status: str = "FAILED"
    error: str | None = "KeyError"
    stopped: timedelta = timedelta(minutes=5)
    input: str = '{"orderId": "o"}'
    definition: str = DEPLOYED
    redrive_status: str | None = "REDRIVABLE"
    redrive_reason: str | None = None
    redrive_count: int = 0
    version: str | None = None
    updated: timedelta = timedelta(days=2)
    took: timedelta = timedelta(minutes=1)

    @property
    def arn(self) -> str:
        return execution_arn(STATE_MACHINE_ARN, self.name)

    @property
    def started(self) -> timedelta:
        """How long ago."""
        return self.stopped + self.took

    def listed(self) -> dict[str, Any]:
        ended = {"stopDate": NOW - self.stopped} if self.status in ENDED else {}
        return {
            "executionArn": self.arn,
            "stateMachineArn": STATE_MACHINE_ARN,
            "name": self.name,
            "status": self.status,
            "startDate": NOW - self.started,
            **ended,
        }

    def described(self) -> dict[str, Any]:
        optional = {
            "error": self.error,
            "redriveStatus": self.redrive_status,
            "redriveStatusReason": self.redrive_reason,
            "stateMachineVersionArn": self.version and f"{STATE_MACHINE_ARN}:{self.version}",
        }
        return {
            **self.listed(),
            "input": self.input,
            "redriveCount": self.redrive_count,
            **{name: value for name, value in optional.items() if value is not None},
        }


@dataclass
class StepFunctions:
    """The service.

    ``errors`` holds, by operation, the code that each call of it fails with; ``refused_tokens``,
    by token, the code that its answer fails with.
    """

    runs: dict[str, FakeRun] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    refused_tokens: dict[str, str] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client: Any = boto3.client("stepfunctions", region_name=REGION)
        answer: Any = self._answer
        self.client.meta.events.register("before-call.sfn", answer)

    def add(self, *runs: FakeRun) -> None:
        self.runs.update({run.name: run for run in runs})

    def acts(self) -> list[tuple[str, dict[str, Any]]]:
        """The calls that change anything."""
        changing = {"StartExecution", "RedriveExecution", "SendTaskSuccess", "StopExecution"}
        return [(name, params) for name, params in self.sent if name in changing]

    def _answer(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        given = json.loads(params["body"])
        self.calls[model.name] += 1
        self.sent.append((model.name, given))
        if code := self.errors.get(model.name):
            return _error(code)
        return getattr(self, f"_{model.name}")(given)  # type: ignore[no-any-return]

    def _DescribeExecution(self, given: dict[str, Any]) -> Any:  # noqa: N802
        run = self._run(given)
        return _ok(run.described()) if run else _error("ExecutionDoesNotExist")

    def _ListExecutions(self, given: dict[str, Any]) -> Any:  # noqa: N802
        assert given["stateMachineArn"] == STATE_MACHINE_ARN
        found = [run for run in self.runs.values() if run.status == given["statusFilter"]]
        listed = [run.listed() for run in sorted(found, key=lambda run: run.started)]
        first = int(given.get("nextToken", 0))
        following = first + LIST_PAGE
        more = {"nextToken": str(following)} if following < len(listed) else {}
        return _ok({"executions": listed[first:following], **more})

    def _GetExecutionHistory(self, _: dict[str, Any]) -> Any:  # noqa: N802
        return _ok({"events": []})

    def _DescribeStateMachine(self, _: dict[str, Any]) -> Any:  # noqa: N802
        return _ok({"definition": DEPLOYED, "stateMachineArn": STATE_MACHINE_ARN})

    def _DescribeStateMachineForExecution(self, given: dict[str, Any]) -> Any:  # noqa: N802
        run = self._run(given)
        assert run is not None
        return _ok({"definition": run.definition, "updateDate": NOW - run.updated})

    def _StartExecution(self, given: dict[str, Any]) -> Any:  # noqa: N802
        assert given["stateMachineArn"] in {STATE_MACHINE_ARN, f"{STATE_MACHINE_ARN}:live"}
        run = FakeRun(given["name"], status="RUNNING", error=None, input=given["input"])
        if run.name in self.runs:
            return _error("ExecutionAlreadyExists")
        self.add(run)
        return _ok({"executionArn": run.arn, "startDate": NOW})

    def _RedriveExecution(self, given: dict[str, Any]) -> Any:  # noqa: N802
        run = self._run(given)
        assert run is not None
        if run.status == "RUNNING":
            return _error("ExecutionNotRedrivable")
        run.status = "RUNNING"
        run.redrive_count += 1
        return _ok({"redriveDate": NOW})

    def _SendTaskSuccess(self, given: dict[str, Any]) -> Any:  # noqa: N802
        code = self.refused_tokens.get(given["taskToken"])
        return _error(code) if code else _ok({})

    def _StopExecution(self, given: dict[str, Any]) -> Any:  # noqa: N802
        run = self._run(given)
        if run is None:
            return _error("ExecutionDoesNotExist")
        run.status = "ABORTED"
        return _ok({"stopDate": NOW})

    def _run(self, given: dict[str, Any]) -> FakeRun | None:
        return self.runs.get(given["executionArn"].rpartition(":")[2])


def _ok(content: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return SimpleNamespace(status_code=200), content


def _error(code: str) -> tuple[Any, dict[str, Any]]:
    answer = {
        "Error": {"Code": code, "Message": "made up by a test"},
        "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}},
    }
    return SimpleNamespace(status_code=400), answer
