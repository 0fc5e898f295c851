"""Executions run the version that they started with, chosen by the alias's weights.

Also: executions say which version they run, roles are checked against the state machine of a
qualified ARN (https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html), and
ends of executions are counted in ``AWS/States``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from itertools import count
from typing import Any, Final

from ministack.core import iam_actions  # type: ignore[import-untyped]
from ministack.services import cloudwatch, stepfunctions  # type: ignore[import-untyped]

#: A request's body, or the answer's status, headers and body.
Data = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]

VERSION: Final = "stateMachineVersionArn"
ALIAS: Final = "stateMachineAliasArn"

#: The version that the current request or execution runs; None for the newest definition.
_running: ContextVar[Data | None] = ContextVar("running_version", default=None)

_MACHINE_PARTS: Final = 7
_PERCENT: Final = 100
_GOLDEN: Final = (5**0.5 - 1) / 2
_METRICS: Final = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}


def install() -> None:
    """Replaces the parts of MiniStack's Step Functions that deal with executions."""
    stepfunctions._state_machines = _of_running_versions(type(stepfunctions._state_machines))()
    stepfunctions._start_execution = starting(stepfunctions._start_execution)
    stepfunctions._describe_execution = describing(stepfunctions._describe_execution)
    stepfunctions._list_executions = listing(stepfunctions._list_executions)
    stepfunctions._describe_state_machine_for_execution = of_its_version(
        stepfunctions._describe_state_machine_for_execution
    )
    stepfunctions._delete_state_machine = ending(stepfunctions._delete_state_machine)
    stepfunctions._emit_execution_status_event = counting(
        stepfunctions._emit_execution_status_event
    )
    iam_actions.extract_resource_arn = unqualified(iam_actions.extract_resource_arn)


def _of_running_versions(base: type) -> type:
    """MiniStack's store of state machines, which reads a running version's definition."""

    class Versioned(base):  # type: ignore[misc]
        def get(self, key: str, default: Any = None) -> Any:
            machine, version = super().get(key, default), _running.get()
            if machine is None or version is None or version["stateMachineArn"] != key:
                return machine
            return {**machine, "definition": version["definition"], "roleArn": version["roleArn"]}

    return Versioned


def evenly() -> Iterator[float]:
    """Numbers from 0 to 1 that are spread evenly from the start: each tenth of them gets its share.

    AWS draws at random, and a rehearsal must not depend on luck. Source: the additive recurrence
    with the golden ratio (https://en.wikipedia.org/wiki/Low-discrepancy_sequence).
    """
    return (number * _GOLDEN % 1 for number in count(1))


_draws = evenly()


def choose(routing: list[Data], draws: Iterator[float] = _draws) -> str:
    """One of the versions (ARN), as often as its weight in percent says."""
    left = next(draws) * _PERCENT
    for each in routing:
        left -= each["weight"]
        if left < 0:
            return str(each[VERSION])
    return str(routing[-1][VERSION])


def starting(start: Callable[[Data], Answer]) -> Callable[[Data], Answer]:
    """``StartExecution`` for a state machine, a version, or one of an alias's versions."""

    def start_version(data: Data) -> Answer:
        asked = data.get("stateMachineArn", "")
        alias = stepfunctions._state_machine_aliases.get(asked)
        arn = choose(alias["routingConfiguration"]) if alias else asked
        version = stepfunctions._state_machine_versions.get(arn)
        if version is None:
            return start(data)
        # The execution's thread runs in a copy of this context.
        token = _running.set({**version, ALIAS: asked if alias else None})
        try:
            answer = start({**data, "stateMachineArn": version["stateMachineArn"]})
        finally:
            _running.reset(token)
        if answer[0] < 400:  # noqa: PLR2004 - HTTP
            execution = stepfunctions._executions[json.loads(answer[2])["executionArn"]]
            execution |= {VERSION: arn, ALIAS: asked if alias else None}
        return answer

    return start_version


def describing(describe: Callable[[Data], Answer]) -> Callable[[Data], Answer]:
    """``DescribeExecution``, which names version and alias."""

    def describe_with_version(data: Data) -> Answer:
        status, headers, body = describe(data)
        execution = stepfunctions._executions.get(data.get("executionArn"))
        if execution is None:
            return status, headers, body
        return status, headers, json.dumps(json.loads(body) | _qualifiers(execution)).encode()

    return describe_with_version


def listing(list_all: Callable[[Data], Answer]) -> Callable[[Data], Answer]:
    """``ListExecutions``, whose items name version and alias, also of one version or alias."""

    def list_with_versions(data: Data) -> Answer:
        asked = data.get("stateMachineArn") or ""
        status, headers, body = list_all({**data, "stateMachineArn": machine_of(asked)})
        answer = json.loads(body)
        if "executions" not in answer:
            return status, headers, body
        found = [
            each | _qualifiers(stepfunctions._executions[each["executionArn"]])
            for each in answer["executions"]
        ]
        if asked != machine_of(asked):
            found = [each for each in found if asked in {each.get(VERSION), each.get(ALIAS)}]
        return status, headers, json.dumps({**answer, "executions": found}).encode()

    return list_with_versions


def of_its_version(describe: Callable[[Data], Answer]) -> Callable[[Data], Answer]:
    """``DescribeStateMachineForExecution``, with the definition of the execution's version."""

    def describe_version(data: Data) -> Answer:
        execution = stepfunctions._executions.get(data.get("executionArn"), {})
        version = stepfunctions._state_machine_versions.get(execution.get(VERSION))
        token = _running.set(version)
        try:
            return describe(data)
        finally:
            _running.reset(token)

    return describe_version


def ending(delete: Callable[[Data], Answer]) -> Callable[[Data], Answer]:
    """``DeleteStateMachine``, which ends the executions that run; MiniStack only forgets them.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
    """

    def end_and_delete(data: Data) -> Answer:
        machine = data.get("stateMachineArn")
        for arn, execution in [*stepfunctions._executions.items()]:
            if execution["status"] == "RUNNING" and execution["stateMachineArn"] == machine:
                stepfunctions._stop_execution({"executionArn": arn})
        return delete(data)

    return end_and_delete


def counting(emit: Callable[[Data], None]) -> Callable[[Data], None]:
    """Reports changes of executions to CloudWatch's metrics as well."""

    def emit_and_count(execution: Data) -> None:
        emit(execution)
        if name := _METRICS.get(execution["status"]):
            dimensions = {"StateMachineArn": execution["stateMachineArn"]}
            cloudwatch.record_metric("AWS/States", name, 1, "Count", dimensions)

    return emit_and_count


def unqualified(extract: Callable[..., str]) -> Callable[..., str]:
    """The resource that IAM checks: the state machine where its version or alias is named."""

    def extract_machine(service: str, *arguments: Any, **named: Any) -> str:
        arn = extract(service, *arguments, **named)
        return machine_of(arn) if service == "states" else arn

    return extract_machine


def machine_of(arn: str) -> str:
    """The state machine's ARN, of itself, its version or its alias; any other ARN unchanged."""
    return ":".join(arn.split(":")[:_MACHINE_PARTS]) if ":stateMachine:" in arn else arn


def _qualifiers(execution: Data) -> Data:
    return {name: execution[name] for name in (VERSION, ALIAS) if execution.get(name)}
