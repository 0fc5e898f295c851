"""``orders replay``: continues failed orders by redriving or restarting their executions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Annotated, Any, Final

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from orderflow.operations.replay_plan import UNKNOWN, Action, Ended, Planner, Step
from orderflow.operations.replayer import Replayer, ReplayOutcome
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.workflow.executions import parse_arn
from scripts.cli.console import CommandError, ExitCode, err, is_interactive, out, plain, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.durations import age
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.operations.bulk import Bulk, Result, print_notes, summary, summary_table, tracked
from scripts.cli.options import Json, Rate, Since, Stage
from scripts.cli.orders.views import listing

_COLOURS: Final = {
    Action.REDRIVE: "bold green",
    Action.RESTART: "bold cyan",
    Action.SKIP: "bold",
    Action.BLOCKED: "bold red",
}
_SUFFIXES: Final = {Action.RESTART: " as ORDER.RUN"}


def replay(  # noqa: PLR0913 - options
    *,
    execution: Annotated[
        str | None, typer.Option(metavar="ARN", help="The order of this execution.")
    ] = None,
    order: Annotated[str | None, typer.Option(metavar="ORDER_ID", help="This order.")] = None,
    status: Annotated[
        list[Ended] | None,
        typer.Option(
            metavar="STATUS", help="Executions that ended so: FAILED, TIMED_OUT, ABORTED."
        ),
    ] = None,
    since: Since = None,
    error: Annotated[
        str | None, typer.Option(metavar="NAME", help="Those that ended with this error.")
    ] = None,
    lost: Annotated[
        bool,
        typer.Option(
            "--lost",
            help="Open orders whose executions Step Functions does not know, as after the loss of "
            "the stack.",
        ),
    ] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="New executions, even where a redrive is possible.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan only.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Don't ask; needed without a terminal.")
    ] = False,
    rate: Rate = 5,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Continue failed orders: plan, show the plan, then redrive or restart."""
    _refuse_unclear_selection(execution, order, [status, since, error], lost=lost)
    deployment = connect(stage)
    planner = planner_of(deployment, restart=restart)
    if order is not None:
        steps = [_plan_order(planner, deployment.full_id(order))]
    elif execution is not None:
        steps = [_plan_order(planner, _order_of(planner, execution))]
    elif lost:
        steps = _plan_lost(planner, deployment)
    else:
        steps = _plan_matching(planner, status or list(Ended), since, error)
    raise typer.Exit(_carry_out(deployment, steps, rate, json=json, dry_run=dry_run, yes=yes))


def _refuse_unclear_selection(
    execution: str | None, order: str | None, criteria: list[Any], *, lost: bool
) -> None:
    chosen = [execution is not None, order is not None, any(criteria), lost]
    if sum(chosen) != 1:
        raise CommandError(
            "Say which orders: --execution, --order, --lost, or any of --status, --since and "
            "--error.",
            ExitCode.REFUSED,
        )


def _order_of(planner: Planner, execution: str) -> str:
    if not planner.owns(execution):
        raise CommandError(
            f"{execution} is not the ARN of an execution of this stage.", ExitCode.REFUSED
        )
    return parse_arn(execution)[0]


def _plan_order(planner: Planner, order_id: str) -> Step:
    """The plan for one order."""
    step = planner.plan(order_id)
    if step.why == UNKNOWN:
        raise CommandError(f"There is no order {order_id} on this stage.", ExitCode.NOT_FOUND)
    return step


def _plan_matching(
    planner: Planner, statuses: list[Ended], since: timedelta | None, error: str | None
) -> list[Step]:
    """The plan for all orders that meet the criteria."""
    order_ids = planner.ended(statuses, datetime.now(UTC) - since if since else None)
    steps = [planner.plan(order_id) for order_id in tracked(order_ids, "Planning")]
    return [step for step in steps if error is None or _has_error(step, error)]


def _plan_lost(planner: Planner, deployment: Deployment) -> list[Step]:
    """The plan for all open orders without an execution."""
    still_open = (status for status in OrderStatus if status not in CLOSED)
    order_ids = [
        order.order_id for status in still_open for order in deployment.orders.with_status(status)
    ]
    steps = [planner.plan(order_id) for order_id in tracked(order_ids, "Planning")]
    return [step for step in steps if step.lost or step.action is Action.BLOCKED]


def _has_error(step: Step, error: str) -> bool:
    # A blocked order may have this error, so it stays in the plan.
    return step.execution.error == error if step.execution else step.action is Action.BLOCKED


def _carry_out(
    deployment: Deployment, steps: list[Step], rate: float, *, json: bool, dry_run: bool, yes: bool
) -> ExitCode:
    if not json:
        _show_plan(steps)
    skipped = [_not_attempted(step) for step in steps if not step.is_act]
    if dry_run:
        if json:
            _print_json(steps, None)
        return _code(skipped)
    replays = [step for step in steps if step.is_act]
    replayer = replayer_of(deployment)
    if replays and not yes:
        _ask(_question(replays, deployment.stage))
    bulk: Bulk[Step] = Bulk(
        "Replaying",
        rate,
        lambda step: _replayed(replayer, step),
        order_id=lambda step: step.order_id,
        failed=ReplayOutcome.FAILED,
    )
    try:
        bulk.run(replays)
    finally:  # also after an error or Ctrl-C
        _report(steps, skipped + bulk.results, json=json)
    return _code(skipped + bulk.results)


def _ask(question: str) -> None:
    if not is_interactive():
        raise CommandError(
            "Without a terminal no question can be asked: --yes replays, --dry-run plans only.",
            ExitCode.REFUSED,
        )
    typer.confirm(question, abort=True, err=True)


def planner_of(deployment: Deployment, *, restart: bool) -> Planner:
    """The planner of a stage; ``restart`` plans no redrives."""
    return Planner(
        deployment.client("stepfunctions"),
        deployment.orders,
        deployment.output("LiveStateMachineArn"),
        offers_redrive=deployment.urls is None,
        restart=restart,
    )


def replayer_of(deployment: Deployment) -> Replayer:
    """The replayer of a stage; its audit log has the user of this command as actor."""
    return Replayer(
        deployment.client("stepfunctions"),
        AuditTrail(deployment),
        deployment.output("LiveStateMachineArn"),
    )


def _replayed(replayer: Replayer, step: Step) -> Result:
    replayed = replayer.act(step)
    return Result(replayed.order_id, replayed.outcome, replayed.note)


def _not_attempted(step: Step) -> Result:
    blocked = step.action is Action.BLOCKED
    return Result(
        step.order_id,
        ReplayOutcome.FAILED if blocked else ReplayOutcome.SKIPPED,
        step.why if blocked else None,
    )


def _code(results: list[Result]) -> ExitCode:
    failed = any(result.outcome is ReplayOutcome.FAILED for result in results)
    return ExitCode.FAILED if failed else ExitCode.OK


def _question(replays: list[Step], stage: str) -> str:
    counts = {
        action: sum(step.action is action for step in replays)
        for action in (Action.REDRIVE, Action.RESTART)
    }
    actions = " and ".join(f"{action} {number}" for action, number in counts.items() if number)
    return f"{actions} of stage {stage}?".capitalize()


def _report(steps: list[Step], results: list[Result], *, json: bool) -> None:
    if json:
        _print_json(steps, results)
    elif steps:
        out.print()
        print_notes(results, ReplayOutcome.FAILED)
        out.print(summary_table(summary(ReplayOutcome, results)))


def _print_json(steps: list[Step], results: list[Result] | None) -> None:
    print_json({
        "plan": [step.as_json() for step in steps],
        "results": None if results is None else [result.as_json() for result in results],
        "summary": None if results is None else summary(ReplayOutcome, results),
    })  # fmt: skip


def _show_plan(steps: list[Step]) -> None:
    if steps:
        out.print(plan_tables(steps, datetime.now(UTC)))
    else:
        err.print("There is nothing to replay.")


def plan_tables(steps: list[Step], now: datetime) -> Group:
    """One table for each action and reason, below a heading with both."""
    actions = list(Action)
    ordered = sorted(steps, key=lambda step: (actions.index(step.action), step.why))
    parts: list[Text | Table] = []
    for (action, why), alike in groupby(ordered, lambda step: (step.action, step.why)):
        group = list(alike)
        heading = f"{action.capitalize()} {len(group)}{_SUFFIXES.get(action, '')}: "
        parts += [
            Text.assemble((heading, _COLOURS[action]), plain(why)),
            _table(group, now),
            Text(),
        ]
    return Group(*parts[:-1])


def _table(steps: list[Step], now: datetime) -> Table:
    table = listing()
    table.add_column("Order", width=36, overflow="fold")
    table.add_column("Run", width=3, justify="right")
    table.add_column("Ended", width=5, justify="right")
    table.add_column("Error", overflow="fold")
    for step in steps:
        execution = step.execution
        table.add_row(
            plain(step.order_id),
            str(step.run or ""),
            age(execution.stop_date, now) if execution and execution.stop_date else "",
            plain(execution.error or "" if execution else ""),
        )
    return table
