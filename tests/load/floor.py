"""The emulator's own speed: executions of a machine of four functions that do nothing."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from scripts.local.stack import aws
from scripts.local.stack.state import ACCOUNT, LocalState

_FUNCTIONS: Final = 4
_ROLE_NAME: Final = "floor"
_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/{_ROLE_NAME}"
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}
_CODE: Final = "def handler(event, context):\n    return event\n"
_PATIENCE_SECONDS: Final = 120


@dataclass(frozen=True)
class Floor:
    """Executions a second, and the seconds of 99 of 100."""

    per_second: float
    p99: float


def measure(state: LocalState, executions: int = 200, at_once: int = 8) -> Floor:
    """Runs so many executions, so many at once, after some that start the workers."""
    sfn = aws.client("stepfunctions", state.urls.aws)
    with _machine(state, sfn) as arn:
        _run(sfn, arn, at_once, at_once)
        started = time.monotonic()
        seconds = sorted(_run(sfn, arn, executions, at_once))
        took = time.monotonic() - started
    return Floor(executions / took, seconds[int(0.99 * (len(seconds) - 1))])


def _run(sfn: Any, arn: str, executions: int, at_once: int) -> list[float]:
    def execute(_: int) -> float:
        started = time.monotonic()
        execution = sfn.start_execution(stateMachineArn=arn, input="{}")
        deadline = started + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = sfn.describe_execution(executionArn=execution["executionArn"])
            if found["status"] != "RUNNING":
                assert found["status"] == "SUCCEEDED", found
                return time.monotonic() - started
            time.sleep(0.05)
        raise AssertionError("an execution of nothing does not end")

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(execute, range(executions)))


@contextmanager
def _machine(state: LocalState, sfn: Any) -> Iterator[str]:
    iam, functions = (aws.client(each, state.urls.aws) for each in ("iam", "lambda"))
    iam.create_role(RoleName=_ROLE_NAME, AssumeRolePolicyDocument=json.dumps(_TRUST))
    names = [f"floor-{number}" for number in range(_FUNCTIONS)]
    for name in names:
        functions.create_function(
            FunctionName=name,
            Runtime="python3.11",
            Handler="code.handler",
            Role=_ROLE,
            Code={"ZipFile": _package()},
        )
    arn = sfn.create_state_machine(
        name="floor", definition=json.dumps(_definition(names)), roleArn=_ROLE
    )["stateMachineArn"]
    try:
        yield arn
    finally:
        sfn.delete_state_machine(stateMachineArn=arn)
        for name in names:
            functions.delete_function(FunctionName=name)
        iam.delete_role(RoleName=_ROLE_NAME)


def _definition(names: list[str]) -> dict[str, Any]:
    states: dict[str, Any] = {
        name: {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": name, "Payload": {}},
            "Next": following,
        }
        for name, following in zip(names, [*names[1:], "Done"], strict=True)
    }
    states["Done"] = {"Type": "Succeed"}
    return {"QueryLanguage": "JSONata", "StartAt": names[0], "States": states}


def _package() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("code.py", _CODE)
    return content.getvalue()
