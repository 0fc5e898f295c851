"""Finds orders that should be moving and are not, repairs what it can, and reports the rest.

Events, timers and webhooks get lost: workers crash between two steps, queues and streams stop
retrying. So every few minutes a run checks:

1. Executions that ended without success a while ago, and whose orders do not record it.
2. Open orders that nothing changed for ``stuck_after``, except those that wait for their customer's
   review or payment and those whose provider is still out.
3. Circuit breakers that operators forced and may have forgotten.
4. Links of open orders that no check is scheduled for, among the orders that (2) reads anyway:
   their checks are scheduled.

A run is bounded: it checks at most :data:`MAX_CHECKS` orders, first those that were not reported
lately, and stops after :data:`MAX_CHECK_FAILURES` checks that failed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field, ValidationError

from orderflow.breakers.ports import BreakerStore
from orderflow.breakers.providers import ProviderName
from orderflow.breakers.reminders import ForcedBreakers
from orderflow.clock import Clock, utc_now
from orderflow.errors import OrderflowError, OrderNotFoundError
from orderflow.operations.diagnosis import (
    REPAIRABLE,
    Finding,
    Problem,
    problem_of_execution,
    problem_of_record,
    resumption_due_by,
)
from orderflow.operations.failures import FailureRecorder, finished_outcome
from orderflow.operations.repairs import UNANSWERED, Repairs
from orderflow.operations.reports import is_news, report_text
from orderflow.operations.stuck_orders import StuckOrders
from orderflow.orders.model import Order, Report
from orderflow.orders.ports import Orders
from orderflow.platform.alerts import Alerts
from orderflow.platform.aws_errors import error_code
from orderflow.platform.observability import logger
from orderflow.records import Record
from orderflow.recovery.resumer import ResumedBy
from orderflow.workflow.executions import Execution, describe, parse_arn, unsuccessful

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: A run checks so many orders at most.
MAX_CHECKS: Final = 200

#: After so many failed checks the cause is not the single order: the run stops.
MAX_CHECK_FAILURES: Final = 5

#: A run reads so many of the latest executions of each unsuccessful status.
MAX_EXECUTIONS: Final = 300

#: Executions that ended longer ago are not checked.
EXECUTIONS_SINCE: Final = timedelta(hours=6)

#: Errors that end the check of one order and let the run continue.
_CHECK_FAILURES: Final = (OrderflowError, ClientError, BotoCoreError, ValidationError)


class Reconciliation(Record):
    """What a run found.

    ``checked`` counts the orders that were checked, ``unchecked`` the checks that failed or are
    left for the next run. ``reported`` holds all findings that operations must handle, also those
    that were reported before. ``scheduled`` counts the links whose checks were scheduled.
    """

    repaired: list[Finding] = Field(default_factory=list)
    reported: list[Finding] = Field(default_factory=list)
    checked: int = 0
    unchecked: int = 0
    scheduled: int = 0


@dataclass(frozen=True)
class Reconciler:
    """Repairs and reports orders that do not move.

    Attributes:
        alerts: where the findings are reported.
        stuck_after: how long an order may stay unchanged.
        link_validity: how long a link can be paid.
        stage: the stage, for the commands in reports.
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
    link_validity: timedelta
    stage: str
    by: str = "reconcile_orders"
    clock: Clock = utc_now

    def reconcile(self, *, dry_run: bool = False) -> Reconciliation:
        """One run.

        Args:
            dry_run: change nothing and send no alert. ``repaired`` holds what would be repaired.

        Raises:
            StoreUnavailable: the orders can't be read, or the report could not be recorded.
            NotificationUnavailable: the alert could not be sent.
        """
        return _Run(self, dry_run=dry_run).run()


class _Run:
    """The state of one run."""

    def __init__(self, reconciler: Reconciler, *, dry_run: bool) -> None:
        self._reconciler = reconciler
        self._dry_run = dry_run
        self._now = reconciler.clock()
        self._read_breaker = cache(reconciler.breakers.read)
        self._repairs = Repairs(
            reconciler.store,
            reconciler.sfn,
            reconciler.failures,
            reconciler.state_machine_arn,
            reconciler.by,
        )
        self._result = Reconciliation()
        self._news: list[Finding] = []
        self._check_failures = 0
        self._without_link_check: list[str] = []

    def run(self) -> Reconciliation:
        """Check executions, orders and breakers, then report what is new."""
        for execution in self._lately_unsuccessful():
            self._guarded(execution.arn, partial(self._check_execution, execution))
        for order in self._stuck_orders():
            self._guarded(order.order_id, partial(self._check_order, order))
        for order_id in self._without_link_check:
            self._guarded(order_id, partial(self._schedule_link_check, order_id))
        for provider in ProviderName:
            self._guarded(provider, partial(self._check_breaker, provider))
        if self._news and not self._dry_run:
            self._report_news()
        return self._result

    def _guarded(self, subject: str, look: Callable[[], None]) -> None:
        if self._check_failures >= MAX_CHECK_FAILURES:
            self._result.unchecked += 1
            return
        try:
            look()
        except _CHECK_FAILURES as error:
            self._count_check_failure(subject, error)

    def _count_check_failure(self, subject: str, error: Exception) -> None:
        logger.error("not looked into", extra={"subject": subject, "problem": _name(error)})
        self._check_failures += 1
        self._result.unchecked += 1

    def _lately_unsuccessful(self) -> list[Execution]:
        reconciler = self._reconciler
        since, until = self._now - EXECUTIONS_SINCE, self._now - reconciler.stuck_after
        try:
            return [
                execution
                for execution in unsuccessful(
                    reconciler.sfn, reconciler.state_machine_arn, MAX_EXECUTIONS
                )
                if execution.stop_date and since <= execution.stop_date <= until
            ]
        except _CHECK_FAILURES as error:
            self._count_check_failure("executions", error)
            return []

    def _check_execution(self, execution: Execution) -> None:
        order_id, _ = parse_arn(execution.arn)
        order = self._find(order_id)
        if order is not None and finished_outcome(order, execution) is not None:
            return
        self._result.checked += 1
        if self._dry_run or self._repairs.record_failure(execution.arn):
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
            return self._reconciler.store.get(order_id)
        except OrderNotFoundError:
            return None

    def _stuck_orders(self) -> list[Order]:
        reconciler = self._reconciler
        stuck_orders = StuckOrders(
            reconciler.store,
            self._read_breaker,
            self._now,
            reconciler.stuck_after,
            reconciler.link_validity,
        )
        known = {finding.subject for finding in self._result.repaired}
        chosen, left = stuck_orders.select(MAX_CHECKS, known)
        self._result.unchecked += left
        self._without_link_check = stuck_orders.without_link_check
        return chosen

    def _schedule_link_check(self, order_id: str) -> None:
        self._result.scheduled += 1
        if not self._dry_run:
            self._reconciler.store.record_link_check(order_id, 0, self._now)

    def _check_order(self, order: Order) -> None:
        self._result.checked += 1
        problem = problem_of_record(order) or self._ask_execution(order)
        if problem not in REPAIRABLE:
            self._found(order, problem)
        elif self._dry_run or self._repairs.repair(order, problem, self._resume_by(order)):
            self._repaired(Finding.of(order, problem))
        elif problem in UNANSWERED:
            # The task token was answered already, and the order did not move.
            self._found(order, Problem.NO_PROGRESS)

    def _ask_execution(self, order: Order) -> Problem:
        execution = describe(self._reconciler.sfn, order.execution_arn or "")
        return problem_of_execution(order, execution, self._resume_by(order))

    def _resume_by(self, order: Order) -> ResumedBy | None:
        if order.parked is None:
            return None
        return resumption_due_by(order, order.parked, self._read_breaker(order.parked.provider))

    def _check_breaker(self, provider: str) -> None:
        if self._reconciler.forced.is_due(provider, self._now, take_note=not self._dry_run):
            finding = Finding(subject=provider, problem=Problem.BREAKER_FORCED)
            self._result.reported.append(finding)
            self._news.append(finding)

    def _repaired(self, finding: Finding) -> None:
        self._result.repaired.append(finding)
        if not self._dry_run:
            self._repairs.audit(finding)

    def _found(self, order: Order, problem: Problem) -> None:
        finding = Finding.of(order, problem)
        self._result.reported.append(finding)
        if is_news(order.report, problem, self._now):
            self._news.append(finding)

    def _report_news(self) -> None:
        number = len(self._news)
        self._reconciler.alerts.publish(
            f"Grocery orders: {number} {'thing needs' if number == 1 else 'things need'} a look",
            report_text(self._news, self._reconciler.stage),
        )
        # Recorded after the alert: a crash between the two repeats it instead of losing it.
        for finding in self._news:
            if finding.problem is Problem.BREAKER_FORCED:
                self._reconciler.forced.reminded(finding.subject, self._now)
            else:
                report = Report(problem=finding.problem, at=self._now)
                self._reconciler.store.record_report(finding.subject, report)


def _name(error: Exception) -> str:
    """The error's name. Its message may quote what a customer wrote."""
    return error_code(error) if isinstance(error, ClientError) else type(error).__name__
