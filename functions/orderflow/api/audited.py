"""Audit lines for what callers of the API do, are refused, and what operators look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from aws_lambda_powertools.event_handler import AppSyncResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.orders.access import OPERATIONS_GROUP, is_order_id
from orderflow.platform.audit import NO_SUBJECT, AuditEntry, Outcome, error_name, record

#: The type of the refusal for an order that does not exist, or is another customer's.
_HIDDEN: Final = "OrderNotFound"


def resolve(
    app: AppSyncResolver,
    event: dict[str, Any],
    context: LambdaContext,
    on_hidden_order: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Resolve one GraphQL field, with an audit line where it is an act.

    Mutations are acts, and so is all that operators do and all that is refused. What customers
    look at of their own is not.

    Args:
        app: has the resolvers.
        event: AppSync's.
        context: Lambda's.
        on_hidden_order: is called with the ``sub`` of a caller who asked for an order that does
            not exist or that the caller may not see.
    """
    try:
        answer: dict[str, Any] = app.resolve(event, context)
    except Exception as error:
        _record(event, {}, Outcome.FAILED, error_name(error))
        raise
    refusal = answer.get("refusal", {}).get("errorType")
    if refusal == _HIDDEN and on_hidden_order:
        on_hidden_order(_identity(event)["sub"])
    if refusal:
        _record(event, answer, Outcome.REFUSED, refusal)
    elif event["info"]["parentTypeName"] == "Mutation" or _is_operator(event):
        _record(event, answer, Outcome.SUCCEEDED, "")
    return answer


def _record(
    event: Mapping[str, Any], answer: Mapping[str, Any], outcome: Outcome, reason: str
) -> None:
    identity, info = _identity(event), event["info"]
    record(
        AuditEntry(
            actor=str(identity.get("sub", "unknown")),
            action=f"{info['parentTypeName']}.{info['fieldName']}",
            subject=_order_id(event, answer),
            source=", ".join(identity.get("sourceIp") or ["unknown"]),
            outcome=outcome,
            reason=reason,
            details={"role": "operator" if _is_operator(event) else "customer"},
        )
    )


def _identity(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return event.get("identity") or {}


def _is_operator(event: Mapping[str, Any]) -> bool:
    return OPERATIONS_GROUP in (_identity(event).get("groups") or ())


def _order_id(event: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """The order of the answer, or else of the request, where it has the form of an id."""
    arguments = event.get("arguments", {})
    named = arguments.get("orderId") or (arguments.get("input") or {}).get("orderId")
    asked = answer.get("orderId") or named
    return asked if isinstance(asked, str) and is_order_id(asked) else NO_SUBJECT
