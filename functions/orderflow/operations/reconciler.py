"""Orders that should be moving and are not: what can be repaired is, the rest is reported.

Events, alarm clocks and webhooks get lost: workers die between two steps, queues and streams give
up in the end. So every few minutes the orders that have not moved for a while are looked into:

1. Executions that ended badly a while ago, and whose orders do not say so.
2. Open orders that nothing changed for ``stuck_after``, save those that wait for their customer's
   payment (nothing is asked about them) and those whose provider is still out.
3. Circuit breakers that operators decided for and may have forgotten.

A run is bounded: it asks about :data:`MAX_CHECKS` orders at most, those first that were not
reported lately, and gives up for now after :data:`MAX_TROUBLES` that could not be looked into.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import groupby
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field, ValidationError

from orderflow.breakers.ports import BreakerStore
from orderflow.breakers.providers import ProviderName
from orderflow.breakers.reminders import ForcedBreakers
from orderflow.clock import Clock, utc_now
from orderflow.errors import OrderflowError, OrderNotFoundError
from orderflow.operations.diagnosis import (
    EXPLANATIONS,
    REPAIRABLE,
    Finding,
    Problem,
    problem_of_execution,
    problem_of_record,
    woken_by,
)
from orderflow.operations.failures import FailureOutcome, FailureRecorder, settled
from orderflow.operations.stuck_orders import StuckOrders
from orderflow.orders.model import Order, Report
from orderflow.orders.ports import Orders
from orderflow.platform import audit
from orderflow.platform.alerts import Alerts
from orderflow.platform.aws_errors import error_code
from orderflow.platform.observability import logger
from orderflow.records import Record
from orderflow.recovery.resumer import ResumedBy, Resumer, Resumption
from orderflow.workflow import task_tokens
from orderflow.workflow.executions import Execution, describe, parse_arn, unsuccessful

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: Orders that a run looks into.
MAX_CHECKS: Final = 200

#: After so many that could not be looked into, it is not the orders that are in trouble.
MAX_TROUBLES: Final = 5

#: The latest executions of each kind that ended badly (failed, timed out, aborted).
MAX_EXECUTIONS: Final = 300

#: How long ago an execution may have ended whose order is looked at.
EXECUTIONS_SINCE: Final = timedelta(hours=6)

#: The same problem of the same order is reported again after this time.
REPORT_AGAIN_AFTER: Final = timedelta(days=1)

#: What keeps one order from being looked into; the others are no worse for it.
_TROUBLE: Final = (OrderflowError, ClientError, BotoCoreError, ValidationError)

#: A report names so many of each problem.
_NAMED: Final = 20


class Reconciliation(Record):
    """What a run found.

    ``checked`` counts the orders that were looked into, ``unchecked`` what could not be, or is
    left for the next run. ``reported`` holds all that people have to see to, whether or not they
    were told before.
    """

    repaired: list[Finding] = Field(default_factory=list)
    reported: list[Finding] = Field(default_factory=list)
    checked: int = 0
    unchecked: int = 0


@dataclass(frozen=True)
class Reconciler:
    """Looks after orders that do not move.

    Attributes:
        alerts: where the findings are reported.
        stuck_after: how long an order may stand still.
        stage: for the commands that an alert advises.
        by: the actor, for the audit trail.
        clock: the time at which a run begins.
    """

    store: Orders
    breakers: BreakerStore
    forced: ForcedBreakers
    sfn: SFNClient
    failures: FailureRecorder
    alerts: Alerts
    state_machine_arn: str
    stuck_after: timedelta
    stage: str
    by: str = "reconcile_orders"
    clock: Clock = utc_now

    def reconcile(self, *, dry_run: bool = False) -> Reconciliation:
        """One run.

        Args:
            dry_run: change nothing, tell nobody. ``repaired`` holds what would be repaired.

        Raises:
            StoreUnavailable: the orders can't be read, or it could not be noted what was reported.
            NotificationUnavailable: operations could not be told.
        """
        return _Run(self, dry_run=dry_run).go()


class _Run:
    """One run's state."""

    def __init__(self, around: Reconciler, *, dry_run: bool) -> None:
        self._around = around
        self._dry_run = dry_run
        self._now = around.clock()
        self._read_breaker = cache(around.breakers.read)
        self._resumer = Resumer(around.sfn, around.store)
        self._result = Reconciliation()
        self._news: list[Finding] = []
        self._troubles = 0

    def go(self) -> Reconciliation:
        """All of it."""
        for execution in self._lately_unsuccessful():
            self._guarded(execution.arn, partial(self._check_execution, execution))
        for order in self._stuck_orders():
            self._guarded(order.order_id, partial(self._check_order, order))
        for provider in ProviderName:
            self._guarded(provider, partial(self._check_breaker, provider))
        if self._news and not self._dry_run:
            self._report_news()
        return self._result

    def _guarded(self, subject: str, look: Callable[[], None]) -> None:
        if self._troubles >= MAX_TROUBLES:
            self._result.unchecked += 1
            return
        try:
            look()
        except _TROUBLE as error:
            self._count_trouble(subject, error)

    def _count_trouble(self, subject: str, error: Exception) -> None:
        logger.error("not looked into", extra={"subject": subject, "problem": _name(error)})
        self._troubles += 1
        self._result.unchecked += 1

    def _lately_unsuccessful(self) -> list[Execution]:
        around = self._around
        since, until = self._now - EXECUTIONS_SINCE, self._now - around.stuck_after
        try:
            return [
                execution
                for execution in unsuccessful(around.sfn, around.state_machine_arn, MAX_EXECUTIONS)
                if execution.stop_date and since <= execution.stop_date <= until
            ]
        except _TROUBLE as error:
            self._count_trouble("executions", error)
            return []

    def _check_execution(self, execution: Execution) -> None:
        order_id, _ = parse_arn(execution.arn)
        order = self._find(order_id)
        if order is not None and settled(order, execution) is not None:
            return
        self._result.checked += 1
        if self._dry_run or self._record_failure(execution.arn):
            self._repaired(
                Finding(
                    subject=order_id,
                    problem=Problem.MISSED_FAILURE,
                    status=order.status if order else None,
                    execution_arn=execution.arn,
                )
            )

    def _find(self, order_id: str) -> Order | None:
        try:
            return self._around.store.get(order_id)
        except OrderNotFoundError:
            return None

    def _stuck_orders(self) -> list[Order]:
        around = self._around
        suspects = StuckOrders(around.store, self._read_breaker, self._now, around.stuck_after)
        known = {finding.subject for finding in self._result.repaired}
        chosen, left = suspects.select(MAX_CHECKS, known)
        self._result.unchecked += left
        return chosen

    def _check_order(self, order: Order) -> None:
        self._result.checked += 1
        problem = problem_of_record(order) or self._ask_execution(order)
        if problem not in REPAIRABLE:
            self._found(order, problem)
        elif self._dry_run or self._repair(order, problem):
            self._repaired(Finding.of(order, problem))
        elif problem is Problem.UNANSWERED_PAYMENT:
            # The answer came, from somebody else, and moved nothing.
            self._found(order, Problem.NO_PROGRESS)

    def _ask_execution(self, order: Order) -> Problem:
        execution = describe(self._around.sfn, order.execution_arn or "")
        return problem_of_execution(order, execution, self._resume_by(order))

    def _resume_by(self, order: Order) -> ResumedBy | None:
        if order.parked is None:
            return None
        return woken_by(order, order.parked, self._read_breaker(order.parked.provider))

    def _repair(self, order: Order, problem: Problem) -> bool:
        """Whether it was this that put it right."""
        if problem is Problem.MISSED_FAILURE:
            return self._record_failure(order.execution_arn or "")
        if problem is Problem.UNANSWERED_PAYMENT:
            output = {"orderId": order.order_id}
            return task_tokens.answer(self._around.sfn, order.task_token or "", output)
        # A token that is spent is forgotten by this; a later run sees whether the order moves.
        by = self._resume_by(order)
        return by is not None and self._resumer.resume(order, by) is Resumption.RESUMED

    def _record_failure(self, execution_arn: str) -> bool:
        return self._around.failures.record(execution_arn) is FailureOutcome.RECORDED

    def _check_breaker(self, provider: str) -> None:
        if self._around.forced.is_due(provider, self._now, take_note=not self._dry_run):
            finding = Finding(subject=provider, problem=Problem.BREAKER_FORCED)
            self._result.reported.append(finding)
            self._news.append(finding)

    def _repaired(self, finding: Finding) -> None:
        self._result.repaired.append(finding)
        if not self._dry_run:
            audit.record(
                audit.AuditEntry(
                    actor=self._around.by,
                    action=f"repaired {finding.problem}",
                    subject=finding.subject,
                    reason=EXPLANATIONS[finding.problem],
                    details={"status": finding.status, "executionArn": finding.execution_arn},
                )
            )

    def _found(self, order: Order, problem: Problem) -> None:
        finding = Finding.of(order, problem)
        self._result.reported.append(finding)
        if _is_news(order.report, problem, self._now):
            self._news.append(finding)

    def _report_news(self) -> None:
        number = len(self._news)
        self._around.alerts.publish(
            f"Grocery orders: {number} {'thing needs' if number == 1 else 'things need'} a look",
            report_text(self._news, self._around.stage),
        )
        # After the message: a crash in between repeats it, the other way round could lose it.
        for finding in self._news:
            if finding.problem is Problem.BREAKER_FORCED:
                self._around.forced.reminded(finding.subject, self._now)
            else:
                report = Report(problem=finding.problem, at=self._now)
                self._around.store.record_report(finding.subject, report)


def _name(error: Exception) -> str:
    """Without the message: it may quote what a customer wrote."""
    return error_code(error) if isinstance(error, ClientError) else type(error).__name__


def _is_news(last: Report | None, problem: Problem, now: datetime) -> bool:
    if last is None or last.problem != problem:
        return True
    return now - last.at >= REPORT_AGAIN_AFTER


def report_text(findings: list[Finding], stage: str) -> str:
    """The findings in words for operations, problem by problem."""
    order = [*Problem]
    ordered = sorted(findings, key=lambda finding: order.index(finding.problem))
    parts = [
        "\n".join([EXPLANATIONS[problem], *_named([*alike])])
        for problem, alike in groupby(ordered, key=lambda finding: finding.problem)
    ]
    return "\n\n".join(
        [
            *parts,
            (
                f"To look at an order: orders show ORDER_ID --stage {stage}\n"
                f"At all that failed or is parked: orders failed --stage {stage}\n"
                f"At the breakers: orders breakers show --stage {stage}"
            ),
        ]
    )


def _named(findings: list[Finding]) -> list[str]:
    lines = [
        f"- {each.subject} ({each.status})" if each.status else f"- {each.subject}"
        for each in findings[:_NAMED]
    ]
    more = len(findings) - _NAMED
    return [*lines, f"- and {more} more"] if more > 0 else lines
