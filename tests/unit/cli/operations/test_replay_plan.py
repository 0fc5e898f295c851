"""The planned action for an order's execution and its reason."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from orderflow.operations.replay_plan import (
    LOST,
    NEWER_DEFINITION,
    NO_REDRIVE,
    UNKNOWN,
    Action,
    Ended,
    Planner,
)
from orderflow.orders.intake import ExecutionInput, create_order
from orderflow.orders.model import Parked
from orderflow.orders.store import OrderStore
from orderflow.orders.submission import accept, read_submission
from orderflow.workflow.executions import execution_arn, parse_arn, run_name
from tests.support.factories import (
    STATE_MACHINE_ARN,
    a_matched_order,
    an_order,
    an_order_id,
    stored,
)
from tests.support.step_functions import EARLIER, NOW, FakeRun, StepFunctions


@pytest.fixture
def step_functions() -> StepFunctions:
    return StepFunctions()


def planner(step_functions: StepFunctions, store: OrderStore, **changes: Any) -> Planner:
    options: dict[str, Any] = {"offers_redrive": True, "restart": False}
    arn = changes.pop("state_machine_arn", STATE_MACHINE_ARN)
    return Planner(step_functions.client, store, arn, **options | changes)


def plan(
    step_functions: StepFunctions, store: OrderStore, run: FakeRun, **changes: Any
) -> tuple[Action, str]:
    """The plan for an order with only this execution."""
    stored(store, an_order(order_id=run.name, status="FAILED"))
    step_functions.add(run)
    step = planner(step_functions, store, **changes).plan(run.name)
    return step.action, step.why


def test_executions_that_ended_lately_are_found_wherever_they_are_listed(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    step_functions.add(
        FakeRun("quick-and-long-ago", stopped=3 * hour),
        FakeRun("quick", stopped=timedelta(minutes=10)),
        # Its start is the earliest, its end is not.
        FakeRun("waited-for-a-day", stopped=timedelta(minutes=5), took=day),
        FakeRun("older", stopped=4 * hour, took=2 * day),
        FakeRun("stopped", status="ABORTED", stopped=timedelta(minutes=7), took=3 * day),
    )

    found = planner(step_functions, store).ended([*Ended], NOW - hour)

    assert found == ["waited-for-a-day", "stopped", "quick"]


@pytest.mark.parametrize(("number", "name"), [(1, "a-b"), (2, "a-b.2"), (12, "a-b.12")])
def test_a_runs_name_is_the_orders_id_and_its_number(number: int, name: str) -> None:
    assert run_name("a-b", number) == name
    assert parse_arn(execution_arn(STATE_MACHINE_ARN, name)) == ("a-b", number)


def test_a_failure_under_the_current_definition_is_redriven(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    action, why = plan(step_functions, store, FakeRun("o"))

    assert (action, why) == (Action.REDRIVE, "each goes on where it broke")


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (FakeRun("o", definition=EARLIER), NEWER_DEFINITION),
        (FakeRun("o", redrive_status=None), NO_REDRIVE),
        (
            FakeRun("o", redrive_status="NOT_REDRIVABLE", stopped=timedelta(days=14, minutes=1)),
            "it ended more than 14 days ago",
        ),
        (
            FakeRun("o", redrive_status="NOT_REDRIVABLE", redrive_reason="Its history is too long"),
            "Its history is too long",
        ),
        (
            FakeRun("o", redrive_status="NOT_REDRIVABLE"),
            "Step Functions does not say why it can't be redriven",
        ),
    ],
)
def test_an_order_that_cannot_be_redriven_is_restarted_with_a_reason(
    step_functions: StepFunctions, store: OrderStore, run: FakeRun, why: str
) -> None:
    assert plan(step_functions, store, run) == (Action.RESTART, why)


def test_a_restart_can_be_requested(step_functions: StepFunctions, store: OrderStore) -> None:
    found = plan(step_functions, store, FakeRun("o"), restart=True)

    assert found == (Action.RESTART, "--restart was asked for")


def test_the_emulators_redrivable_status_is_ignored(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    assert plan(step_functions, store, FakeRun("o"), offers_redrive=False) == (
        Action.RESTART,
        NO_REDRIVE,
    )
    assert step_functions.calls["DescribeStateMachineForExecution"] == 0


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("RUNNING", "it is running"),
        ("PENDING_REDRIVE", "it is running"),
        ("SUCCEEDED", "its execution succeeded"),
    ],
)
def test_an_execution_that_did_not_fail_is_skipped(
    step_functions: StepFunctions, store: OrderStore, status: str, why: str
) -> None:
    assert plan(step_functions, store, FakeRun("o", status=status)) == (Action.SKIP, why)


def test_a_closed_order_is_skipped(step_functions: StepFunctions, store: OrderStore) -> None:
    stored(store, an_order(order_id="o", status="CANCELLED"))
    step_functions.add(FakeRun("o", status="ABORTED"))

    step = planner(step_functions, store).plan("o")

    assert (step.action, step.why) == (Action.SKIP, "the order is CANCELLED")


def test_a_parked_order_is_skipped(step_functions: StepFunctions, store: OrderStore) -> None:
    parked = Parked(task_token="t", provider="paystack", park_count=0, at="2026-01-31T12:00:00Z")
    stored(store, a_matched_order(order_id="o", status="PAYMENT_DELAYED", parked=parked))
    step_functions.add(FakeRun("o", status="RUNNING"))

    step = planner(step_functions, store).plan("o")

    assert (step.action, step.why) == (Action.SKIP, "it is parked: `orders resume` resumes it")


def test_the_latest_execution_counts_even_if_the_record_does_not_know_it_yet(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    stored(store, an_order(order_id="o", status="FAILED"))
    step_functions.add(FakeRun("o"), FakeRun("o.2"), FakeRun("o.3", status="RUNNING"))

    step = planner(step_functions, store).plan("o")

    assert (step.action, step.why) == (Action.SKIP, "it is running again already")
    assert step.run == 3


def test_a_restart_takes_the_number_after_the_highest(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    latest = FakeRun("o.2", definition=EARLIER)
    arn = execution_arn(STATE_MACHINE_ARN, "o.2")
    stored(store, an_order(order_id="o", status="FAILED", execution_arn=arn))
    step_functions.add(latest)  # replaces the first one

    step = planner(step_functions, store).plan("o")

    assert (step.action, step.run) == (Action.RESTART, 3)
    assert step.execution is not None
    assert step.execution.arn == arn


def test_an_order_whose_first_step_failed_before_its_record_was_written_is_replayed(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    step_functions.add(FakeRun("o"))

    assert planner(step_functions, store).plan("o").action is Action.REDRIVE


def test_an_unknown_order_is_skipped(step_functions: StepFunctions, store: OrderStore) -> None:
    planned = planner(step_functions, store)

    assert (planned.plan("no").action, planned.plan("no").why) == (Action.SKIP, UNKNOWN)
    assert planned.plan("no").run is None


@pytest.mark.parametrize("number", [1, 3])
def test_an_open_order_without_an_execution_is_restarted_from_its_record(
    step_functions: StepFunctions, store: OrderStore, number: int
) -> None:
    arn = execution_arn(STATE_MACHINE_ARN, run_name("old", number))
    order = stored(store, an_order(order_id="old", status="PAYMENT_INITIATED", execution_arn=arn))

    step = planner(step_functions, store).plan("old")

    assert (step.action, step.why, step.run) == (Action.RESTART, LOST, number + 1)
    assert step.execution_arn == arn
    assert order.customer_email not in repr(step)


def test_a_closed_order_without_an_execution_is_left_alone(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    stored(store, an_order(order_id="old", status="PAYMENT_COMPLETED"))

    step = planner(step_functions, store).plan("old")

    assert (step.action, step.why) == (Action.SKIP, "the order is PAYMENT_COMPLETED")


@pytest.mark.parametrize("more", [{}, {"review": True}, {"customerName": "Ada"}])
def test_a_lost_execution_gets_the_input_that_its_submission_gave(
    step_functions: StepFunctions, store: OrderStore, more: dict[str, Any]
) -> None:
    fields = {"customerEmail": "ada@example.com", "groceryList": "3 eggs\n1 loaf", **more}
    started: dict[str, Any] = {}

    class Sfn:
        def start_execution(self, **asked: Any) -> dict[str, str]:
            started.update(json.loads(asked["input"]))
            return {"executionArn": execution_arn(STATE_MACHINE_ARN, asked["name"])}

    accepted = accept(
        read_submission("a-customer", fields),
        Sfn(),  # type: ignore[arg-type]
        store,
        STATE_MACHINE_ARN,
        lambda *_: None,
    )
    create_order(ExecutionInput(**started, executionArn=accepted.execution_arn), store)

    given = json.loads(planner(step_functions, store).plan(accepted.order_id).input)

    assert ExecutionInput(**given, executionArn="") == ExecutionInput(**started, executionArn="")


def test_an_order_that_cannot_be_read_does_not_stop_the_others(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    order = stored(store, an_order(status="FAILED"))
    store._table.update_item(
        Key={"orderId": order.order_id},
        UpdateExpression="SET totalKobo = :x",
        ExpressionAttributeValues={":x": "lots"},
    )
    damaged = planner(step_functions, store).plan(order.order_id)
    step_functions.errors["DescribeExecution"] = "ThrottlingException"
    throttled = planner(step_functions, store).plan("o")

    assert (damaged.action, damaged.why) == (
        Action.BLOCKED,
        "it can't be looked at: its record is damaged",
    )
    assert (throttled.action, throttled.why) == (
        Action.BLOCKED,
        "it can't be looked at: ThrottlingException",
    )


def test_the_definition_is_read_once_for_executions_of_the_same_version(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    hour = timedelta(hours=1)
    step_functions.add(
        FakeRun("newest", stopped=1 * hour, updated=10 * hour),
        FakeRun("newer", stopped=9 * hour, updated=10 * hour),
        FakeRun("older", stopped=11 * hour, updated=99 * hour, definition=EARLIER),
        FakeRun("oldest", stopped=90 * hour, updated=99 * hour, definition=EARLIER),
    )
    planned = planner(step_functions, store)

    actions = [planned.plan(name).action for name in ("newest", "newer", "older", "oldest")]

    assert actions == [Action.REDRIVE, Action.REDRIVE, Action.RESTART, Action.RESTART]
    assert step_functions.calls["DescribeStateMachineForExecution"] == 2
    assert step_functions.calls["DescribeStateMachine"] == 1


def test_the_definition_is_read_again_for_later_executions(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    hour = timedelta(hours=1)
    step_functions.add(
        FakeRun("before", stopped=11 * hour, updated=99 * hour, definition=EARLIER),
        FakeRun("after", stopped=1 * hour, updated=10 * hour),
    )
    planned = planner(step_functions, store)

    assert planned.plan("before").action is Action.RESTART
    assert planned.plan("after").action is Action.REDRIVE


def test_the_definition_of_each_execution_is_read_right_after_an_update(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    updated = timedelta(hours=10)
    step_functions.add(
        FakeRun("newest", updated=updated),
        # Started half a minute after the update, with the old version.
        FakeRun(
            "late",
            stopped=updated - timedelta(minutes=1.5),
            updated=2 * updated,
            definition=EARLIER,
        ),
    )
    planned = planner(step_functions, store)

    assert planned.plan("newest").action is Action.REDRIVE
    assert planned.plan("late").action is Action.RESTART


def test_versions_that_run_side_by_side_are_distinguished(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    step_functions.add(
        FakeRun("a", version="2"),
        FakeRun("b", version="1", definition=EARLIER),
        FakeRun("c", version="2"),
        FakeRun("d", version="1", definition=EARLIER),
    )
    planned = planner(step_functions, store, state_machine_arn=f"{STATE_MACHINE_ARN}:live")

    actions = [planned.plan(name).action for name in "abcd"]

    assert actions == [Action.REDRIVE, Action.RESTART, Action.REDRIVE, Action.RESTART]
    assert step_functions.calls["DescribeStateMachineForExecution"] == 2


def test_ended_executions_are_found_as_orders_each_once(
    step_functions: StepFunctions, store: OrderStore
) -> None:
    step_functions.add(
        FakeRun("a", stopped=timedelta(minutes=3)),
        FakeRun("a.2", stopped=timedelta(minutes=1)),
        FakeRun("b", stopped=timedelta(minutes=2)),
        FakeRun("c", status="TIMED_OUT"),
        FakeRun("d", status="ABORTED"),
        FakeRun("e", status="SUCCEEDED"),
        FakeRun("f", stopped=timedelta(hours=3)),
    )
    planned = planner(step_functions, store)

    assert planned.ended([Ended.FAILED], NOW - timedelta(hours=1)) == ["a", "b"]
    assert planned.ended([Ended.FAILED], None) == ["a", "b", "f"]
    assert planned.ended(list(Ended), NOW - timedelta(hours=1)) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("arn", [STATE_MACHINE_ARN, f"{STATE_MACHINE_ARN}:live"])
def test_executions_of_other_stages_are_not_owned(
    step_functions: StepFunctions, store: OrderStore, arn: str
) -> None:
    planned = planner(step_functions, store, state_machine_arn=arn)

    assert planned.owns(execution_arn(STATE_MACHINE_ARN, an_order_id()))
    assert not planned.owns(execution_arn(f"{STATE_MACHINE_ARN}-prod", an_order_id()))
    assert not planned.owns("o")
