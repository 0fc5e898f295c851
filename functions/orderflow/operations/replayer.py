"""Redrives and restarts executions; each act is audited first.

An execution may have changed since the plan was made; the replayer handles that.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, cast

from botocore.exceptions import ClientError

from orderflow.operations.replay_plan import NO_REDRIVE, Action, Step, restarted
from orderflow.platform.audit import Trail
from orderflow.platform.aws_errors import error_code
from orderflow.workflow.executions import Run, run_name

#: The error codes of an unknown operation: Step Functions' on AWS, and the emulator's.
_NOT_OFFERED: Final = {"UnknownOperationException", "InvalidAction"}


class ReplayOutcome(StrEnum):
    """The outcome of one order's replay."""

    REDRIVEN = "redriven"
    RESTARTED = "restarted"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class ReplayResult:
    """The outcome of one order's replay; ``note`` explains it to the operator, if needed."""

    order_id: str
    outcome: ReplayOutcome
    note: str | None = None


class Replayer:
    """Carries out the steps of a plan.

    Args:
        sfn: a boto3 Step Functions client.
        trail: records each act before it is done.
        state_machine_arn: starts executions: a state machine's ARN, or an alias's.
    """

    def __init__(self, sfn: Any, trail: Trail, state_machine_arn: str) -> None:
        self._sfn = sfn
        self._trail = trail
        self._state_machine_arn = state_machine_arn

    def act(self, step: Step) -> ReplayResult:
        """Redrive or restart one order.

        Raises:
            ClientError: Step Functions refuses.

        What the trail raises where the act can't be audited passes through.
        """
        if step.action is Action.REDRIVE:
            return self._redrive(step, cast("Run", step.execution))
        return self._restart(step)

    def _redrive(self, step: Step, execution: Run) -> ReplayResult:
        try:
            with self._trail.act(
                "redrive", step.order_id, _cause(execution), executionArn=execution.arn
            ):
                self._sfn.redrive_execution(
                    executionArn=execution.arn, clientToken=_client_token(execution)
                )
        except ClientError as error:
            if error_code(error) in _NOT_OFFERED:
                return self._restart(restarted(step, NO_REDRIVE), NO_REDRIVE)
            if error_code(error) == "ExecutionNotRedrivable":
                return self._instead_of_redrive(step, execution)
            raise
        return ReplayResult(step.order_id, ReplayOutcome.REDRIVEN)

    def _instead_of_redrive(self, step: Step, execution: Run) -> ReplayResult:
        """Restart, or skip where the execution runs again meanwhile."""
        now = Run.model_validate(self._sfn.describe_execution(executionArn=execution.arn))
        if not now.unsuccessful:
            return ReplayResult(step.order_id, ReplayOutcome.SKIPPED, "another replay is under way")
        why = now.redrive_status_reason or "it can't be redriven any more"
        return self._restart(restarted(replace(step, execution=now), why), why)

    def _restart(self, step: Step, note: str | None = None) -> ReplayResult:
        name = run_name(step.order_id, cast("int", step.run))
        details = {"executionArn": step.execution_arn, "name": name, "why": step.why}
        try:
            with self._trail.act("restart", step.order_id, _cause(step.execution), **details):
                self._sfn.start_execution(
                    stateMachineArn=self._state_machine_arn, name=name, input=step.input
                )
        except self._sfn.exceptions.ExecutionAlreadyExists:
            return ReplayResult(step.order_id, ReplayOutcome.SKIPPED, "it was restarted already")
        return ReplayResult(step.order_id, ReplayOutcome.RESTARTED, note and f"restarted: {note}")


def _cause(execution: Run | None) -> str:
    if execution is None:
        return "Step Functions does not know the order's execution."
    return f"The execution is {execution.status}: {execution.error or 'no error is named'}."


def _client_token(execution: Run) -> str:
    """A token that is equal for all redrives of the same failure, so that only one is done."""
    text = f"{execution.arn} {execution.redrive_count}"
    return hashlib.sha256(text.encode()).hexdigest()
