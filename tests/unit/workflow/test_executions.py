"""Executions as Step Functions describes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from orderflow.platform import aws
from orderflow.workflow.executions import (
    Execution,
    console_link,
    describe,
    failing_state,
    parse_arn,
    unsuccessful,
)
from tests.support.factories import CUSTOMER_EMAIL, STATE_MACHINE_ARN, an_order_id, client_error
from tests.support.workflow_runs import AN_HOUR_AGO, Run, Workflow, arn_of, order_input


@pytest.fixture
def workflow(account: None) -> Iterator[Workflow]:
    with Workflow().behind_client() as workflow:
        yield workflow


class TestDescribe:
    def test_an_execution_as_it_stands(self, workflow: Workflow) -> None:
        run = workflow.add(Run("o-1", error="KeyError", cause="because"))

        execution = describe(aws.step_functions(), run.arn)

        assert execution == Execution(
            arn=run.arn,
            status="FAILED",
            stop_date=AN_HOUR_AGO,
            input=order_input("o-1"),
            error="KeyError",
            cause="because",
        )

    @pytest.mark.usefixtures("workflow")
    def test_an_unknown_execution_is_none(self) -> None:
        assert describe(aws.step_functions(), arn_of("o-1")) is None

    def test_errors_of_step_functions_are_raised(self, workflow: Workflow) -> None:
        workflow.errors["DescribeExecution"] = error = client_error("ThrottlingException")

        with pytest.raises(type(error), match="ThrottlingException"):
            describe(aws.step_functions(), arn_of("o-1"))

    @pytest.mark.parametrize(
        ("status", "unsuccessful"),
        [
            ("RUNNING", False),
            ("SUCCEEDED", False),
            ("PENDING_REDRIVE", False),
            ("FAILED", True),
            ("TIMED_OUT", True),
            ("ABORTED", True),
        ],
    )
    def test_ends_without_success_are_recognized(self, status: str, unsuccessful: bool) -> None:
        assert Run("o-1", status=status).execution.unsuccessful is unsuccessful

    def test_its_repr_holds_no_customers_data(self) -> None:
        run = Run("o-1", cause=f"no such user: {CUSTOMER_EMAIL}")

        assert CUSTOMER_EMAIL not in repr(run.execution)


class TestFailingState:
    def test_it_is_the_state_that_was_entered_last(self, workflow: Workflow) -> None:
        run = workflow.add(Run("o-1", states=("ParseOrder", "MatchProducts")))

        assert failing_state(aws.step_functions(), run.arn) == "MatchProducts"

    def test_retries_do_not_hide_it(self, workflow: Workflow) -> None:
        attempts = ("TaskScheduled", "TaskStarted", "TaskFailed") * 6
        run = workflow.add(Run("o-1", states=("CreatePaymentLink",), events=attempts))

        assert failing_state(aws.step_functions(), run.arn) == "CreatePaymentLink"

    def test_it_is_none_if_no_state_was_entered(self, workflow: Workflow) -> None:
        run = workflow.add(Run("o-1", states=()))

        assert failing_state(aws.step_functions(), run.arn) is None

    def test_customers_data_is_not_requested(self, workflow: Workflow) -> None:
        failing_state(aws.step_functions(), workflow.add(Run("o-1")).arn)

        (asked,) = workflow.asked("GetExecutionHistory")
        assert asked["includeExecutionData"] is False


class TestUnsuccessful:
    def test_failed_timed_out_and_aborted_executions_are_listed(self, workflow: Workflow) -> None:
        for status in ("FAILED", "SUCCEEDED", "TIMED_OUT", "RUNNING", "ABORTED"):
            workflow.add(Run(status, status=status))

        listed = unsuccessful(aws.step_functions(), STATE_MACHINE_ARN, 10)

        assert [execution.arn for execution in listed] == [
            arn_of("FAILED"),
            arn_of("TIMED_OUT"),
            arn_of("ABORTED"),
        ]

    def test_the_latest_of_each_kind_are_listed_up_to_a_limit(self, workflow: Workflow) -> None:
        for number in range(5):
            run = Run(f"o-{number}", stopped=AN_HOUR_AGO - timedelta(minutes=number))
            workflow.add(run)

        listed = unsuccessful(aws.step_functions(), STATE_MACHINE_ARN, 2)

        assert [execution.arn for execution in listed] == [arn_of("o-0"), arn_of("o-1")]


@pytest.mark.parametrize(
    ("name", "run"), [("{}", 1), ("{}.2", 2), ("{}.17", 17), ("{}.x", 1), (".5", 1)]
)
def test_an_arn_gives_the_order_and_the_number_of_the_execution(name: str, run: int) -> None:
    order_id = an_order_id()
    expected = order_id if run > 1 else name.format(order_id)

    assert parse_arn(arn_of(name.format(order_id))) == (expected, run)


def test_the_link_leads_to_the_execution_in_its_own_region() -> None:
    arn = "arn:aws:states:eu-west-1:123456789012:execution:grocery-orders:o-1"

    assert console_link(arn) == (
        "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1"
        f"#/v2/executions/details/{arn}"
    )
