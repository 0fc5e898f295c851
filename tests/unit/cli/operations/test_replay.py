"""``orders replay`` against a Step Functions in memory."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest
import typer
from botocore.stub import Stubber

from orderflow.operations.replay_plan import Action, Step
from orderflow.operations.replayer import Replayer, ReplayOutcome
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.workflow.executions import Run, execution_arn
from scripts.cli.deployment import Deployment
from scripts.cli.operations import replay as module
from scripts.cli.operations.replay import plan_tables, replayer_of
from tests.support.factories import STATE_MACHINE_ARN, an_order, an_order_id, stored
from tests.support.screen import rendered
from tests.support.step_functions import EARLIER, NOW, FakeRun, StepFunctions
from tests.unit.cli.conftest import AUDIT_LOG_GROUP, URLS, Audited, MakeDeployment, Orders
from tests.unit.conftest import REGION


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.fixture
def failed_order(store: OrderStore, step_functions: StepFunctions) -> str:
    """An order whose execution failed a moment ago and can be redriven."""
    order_id = stored(store, an_order(status=OrderStatus.FAILED)).order_id
    step_functions.add(FakeRun(order_id))
    return order_id


def test_a_failed_order_is_redriven_and_a_second_time_nothing_happens(
    orders: Orders, operated: Deployment, step_functions: StepFunctions, failed_order: str
) -> None:
    first = orders("replay", "--order", failed_order, "--yes", "--json")
    second = orders("replay", "--order", failed_order, "--yes", "--json")

    assert (first.exit_code, second.exit_code) == (0, 0)
    answer = json.loads(first.stdout)
    assert answer["plan"] == [
        {
            "orderId": failed_order,
            "action": "redrive",
            "why": "each goes on where it broke",
            "run": 1,
            "executionArn": FakeRun(failed_order).arn,
            "executionStatus": "FAILED",
            "error": "KeyError",
        }
    ]
    assert answer["results"] == [{"orderId": failed_order, "outcome": "redriven", "note": None}]
    assert answer["summary"] == {"redriven": 1, "restarted": 0, "skipped": 0, "failed": 0}
    assert json.loads(second.stdout)["summary"]["skipped"] == 1
    assert [name for name, _ in step_functions.acts()] == ["RedriveExecution"]


def test_a_restart_is_a_new_execution_with_the_same_input_and_happens_once(
    orders: Orders,
    operated: Deployment,
    step_functions: StepFunctions,
    failed_order: str,
    audited: Audited,
) -> None:
    step_functions.add(FakeRun(failed_order, definition=EARLIER, input='{"orderId": "x", "n": 1}'))

    result = orders("replay", "--order", failed_order, "--yes")
    orders("replay", "--order", failed_order, "--yes")

    assert result.exit_code == 0
    assert "Restart 1 as ORDER.RUN: a newer definition is deployed" in result.stdout
    assert [line.split() for line in result.stdout.splitlines()][-4:] == [
        ["redriven", "0"],
        ["restarted", "1"],
        ["skipped", "0"],
        ["failed", "0"],
    ]
    assert step_functions.acts() == [
        (
            "StartExecution",
            {
                "stateMachineArn": f"{STATE_MACHINE_ARN}:live",
                "name": f"{failed_order}.2",
                "input": '{"orderId": "x", "n": 1}',
            },
        )
    ]
    assert audited() == [("restart", failed_order, "The execution is FAILED: KeyError.")]


def test_open_orders_without_an_execution_start_anew_from_their_records(
    orders: Orders,
    operated: Deployment,
    store: OrderStore,
    step_functions: StepFunctions,
    audited: Audited,
) -> None:
    """After the loss of the state machine; orders that run or have ended are left alone."""
    arn = execution_arn(STATE_MACHINE_ARN, "lost.2")
    lost = stored(
        store, an_order(order_id="lost", status="PAYMENT_INITIATED", execution_arn=arn, review=True)
    )
    stored(store, an_order(order_id="paid", status="PAYMENT_COMPLETED"))
    running = stored(store, an_order(status="PAYMENT_DELAYED"))
    step_functions.add(FakeRun(running.order_id, status="RUNNING"))

    result = orders("replay", "--lost", "--yes")

    assert result.exit_code == 0, result.output
    ((action, asked),) = step_functions.acts()
    assert (action, asked["name"]) == ("StartExecution", "lost.3")
    assert json.loads(asked["input"]) == {
        "orderId": "lost",
        "customerId": lost.customer_id,
        "customerEmail": lost.customer_email,
        "customerName": lost.customer_name,
        "groceryList": lost.grocery_list,
        "review": True,
    }
    assert lost.customer_email not in result.output
    cause = "Step Functions does not know the order's execution."
    assert audited() == [("restart", "lost", cause)]


def test_a_dry_run_shows_the_plan_and_stops_there(
    orders: Orders,
    operated: Deployment,
    step_functions: StepFunctions,
    failed_order: str,
    audited: Audited,
) -> None:
    shown = orders("replay", "--since", "1h", "--dry-run")
    answer = json.loads(orders("replay", "--since", "1h", "--dry-run", "--json").stdout)

    assert shown.exit_code == 0
    assert failed_order in shown.stdout
    assert "Outcome" not in shown.stdout
    assert (answer["plan"][0]["action"], answer["results"], answer["summary"]) == (
        "redrive",
        None,
        None,
    )
    assert step_functions.acts() == []
    assert audited() == []


def test_locally_a_restart_is_planned_because_there_is_no_redrive(
    orders: Orders,
    operated: Deployment,
    make_deployment: MakeDeployment,
    step_functions: StepFunctions,
    failed_order: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    local = make_deployment(stage="local", urls=URLS)
    monkeypatch.setattr(Deployment, "orders", operated.orders)
    monkeypatch.setattr(module, "connect", lambda _: local)

    result = orders("replay", "--order", failed_order, "--yes")

    assert "Restart 1 as ORDER.RUN: Step Functions here offers no redrive" in result.stdout
    assert [name for name, _ in step_functions.acts()] == ["StartExecution"]


@pytest.mark.parametrize("code", ["InvalidAction", "UnknownOperationException"])
def test_an_unsupported_redrive_becomes_a_restart_with_a_note(
    orders: Orders,
    operated: Deployment,
    step_functions: StepFunctions,
    failed_order: str,
    audited: Audited,
    code: str,
) -> None:
    step_functions.errors["RedriveExecution"] = code

    result = orders("replay", "--order", failed_order, "--yes")

    assert result.exit_code == 0
    assert f"{failed_order}: restarted: Step Functions here offers no redrive" in result.stderr
    assert f"{failed_order}.2" in step_functions.runs
    assert [(action, reason) for action, _, reason in audited()] == [
        ("redrive", "The execution is FAILED: KeyError."),
        ("redrive failed", code),
        ("restart", "The execution is FAILED: KeyError."),
    ]


def step_for(step_functions: StepFunctions, run: FakeRun, action: Action) -> Step:
    """A step whose plan is outdated."""
    step_functions.add(run)
    execution = Run.model_validate(step_functions.client.describe_execution(executionArn=run.arn))
    return Step(run.name, action, "why", execution)


def test_an_order_that_was_redriven_meanwhile_is_skipped(
    operated: Deployment, step_functions: StepFunctions
) -> None:
    run = FakeRun("o")
    step = step_for(step_functions, run, Action.REDRIVE)
    run.status = "RUNNING"

    result = replayer_of(operated).act(step)

    assert (result.outcome, result.note) == (
        ReplayOutcome.SKIPPED,
        "another replay is under way",
    )
    assert "o.2" not in step_functions.runs


@pytest.mark.parametrize("reason", ["Too old", None])
def test_an_order_that_is_no_longer_redrivable_is_restarted(
    operated: Deployment, step_functions: StepFunctions, reason: str | None
) -> None:
    run = FakeRun("o")
    step = step_for(step_functions, run, Action.REDRIVE)
    run.redrive_reason = reason
    step_functions.errors["RedriveExecution"] = "ExecutionNotRedrivable"

    result = replayer_of(operated).act(step)

    assert result.outcome is ReplayOutcome.RESTARTED
    assert result.note is not None
    assert (reason or "it can't be redriven any more") in result.note
    assert "o.2" in step_functions.runs


def test_an_order_that_was_restarted_meanwhile_is_skipped(
    operated: Deployment, step_functions: StepFunctions
) -> None:
    step = step_for(step_functions, FakeRun("o"), Action.RESTART)
    step_functions.add(FakeRun("o.2", status="RUNNING"))

    result = replayer_of(operated).act(step)

    assert (result.outcome, result.note) == (
        ReplayOutcome.SKIPPED,
        "it was restarted already",
    )


def test_two_redrives_of_the_same_failure_carry_the_same_token_and_later_ones_another(
    operated: Deployment, step_functions: StepFunctions
) -> None:
    run = FakeRun("o")
    step = step_for(step_functions, run, Action.REDRIVE)
    replayer = replayer_of(operated)
    replayer.act(step)
    replayer.act(step)
    run.status = "FAILED"
    replayer.act(step_for(step_functions, run, Action.REDRIVE))

    first, second, third = (params["clientToken"] for _, params in step_functions.acts())

    assert first == second != third


def test_a_redrive_request_fits_the_services_model(
    operated: Deployment, step_functions: StepFunctions, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = step_for(step_functions, FakeRun("o"), Action.REDRIVE)
    replayer = replayer_of(operated)
    client = boto3.client("stepfunctions", region_name=REGION)
    monkeypatch.setattr(replayer, "_sfn", client)
    token = "a1fe1eb8f6fdc3fa7e3d1d0a37b9f6c0"
    monkeypatch.setattr("orderflow.operations.replayer._client_token", lambda _: token)

    with Stubber(client) as stub:
        stub.add_response(
            "redrive_execution",
            {"redriveDate": NOW},
            {"executionArn": FakeRun("o").arn, "clientToken": token},
        )
        result = replayer.act(step)
        stub.assert_no_pending_responses()

    assert result.outcome is ReplayOutcome.REDRIVEN


def test_a_failed_replay_does_not_stop_the_others_and_sets_the_exit_code(
    orders: Orders, operated: Deployment, step_functions: StepFunctions
) -> None:
    step_functions.add(
        FakeRun("a", definition=EARLIER),
        FakeRun("b", version="1"),
        FakeRun("c", status="TIMED_OUT"),
    )
    step_functions.errors["StartExecution"] = "ExecutionLimitExceeded"

    result = orders("replay", "--since", "1h", "--yes", "--json")

    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    outcomes = {each["orderId"]: each["outcome"] for each in answer["results"]}
    assert outcomes == {"a": "failed", "b": "redriven", "c": "failed"}
    assert "ExecutionLimitExceeded" in answer["results"][0]["note"]


def test_a_redrive_that_is_refused_for_another_reason_is_not_restarted(
    orders: Orders, operated: Deployment, step_functions: StepFunctions, failed_order: str
) -> None:
    step_functions.errors["RedriveExecution"] = "AccessDeniedException"

    result = orders("replay", "--order", failed_order, "--yes")

    assert result.exit_code == 1
    assert f"error: {failed_order}: " in result.stderr
    assert "AccessDeniedException" in result.stderr
    assert f"{failed_order}.2" not in step_functions.runs


def test_an_order_that_cannot_be_read_counts_as_failed(
    orders: Orders, operated: Deployment, step_functions: StepFunctions, failed_order: str
) -> None:
    step_functions.errors["DescribeExecution"] = "ThrottlingException"

    result = orders("replay", "--order", failed_order, "--yes")
    dry = orders("replay", "--since", "1h", "--error", "KeyError", "--dry-run")

    assert (result.exit_code, dry.exit_code) == (1, 1)
    assert "Blocked 1: it can't be looked at: ThrottlingException" in dry.stdout
    assert f"error: {failed_order}: it can't be looked at" in result.stderr


def test_orders_are_selected_by_status_time_and_error(
    orders: Orders, operated: Deployment, step_functions: StepFunctions
) -> None:
    step_functions.add(
        FakeRun("a", error="KeyError"),
        FakeRun("b", error="StoreUnavailable"),
        FakeRun("c", status="TIMED_OUT", error="States.Timeout"),
        FakeRun("d", status="ABORTED", error=None),
        FakeRun("e", stopped=timedelta(hours=5)),
        FakeRun("f", status="SUCCEEDED"),
    )

    def chosen(*arguments: str) -> list[str]:
        result = orders("replay", *arguments, "--dry-run", "--json")
        return [step["orderId"] for step in json.loads(result.stdout)["plan"]]

    assert chosen("--status", "FAILED", "--since", "2h") == ["a", "b"]
    assert chosen("--status", "FAILED") == ["a", "b", "e"]
    assert chosen("--status", "TIMED_OUT", "--status", "ABORTED") == ["c", "d"]
    assert chosen("--since", "2h") == ["a", "b", "c", "d"]
    assert chosen("--error", "KeyError") == ["a", "e"]
    assert chosen("--execution", FakeRun("b").arn) == ["b"]


def test_orders_are_selected_by_the_latest_executions_error(
    orders: Orders, operated: Deployment, step_functions: StepFunctions
) -> None:
    step_functions.add(FakeRun("a", error="KeyError"), FakeRun("a.2", error="StoreUnavailable"))

    result = orders("replay", "--error", "KeyError", "--dry-run")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "There is nothing to replay.\n"


def test_no_summary_is_shown_without_replays(orders: Orders, operated: Deployment) -> None:
    result = orders("replay", "--since", "1h", "--yes")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "There is nothing to replay.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--dry-run"],
        ["--order", "o", "--since", "2h"],
        ["--order", "o", "--execution", FakeRun("o").arn],
        ["--execution", FakeRun("o").arn, "--status", "FAILED"],
    ],
)
def test_exactly_one_way_to_select_orders_is_required(orders: Orders, arguments: list[str]) -> None:
    result = orders("replay", *arguments)

    assert result.exit_code == 2
    assert "Say which orders" in result.stderr


def test_an_empty_id_is_refused(
    orders: Orders, operated: Deployment, step_functions: StepFunctions, failed_order: str
) -> None:
    for option in ("--order", "--execution"):
        assert orders("replay", option, "", "--yes").exit_code != 0
    assert step_functions.acts() == []


@pytest.mark.parametrize("option", ["--status", "--since", "--rate"])
def test_invalid_options_are_refused(orders: Orders, option: str) -> None:
    assert orders("replay", "--order", "o", option, "LOST").exit_code == 2


def test_an_unknown_order_is_not_found(orders: Orders, operated: Deployment) -> None:
    for arguments in (["--order", "nope"], ["--execution", FakeRun("nope").arn]):
        result = orders("replay", *arguments)

        assert result.exit_code == 4
        assert "There is no order nope" in result.stderr


def test_an_execution_of_another_stage_is_refused(orders: Orders, operated: Deployment) -> None:
    arn = FakeRun("o").arn.replace("grocery-orders", "grocery-prod-order")

    result = orders("replay", "--execution", arn)

    assert result.exit_code == 2
    assert "is not the ARN of an execution of this stage" in result.stderr


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records the questions; the user answers no."""
    asked: list[str] = []

    def refuse(question: str, **options: Any) -> None:
        assert options == {"abort": True, "err": True}
        asked.append(question)
        raise typer.Abort

    monkeypatch.setattr(module, "is_interactive", lambda: True)
    monkeypatch.setattr("typer.confirm", refuse)
    return asked


def test_a_replay_on_a_terminal_needs_a_confirmation(
    orders: Orders,
    operated: Deployment,
    step_functions: StepFunctions,
    failed_order: str,
    terminal: list[str],
) -> None:
    step_functions.add(FakeRun("b", definition=EARLIER, version="1"))

    result = orders("replay", "--since", "1h")

    assert terminal == ["Redrive 1 and restart 1 of stage dev?"]
    assert result.exit_code == 1
    assert step_functions.acts() == []


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_without_a_terminal_a_replay_needs_yes(
    orders: Orders,
    operated: Deployment,
    step_functions: StepFunctions,
    failed_order: str,
    form: list[str],
) -> None:
    result = orders("replay", "--order", failed_order, *form)

    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert step_functions.acts() == []


def test_no_confirmation_is_needed_with_yes_or_without_replays(
    orders: Orders, operated: Deployment, failed_order: str, terminal: list[str]
) -> None:
    assert orders("replay", "--order", failed_order, "--yes").exit_code == 0
    assert orders("replay", "--order", failed_order, "--yes").exit_code == 0  # it is running again
    assert terminal == []


def test_nothing_is_replayed_that_cannot_be_audited(
    orders: Orders, operated: Deployment, step_functions: StepFunctions, failed_order: str
) -> None:
    boto3.client("logs").delete_log_group(logGroupName=AUDIT_LOG_GROUP)

    result = orders("replay", "--order", failed_order, "--yes")

    assert result.exit_code == 3
    assert "nothing is done unaudited" in result.stderr
    assert step_functions.acts() == []


def test_the_summary_after_ctrl_c_has_the_results_so_far(
    orders: Orders,
    operated: Deployment,
    step_functions: StepFunctions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step_functions.add(FakeRun("a"), FakeRun("b"), FakeRun("c"))
    act = Replayer.act

    def interrupted(self: Replayer, step: Step) -> Any:
        if step.order_id == "b":
            raise KeyboardInterrupt
        return act(self, step)

    monkeypatch.setattr(Replayer, "act", interrupted)

    result = orders("replay", "--since", "1h", "--yes")

    assert result.exit_code == 130
    assert "redriven        1" in result.stdout
    assert "Stopped after 1 of 3. The same command goes on with the others." in result.stderr


def test_no_input_of_an_execution_is_shown(
    orders: Orders, operated: Deployment, step_functions: StepFunctions
) -> None:
    step_functions.add(FakeRun("a", input='{"customerEmail": "ada.buyer@mail.example"}'))

    for arguments in (["--dry-run"], ["--dry-run", "--json"], []):
        assert "ada.buyer" not in orders("replay", "--since", "1h", *arguments).output


def test_ids_and_commands_are_not_truncated_at_80_columns() -> None:
    runs = [FakeRun(an_order_id(), error="Lambda.SdkClientException") for _ in Action]
    steps = [
        Step(run.name, action, f"why {action} [/]", Run.model_validate(run.described()))
        for action, run in zip(Action, runs, strict=True)
    ] + [Step("gone", Action.SKIP, "Step Functions has forgotten it")]

    shown = rendered(plan_tables(steps, NOW))

    for step in steps:
        assert f" 1: {step.why}" in shown or f" 1 as ORDER.RUN: {step.why}" in shown
        assert step.order_id in shown
    assert shown.count("Lambda.SdkClientException") == len(Action)
    assert max(map(len, shown.splitlines())) <= 80
