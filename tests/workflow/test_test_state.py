"""Each state with each error that its service documents, before Step Functions' own TestState.

On the emulator as part of the tests; on AWS with ``make conformance STAGE=dev`` and credentials.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from cdk.definition import load_definition
from orderflow import errors
from tests.support import definition_checks as checks
from tests.workflow.engine import Engine

DEFINITION = load_definition()
STAGE = os.environ.get("CONFORMANCE_STAGE")

#: Variables that earlier states have assigned by the time a state runs.
VARIABLES = {
    "orderId": "o-1",
    "parkings": 0,
    "verifications": 0,
    "delayReason": "",
    "waitsFor": "paystack",
    "cancellation": "",
    "rejection": "",
    "unpaidReference": "",
    "matchedCount": 1,
    "toReview": False,
    "breakers": {
        "bedrock": {"item": {}, "openUntil": 0},
        "paystack": {"item": {}, "openUntil": 0},
        "readAt": 0,
    },
}


TASKS = {name: state for name, state in DEFINITION["States"].items() if state["Type"] == "Task"}

OURS = [name for name, value in vars(errors).items() if isinstance(value, type)]


@dataclass(frozen=True)
class Case:
    """One error in one state, after so many tries."""

    state: str
    error: str
    tries: int

    def __str__(self) -> str:
        return f"{self.state}-{self.error}-{self.tries}"

    @property
    def blocks(self) -> dict[str, Any]:
        block: dict[str, Any] = DEFINITION["States"][self.state]
        return block

    @property
    def retrier(self) -> dict[str, Any] | None:
        return _first(self.blocks["Retry"], self.error)

    @property
    def catcher(self) -> dict[str, Any] | None:
        return _first(self.blocks.get("Catch", []), self.error)

    @property
    def expected(self) -> tuple[str, str | None]:
        """The status and the next state, as the Amazon States Language has it: Retry goes first."""
        if self.retrier and self.tries < self.retrier["MaxAttempts"]:
            return "RETRIABLE", None
        return ("CAUGHT_ERROR", self.catcher["Next"]) if self.catcher else ("FAILED", None)


def _first(blocks: list[dict[str, Any]], error: str) -> dict[str, Any] | None:
    return next((each for each in blocks if error in each["ErrorEquals"]), None)


def cases() -> Iterator[Case]:
    for name, state in TASKS.items():
        for error in (*named(state), "AnythingElse"):
            retrier = _first(state["Retry"], error)
            yield from (Case(name, error, tries) for tries in _tries(retrier))


def named(state: dict[str, Any]) -> list[str]:
    """The errors that a state retries or catches."""
    blocks = (*state["Retry"], *state.get("Catch", []))
    return [*dict.fromkeys(error for block in blocks for error in block["ErrorEquals"])]


def _tries(retrier: dict[str, Any] | None) -> set[int]:
    return {0, retrier["MaxAttempts"] - 1, retrier["MaxAttempts"]} if retrier else {0}


@pytest.fixture(scope="module")
def sfn(request: pytest.FixtureRequest) -> Any:
    if STAGE:
        return boto3.client("stepfunctions")
    engine: Engine = request.getfixturevalue("engine")
    # TestState's requests go to a host of their own on AWS, which the emulator has not.
    return engine.client("stepfunctions", Config(inject_host_prefix=False))


def state_of(case: Case) -> str:
    """The state as it is, its deployed names filled in with any of the right form."""
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:any:1"
    text = json.dumps({**case.blocks, "QueryLanguage": "JSONata"})
    return re.sub(r"\$\{\w+\}", arn, re.sub(r"\$\{\w+Seconds\}", "60", text))


def test_every_variable_that_a_task_reads_is_given() -> None:
    """AWS evaluates the arguments of a state that is tested; the emulator does not."""
    names = checks.names_by_expression(DEFINITION)
    read = set().union(*(checks.variables_read(state, names) for state in TASKS.values()))

    assert read - set(VARIABLES) == set()


def seen(sfn: Any, case: Case) -> tuple[str, str | None]:
    """The status and the next state that TestState answers."""
    mock = {"errorOutput": {"error": case.error, "cause": json.dumps({"errorMessage": "why"})}}
    answer = sfn.test_state(
        definition=state_of(case),
        input=json.dumps({"orderId": "o-1", "customerId": "c", "customerEmail": "a@example.com"}),
        variables=json.dumps(VARIABLES),
        mock=mock,
        stateConfiguration={"retrierRetryCount": case.tries},
        **({} if STAGE else {"roleArn": "arn:aws:iam::000000000000:role/workflow"}),
    )
    return answer["status"], answer.get("nextState")


@pytest.mark.parametrize("case", [*cases()], ids=str)
def test_an_error_is_retried_then_caught_or_fails(sfn: Any, case: Case) -> None:
    if not STAGE and case.retrier and case.catcher:
        # MiniStack 1.5.33 looks at Catch before Retry; its executions do not (test_branches).
        assert seen(sfn, case) == ("CAUGHT_ERROR", case.catcher["Next"])
    else:
        assert seen(sfn, case) == case.expected


@pytest.mark.parametrize("name", TASKS)
def test_every_other_error_of_the_service_fails_the_state(sfn: Any, name: str) -> None:
    state = TASKS[name]
    others = checks.errors_reported(state["Resource"], OURS) - {*named(state)}

    assert others
    assert {error: seen(sfn, Case(name, error, 0)) for error in sorted(others)} == (
        dict.fromkeys(sorted(others), ("FAILED", None))
    )
