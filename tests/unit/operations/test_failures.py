"""What a failed execution does: to its order, and to operations staff."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from orderflow.clock import iso
from orderflow.errors import NotificationUnavailable, StoreUnavailable
from orderflow.operations.failures import FailureOutcome, FailureRecorder
from orderflow.orders.model import Failure, Order
from orderflow.orders.status import CLOSED, PREDECESSORS, OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.platform.alerts import SnsAlerts
from orderflow.platform.privacy import without_personal_data
from orderflow.workflow.executions import console_link, reported
from tests.support.factories import (
    CUSTOMER_EMAIL,
    CUSTOMER_NAME,
    GROCERY_LIST,
    a_matched_order,
    a_new_order,
    a_payment,
    an_order,
    an_order_id,
    client_error,
    requested_line,
    stored,
)
from tests.support.workflow_runs import AN_HOUR_AGO, Run, Workflow, arn_of, order_input
from tests.unit.conftest import FailCalls, RecordCalls

S = OrderStatus


@pytest.fixture
def workflow(account: None) -> Iterator[Workflow]:
    with Workflow().behind_client() as workflow:
        yield workflow


@pytest.fixture
def alerts(record_calls: RecordCalls) -> list[dict[str, Any]]:
    """What was published to operations."""
    return record_calls(aws.sns(), "Publish")


@pytest.fixture
def recorder(
    store: OrderStore, topic_arn: str, workflow: Workflow, alerts: list[dict[str, Any]]
) -> FailureRecorder:
    return FailureRecorder(store, aws.step_functions(), SnsAlerts(aws.sns(), topic_arn), "test")


def failures_in(order: Order) -> int:
    return sum(change.status is S.FAILED for change in order.history)


class TestOrder:
    @pytest.mark.parametrize("status", sorted(PREDECESSORS[S.FAILED] - {S.FAILED}))
    def test_an_open_order_is_marked_with_what_is_known(
        self, recorder: FailureRecorder, store: OrderStore, workflow: Workflow, status: S
    ) -> None:
        order = stored(store, an_order(status=status, task_token="token-1"))
        run = workflow.failed(order)

        assert recorder.record(run.arn) is FailureOutcome.RECORDED

        failed = store.get(order.order_id)
        assert failed.status is S.FAILED
        assert failed.failure == Failure(
            error="KeyError",
            state="MatchProducts",
            execution_arn=run.arn,
            at=iso(AN_HOUR_AGO),
            count=1,
        )
        assert failed.task_token is None
        assert failures_in(failed) == 1

    @pytest.mark.parametrize("status", ["TIMED_OUT", "ABORTED"])
    def test_an_end_without_an_error_is_called_by_its_kind(
        self, recorder: FailureRecorder, store: OrderStore, workflow: Workflow, status: str
    ) -> None:
        order = stored(store, a_new_order())
        workflow.failed(order, status=status, error=None, cause=None)

        recorder.record(order.execution_arn or "")

        failure = store.get(order.order_id).failure
        assert failure is not None
        assert failure.error == status

    @pytest.mark.parametrize(
        ("order", "says", "says_not"),
        [
            (a_matched_order, "Nothing was charged.", "payment"),
            (an_order, "Nothing was charged, unless you have already paid", "recorded"),
            (
                lambda **changes: an_order(payment=a_payment(), **changes),
                "Your payment is recorded",
                "Nothing was charged",
            ),
        ],
    )
    def test_the_customer_reads_what_is_true_of_their_money(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        order: Callable[..., Order],
        says: str,
        says_not: str,
    ) -> None:
        run = workflow.failed(stored(store, order(order_id="o-1")))

        recorder.record(run.arn)

        failed = store.get("o-1")
        reason = failed.status_reason or ""
        assert "Your order is kept" in reason
        assert says in reason
        assert says_not not in reason
        assert failed.history[-1].reason == reason

    def test_the_order_is_named_by_the_input_not_by_the_executions_name(
        self, recorder: FailureRecorder, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, a_new_order(execution_arn=arn_of("started-by-hand")))
        workflow.failed(order, input=order_input(order.order_id))

        assert recorder.record(arn_of("started-by-hand")) is FailureOutcome.RECORDED
        assert store.get(order.order_id).status is S.FAILED


class TestNothingToRecord:
    @pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED", "PENDING_REDRIVE"])
    def test_an_execution_that_goes_on_or_ended_well_meanwhile(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        status: str,
    ) -> None:
        order = stored(store, an_order())
        run = workflow.failed(order, status=status)

        assert recorder.record(run.arn) is FailureOutcome.NOT_FAILED

        assert store.get(order.order_id) == order
        assert alerts == []

    def test_an_execution_that_step_functions_has_forgotten(
        self, recorder: FailureRecorder, alerts: list[dict[str, Any]]
    ) -> None:
        assert recorder.record(arn_of("o-1")) is FailureOutcome.NOT_FAILED
        assert alerts == []

    def test_an_execution_that_a_restart_has_replaced(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
    ) -> None:
        order = stored(store, an_order(order_id="o-1", execution_arn=arn_of("o-1.2")))
        workflow.add(Run("o-1"))

        assert recorder.record(arn_of("o-1")) is FailureOutcome.REPLACED

        assert store.get("o-1") == order
        assert alerts == []

    def test_an_execution_that_was_started_by_hand_for_an_order_which_has_one(
        self, recorder: FailureRecorder, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, an_order(order_id="o-1"))
        run = workflow.add(Run("by-hand", input=order_input("o-1")))

        assert recorder.record(run.arn) is FailureOutcome.REPLACED
        assert store.get("o-1") == order

    @pytest.mark.parametrize("status", sorted(CLOSED))
    def test_an_order_that_has_ended_stays_as_it_is(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        status: S,
    ) -> None:
        order = stored(store, an_order(status=status))
        run = workflow.failed(order)

        assert recorder.record(run.arn) is FailureOutcome.CLOSED

        assert store.get(order.order_id) == order
        assert alerts == []

    @pytest.mark.parametrize(("end", "is_logged"), [("ABORTED", False), ("FAILED", True)])
    def test_a_fault_after_an_orders_end_is_logged_and_its_cancellation_is_not(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        log_output: io.StringIO,
        end: str,
        is_logged: bool,
    ) -> None:
        order = stored(store, an_order(status=S.CANCELLED))

        recorder.record(workflow.failed(order, status=end).arn)

        assert (order.order_id in log_output.getvalue()) is is_logged

    @pytest.mark.parametrize("text", ["{}", "[]", "null", "7", '{"orderId": ""}', "no JSON"])
    def test_an_execution_that_was_never_an_orders(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        text: str,
    ) -> None:
        run = workflow.add(Run("by-hand", input=text))

        assert recorder.record(run.arn) is FailureOutcome.NO_ORDER

        assert store.newest(None, 10) == []
        assert alerts == []


class TestEvent:
    """An event is the evidence: a description may be older, or missing."""

    def test_a_description_that_still_says_running_does_not_drop_the_only_event(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
    ) -> None:
        order = stored(store, an_order())
        ended = Run(order.order_id, error="KeyError")
        workflow.running(order)

        outcome = recorder.record_reported(reported(ended.event_detail()))

        assert outcome is FailureOutcome.RECORDED
        failure = store.get(order.order_id).failure
        assert failure is not None
        assert (failure.error, failure.at) == ("KeyError", AN_HOUR_AGO)
        assert len(alerts) == 1

    def test_the_description_that_follows_is_the_same_failure(
        self, recorder: FailureRecorder, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, an_order())
        run = Run(order.order_id)
        workflow.running(order)
        recorder.record_reported(reported(run.event_detail()))
        workflow.add(run)

        assert recorder.record_reported(reported(run.event_detail())) is FailureOutcome.REPEATED
        assert recorder.record(run.arn) is FailureOutcome.REPEATED
        assert failures_in(store.get(order.order_id)) == 1

    @pytest.mark.usefixtures("workflow")
    def test_an_execution_that_is_not_described_yet_is_recorded_from_its_event(
        self, recorder: FailureRecorder, store: OrderStore
    ) -> None:
        order_id = an_order_id()

        outcome = recorder.record_reported(reported(Run(order_id).event_detail()))

        assert outcome is FailureOutcome.RECORDED
        assert store.get(order_id).grocery_list == GROCERY_LIST

    def test_an_event_without_its_input_takes_the_description_s(
        self, recorder: FailureRecorder, store: OrderStore, workflow: Workflow
    ) -> None:
        order_id = an_order_id()
        ended = Run(order_id)
        workflow.add(Run(order_id, status="RUNNING", error=None, cause=None))

        outcome = recorder.record_reported(reported(ended.event_detail() | {"input": None}))

        assert outcome is FailureOutcome.RECORDED
        assert store.get(order_id).grocery_list == GROCERY_LIST

    @pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED", "PENDING_REDRIVE"])
    def test_an_execution_that_was_redriven_since_is_skipped(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        status: str,
    ) -> None:
        order = stored(store, an_order())
        ended = Run(order.order_id)
        workflow.failed(order, status=status, redrive_count=1)

        outcome = recorder.record_reported(reported(ended.event_detail()))

        assert outcome is FailureOutcome.NOT_FAILED
        assert store.get(order.order_id) == order
        assert alerts == []

    def test_a_description_of_the_end_before_a_redrive_gives_way_to_the_event(
        self, recorder: FailureRecorder, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, an_order())
        first = workflow.failed(order)
        recorder.record(first.arn)
        later = AN_HOUR_AGO + timedelta(minutes=5)
        second = Run(order.order_id, stopped=later, redrive_count=1)

        assert recorder.record_reported(reported(second.event_detail())) is FailureOutcome.RECORDED

        failure = store.get(order.order_id).failure
        assert failure is not None
        assert (failure.at, failure.count) == (later, 2)

    def test_a_late_event_of_an_earlier_end_records_the_latest(
        self, recorder: FailureRecorder, store: OrderStore, workflow: Workflow
    ) -> None:
        order = stored(store, an_order())
        later = AN_HOUR_AGO + timedelta(minutes=5)
        workflow.failed(order, stopped=later, redrive_count=1)

        recorder.record_reported(reported(Run(order.order_id).event_detail()))

        failure = store.get(order.order_id).failure
        assert failure is not None
        assert failure.at == later


class TestRestart:
    def test_one_that_broke_before_it_could_take_the_order_over_is_recorded(
        self, recorder: FailureRecorder, store: OrderStore, workflow: Workflow
    ) -> None:
        stored(store, a_new_order(order_id="o-1"))
        workflow.add(Run("o-1"))
        recorder.record(arn_of("o-1"))
        workflow.add(Run("o-1.2", stopped=AN_HOUR_AGO + timedelta(minutes=5)))

        assert recorder.record(arn_of("o-1.2")) is FailureOutcome.RECORDED

        order = store.get("o-1")
        assert order.execution_arn == arn_of("o-1.2")
        assert order.failure is not None
        assert (order.failure.execution_arn, order.failure.count) == (arn_of("o-1.2"), 2)
        assert recorder.record(arn_of("o-1")) is FailureOutcome.REPLACED

    def test_a_redriven_execution_that_fails_again_is_another_failure(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
    ) -> None:
        run = workflow.failed(stored(store, an_order(order_id="o-1")))
        recorder.record(run.arn)
        run.stopped += timedelta(minutes=5)

        assert recorder.record(run.arn) is FailureOutcome.RECORDED

        order = store.get("o-1")
        assert order.failure is not None
        assert order.failure.count == 2
        assert failures_in(order) == 2
        assert "Failures of this order so far: 2" in alerts[1]["Message"]


def test_an_alert_about_throttling_says_that_the_order_goes_on_by_itself(
    recorder: FailureRecorder,
    store: OrderStore,
    workflow: Workflow,
    alerts: list[dict[str, Any]],
) -> None:
    order = stored(store, a_matched_order())

    recorder.record(workflow.failed(order, error="Lambda.TooManyRequestsException").arn)

    assert "The reconciler starts it again in 15 to 20 minutes." in alerts[0]["Message"]
    assert f"orders replay --order {order.order_id}" in alerts[0]["Message"]


class TestMissingRecord:
    def test_the_order_is_written_now_so_that_nothing_is_lost(
        self, recorder: FailureRecorder, store: OrderStore, workflow: Workflow
    ) -> None:
        order_id = an_order_id()
        run = workflow.add(Run(order_id, states=("ParseOrder",)))

        assert recorder.record(run.arn) is FailureOutcome.RECORDED

        (order,) = store.with_status(S.FAILED)
        assert order.order_id == order_id
        assert order.execution_arn == run.arn
        assert order.customer_email == CUSTOMER_EMAIL
        assert order.grocery_list == GROCERY_LIST
        assert order.failure is not None
        assert order.failure.state == "ParseOrder"

    def test_a_customer_may_be_without_a_name(
        self, recorder: FailureRecorder, store: OrderStore, workflow: Workflow
    ) -> None:
        workflow.add(Run("o-1", input=order_input("o-1", customerName=None)))

        assert recorder.record(arn_of("o-1")) is FailureOutcome.RECORDED
        assert store.get("o-1").customer_name is None


class TestAlert:
    def test_operations_learn_what_failed_where_and_what_helps(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        topic_arn: str,
    ) -> None:
        order = stored(store, a_matched_order())
        run = workflow.failed(order)

        recorder.record(run.arn)

        (alert,) = alerts
        assert alert["TopicArn"] == topic_arn
        assert alert["Message"].splitlines() == [
            "The execution of an order ended without success. The order is kept, as FAILED.",
            "",
            f"Order: {order.order_id}",
            "Execution: FAILED",
            "Error: KeyError",
            "State: MatchProducts",
            "Cause: 'unitPriceKobo'",
            "Failures of this order so far: 1",
            "Payment: none so far",
            "",
            "Look at it:",
            console_link(run.arn),
            "",
            "Once the cause is mended:",
            f"orders replay --order {order.order_id} --stage test",
        ]

    @pytest.mark.parametrize(
        ("verified_at", "doubt"),
        [("2026-01-31T12:00:01.000Z", ""), (None, ", not confirmed by PayStack yet")],
    )
    def test_a_payment_on_the_order_is_pointed_out(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        verified_at: str | None,
        doubt: str,
    ) -> None:
        payment = a_payment("o-1-1", amount_kobo=240_100, verified_at=verified_at)
        order = stored(store, an_order(payment=payment))

        recorder.record(workflow.failed(order).arn)

        assert f"THE CUSTOMER HAS PAID ₦2,401.00 (reference o-1-1{doubt})" in alerts[0]["Message"]

    @pytest.mark.parametrize(
        ("cause", "quoted"),
        [
            (None, "not known"),
            ("plain words", "plain words"),
            ('{"other": 1}', '{"other": 1}'),
            ("[1]", "[1]"),
            ("x" * 501, "x" * 500),
        ],
    )
    def test_a_cause_of_any_kind_is_quoted_up_to_its_500th_character(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        cause: str | None,
        quoted: str,
    ) -> None:
        recorder.record(workflow.failed(stored(store, an_order()), cause=cause, states=()).arn)

        lines = alerts[0]["Message"].splitlines()
        assert f"Cause: {quoted}" in lines
        assert "State: not known" in lines

    def test_neither_alert_nor_log_tells_of_the_customer(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        log_output: io.StringIO,
    ) -> None:
        said = f"{CUSTOMER_NAME} <{CUSTOMER_EMAIL}> wants {GROCERY_LIST!r}; 2 kg rice is no number"
        for order in (an_order(), an_order(status=S.EXPIRED)):
            cause = json.dumps({"errorMessage": said, "errorType": "ValueError"})
            recorder.record(workflow.failed(stored(store, order), cause=cause).arn)
        recorder.record(workflow.add(Run("x", input='{"customerEmail": "a@b.example"}')).arn)

        output = alerts[0]["Message"] + log_output.getvalue()
        assert "is no number" in output
        for private in (CUSTOMER_EMAIL, "Ada", "Buyer", "2 kg rice", "groundnut", "a@b.example"):
            assert private not in output


class TestPrivacy:
    @pytest.mark.parametrize(
        ("text", "left"),
        [
            ("to other.person@mail.example: refused", "to [removed]: refused"),
            ("ADA BUYER and ada", "[removed] and [removed]"),
            ("an adapter of Canada", "an adapter of Canada"),
            ('{"list": "2 kg rice\\n1 l groundnut oil"}', '{"list": "[removed]"}'),
            ("1 l groundnut oil!", "[removed]!"),
            ("three eggs", "[removed]"),
            ("key 'totalKobo'", "key 'totalKobo'"),
        ],
    )
    def test_the_customers_words_are_taken_out(self, text: str, left: str) -> None:
        order = an_order(requested=[requested_line("eggs", text="three eggs")])

        assert without_personal_data(text, order.personal_texts()) == left

    def test_a_name_in_another_script_is_found_as_json_writes_it(self) -> None:
        order = an_order(customer_name="Ọlá Adébáyọ̀")

        for name in (json.dumps(order.customer_name), order.customer_name):
            left = without_personal_data(f"user {name}", order.personal_texts())
            assert left.replace('"', "") == "user [removed]"

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_any_name_and_list_can_be_looked_for(self, name: str, groceries: str) -> None:
        order = an_order(customer_name=name, grocery_list=groceries, requested=[])

        left = without_personal_data("KeyError: '~0~'", order.personal_texts())
        assert left.startswith(("KeyError", "[removed]"))


class TestRepetition:
    def test_the_same_event_twice_is_one_alert_and_one_entry(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
    ) -> None:
        run = workflow.failed(stored(store, an_order(order_id="o-1")))
        recorder.record(run.arn)
        once = store.get("o-1")

        assert recorder.record(run.arn) is FailureOutcome.REPEATED

        assert store.get("o-1") == once
        assert len(alerts) == 1

    def test_two_deliveries_at_the_same_time_are_one_alert_and_one_entry(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        order = stored(store, an_order(order_id="o-1"))
        run = workflow.failed(order)
        recorder.record(run.arn)
        reads = iter([order])
        get = store.get
        monkeypatch.setattr(store, "get", lambda order_id: next(reads, None) or get(order_id))

        assert recorder.record(run.arn) is FailureOutcome.REPEATED

        assert failures_in(store.get("o-1")) == 1
        assert len(alerts) == 1

    def test_an_order_that_ends_in_this_very_moment_stays_ended(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        order = an_order(order_id="o-1")
        ended = stored(store, order.model_copy(update={"status": S.CANCELLED}))
        reads = iter([order])
        get = store.get
        monkeypatch.setattr(store, "get", lambda order_id: next(reads, None) or get(order_id))

        assert recorder.record(workflow.failed(order).arn) is FailureOutcome.CLOSED

        assert store.get("o-1") == ended
        assert alerts == []


class TestPartialOutage:
    def test_without_sns_the_order_is_marked_and_the_repetition_alerts(
        self,
        store: OrderStore,
        workflow: Workflow,
        topic_arn: str,
        alerts: list[dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        run = workflow.failed(stored(store, an_order(order_id="o-1")))
        recorder = FailureRecorder(
            store, aws.step_functions(), SnsAlerts(aws.sns(), topic_arn), "test"
        )
        with monkeypatch.context() as outage:
            outage.setattr(aws.sns(), "publish", _raise(client_error("InternalError", 500)))
            with pytest.raises(NotificationUnavailable):
                recorder.record(run.arn)
        assert store.get("o-1").status is S.FAILED

        assert recorder.record(run.arn) is FailureOutcome.RECORDED

        assert failures_in(store.get("o-1")) == 1
        assert len(alerts) == 1
        assert recorder.record(run.arn) is FailureOutcome.REPEATED

    def test_an_alert_that_could_not_be_noted_is_repeated(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        run = workflow.failed(stored(store, an_order(order_id="o-1")))
        with monkeypatch.context() as outage:
            outage.setattr(store, "record_alerted", _raise(StoreUnavailable("out")))
            with pytest.raises(StoreUnavailable):
                recorder.record(run.arn)

        assert recorder.record(run.arn) is FailureOutcome.RECORDED
        assert len(alerts) == 2

    def test_without_dynamodb_no_alert_is_sent(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        alerts: list[dict[str, Any]],
        fail_calls: FailCalls,
    ) -> None:
        run = workflow.failed(stored(store, an_order()))
        fail_calls(store._table.meta.client, "UpdateItem", client_error("InternalServerError", 500))

        with pytest.raises(StoreUnavailable):
            recorder.record(run.arn)

        assert alerts == []

    @pytest.mark.parametrize("operation", ["DescribeExecution", "GetExecutionHistory"])
    @pytest.mark.parametrize(
        "error", [client_error("ThrottlingException"), ReadTimeoutError(endpoint_url="x")], ids=str
    )
    def test_without_step_functions_nothing_is_changed(
        self,
        recorder: FailureRecorder,
        store: OrderStore,
        workflow: Workflow,
        operation: str,
        error: Exception,
    ) -> None:
        order = stored(store, an_order())
        run = workflow.failed(order)
        workflow.errors[operation] = error

        with pytest.raises(type(error)):
            recorder.record(run.arn)

        assert store.get(order.order_id) == order


def _raise(error: Exception) -> Callable[..., None]:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


class TestStore:
    def test_only_the_failure_of_the_alert_is_recorded_as_alerted(self, store: OrderStore) -> None:
        first = Failure(error="KeyError", execution_arn="arn:x", at="2026-01-31T12:00:00.000Z")
        again = first.model_copy(update={"at": first.at + timedelta(hours=1), "count": 2})
        order = stored(store, an_order(order_id="o-1"))
        store.record_failure(order.order_id, first, "reason")
        store.record_alerted("o-1", first)
        assert store.get("o-1").alerted_at is not None

        store.record_failure("o-1", again, "reason")
        store.record_alerted("o-1", first)

        assert store.get("o-1").alerted_at is None
