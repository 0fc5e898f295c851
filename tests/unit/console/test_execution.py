"""An execution's visits in detail."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import MagicMock

import pytest
from botocore.exceptions import ClientError

from scripts.cli.deployment import Deployment
from scripts.console.executions.execution import (
    Executions,
    readable,
    traceback_in,
    visit_details,
)
from scripts.console.stage import ConsoleStage, Parallel, Reads
from tests.support.histories import load_history

DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
NOW = datetime(2026, 9, 1, tzinfo=UTC)
START = datetime(2026, 1, 31, 12, tzinfo=UTC)


def event(kind: str, after: float, **details: Any) -> dict[str, Any]:
    key = f"{kind[0].lower()}{kind[1:]}EventDetails"
    for state, shared in (("StateEntered", "stateEntered"), ("StateExited", "stateExited")):
        if kind.endswith(state):
            key = f"{shared}EventDetails"
    return {"type": kind, "timestamp": START + timedelta(seconds=after), key: details}


def retried() -> list[dict[str, Any]]:
    cause = json.dumps(
        {"errorMessage": "no price", "errorType": "KeyError", "stackTrace": ["  line 1\n", "  2\n"]}
    )
    return [
        event("TaskStateEntered", 0, name="MatchProducts", input='{"orderId": "o"}'),
        event("TaskScheduled", 1),
        event("TaskFailed", 2, error="KeyError", cause=cause),
        event("TaskScheduled", 3),
        event("TaskSucceeded", 4, output="{}"),
        event(
            "TaskStateExited",
            5,
            name="MatchProducts",
            output='{"matchedCount": 1}',
            assignedVariables={"parkings": "0"},
        ),
        event("ChoiceStateEntered", 6, name="AnythingMatched?", input="{}"),
    ]


def test_a_visit_has_its_data_attempts_and_durations() -> None:
    first, _ = visit_details(retried(), NOW)

    assert (first["name"], first["outcome"], first["seconds"]) == ("MatchProducts", "succeeded", 5)
    assert (first["input"], first["output"]) == ({"orderId": "o"}, {"matchedCount": 1})
    failed, succeeded = first["attempts"]
    assert (failed["error"], failed["cause"], failed["seconds"]) == ("KeyError", "no price", 1)
    assert failed["traceback"] == "  line 1\n  2"
    assert (succeeded["error"], first["retries"]) == (None, 1)


def test_variables_are_those_that_earlier_visits_assigned() -> None:
    first, second = visit_details(retried(), NOW)

    assert (first["variables"], first["assigned"]) == ({}, {"parkings": 0})
    assert second["variables"] == {"parkings": 0}
    assert not second["isOver"]


def test_a_parked_orders_history_hides_the_token() -> None:
    visits = visit_details(load_history("parked"), NOW)

    assert [each["name"] for each in visits][:2] == ["ParseOrder", "ReadBedrockBreaker"]
    caught = next(each for each in visits if each["name"] == "CreatePaymentLink")
    assert (caught["outcome"], caught["error"]) == ("caught", "PaystackUnavailable")


def test_tokens_are_hidden_wherever_they_are() -> None:
    shown = readable(json.dumps({"a": [{"TaskToken": "secret"}], "taskToken": "secret", "b": 1}))

    assert "secret" not in str(shown)
    assert shown["b"] == 1


def test_text_that_is_no_json_is_shown_as_it_is() -> None:
    assert readable("not json") == "not json"
    assert traceback_in("not json") is None
    assert traceback_in(None) is None


@pytest.mark.parametrize(
    ("operation", "what", "lost"),
    [
        ("get_paginator", "history of the execution", ("visits", [])),
        ("describe_state_machine_for_execution", "state machine", ("graph", None)),
    ],
)
def test_an_execution_is_shown_without_what_cannot_be_read(
    operated: Deployment, operation: str, what: str, lost: tuple[str, Any]
) -> None:
    stage, reads = ConsoleStage.of(operated), Reads()
    executions = Executions(stage, Parallel())
    stage._clients["stepfunctions"] = sfn = MagicMock()
    sfn.describe_execution.return_value = {"status": "RUNNING", "startDate": START}
    sfn.describe_state_machine_for_execution.return_value = {"definition": DEFINITION}
    sfn.get_paginator.return_value.paginate.return_value = [{"events": retried()}]
    getattr(sfn, operation).side_effect = ClientError(
        {"Error": {"Code": "AccessDeniedException"}}, operation
    )

    shown = executions.view("an-order", 1, reads)

    assert shown["status"] == "RUNNING"
    assert shown[lost[0]] == lost[1]
    assert [each.what for each in reads.unread] == [what]
    assert bool(shown["visits"]) is (lost[0] != "visits")
    assert (shown["graph"] is None) is (lost[0] == "graph")
