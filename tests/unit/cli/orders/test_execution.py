"""Execution histories become visits of states."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts.cli.orders.execution import Progress, VisitOutcome, read_progress, visits
from tests.support.histories import START, entered, exited, happened, load_history, one_a_second

ARN = "arn:aws:states:eu-west-1:123456789012:execution:grocery-dev-order:7e1c"


def seen(events: list[dict[str, Any]]) -> dict[str, tuple[VisitOutcome, int, str | None]]:
    return {visit.name: (visit.outcome, visit.retries, visit.error) for visit in visits(events)}


def test_a_paid_order_has_twelve_successful_states() -> None:
    found = visits(load_history("paid"))

    assert [visit.name for visit in found] == [
        "ParseOrder",
        "ReadBedrockBreaker",
        "BedrockAvailable?",
        "MatchProducts",
        "AnythingMatched?",
        "ReadPaystackBreaker",
        "PaystackAvailable?",
        "CreatePaymentLink",
        "NotifyCustomer",
        "AwaitPayment",
        "CompleteOrder",
        "OrderClosed",
    ]
    assert {visit.outcome for visit in found} == {VisitOutcome.SUCCEEDED}
    assert {visit.retries for visit in found} == {0}
    assert Progress("SUCCEEDED", found).transitions_to_link == 10


def test_a_state_lasts_from_entry_to_exit() -> None:
    waiting = visits(load_history("paid"))[9]

    assert waiting.seconds(START + timedelta(days=1)) == pytest.approx(61.5, abs=0.1)


def test_an_outage_is_retried_then_caught_and_parks_the_order() -> None:
    found = seen(load_history("parked"))

    assert found["CreatePaymentLink"] == (VisitOutcome.CAUGHT, 2, "PaystackUnavailable")
    assert found["DelayPayment"] == (VisitOutcome.SUCCEEDED, 0, None)
    assert found["ParkOrder"] == (VisitOutcome.RUNNING, 0, None)


def test_transitions_count_retries_as_aws_bills_them() -> None:
    progress = Progress("RUNNING", visits(load_history("parked")))

    assert not progress.has_link
    assert progress.transitions_to_link == len(progress.visits) + 2


def test_an_uncaught_error_ends_the_execution_in_its_state() -> None:
    found = visits(load_history("broken"))

    last = found[-1]
    assert (last.name, last.outcome) == ("MatchProducts", VisitOutcome.FAILED)
    assert (last.retries, last.error) == (2, "Lambda.SdkClientException")
    assert last.ended is not None


def test_a_redrive_continues_in_the_failed_state() -> None:
    found = seen(load_history("redriven"))

    assert found["MatchProducts"] == (VisitOutcome.SUCCEEDED, 3, "Lambda.SdkClientException")
    assert list(found)[-1] == "AnythingMatched?"


@pytest.mark.parametrize(
    ("kind", "details", "error"),
    [
        ("TaskFailed", {"error": "StoreUnavailable", "cause": "x"}, "StoreUnavailable"),
        ("TaskTimedOut", {"error": "States.Timeout"}, "States.Timeout"),
        ("TaskStartFailed", {"error": "Lambda.Unknown"}, "Lambda.Unknown"),
        ("TaskSubmitFailed", {"error": "DynamoDb.X"}, "DynamoDb.X"),
        ("LambdaFunctionFailed", {"error": "ValueError"}, "ValueError"),
        ("LambdaFunctionTimedOut", {"error": "States.Timeout"}, "States.Timeout"),
        ("LambdaFunctionStartFailed", {"error": "Lambda.Unknown"}, "Lambda.Unknown"),
        (
            "EvaluationFailed",
            {"error": "States.QueryEvaluationError"},
            "States.QueryEvaluationError",
        ),
        ("TaskFailed", {}, "TaskFailed"),
    ],
)
def test_each_kind_of_failure_is_named(kind: str, details: dict[str, str], error: str) -> None:
    history = one_a_second(
        entered("ParseOrder"), happened("TaskScheduled"), happened(kind, **details)
    )

    (visit,) = visits(history)

    assert (visit.outcome, visit.error) == (VisitOutcome.ERROR, error)


def test_a_state_that_succeeds_after_a_retry_keeps_its_last_error() -> None:
    history = one_a_second(
        entered("ParseOrder"),
        happened("TaskScheduled"),
        happened("TaskFailed", error="StoreUnavailable"),
        happened("TaskScheduled"),
        happened("TaskSucceeded"),
        exited("ParseOrder"),
    )

    assert seen(history) == {"ParseOrder": (VisitOutcome.SUCCEEDED, 1, "StoreUnavailable")}


def test_a_retry_in_progress_is_running() -> None:
    history = one_a_second(
        entered("ParseOrder"),
        happened("TaskScheduled"),
        happened("TaskFailed", error="StoreUnavailable"),
        happened("TaskScheduled"),
    )

    (visit,) = visits(history)

    assert (visit.outcome, visit.ended) == (VisitOutcome.RUNNING, None)
    assert visit.seconds(START + timedelta(seconds=9)) == 9


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("ExecutionFailed", "States.Runtime"),
        ("ExecutionTimedOut", "States.Timeout"),
        ("ExecutionAborted", None),
    ],
)
def test_an_execution_that_ends_early_ends_in_its_last_state(kind: str, error: str | None) -> None:
    details = {"error": error} if error else {}
    history = one_a_second(entered("AwaitPayment"), happened(kind, **details))

    assert seen(history) == {"AwaitPayment": (VisitOutcome.FAILED, 0, error or kind)}


def test_a_history_without_any_state_yet_has_no_visits() -> None:
    progress = Progress("RUNNING", visits(one_a_second(happened("ExecutionStarted"))))

    assert progress.visits == []
    assert progress.current is None
    assert progress.transitions_to_link == 0


@pytest.mark.parametrize(
    ("status", "over", "broken"),
    [
        ("RUNNING", False, False),
        ("SUCCEEDED", True, False),
        ("FAILED", True, True),
        ("TIMED_OUT", True, True),
        ("ABORTED", True, True),
    ],
)
def test_an_execution_that_ends_without_success_is_broken(
    status: str, over: bool, broken: bool
) -> None:
    progress = Progress(status, [])

    assert (progress.is_over, progress.is_broken) == (over, broken)


def test_a_long_history_is_read_to_its_last_page() -> None:
    sfn = boto3.client("stepfunctions")
    events = load_history("paid")
    with Stubber(sfn) as stub:
        stub.add_response("describe_execution", _description(), {"executionArn": ARN})
        first = {"events": events[:7], "nextToken": "more"}
        stub.add_response("get_execution_history", first, {"executionArn": ARN})
        stub.add_response(
            "get_execution_history",
            {"events": events[7:]},
            {"executionArn": ARN, "nextToken": "more"},
        )

        progress = read_progress(sfn, ARN)

    assert progress is not None
    assert len(progress.visits) == 12


def test_an_unknown_execution_has_no_progress() -> None:
    sfn = boto3.client("stepfunctions")
    with Stubber(sfn) as stub:
        stub.add_client_error("describe_execution", "ExecutionDoesNotExist")

        assert read_progress(sfn, ARN) is None


def _description() -> dict[str, Any]:
    return {
        "executionArn": ARN,
        "stateMachineArn": ARN.replace("execution", "stateMachine"),
        "status": "SUCCEEDED",
        "startDate": START,
    }
