"""Records which calls to AWS each function makes while its handler's tests run.

A call belongs to the function whose handler is on the stack of the main thread: functions wait for
their own threads. Calls that tests make themselves are left out.
"""

from __future__ import annotations

import gc
import json
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from graphql import FieldNode, OperationDefinitionNode, parse

from tests.support.paths import FUNCTIONS, TESTS
from tests.support.policies.function_calls import TABLE, read_table

Calls = set[tuple[str, str]]

_HANDLER = re.compile(rf"{re.escape(str(FUNCTIONS))}/(\w+)/handler\.py")

#: Held by who has paused the collection of garbage.
_PAUSED = threading.Lock()

#: Actions whose names differ from the operation's.
_ACTIONS = {"bedrock:Converse": "bedrock:InvokeModel"}

#: Parameters that name what is called.
_NAMES = (
    "TableName", "TopicArn", "QueueUrl", "Name", "SecretId", "stateMachineArn", "FromEmailAddress",
    "UserPoolId", "logGroupName", "Bucket",
)  # fmt: skip

#: Parameters that stand for something that no variable names.
_OTHERS = {"executionArn": "execution", "taskToken": "workflow", "modelId": "model"}


@contextmanager
def recording(calls: Calls) -> Iterator[None]:
    """Adds each call as a function's folder and a line of the table."""
    call_api, sign = BaseClient._make_api_call, SigV4Auth.add_auth

    def make_api_call(client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
        if (function := _function_at_work()) is not None:
            prefix = client.meta.service_model.signing_name
            calls.update((function, line) for line in _lines(prefix, operation, parameters))
        return call_api(client, operation, parameters)

    def add_auth(signer: Any, request: AWSRequest) -> None:
        function = _function_at_work()
        if function is not None and signer._service_name == "appsync":
            calls.add((function, f"appsync:GraphQL field {_field(json.loads(request.data))}"))
        sign(signer, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", make_api_call)
        patch.setattr(SigV4Auth, "add_auth", add_auth)
        yield


def _function_at_work() -> str | None:
    frame = _frame_of_main_thread()
    while frame is not None:
        if found := _HANDLER.fullmatch(frame.f_code.co_filename):
            return found[1]
        frame = frame.f_back
    return None


def _frame_of_main_thread() -> FrameType | None:
    if threading.current_thread() is threading.main_thread():
        return sys._getframe()
    # Python 3.11 locks the list of threads meanwhile. Collecting garbage there calls Hypothesis
    # back, which lets another thread run; where that one starts a thread, both wait for ever.
    with _PAUSED:
        gc.disable()
        try:
            return sys._current_frames().get(threading.main_thread().ident or 0)
        finally:
            gc.enable()


def _lines(prefix: str, operation: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    action = f"{prefix}:{operation}"
    for target in _targets(parameters):
        yield f"{_ACTIONS.get(action, action)} {target}"


def _targets(parameters: Mapping[str, Any]) -> Iterator[str]:
    index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
    names = [
        *parameters.get("RequestItems", ()),
        *(parameters[n] for n in _NAMES if n in parameters),
    ]
    for name in names:
        yield f"${_variable_with(name)}{index}"
    yield from (_OTHERS[name] for name in _OTHERS if name in parameters and not names)


def _variable_with(value: str) -> str:
    """The environment variable that holds the name; the name itself if none does."""
    holders = (name for name, held in sorted(os.environ.items()) if held == value)
    return next(holders, value)


def _field(body: Mapping[str, Any]) -> str:
    (operation,) = parse(body["query"]).definitions
    assert isinstance(operation, OperationDefinitionNode)
    (selection,) = operation.selection_set.selections
    assert isinstance(selection, FieldNode)
    return f"{operation.operation.value.title()}.{selection.name.value}"


def table_of(calls: Calls) -> dict[str, list[str]]:
    """The calls as the table holds them."""
    functions = sorted({function for function, _ in calls})
    return {each: sorted(line for function, line in calls if function == each)
            for each in functions}  # fmt: skip


def listed() -> Calls:
    return {(function, line) for function, lines in read_table().items() for line in lines}


def write(calls: Calls) -> None:
    TABLE.write_text(json.dumps(table_of(calls), indent=2) + "\n", encoding="utf-8")


#: Calls that the processes of this run have recorded.
RECORDED = pytest.StashKey[Calls]()

_WRITE = "FUNCTION_CALLS"


def hand_over(config: pytest.Config, calls: Calls) -> None:
    """Leaves what this process has recorded to the one that reports."""
    if hasattr(config, "workeroutput"):
        config.workeroutput["function_calls"] = sorted(calls)
    else:
        config.stash[RECORDED] = calls


def take_over(node: Any) -> None:
    """Adds what a process of pytest-xdist has recorded."""
    calls = node.config.stash.setdefault(RECORDED, set())
    calls.update(
        tuple(each) for each in getattr(node, "workeroutput", {}).get("function_calls", ())
    )


def complete(config: pytest.Config) -> bool:
    """Whether the run has all unit tests of the handlers, so that the table has no other calls."""
    chosen = {Path(argument).resolve() for argument in config.args}
    narrowed = any(config.getoption(name, default=None) for name in ("keyword", "lf", "maxfail"))
    return bool(chosen & {TESTS / "unit", TESTS / "unit" / "handlers"}) and not narrowed


def differences(recorded: Calls, *, whole: bool) -> list[str]:
    """What the table lacks, and what a whole run does not make."""
    missing = sorted(recorded - listed())
    stale = sorted(listed() - recorded) if whole else []
    return [
        *(
            f"{function} calls {line}, which {TABLE.name} does not list."
            for function, line in missing
        ),
        *(
            f"{function} does not call {line}, which {TABLE.name} lists."
            for function, line in stale
        ),
    ]


def finish(session: pytest.Session) -> None:
    """Compares the table with what was recorded, or writes it where ``FUNCTION_CALLS=write``."""
    recorded = session.config.stash.get(RECORDED, set())
    if not recorded or session.testsfailed or hasattr(session.config, "workeroutput"):
        return
    whole = complete(session.config)
    if whole and os.environ.get(_WRITE) == "write":
        write(recorded)
    if found := differences(recorded, whole=whole):
        found.append(f"{_WRITE}=write pytest tests/unit/handlers writes the table.")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        for line in ("", *found):
            reporter.write_line(line)
