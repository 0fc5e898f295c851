"""What an operator does at the console: planned, then done, by the command line's functions.

Each act takes a reason, and is written to the audit log first, with the operator's account.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from orderflow.breakers.providers import ProviderName
from orderflow.breakers.state import Mode
from orderflow.clock import epoch_ms
from orderflow.money import naira
from orderflow.operations.replay_plan import Planner, Step
from orderflow.orders.model import Order
from orderflow.payments.reversals.refunding import RefundPlan, RefundRequest
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.deployment import CONSOLE
from scripts.cli.money.refund_creation import ask_function, give_back, plan_in_words
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.operations.breakers import FALLBACKS, consequence, force_audited
from scripts.cli.operations.bulk import SKIPPABLE_ERRORS, in_words
from scripts.cli.operations.cancel import cancel_audited, outcome_in_words
from scripts.cli.operations.replay import planner_of, replayer_of
from scripts.cli.operations.resume import AuditedResumer
from scripts.cli.orders.show import find_order
from scripts.console.operators import Operator
from scripts.console.stage import ConsoleStage
from scripts.inspection.breakers import is_open, lets_through

#: One request acts on so many orders at most; the page sends several for more.
MAX_ORDERS: Final = 25


class Act(StrEnum):
    """The acts."""

    RESUME = "resume"
    REPLAY = "replay"
    CANCEL = "cancel"
    REFUND = "refund"
    BREAKER = "breaker"


class Request(BaseModel):
    """An operator's wish.

    Attributes:
        act: what to do.
        order_ids: to which orders; the first alone for a cancellation or a refund.
        reason: why; empty while the act is only planned.
        amount: of a refund, in kobo; None for all that is left.
        provider: whose breaker.
        mode: the breaker's new mode.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    act: Act
    order_ids: Annotated[list[str], Field(max_length=MAX_ORDERS)] = []
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    amount: Annotated[int, Field(ge=1)] | None = None
    provider: ProviderName | None = None
    mode: Mode | None = None


class Acts:
    """Plans acts and does them.

    Args:
        stage: the stage.
    """

    def __init__(self, stage: ConsoleStage) -> None:
        self._stage = stage

    def plan(self, request: Request) -> dict[str, Any]:
        """What the act would do: ``will`` in sentences, whether it is ``possible``, ``command``."""
        planned = {
            Act.RESUME: self._plan_resume,
            Act.REPLAY: self._plan_replay,
            Act.CANCEL: self._plan_cancel,
            Act.REFUND: self._plan_refund,
            Act.BREAKER: self._plan_breaker,
        }
        return planned[request.act](request)

    def act(self, request: Request, operator: Operator) -> dict[str, Any]:
        """Do it.

        Returns:
            ``done``: what was done, in words; ``results`` for each order.

        Raises:
            CommandError: there is no reason, the act is refused, or it can't be audited.
        """
        if not request.reason:
            raise CommandError("Say why, in a few words: it is audited.", ExitCode.REFUSED)
        signature = {"operator": operator.sub, "operatorReason": request.reason}
        stage = replace(self._stage, acts_from=CONSOLE, signature=signature)
        acts: dict[Act, Callable[[ConsoleStage, Request], dict[str, Any]]] = {
            Act.RESUME: _resume,
            Act.REPLAY: _replay,
            Act.CANCEL: _cancel,
            Act.REFUND: _refund,
            Act.BREAKER: _force,
        }
        return acts[request.act](stage, request)

    def _plan_resume(self, request: Request) -> dict[str, Any]:
        orders = self._orders(request)
        parked = [order for order in orders if order.parked]
        will = [
            f"{_plural(len(parked), 'parked order')} will go on now.",
            "Each gets three new automatic attempts, and nothing is charged twice.",
        ]
        now = epoch_ms()
        for provider in sorted({order.parked.provider for order in parked if order.parked}):
            item = self._stage.breakers.read(provider)
            if is_open(item, now):
                will.append(
                    f"{ProviderName(provider).display_name}'s breaker is open (lets through: "
                    f"{lets_through(item, now)}): the orders will be parked again."
                )
        if others := len(orders) - len(parked):
            will.append(f"{_plural(others, 'order')} of these are not parked: nothing is done.")
        return _planned(will, _command("resume", request), bool(parked))

    def _plan_replay(self, request: Request) -> dict[str, Any]:
        steps = _steps(self._stage, request.order_ids)
        counted = Counter((step.action, step.why) for step in steps)
        will = [
            f"{action.capitalize()} {_plural(number, 'order')}: {why}."
            for (action, why), number in counted.items()
        ]
        possible = any(step.is_act for step in steps)
        if possible:
            will.append("Every step is idempotent: no link is made, and nothing is charged, twice.")
        planned = _planned(will, _command("replay", request), possible)
        return planned | {"steps": [step.as_json() for step in steps]}

    def _plan_cancel(self, request: Request) -> dict[str, Any]:
        order = find_order(self._stage, _first(request))
        if order.is_closed or order.payment:
            paid = "is paid" if order.payment else f"is {order.status}"
            return _planned([f"It {paid}: it can't be cancelled."], None, possible=False)
        will = [f"The order of {naira(order.total_kobo)} will be cancelled for good."]
        if order.payment_reference:
            will.append(
                "Its link is void at once. PayStack is asked first whether it was paid: if it was, "
                "the order is completed instead."
            )
        will.append("The customer sees your reason.")
        return _planned(will, f'orders cancel {order.order_id} --reason "..."', possible=True)

    def _plan_refund(self, request: Request) -> dict[str, Any]:
        wish = _refund_request(self._stage, request)
        try:
            plan = RefundPlan.model_validate(ask_function(self._stage, wish, dry_run=True)["plan"])
        except CommandError as error:
            return _planned([str(error)], None, possible=False)
        command = f"orders refunds create {wish.order_id} --reference {wish.reference}"
        if wish.amount is not None:
            command += f" --amount {wish.amount}"
        command += ' --reason "..."'
        return _planned([plan_in_words(plan)], command, possible=True) | {"amount": plan.amount}

    def _plan_breaker(self, request: Request) -> dict[str, Any]:
        provider, mode = _breaker(request)
        name = provider.display_name
        will = {
            Mode.FORCED_OPEN: f"{name} will not be called until an operator changes it: "
            f"{FALLBACKS[provider]}.",
            Mode.FORCED_CLOSED: f"Every call will go out to {name}, whatever comes of it.",
            Mode.AUTO: f"{name}'s breaker decides by itself again.",
        }[mode]
        word = {Mode.FORCED_OPEN: "open", Mode.FORCED_CLOSED: "close", Mode.AUTO: "auto"}[mode]
        return _planned([will], f'orders breakers {word} {provider} --reason "..."', possible=True)

    def _orders(self, request: Request) -> list[Order]:
        return [find_order(self._stage, order_id) for order_id in request.order_ids]


def _resume(stage: ConsoleStage, request: Request) -> dict[str, Any]:
    resumer = AuditedResumer(stage)
    return _each(
        request.order_ids, lambda order_id: str(resumer.resume(find_order(stage, order_id)).outcome)
    )


def _replay(stage: ConsoleStage, request: Request) -> dict[str, Any]:
    replayer = replayer_of(stage)
    steps = {step.order_id: step for step in _steps(stage, request.order_ids)}

    def act(order_id: str) -> str:
        step = steps[order_id]
        return str(replayer.act(step).outcome) if step.is_act else f"{step.action}: {step.why}"

    return _each(steps, act)


def _each(order_ids: Iterable[str], act: Callable[[str], str]) -> dict[str, Any]:
    """Act on each order; one that fails does not stop the others."""
    results = {}
    for order_id in order_ids:
        try:
            results[order_id] = act(order_id)
        except SKIPPABLE_ERRORS as error:
            results[order_id] = f"failed: {in_words(error)}"
    counted = Counter(results.values())
    done = ", ".join(f"{number} {outcome}" for outcome, number in counted.items())
    return {"done": f"{done}.".capitalize(), "results": results}


def _cancel(stage: ConsoleStage, request: Request) -> dict[str, Any]:
    order = cancel_audited(stage, find_order(stage, _first(request)), request.reason)
    return {"done": f"The order {outcome_in_words(order)}"}


def _refund(stage: ConsoleStage, request: Request) -> dict[str, Any]:
    wish = _refund_request(stage, request)
    plan = RefundPlan.model_validate(ask_function(stage, wish, dry_run=True)["plan"])
    if request.amount is None or plan.amount != request.amount:
        raise CommandError("The amount has changed: plan the refund again.", ExitCode.REFUSED)
    refund = give_back(stage, wish, plan)
    return {"done": f"Refund {refund.refund_id} is {refund.status}."}


def _refund_request(stage: ConsoleStage, request: Request) -> RefundRequest:
    order = find_order(stage, _first(request))
    if order.payment_reference is None:
        raise CommandError("The order has no payment.", ExitCode.REFUSED)
    return RefundRequest(
        order_id=order.order_id,
        reference=order.payment_reference,
        amount=request.amount,
        by=AuditTrail(stage).actor,
        reason=request.reason or "planned",
        request_id=str(uuid.uuid4()),
    )


def _force(stage: ConsoleStage, request: Request) -> dict[str, Any]:
    provider, mode = _breaker(request)
    item = force_audited(stage, provider, mode, request.reason)
    return {"done": f"The breaker of {provider.display_name} is {mode}. {consequence(item)}"}


def _breaker(request: Request) -> tuple[ProviderName, Mode]:
    if request.provider is None or request.mode is None:
        raise CommandError("Say which breaker, and its mode.", ExitCode.REFUSED)
    return request.provider, request.mode


def _steps(stage: ConsoleStage, order_ids: list[str]) -> list[Step]:
    planner: Planner = planner_of(stage, restart=False)
    return [planner.plan(order_id) for order_id in order_ids]


def _first(request: Request) -> str:
    if not request.order_ids:
        raise CommandError("Say which order.", ExitCode.REFUSED)
    return request.order_ids[0]


def _command(act: str, request: Request) -> str | None:
    """The command for one order; those for many select them otherwise."""
    return f"orders {act} --order {_first(request)}" if len(request.order_ids) == 1 else None


def _planned(will: list[str], command: str | None, possible: bool) -> dict[str, Any]:  # noqa: FBT001
    return {"will": will, "command": command, "possible": possible}


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
