"""Executions of the order workflow in Step Functions.

The functions here raise the service's errors unchanged, except those that their docstrings name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from pydantic import Field

from orderflow.clock import from_epoch_ms
from orderflow.platform.aws_errors import error_code
from orderflow.records import Record

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: A state that has used its retries leaves about four events for each attempt.
_MAX_EVENTS: Final = 50

_PAGE: Final = 100

#: The parts of a state machine's ARN; one more names a version or an alias.
_MACHINE_PARTS: Final = 7


class ExecutionStatus(StrEnum):
    """Step Functions' statuses of an execution."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    PENDING_REDRIVE = "PENDING_REDRIVE"


#: The statuses of executions that ended without success.
UNSUCCESSFUL: Final = (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED)


class Execution(Record, frozen=True):
    """One execution, as Step Functions describes it.

    Descriptions and lists are eventually consistent. ``input`` is JSON, ``cause`` the message of
    the failed service; both may hold personal data. Listed executions lack them and ``error``.
    """

    arn: str = Field(alias="executionArn")
    status: ExecutionStatus
    stop_date: datetime | None = None
    input: str = Field(default="{}", repr=False)
    error: str | None = None
    cause: str | None = Field(default=None, repr=False)
    #: How often it was redriven.
    redrive_count: int = 0

    @property
    def unsuccessful(self) -> bool:
        """Whether it has ended without success."""
        return self.status in UNSUCCESSFUL

    @property
    def has_ended(self) -> bool:
        """Whether it has ended, with or without success."""
        return self.unsuccessful or self.status is ExecutionStatus.SUCCEEDED


class Run(Execution):
    """An execution as ``DescribeExecution`` answers it.

    An order's runs are numbered: run 1 has the order's id as its name, run 2 ``<orderId>.2``.
    """

    start_date: datetime
    state_machine_version_arn: str | None = None
    redrive_status: str | None = None
    redrive_status_reason: str | None = None

    @property
    def number(self) -> int:
        """The number of this run."""
        return parse_arn(self.arn)[1]


def describe(sfn: SFNClient, execution_arn: str) -> Execution | None:
    """The execution as it is now; None if it does not exist, or not any more."""
    answer = _description(sfn, execution_arn)
    return Execution.model_validate(answer) if answer else None


def _description(sfn: SFNClient, execution_arn: str) -> Mapping[str, Any] | None:
    try:
        return sfn.describe_execution(executionArn=execution_arn)
    except ClientError as error:
        if error_code(error) != "ExecutionDoesNotExist":
            raise
        return None


def newest_run(sfn: SFNClient, state_machine_arn: str, order_id: str, known: int = 1) -> Run | None:
    """The order's run with the highest number; None if there is none, or not any more.

    Args:
        sfn: a client.
        state_machine_arn: of the state machine, or of its alias.
        order_id: the order's.
        known: the number of a run that there was.
    """

    def run(number: int) -> Run | None:
        answer = _description(sfn, execution_arn(state_machine_arn, run_name(order_id, number)))
        return Run.model_validate(answer) if answer else None

    newest = run(known)
    while newest and (following := run(newest.number + 1)):
        newest = following
    return newest


def reported(detail: Mapping[str, Any]) -> Execution:
    """The execution of an event "Step Functions Execution Status Change", from its detail.

    Its times are epoch milliseconds. Inputs beyond 248 KiB are left out (null).
    https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    """
    given = {name: value for name, value in detail.items() if value is not None}
    if "stopDate" in given:
        given["stopDate"] = from_epoch_ms(given["stopDate"])
    return Execution.model_validate(given)


def failing_state(sfn: SFNClient, execution_arn: str) -> str | None:
    """The state that the execution entered last, if its latest events are there and name it."""
    try:
        answer = sfn.get_execution_history(
            executionArn=execution_arn,
            reverseOrder=True,
            maxResults=_MAX_EVENTS,
            includeExecutionData=False,
        )
    except ClientError as error:
        if error_code(error) != "ExecutionDoesNotExist":
            raise
        return None
    events: list[Any] = [*answer["events"]]
    return next(
        (
            str(event["stateEnteredEventDetails"]["name"])
            for event in events
            if "stateEnteredEventDetails" in event
        ),
        None,
    )


def unsuccessful(sfn: SFNClient, state_machine_arn: str, limit: int) -> Iterator[Execution]:
    """The latest executions that ended without success, at most ``limit`` of each kind.

    Args:
        state_machine_arn: of the state machine, or of its alias; executions of all versions count.
    """
    pages = sfn.get_paginator("list_executions")
    machine = ":".join(state_machine_arn.split(":")[:_MACHINE_PARTS])
    for status in UNSUCCESSFUL:
        asked: dict[str, Any] = {
            "stateMachineArn": machine,
            "statusFilter": str(status),
            "PaginationConfig": {"MaxItems": limit, "PageSize": min(limit, _PAGE)},
        }
        for page in pages.paginate(**asked):
            yield from map(Execution.model_validate, page["executions"])


def run_name(order_id: str, number: int) -> str:
    """The name of an order's run."""
    return order_id if number == 1 else f"{order_id}.{number}"


def execution_arn(state_machine_arn: str, name: str) -> str:
    """The ARN of the execution that has this name, also where the ARN is an alias's."""
    arn, _, state_machine = state_machine_arn.partition(":stateMachine:")
    return f"{arn}:execution:{state_machine.split(':')[0]}:{name}"


def parse_arn(execution_arn: str) -> tuple[str, int]:
    """The order's id and the number of this execution of it.

    The first execution, number 1, has the order's id as its name, the next one ``<orderId>.2``.
    """
    name = execution_arn.rpartition(":")[2]
    order_id, _, run = name.rpartition(".")
    return (order_id, int(run)) if order_id and run.isdecimal() else (name, 1)


def console_link(execution_arn: str) -> str:
    """The execution's page in the AWS console."""
    region = execution_arn.split(":")[3]
    return (
        f"https://{region}.console.aws.amazon.com/states/home?region={region}"
        f"#/v2/executions/details/{execution_arn}"
    )
