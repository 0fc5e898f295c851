"""Repairs of orders that do not move: each does what a lost event or timer would have done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from orderflow.operations.diagnosis import EXPLANATIONS, Finding, Problem
from orderflow.operations.failures import FailureOutcome, FailureRecorder
from orderflow.operations.restarts import start_again
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.platform import audit
from orderflow.recovery.resumer import ResumedBy, Resumer, Resumption
from orderflow.workflow import task_tokens

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


#: Repaired by an answer to the task token that the order holds.
UNANSWERED: Final = frozenset({Problem.UNANSWERED_PAYMENT, Problem.UNANSWERED_REVIEW})


@dataclass(frozen=True)
class Repairs:
    """Repairs orders, and audits it.

    Attributes:
        by: the actor, for the audit trail.
    """

    store: Orders
    sfn: SFNClient
    failures: FailureRecorder
    state_machine_arn: str
    by: str

    def repair(self, order: Order, problem: Problem, resumed_by: ResumedBy | None) -> bool:
        """Repair the order; False where another party repaired it first.

        Args:
            order: the order.
            problem: one of :data:`~orderflow.operations.diagnosis.REPAIRABLE`.
            resumed_by: what resumes the order now, if it is parked and may go on.
        """
        if problem is Problem.MISSED_FAILURE:
            return self.record_failure(order.execution_arn or "")
        if problem is Problem.FAILED_WHILE_BUSY:
            return start_again(order, self.store, self.sfn, self.state_machine_arn, self.by)
        if problem in UNANSWERED:
            review = problem is Problem.UNANSWERED_REVIEW
            token = order.review_token if review else order.task_token
            return task_tokens.answer(self.sfn, token or "", {"orderId": order.order_id})
        # This clears a spent token; a later run checks whether the order moves.
        resumer = Resumer(self.sfn, self.store)
        return resumed_by is not None and resumer.resume(order, resumed_by) is Resumption.RESUMED

    def record_failure(self, execution_arn: str) -> bool:
        """Record the execution's failure on its order; False where it is recorded already."""
        return self.failures.record(execution_arn) is FailureOutcome.RECORDED

    def audit(self, finding: Finding) -> None:
        """Record in the audit trail what was repaired."""
        audit.record(
            audit.AuditEntry(
                actor=self.by,
                action=f"repaired {finding.problem}",
                subject=finding.subject,
                reason=EXPLANATIONS[finding.problem],
                details={"status": finding.status, "executionArn": finding.execution_arn},
            )
        )
