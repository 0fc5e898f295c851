"""``orders refunds create``: gives a payment back through PayStack.

PayStack's key stays in the stage: a function makes the refund, which operators' roles may invoke.
"""

from __future__ import annotations

import json as json_format
import uuid
from typing import Annotated, Any, Final

import typer

from orderflow.money import amount_in_words
from orderflow.orders.money_records import Refund
from orderflow.payments.reversals.refunding import RefundPlan, RefundRequest
from scripts.cli.console import CommandError, ExitCode, err, is_interactive, out, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, OrderId, Reason, Stage

_CODES: Final = {
    "refused": ExitCode.REFUSED,
    "unknown-order": ExitCode.NOT_FOUND,
    "unavailable": ExitCode.UNAVAILABLE,
}


def create_refund(  # noqa: PLR0913 - options
    order_id: OrderId,
    *,
    reference: Annotated[str, typer.Option(metavar="REFERENCE", help="PayStack's.")],
    amount: Annotated[
        int | None, typer.Option(min=1, metavar="KOBO", help="A part; all that is left otherwise.")
    ] = None,
    reason: Reason,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan only.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Give a payment back through PayStack: show what, ask, then refund it, once."""
    deployment = connect(stage)
    order_id = deployment.full_id(order_id)
    request = RefundRequest(
        order_id=order_id,
        reference=reference,
        amount=amount,
        by=AuditTrail(deployment).actor,
        reason=reason,
        request_id=str(uuid.uuid4()),
    )
    plan = RefundPlan.model_validate(ask_function(deployment, request, dry_run=True)["plan"])
    if not json:
        out.print(plan_in_words(plan), soft_wrap=True)
    if dry_run:
        if json:
            print_json(plan.model_dump(by_alias=True, mode="json"))
        return
    _confirm(deployment, yes=yes)
    refund = give_back(deployment, request, plan)
    if json:
        print_json(refund.model_dump(by_alias=True, mode="json"))
    else:
        out.print(
            f"Refund {refund.refund_id} is {refund.status}. "
            f"To see what becomes of it: orders show {order_id}",
            soft_wrap=True,
        )


def give_back(deployment: Deployment, request: RefundRequest, plan: RefundPlan) -> Refund:
    """Make the refund that was planned; the act is audited first.

    What was shown and agreed to is given back, whatever changed meanwhile.

    Raises:
        CommandError: the refund is refused, or the function or PayStack can't be reached.
    """
    with AuditTrail(deployment).act(
        "refund create", request.order_id, request.reason, reference=request.reference,
        amount=plan.amount, request_id=request.request_id,
    ):  # fmt: skip
        agreed = request.model_copy(update={"amount": plan.amount})
        return Refund.model_validate(ask_function(deployment, agreed, dry_run=False)["refund"])


def _confirm(deployment: Deployment, *, yes: bool) -> None:
    if yes:
        return
    if not is_interactive():
        raise CommandError(
            "This gives money back: add --yes where there is no terminal to ask at.",
            ExitCode.REFUSED,
        )
    typer.confirm(f"Give it back on stage {deployment.stage}?", abort=True, err=True)


def plan_in_words(plan: RefundPlan) -> str:
    """What a refund would give back."""
    amount, paid = (
        amount_in_words(plan.currency, plan.amount),
        amount_in_words(plan.currency, plan.paid),
    )
    return f"{amount} of {paid} paid under {plan.reference} is to be given back."


def ask_function(
    deployment: Deployment, request: RefundRequest, *, dry_run: bool = False, look: bool = False
) -> dict[str, Any]:
    """The function's answer: what it would do, what PayStack has, or what it has done.

    Raises:
        CommandError: the refund is refused, or the function or PayStack can't be reached.
    """
    # A repeated call is the same request: it has the same number.
    payload = {**request.model_dump(by_alias=True, mode="json"), "dryRun": dry_run, "look": look}
    response = deployment.client("lambda").invoke(
        FunctionName=deployment.output("RefundFunction"), Payload=json_format.dumps(payload)
    )
    answer: dict[str, Any] = json_format.loads(response["Payload"].read())
    if "FunctionError" in response:
        err.print("The same command finds out whether a refund was made.")
        raise CommandError(
            f"The function refund_payment failed: {answer.get('errorType', 'no answer')}.",
            ExitCode.UNAVAILABLE,
        )
    if answer["outcome"] in _CODES:
        raise CommandError(answer["message"], _CODES[answer["outcome"]])
    return answer
