"""Why orders are stuck, and what the runbooks advise.

The texts of causes and advice are those of the runbooks' tables: a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from orderflow.breakers.providers import ProviderName
from orderflow.breakers.state import BreakerItem, Mode
from orderflow.orders.model import Order
from orderflow.orders.status import PARKED, OrderStatus
from scripts.inspection.breakers import lets_through


class Kind(StrEnum):
    """How an order is stuck."""

    #: Its execution ended without success.
    FAILED = "failed"
    #: It waits for a provider.
    PARKED = "parked"
    #: PayStack has neither confirmed nor denied a payment, for long.
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Cause:
    """What stuck orders have in common.

    Attributes:
        kind: how they are stuck.
        text: the cause in words, such as "MatchProducts: KeyError".
        error: Step Functions' name of the error, of failed orders.
        provider: what they wait for, of parked orders.
    """

    kind: Kind
    text: str
    error: str | None = None
    provider: str | None = None


@dataclass(frozen=True)
class Advice:
    """What to do about a cause.

    Attributes:
        text: in words.
        runbook: the page's path below ``docs/runbooks``.
        command: that helps; None where nothing is to be done, or not with a command.
    """

    text: str
    runbook: str
    command: str | None = None


@dataclass(frozen=True)
class FailureAdvice:
    """A row of the runbook for failed executions.

    Attributes:
        errors: names of errors, where ``*`` stands for any characters.
        cause: what such an error comes from.
        act: what to do.
    """

    errors: tuple[str, ...]
    cause: str
    act: str


FAILED_EXECUTIONS: Final = "failed-executions.md"
PARKED_ORDERS: Final = "parked-orders.md"
PROVIDER_OUTAGE: Final = "provider-outage.md"
STUCK_BREAKER: Final = "stuck-breaker.md"
REFUNDS: Final = "refunds.md"

A_BUG: Final = FailureAdvice(("*",), "a bug", "fix and deploy, then replay")
#: The first row that names an error counts.
FAILURES: Final = (
    FailureAdvice(
        ("Runtime.ExitError", "Runtime.Unknown"),
        "the function dies at this order: memory, or the input",
        "look at its log",
    ),
    FailureAdvice(
        ("StoreUnavailable", "DynamoDB.*", "DynamoDb.*", "Lambda.*"),
        "AWS was out for longer than the retries last",
        "replay",
    ),
    FailureAdvice(
        ("CatalogEmptyError",),
        "the catalog holds no products",
        "load it: orders catalog load FILE, then replay",
    ),
    FailureAdvice(
        ("ConfigurationError",), "an SSM parameter or the environment", "correct it, then replay"
    ),
    FailureAdvice(
        ("ClientError",), "a missing permission, or no access to the model", "grant, then replay"
    ),
    A_BUG,
)

#: What the runbook says of orders that wait for a provider which is not called.
THEY_GO_ON: Final = "they go on by themselves"
HELD_OPEN: Final = "an operator set it"
STILL_THERE: Final = "the breaker is CLOSED and they are still there"

_NOT_RECORDED: Final = "an error that the record does not name"


def failure_advice(error: str) -> FailureAdvice:
    """The runbook's row for an error, by Step Functions' name of it."""
    return next(
        row for row in FAILURES if any(fnmatchcase(error, pattern) for pattern in row.errors)
    )


def cause_of(order: Order, undecided: str) -> Cause:
    """The cause that an order's record shows.

    Args:
        order: a stuck order.
        undecided: what it waits for at PayStack, in words; empty where that is nothing.
    """
    if order.status is OrderStatus.FAILED:
        if order.failure is None:
            return Cause(Kind.FAILED, order.status_reason or _NOT_RECORDED)
        failure = order.failure
        text = f"{failure.state}: {failure.error}" if failure.state else failure.error
        return Cause(Kind.FAILED, text, error=failure.error)
    if order.parked is not None or order.status in PARKED:
        provider = _awaited(order)
        return Cause(Kind.PARKED, f"waits for {provider}", provider=provider)
    return Cause(Kind.UNDECIDED, undecided)


def _awaited(order: Order) -> str:
    """The provider that a parked order waits for.

    From its resumption until it is parked again the record does not name it: what the order lacks
    does. The model finds its products, PayStack makes its link.
    """
    if order.parked is not None:
        return order.parked.provider
    return ProviderName.PAYSTACK if order.lines else ProviderName.BEDROCK


def advice_for(cause: Cause, order_ids: list[str], breaker: BreakerItem | None, now: int) -> Advice:
    """What to do about orders that a cause has stuck.

    Args:
        cause: the cause.
        order_ids: the orders.
        breaker: that of the provider which they wait for; None where they wait for none.
        now: the time, in epoch milliseconds.
    """
    one = order_ids[0] if len(order_ids) == 1 else None
    match cause.kind:
        case Kind.FAILED:
            return _after_failure(cause, one)
        case Kind.PARKED if breaker is not None:
            return _while_parked(breaker, one, now)
        case _:
            command = f"orders show {one or order_ids[0]}"
            return Advice("look at one of them", PARKED_ORDERS, command)


def _after_failure(cause: Cause, one: str | None) -> Advice:
    if cause.error is None:
        which = f"--order {one}" if one else "--status FAILED"
        return Advice("replay", FAILED_EXECUTIONS, f"orders replay {which}")
    row = failure_advice(cause.error)
    which = f"--order {one}" if one else f"--error {cause.error}"
    return Advice(f"{row.cause}: {row.act}", FAILED_EXECUTIONS, f"orders replay {which}")


def _while_parked(breaker: BreakerItem, one: str | None, now: int) -> Advice:
    provider = breaker.provider
    if breaker.mode is Mode.FORCED_OPEN:
        why = f": {breaker.shown_reason}" if breaker.shown_reason else ""
        text = f"the breaker is forced open ({HELD_OPEN}{why}); {THEY_GO_ON} once it is not"
        return Advice(text, STUCK_BREAKER, f"orders breakers auto {provider}")
    if not breaker.admits_all:
        text = f"{THEY_GO_ON}; {provider}'s breaker lets through {lets_through(breaker, now)}"
        return Advice(text, PROVIDER_OUTAGE)
    which = f"--order {one}" if one else f"--all --provider {provider}"
    return Advice(STILL_THERE, PARKED_ORDERS, f"orders resume {which}")
