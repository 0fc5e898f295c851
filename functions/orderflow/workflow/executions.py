"""Executions of the order workflow, as Step Functions tells of them.

Every function here that calls Step Functions lets the service's errors through, save the one that
it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from orderflow.platform.aws_errors import error_code

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: A state that used its retries up leaves about four events for each attempt behind.
_EVENTS_LOOKED_AT: Final = 50

_PAGE: Final = 100


class ExecutionStatus(StrEnum):
    """Where an execution stands."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    PENDING_REDRIVE = "PENDING_REDRIVE"


#: How executions end without success.
ENDED_BADLY: Final = (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED)


class Execution(BaseModel):
    """One execution.

    ``input`` is JSON, ``cause`` whatever the failed service said: both may hold personal data.
    Listed executions come without them and without ``error``.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, hide_input_in_errors=True
    )

    arn: str = Field(alias="executionArn")
    status: ExecutionStatus
    stop_date: datetime | None = None
    input: str = Field(default="{}", repr=False)
    error: str | None = None
    cause: str | None = Field(default=None, repr=False)

    @property
    def unsuccessful(self) -> bool:
        """Whether it has ended, and without success."""
        return self.status in ENDED_BADLY


def describe(sfn: SFNClient, execution_arn: str) -> Execution | None:
    """The execution as it stands now; None where Step Functions does not know it (any more)."""
    try:
        answer = sfn.describe_execution(executionArn=execution_arn)
    except ClientError as error:
        if error_code(error) != "ExecutionDoesNotExist":
            raise
        return None
    return Execution.model_validate(answer)


def failing_state(sfn: SFNClient, execution_arn: str) -> str | None:
    """The state that the execution entered last, if that is among its latest events."""
    answer = sfn.get_execution_history(
        executionArn=execution_arn,
        reverseOrder=True,
        maxResults=_EVENTS_LOOKED_AT,
        includeExecutionData=False,
    )
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
    """The latest executions that ended without success, at most ``limit`` of each kind."""
    pages = sfn.get_paginator("list_executions")
    for status in ENDED_BADLY:
        asked: dict[str, Any] = {
            "stateMachineArn": state_machine_arn,
            "statusFilter": str(status),
            "PaginationConfig": {"MaxItems": limit, "PageSize": min(limit, _PAGE)},
        }
        for page in pages.paginate(**asked):
            yield from map(Execution.model_validate, page["executions"])


def parse_arn(execution_arn: str) -> tuple[str, int]:
    """The order's id and the number of this execution of it.

    The first execution, number 1, is called after the order, the next ones ``<orderId>.2`` ...
    """
    name = execution_arn.rpartition(":")[2]
    order_id, _, run = name.rpartition(".")
    return (order_id, int(run)) if order_id and run.isdecimal() else (name, 1)


def console_link(execution_arn: str) -> str:
    """Where people look at the execution."""
    region = execution_arn.split(":")[3]
    return (
        f"https://{region}.console.aws.amazon.com/states/home?region={region}"
        f"#/v2/executions/details/{execution_arn}"
    )
