"""What the reconciler finds, repairs and reports."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cdk.definition import load_definition
from orderflow.breakers.providers import ProviderName
from orderflow.breakers.reminders import FIRST_REMINDER, NEXT_REMINDER, ForcedBreakers
from orderflow.breakers.state import Mode, State
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.clock import iso, utc_now
from orderflow.errors import NotificationUnavailable, StoreUnavailable
from orderflow.operations import reconciler as reconciliation
from orderflow.operations import stuck_orders
from orderflow.operations.diagnosis import EXPLANATIONS, Finding, Problem
from orderflow.operations.failures import FailureRecorder
from orderflow.operations.reconciler import Reconciler, Reconciliation
from orderflow.operations.reports import report_text
from orderflow.operations.restarts import BUSY_ERRORS, MAX_RESTARTS
from orderflow.orders.model import PAYMENT_MARGIN, Failure, Order, Report
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.platform.alerts import SnsAlerts
from tests.support.factories import (
    CUSTOMER_EMAIL,
    CUSTOMER_NAME,
    STATE_MACHINE_ARN,
    a_matched_order,
    a_new_order,
    a_payment,
    an_order,
    an_order_id,
    client_error,
    stored,
)
from tests.support.recovery_scene import parked_order
from tests.support.workflow_runs import AN_HOUR_AGO, Run, Workflow
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

S = OrderStatus
P = Problem
#: The reconciler's present: tests are collected minutes before the last of them runs.
NOW = datetime.now(UTC)
STUCK_AFTER = timedelta(minutes=15)
LINK_VALIDITY = timedelta(hours=24)
A_DAY = timedelta(days=1)


def ago(**spans: float) -> datetime:
    return NOW - timedelta(**spans)


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@pytest.fixture
def workflow(account: None) -> Iterator[Workflow]:
    with Workflow().behind_client() as workflow:
        yield workflow


@pytest.fixture
def alerts(record_calls: RecordCalls) -> list[dict[str, Any]]:
    """What was published to operations."""
    return record_calls(aws.sns(), "Publish")


@pytest.fixture
def reconciler(
    store: OrderStore,
    breakers_table: Table,
    workflow: Workflow,
    topic_arn: str,
    alerts: list[dict[str, Any]],
) -> Reconciler:
    sfn, operations = aws.step_functions(), SnsAlerts(aws.sns(), topic_arn)
    return Reconciler(
        store=store,
        breakers=DynamoBreakerStore(breakers_table),
        forced=ForcedBreakers(breakers_table),
        sfn=sfn,
        failures=FailureRecorder(store, sfn, operations, "test"),
        alerts=operations,
        state_machine_arn=STATE_MACHINE_ARN,
        stuck_after=STUCK_AFTER,
        link_validity=LINK_VALIDITY,
        stage="test",
        clock=lambda: NOW,
    )


def still(make: Callable[..., Order] = a_matched_order, **changes: Any) -> Order:
    """An order that nothing has changed for an hour."""
    return make(**{"updated_at": iso(AN_HOUR_AGO), "link_checks": 1} | changes)


def a_paid_order(**changes: Any) -> Order:
    """Its execution waits for a payment that has come in."""
    return still(an_order, **{"payment": a_payment(), "task_token": "token-1"} | changes)


def a_failed_order(**changes: Any) -> Order:
    """One that operations know of."""
    order = still(an_order, status=S.FAILED, alerted_at=iso(AN_HOUR_AGO), **changes)
    assert order.execution_arn is not None
    failure = Failure(error="E", execution_arn=order.execution_arn, at=iso(AN_HOUR_AGO))
    return order.model_copy(update={"failure": failure})


def breaker(table: Table, **fields: Any) -> None:
    item: dict[str, Any] = {
        "state": State.CLOSED,
        "epoch": 4,
        "failures": 0,
        "opens": 1,
        "mode": Mode.AUTO,
    }
    table.put_item(Item={"provider": "paystack", **item, **fields})


def found(findings: list[Finding]) -> dict[str, str]:
    return {finding.subject: finding.problem for finding in findings}


class TestLeftInPeace:
    @pytest.mark.parametrize(
        "order",
        [
            a_matched_order(updated_at=iso(ago(minutes=1))),
            still(an_order, task_token="token-1"),
            still(
                an_order,
                task_token="token-1",
                updated_at=iso(NOW - LINK_VALIDITY - PAYMENT_MARGIN / 2),
            ),
            a_failed_order(),
            *[still(an_order, status=status) for status in sorted(CLOSED)],
        ],
        ids=lambda order: str(order.status),
    )
    def test_nothing_is_asked_about_orders_that_are_well(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        order: Order,
    ) -> None:
        stored(store, order)

        assert reconciler.reconcile() == Reconciliation()

        assert workflow.asked("DescribeExecution") == []
        assert alerts == []

    @pytest.mark.parametrize("park_count", [0, 3])
    @pytest.mark.parametrize(
        "fields",
        [
            {"state": State.OPEN, "retryAt": ms(ago(hours=-1))},
            {"state": State.HALF_OPEN, "probeUntil": ms(ago(hours=-1))},
            {"mode": Mode.FORCED_OPEN},
        ],
        ids=["open", "half open", "forced open"],
    )
    def test_nothing_is_asked_about_orders_whose_provider_is_out(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        breakers_table: Table,
        fields: dict[str, Any],
        park_count: int,
    ) -> None:
        breaker(breakers_table, **fields)
        stored(store, parked_order(at=ago(hours=3), park_count=park_count))

        assert reconciler.reconcile() == Reconciliation()
        assert workflow.asked("DescribeExecution") == []

    def test_after_their_attempts_orders_are_not_used_to_probe_their_provider(
        self, reconciler: Reconciler, store: OrderStore, breakers_table: Table
    ) -> None:
        breaker(breakers_table, state=State.OPEN, retryAt=ms(ago(minutes=1)))
        stored(store, parked_order(at=AN_HOUR_AGO, park_count=3))

        assert reconciler.reconcile() == Reconciliation()

    def test_an_alarm_clock_may_take_as_long_as_sqs_allows(
        self, reconciler: Reconciler, store: OrderStore
    ) -> None:
        impatient = _with(reconciler, stuck_after=timedelta(minutes=1))
        stored(store, parked_order(at=ago(minutes=14)))

        assert impatient.reconcile().checked == 0

    def test_orders_of_a_provider_that_came_back_just_now_are_on_their_way(
        self, reconciler: Reconciler, store: OrderStore, breakers_table: Table
    ) -> None:
        breaker(breakers_table, closedAt=ms(ago(minutes=5)))
        stored(store, parked_order(at=ago(hours=3), park_count=3))

        assert reconciler.reconcile() == Reconciliation()

    @pytest.mark.parametrize(
        "fields",
        [
            {"state": State.OPEN, "retryAt": ms(ago(hours=-1))},
            {"mode": Mode.FORCED_OPEN},
            {"closedAt": ms(ago(minutes=5))},
        ],
        ids=["open", "forced open", "closed just now"],
    )
    def test_a_payment_that_paystack_can_not_confirm_yet_waits_for_it(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        breakers_table: Table,
        fields: dict[str, Any],
    ) -> None:
        breaker(breakers_table, **fields)
        stored(store, a_paid_order())

        assert reconciler.reconcile() == Reconciliation()
        assert workflow.asked("DescribeExecution") == []

    def test_an_order_that_was_resumed_just_now_is_not_stuck(
        self, reconciler: Reconciler, store: OrderStore
    ) -> None:
        order = stored(store, parked_order(at=ago(hours=3), park_count=3))
        assert order.parked is not None
        store.clear_parked(order.order_id, order.parked.task_token)

        assert reconciler.reconcile() == Reconciliation()


class TestMissedFailure:
    @pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
    @pytest.mark.parametrize(
        "order",
        [
            still(a_new_order),
            still(),
            still(an_order),
            still(an_order, task_token="token-1"),
            still(status=S.PAYMENT_DELAYED),
        ],
        ids=lambda order: str(order.status),
    )
    def test_the_order_becomes_failed_and_operations_are_alerted(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        order: Order,
        status: str,
    ) -> None:
        run = workflow.failed(stored(store, order), status=status)

        result = reconciler.reconcile()

        assert result.repaired == [Finding.of(order, P.MISSED_FAILURE)]
        assert result.reported == []
        failed = store.get(order.order_id)
        assert failed.status is S.FAILED
        assert failed.failure is not None
        assert failed.failure.execution_arn == run.arn
        assert len(alerts) == 1

    def test_one_that_is_not_among_the_latest_is_found_by_its_order(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, still(updated_at=iso(ago(days=2))))
        workflow.failed(order, stopped=ago(days=2))

        assert found(reconciler.reconcile().repaired) == {order.order_id: P.MISSED_FAILURE}
        assert store.get(order.order_id).status is S.FAILED

    def test_a_second_run_finds_nothing_more(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
    ) -> None:
        workflow.failed(stored(store, still()))
        reconciler.reconcile()

        assert reconciler.reconcile() == Reconciliation()
        assert len(alerts) == 1

    def test_an_alert_that_was_lost_is_sent(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
    ) -> None:
        order = a_failed_order().model_copy(update={"alerted_at": None})
        workflow.failed(stored(store, order), stopped=ago(days=1))

        assert found(reconciler.reconcile().repaired) == {order.order_id: P.MISSED_FAILURE}
        assert len(alerts) == 1

    def test_an_order_that_was_never_written_is_written(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        run = workflow.add(Run(an_order_id()))

        result = reconciler.reconcile()

        assert found(result.repaired) == {run.name: P.MISSED_FAILURE}
        assert [order.order_id for order in store.with_status(S.FAILED)] == [run.name]

    @pytest.mark.parametrize("stopped", [ago(minutes=1), ago(hours=7)], ids=["new", "old"])
    def test_an_event_that_is_still_on_its_way_is_waited_for_and_old_ones_are_let_be(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow, stopped: datetime
    ) -> None:
        workflow.add(Run(an_order_id(), stopped=stopped))

        assert reconciler.reconcile() == Reconciliation()
        assert store.newest(None, 1) == []

    def test_executions_without_an_order_send_no_alert(
        self, reconciler: Reconciler, workflow: Workflow, alerts: list[dict[str, Any]]
    ) -> None:
        workflow.add(Run("by-hand", input="{}"))

        assert found(reconciler.reconcile().repaired) == {}
        assert alerts == []

    @pytest.mark.parametrize(
        "order",
        [
            still(an_order, order_id="o-1", status=S.CANCELLED),
            an_order(order_id="o-1", execution_arn=Run("o-1.2").arn),
            a_failed_order(order_id="o-1"),
        ],
        ids=["cancelled", "restarted", "known"],
    )
    def test_failures_that_need_no_repair_are_not_described(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow, order: Order
    ) -> None:
        stored(store, order)
        workflow.add(Run("o-1", status="ABORTED"))

        assert reconciler.reconcile() == Reconciliation()
        assert workflow.asked("DescribeExecution") == []

    def test_an_execution_that_goes_on_meanwhile_is_no_failure(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
    ) -> None:
        order = a_failed_order().model_copy(update={"alerted_at": None})
        workflow.running(stored(store, order))

        result = reconciler.reconcile()

        assert (result.repaired, result.reported) == ([], [])
        assert store.get(order.order_id) == order


class TestLostWakeUp:
    @pytest.mark.parametrize("fields", [None, {"state": State.OPEN, "retryAt": ms(ago(minutes=1))}])
    def test_an_order_whose_timer_was_lost_is_resumed(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        breakers_table: Table,
        alerts: list[dict[str, Any]],
        fields: dict[str, Any] | None,
    ) -> None:
        if fields:
            breaker(breakers_table, **fields)
        order = stored(store, parked_order(at=AN_HOUR_AGO, token="token-1"))
        workflow.running(order)
        workflow.waiting.add("token-1")

        result = reconciler.reconcile()

        assert result.repaired == [Finding.of(order, P.MISSED_RESUMPTION)]
        (answer,) = workflow.asked("SendTaskSuccess")
        assert json.loads(answer["output"]) == {"orderId": order.order_id, "resumedBy": "delay"}
        assert store.get(order.order_id).parked is None
        assert alerts == []

    def test_one_is_enough_to_probe_a_provider(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow, breakers_table: Table
    ) -> None:
        breaker(breakers_table, state=State.HALF_OPEN, probeUntil=ms(ago(minutes=1)))
        for number in range(3):
            order = stored(store, parked_order(at=AN_HOUR_AGO, token=f"token-{number}"))
            workflow.running(order)
            workflow.waiting.add(f"token-{number}")

        assert len(reconciler.reconcile().repaired) == 1
        assert len(workflow.waiting) == 2

    def test_after_its_attempts_the_return_of_its_provider_resumes_it(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow, breakers_table: Table
    ) -> None:
        breaker(breakers_table, closedAt=ms(ago(minutes=20)))
        order = stored(store, parked_order(at=AN_HOUR_AGO, park_count=3, token="token-1"))
        workflow.running(order)
        workflow.waiting.add("token-1")

        assert found(reconciler.reconcile().repaired) == {order.order_id: P.MISSED_RESUMPTION}

        (answer,) = workflow.asked("SendTaskSuccess")
        assert json.loads(answer["output"])["resumedBy"] == "breaker"

    @pytest.mark.parametrize("closed", [None, ago(hours=2)], ids=["never", "before"])
    def test_where_its_provider_was_never_out_people_have_to_look(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        breakers_table: Table,
        closed: datetime | None,
    ) -> None:
        breaker(breakers_table, **({"closedAt": ms(closed)} if closed else {}))
        order = stored(store, parked_order(at=AN_HOUR_AGO, park_count=3))
        workflow.running(order)

        result = reconciler.reconcile()

        assert found(result.reported) == {order.order_id: P.STILL_PARKED}
        assert result.repaired == []
        assert store.get(order.order_id).parked == order.parked

    def test_a_token_that_is_spent_is_forgotten_and_the_next_run_looks_again(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, parked_order(at=AN_HOUR_AGO))
        workflow.running(order)

        result = reconciler.reconcile()

        assert (result.repaired, result.reported) == ([], [])
        assert store.get(order.order_id).parked is None

    def test_its_execution_may_have_ended(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, parked_order(at=ago(days=1)))
        workflow.failed(order, status="ABORTED", stopped=ago(hours=20))

        assert found(reconciler.reconcile().repaired) == {order.order_id: P.MISSED_FAILURE}


class TestReviews:
    def test_an_order_waits_for_its_customers_review(
        self, reconciler: Reconciler, store: OrderStore
    ) -> None:
        stored(store, a_reviewed_order(review_ends_at=ago(minutes=5)))

        assert found(reconciler.reconcile().reported) == {}

    def test_one_that_waits_for_longer_than_its_review_is_reported(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, a_reviewed_order(review_ends_at=ago(hours=2)))
        workflow.running(order)

        assert found(reconciler.reconcile().reported) == {order.order_id: P.NO_PROGRESS}

    def test_a_confirmation_that_its_execution_missed_is_answered(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, a_reviewed_order(status=S.MATCHED, confirmed_version=1))
        workflow.running(order)
        workflow.waiting.add("token-1")

        assert found(reconciler.reconcile().repaired) == {order.order_id: P.UNANSWERED_REVIEW}
        # It waits no more; that it does not move is another problem.
        assert found(reconciler.reconcile().reported) == {order.order_id: P.NO_PROGRESS}


def a_reviewed_order(**changes: Any) -> Order:
    fields = {
        "status": S.AWAITING_REVIEW,
        "review": True,
        "review_token": "token-1",
        "updated_at": ago(hours=3),
    }
    return a_matched_order(**fields | changes)


class TestUnansweredPayment:
    def test_the_task_token_is_answered_with_the_payment(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, a_paid_order())
        workflow.running(order)
        workflow.waiting.add("token-1")

        assert found(reconciler.reconcile().repaired) == {order.order_id: P.UNANSWERED_PAYMENT}

        (answer,) = workflow.asked("SendTaskSuccess")
        assert json.loads(answer["output"]) == {"orderId": order.order_id}

    def test_an_order_whose_token_was_answered_and_does_not_move_is_reported(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, a_paid_order())
        workflow.running(order)

        result = reconciler.reconcile()

        assert found(result.reported) == {order.order_id: P.NO_PROGRESS}
        assert result.repaired == []


#: An order, how its execution stands (None: Step Functions does not know it), what is reported.
REPORTED: list[tuple[Order, str | None, Problem]] = [
    (still(), "SUCCEEDED", P.EXECUTION_SUCCEEDED),
    (still(an_order), "SUCCEEDED", P.EXECUTION_SUCCEEDED),
    (still(), None, P.EXECUTION_UNKNOWN),
    (still(execution_arn=None), None, P.NO_EXECUTION),
    (still(a_new_order), "RUNNING", P.NO_PROGRESS),
    (still(), "RUNNING", P.NO_PROGRESS),
    (still(an_order), "RUNNING", P.NO_PROGRESS),
    (a_paid_order(task_token=None), "RUNNING", P.NO_PROGRESS),
    (a_paid_order(payment=a_payment(verified_at=AN_HOUR_AGO)), "RUNNING", P.NO_PROGRESS),
    (
        still(an_order, task_token="token-1", updated_at=iso(ago(hours=26))),
        "RUNNING",
        P.NO_PROGRESS,
    ),
    (still(status=S.PAYMENT_DELAYED), "RUNNING", P.NOT_RESUMABLE),
    (still(status=S.NEEDS_ATTENTION), "RUNNING", P.NOT_RESUMABLE),
    (a_failed_order(payment=a_payment()), "FAILED", P.PAID_BUT_FAILED),
]


class TestFailedWhileBusy:
    """Being busy is no failure: once the storm is over the order is started again."""

    def failed(self, store: OrderStore, workflow: Workflow, error: str, count: int = 1) -> Order:
        order = a_failed_order()
        assert order.failure is not None
        failure = order.failure.model_copy(update={"error": error, "count": count})
        workflow.failed(order, error=error)
        return stored(store, order.model_copy(update={"failure": failure}))

    @pytest.mark.parametrize(
        "error", ["Lambda.TooManyRequestsException", "Lambda.Unknown", "StoreUnavailable"]
    )
    @pytest.mark.parametrize("count", [1, MAX_RESTARTS])
    def test_it_is_redriven_and_nobody_needs_to_look(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        error: str,
        count: int,
    ) -> None:
        order = self.failed(store, workflow, error, count)

        found = reconciler.reconcile()

        assert found.repaired == [Finding.of(order, P.FAILED_WHILE_BUSY)]
        (redriven,) = workflow.asked("RedriveExecution")
        assert redriven["executionArn"] == order.execution_arn
        assert (found.reported, alerts) == ([], [])

    @pytest.mark.parametrize(
        ("error", "count"), [("KeyError", 1), ("Lambda.TooManyRequestsException", MAX_RESTARTS + 1)]
    )
    def test_another_failure_or_one_too_many_waits_for_operations(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow, error: str, count: int
    ) -> None:
        self.failed(store, workflow, error, count)

        assert reconciler.reconcile().repaired == []
        assert workflow.asked("RedriveExecution") == []

    def test_one_that_runs_again_already_is_let_be(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        order = self.failed(store, workflow, "Lambda.TooManyRequestsException")
        reconciler.reconcile()

        found = reconciler.reconcile()

        assert (found.repaired, found.reported) == ([], [])
        assert len(workflow.asked("RedriveExecution")) == 1
        assert store.get(order.order_id).status is S.FAILED

    def test_while_step_functions_is_busy_too_the_next_run_tries_again(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        self.failed(store, workflow, "Lambda.TooManyRequestsException")
        workflow.errors["RedriveExecution"] = client_error("ThrottlingException")
        assert reconciler.reconcile().unchecked == 1

        del workflow.errors["RedriveExecution"]

        assert len(reconciler.reconcile().repaired) == 1

    def test_a_failure_of_this_moment_waits_until_the_storm_is_over(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        order = self.failed(store, workflow, "Lambda.TooManyRequestsException")
        stored(store, order.model_copy(update={"updated_at": utc_now()}))

        assert reconciler.reconcile().repaired == []

    def test_the_names_are_those_that_the_state_machine_retries_for_minutes(self) -> None:
        retried = {
            error
            for state in load_definition()["States"].values()
            for retrier in state.get("Retry", ())
            if retrier["MaxAttempts"] > 5
            for error in retrier["ErrorEquals"]
        }
        assert retried <= BUSY_ERRORS


class TestReport:
    @pytest.mark.parametrize(("order", "execution", "problem"), REPORTED)
    def test_what_only_people_can_put_right_is_reported(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        order: Order,
        execution: str | None,
        problem: Problem,
    ) -> None:
        stored(store, order)
        if execution:
            workflow.failed(order, status=execution)

        result = reconciler.reconcile()

        assert result.reported == [Finding.of(order, problem)]
        assert (result.repaired, result.checked, result.unchecked) == ([], 1, 0)
        (alert,) = alerts
        assert EXPLANATIONS[problem] in alert["Message"]
        assert f"- {order.order_id} ({order.status})" in alert["Message"]
        reported = store.get(order.order_id)
        assert reported.model_copy(update={"report": None}) == order

    def test_an_unsolved_problem_is_reported_once_a_day(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
    ) -> None:
        order = stored(store, still())
        workflow.running(order)
        reconciler.reconcile()

        assert found(reconciler.reconcile().reported) == {order.order_id: P.NO_PROGRESS}
        assert len(alerts) == 1

        report = Report(problem=P.NO_PROGRESS, at=iso(NOW - A_DAY))
        store.record_report(order.order_id, report)
        reconciler.reconcile()
        assert len(alerts) == 2

    def test_another_problem_of_the_same_order_is_reported_at_once(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
    ) -> None:
        order = stored(store, still())
        workflow.running(order)
        reconciler.reconcile()
        workflow.failed(order, status="SUCCEEDED")

        reconciler.reconcile()

        assert len(alerts) == 2
        report = store.get(order.order_id).report
        assert report is not None
        assert report.problem == P.EXECUTION_SUCCEEDED

    def test_all_that_is_new_comes_in_one_alert(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        topic_arn: str,
    ) -> None:
        for _ in range(3):
            workflow.running(stored(store, still()))
        stored(store, still(execution_arn=None))

        reconciler.reconcile()

        (alert,) = alerts
        assert alert["TopicArn"] == topic_arn
        assert alert["Subject"] == "Grocery orders: 4 things need a look"
        assert alert["Message"].count("(MATCHED)") == 4

    def test_a_report_that_failed_is_sent_by_the_next_run(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        order = stored(store, still())
        workflow.running(order)

        def fail(**_: Any) -> None:
            raise client_error("InternalError", 500)

        with monkeypatch.context() as outage:
            outage.setattr(aws.sns(), "publish", fail)
            with pytest.raises(NotificationUnavailable):
                reconciler.reconcile()
        assert store.get(order.order_id).report is None

        reconciler.reconcile()
        assert len(alerts) == 1

    def test_the_text_names_some_of_many_and_counts_the_rest(self) -> None:
        findings = [
            Finding(subject="paystack", problem=P.BREAKER_FORCED),
            *[
                Finding(subject=f"o-{number}", problem=P.NO_PROGRESS, status=S.MATCHED)
                for number in range(23)
            ],
        ]

        assert report_text(findings, "test").splitlines() == [
            EXPLANATIONS[P.NO_PROGRESS],
            *[f"- o-{number} (MATCHED)" for number in range(20)],
            "- and 3 more",
            "",
            EXPLANATIONS[P.BREAKER_FORCED],
            "- paystack",
            "",
            "To look at an order: orders show ORDER_ID --stage test",
            "At all that failed or is parked: orders failed --stage test",
            "At the breakers: orders breakers show --stage test",
        ]

    def test_neither_alert_nor_log_tells_of_the_customer(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        log_output: io.StringIO,
    ) -> None:
        for order in (still(), still(execution_arn=None), a_paid_order()):
            workflow.running(stored(store, order)) if order.execution_arn else stored(store, order)
        store._table.put_item(Item=store._item(still()) | {"version": f"for {CUSTOMER_EMAIL}"})

        reconciler.reconcile()

        output = alerts[0]["Message"] + log_output.getvalue()
        for private in (CUSTOMER_EMAIL, CUSTOMER_NAME, "token-1"):
            assert private not in output


class TestDryRun:
    def test_it_shows_what_would_be_done_and_does_nothing(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        breakers_table: Table,
        alerts: list[dict[str, Any]],
        log_output: io.StringIO,
    ) -> None:
        breaker(breakers_table, mode=Mode.FORCED_CLOSED, remindAt=ms(ago(minutes=1)))
        failed, waiting, paid, lost = orders = [
            still(), parked_order(at=AN_HOUR_AGO), a_paid_order(), still(execution_arn=None)
        ]  # fmt: skip
        for order in orders:
            stored(store, order)
        workflow.failed(failed)
        workflow.running(waiting)
        workflow.running(paid)
        unwritten = workflow.add(Run(an_order_id()))
        item = breakers_table.get_item(Key={"provider": "paystack"})["Item"]

        result = reconciler.reconcile(dry_run=True)

        assert found(result.repaired) == {
            failed.order_id: P.MISSED_FAILURE,
            unwritten.name: P.MISSED_FAILURE,
            waiting.order_id: P.MISSED_RESUMPTION,
            paid.order_id: P.UNANSWERED_PAYMENT,
        }
        assert len(result.repaired) == 4
        assert found(result.reported) == {
            lost.order_id: P.NO_EXECUTION,
            "paystack": P.BREAKER_FORCED,
        }
        assert [store.get(order.order_id) for order in orders] == orders
        assert breakers_table.get_item(Key={"provider": "paystack"})["Item"] == item
        assert workflow.asked("SendTaskSuccess") == []
        assert alerts == []
        assert "audit" not in log_output.getvalue()


class TestForcedBreakers:
    @pytest.mark.parametrize("mode", [Mode.FORCED_OPEN, Mode.FORCED_CLOSED])
    def test_operations_are_reminded_after_an_hour_and_then_once_a_day(
        self, breakers_table: Table, mode: Mode
    ) -> None:
        breaker(breakers_table, mode=mode)
        forced = ForcedBreakers(breakers_table)
        start = datetime.now(UTC)

        def is_due(after: timedelta) -> bool:
            return forced.is_due("paystack", start + after, take_note=True)

        assert not is_due(timedelta())
        assert not is_due(FIRST_REMINDER - timedelta(minutes=1))
        assert is_due(FIRST_REMINDER)
        forced.reminded("paystack", start + FIRST_REMINDER)
        assert not is_due(FIRST_REMINDER + NEXT_REMINDER - timedelta(minutes=1))
        assert is_due(FIRST_REMINDER + NEXT_REMINDER)

    def test_the_next_time_it_is_forced_the_hour_begins_anew(self, breakers_table: Table) -> None:
        breakers, forced = DynamoBreakerStore(breakers_table), ForcedBreakers(breakers_table)
        now = datetime.now(UTC)
        breaker(breakers_table, mode=Mode.FORCED_OPEN, remindAt=ms(now))

        breakers.force("paystack", Mode.AUTO, "over", "ops")
        assert not forced.is_due("paystack", now, take_note=True)
        breakers.force("paystack", Mode.FORCED_OPEN, "again", "ops")

        assert not forced.is_due("paystack", now, take_note=True)
        assert forced.is_due("paystack", now + FIRST_REMINDER, take_note=True)

    def test_without_taking_note_nothing_is_written(self, breakers_table: Table) -> None:
        breaker(breakers_table, mode=Mode.FORCED_OPEN)

        assert not ForcedBreakers(breakers_table).is_due("paystack", ago(), take_note=False)
        assert "remindAt" not in breakers_table.get_item(Key={"provider": "paystack"})["Item"]

    def test_a_breaker_without_an_item_gets_none(self, breakers_table: Table) -> None:
        assert not ForcedBreakers(breakers_table).is_due("bedrock", ago(), take_note=True)
        assert breakers_table.scan()["Items"] == []

    def test_the_reconciler_reminds_and_notes_that_it_did(
        self, reconciler: Reconciler, breakers_table: Table, alerts: list[dict[str, Any]]
    ) -> None:
        breaker(breakers_table, mode=Mode.FORCED_OPEN, remindAt=ms(ago(minutes=1)))

        result = reconciler.reconcile()

        assert result.reported == [Finding(subject="paystack", problem=P.BREAKER_FORCED)]
        assert alerts[0]["Subject"] == "Grocery orders: 1 thing needs a look"
        assert reconciler.reconcile() == Reconciliation()
        assert len(alerts) == 1


class TestBounds:
    def test_a_run_asks_about_some_orders_those_first_that_were_not_reported(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(reconciliation, "MAX_CHECKS", 2)
        orders = [stored(store, still(created_at=iso(ago(hours=9 - n)))) for n in range(5)]
        for order in orders:
            workflow.running(order)

        runs = [reconciler.reconcile() for _ in range(3)]

        assert [found(run.reported).keys() for run in runs[:2]] == [
            {orders[0].order_id, orders[1].order_id},
            {orders[2].order_id, orders[3].order_id},
        ]
        assert orders[4].order_id in found(runs[2].reported)
        assert [(run.checked, run.unchecked) for run in runs] == [(2, 3)] * 3

    def test_one_order_that_makes_trouble_does_not_stop_the_others(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        workflow: Workflow,
        log_output: io.StringIO,
    ) -> None:
        orders = [stored(store, a_paid_order(task_token=f"token-{n}")) for n in range(3)]
        for order in orders:
            workflow.running(order)
        workflow.waiting.update(["token-0", "token-2"])
        answer = workflow._SendTaskSuccess

        def answer_or_fail(given: dict[str, Any]) -> dict[str, Any]:
            if given["taskToken"] == "token-1":
                raise client_error("AccessDeniedException")
            return answer(given)

        workflow._SendTaskSuccess = answer_or_fail  # type: ignore[method-assign]

        result = reconciler.reconcile()

        assert found(result.repaired).keys() == {orders[0].order_id, orders[2].order_id}
        assert result.unchecked == 1
        assert orders[1].order_id in log_output.getvalue()

    def test_a_record_that_can_not_be_read_hides_no_other(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow, log_output: io.StringIO
    ) -> None:
        broken = still(created_at=iso(ago(hours=3)))
        store._table.put_item(Item=store._item(broken) | {"version": "two"})
        order = stored(store, still())
        workflow.running(order)

        result = reconciler.reconcile()

        assert found(result.reported) == {order.order_id: P.NO_PROGRESS}
        assert result.unchecked == 1
        assert broken.order_id in log_output.getvalue()

    def test_when_step_functions_is_out_the_run_gives_up_soon(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        for _ in range(10):
            workflow.running(stored(store, still()))
        workflow.errors["DescribeExecution"] = client_error("ThrottlingException")

        result = reconciler.reconcile()

        assert len(workflow.asked("DescribeExecution")) == 5
        assert (result.repaired, result.reported) == ([], [])
        assert result.unchecked == 10 + len(ProviderName)

    def test_executions_that_can_not_be_listed_do_not_hide_orders(
        self, reconciler: Reconciler, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, still(execution_arn=None))
        workflow.errors["ListExecutions"] = client_error("ThrottlingException")

        result = reconciler.reconcile()

        assert found(result.reported) == {order.order_id: P.NO_EXECUTION}
        assert result.unchecked == 1

    def test_without_the_orders_the_run_fails(
        self, reconciler: Reconciler, store: OrderStore, fail_calls: FailCalls
    ) -> None:
        fail_calls(store._table.meta.client, "Query", client_error("InternalServerError", 500))

        with pytest.raises(StoreUnavailable):
            reconciler.reconcile()


def test_each_repair_is_audited(
    reconciler: Reconciler, store: OrderStore, workflow: Workflow, log_output: io.StringIO
) -> None:
    order = stored(store, still())
    run = workflow.failed(order)

    reconciler.reconcile()

    (entry,) = [
        line["audit"] for line in map(json.loads, log_output.getvalue().splitlines())
        if line["message"] == "audit"
    ]  # fmt: skip
    assert entry["actor"] == "reconcile_orders"
    assert entry["action"] == "repaired missed-failure"
    assert entry["subject"] == order.order_id
    assert entry["details"] == {"status": "MATCHED", "executionArn": run.arn}


def test_every_problem_is_explained() -> None:
    assert EXPLANATIONS.keys() == set(Problem)


def _with(reconciler: Reconciler, **changes: Any) -> Reconciler:
    return Reconciler(**{**vars(reconciler), **changes})


class TestLinksWithoutAnyCheck:
    """Links that were made before links were checked."""

    OPEN = (S.PAYMENT_INITIATED, S.FAILED, S.PAYMENT_DELAYED, S.NEEDS_ATTENTION)

    @pytest.mark.parametrize("status", OPEN)
    def test_their_checks_are_due_at_once(
        self, reconciler: Reconciler, store: OrderStore, status: OrderStatus
    ) -> None:
        order = stored(store, still(an_order, status=status, task_token="t", link_checks=0))

        assert reconciler.reconcile().scheduled == 1

        assert list(store.with_link_check_due(datetime.now(UTC))) == [order.order_id]
        assert store.get(order.order_id).link_check_at is not None
        assert reconciler.reconcile().scheduled == 0

    @pytest.mark.parametrize(
        "changes",
        [
            {"payment_reference": None},
            {"payment": a_payment(), "task_token": None},
            {"link_checks": 1},
            {"link_check_at": iso(ago(minutes=1))},
            *({"status": status} for status in sorted(CLOSED)),
        ],
        ids=",".join,
    )
    def test_others_are_left_as_they_are(
        self, reconciler: Reconciler, store: OrderStore, changes: dict[str, Any]
    ) -> None:
        stored(store, still(an_order, **{"task_token": "t", "link_checks": 0} | changes))

        assert reconciler.reconcile().scheduled == 0

        assert list(store.with_link_check_due(datetime.now(UTC))) == []

    def test_a_dry_run_counts_them(self, reconciler: Reconciler, store: OrderStore) -> None:
        stored(store, still(an_order, task_token="t", link_checks=0))

        assert reconciler.reconcile(dry_run=True).scheduled == 1

        assert list(store.with_link_check_due(datetime.now(UTC))) == []

    def test_a_run_schedules_a_bounded_number_and_reads_no_order_more_for_it(
        self,
        reconciler: Reconciler,
        store: OrderStore,
        monkeypatch: pytest.MonkeyPatch,
        record_calls: RecordCalls,
    ) -> None:
        monkeypatch.setattr(stuck_orders, "MAX_SCHEDULED", 2)
        for _ in range(3):
            stored(store, still(an_order, task_token="t", link_checks=0))
        client = store._table.meta.client
        reads = [record_calls(client, operation) for operation in ("Query", "GetItem", "Scan")]

        assert reconciler.reconcile().scheduled == 2
        first = [len(calls) for calls in reads]
        assert reconciler.reconcile().scheduled == 1
        assert reconciler.reconcile().scheduled == 0

        assert [len(calls) for calls in reads] == [3 * number for number in first]

    def test_an_order_that_cant_be_scheduled_leaves_the_others(
        self, reconciler: Reconciler, store: OrderStore, fail_calls: FailCalls
    ) -> None:
        stored(store, still(an_order, task_token="t", link_checks=0))
        fail_calls(store._table.meta.client, "UpdateItem", client_error("ThrottlingException"))

        assert reconciler.reconcile().unchecked == 1
