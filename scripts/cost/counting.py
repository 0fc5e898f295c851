"""Counts what orders used of AWS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from scripts.cli.orders.execution import Progress
from scripts.cost.invocations import Invocation
from scripts.cost.requests import PUBLISH, Request, orders_of
from scripts.cost.usage import Unit, Usage

_GB: Final = 1024**3
#: Of each publication to an encrypted topic and each read of an encrypted secret.
_KEY_REQUESTS: Final = 1
#: The units of the workflow's own reads: items of less than 4 KB, eventually consistent. The two
#: states that read one breaker each are an earlier build's.
_BREAKERS_READ: Final = {"ReadBreakers": 1.0, "ReadBedrockBreaker": 0.5, "ReadPaystackBreaker": 0.5}
#: Production records the first request a second, and so many of the others (its ``trace_rate``),
#: as X-Ray's default rule does.
SAMPLED: Final = 0.05
#: SQS, SNS and Lambda bill a request for each 64 KB, and EventBridge; no message here is larger.
_SIMPLE: Final[Mapping[str, Unit]] = {
    "sqs": Unit.QUEUE_REQUESTS,
    "sns": Unit.PUBLICATIONS,
    "secretsmanager": Unit.SECRET_REQUESTS,
    "ssm": Unit.PARAMETER_REQUESTS,
    "kms": Unit.KEY_REQUESTS,
}
#: The units that a service's requests count as; none where only what they cause is billed: users
#: (Cognito), transitions (Step Functions), tokens (Bedrock), and PayStack's part of a payment.
BILLED_SERVICES: Final[Mapping[str, tuple[Unit, ...]]] = {
    **{service: (unit,) for service, unit in _SIMPLE.items()},
    "dynamodb": (Unit.READS, Unit.WRITES),
    "appsync": (Unit.API_OPERATIONS, Unit.API_MESSAGES, Unit.FIREWALL_REQUESTS),
    "ses": (Unit.EMAILS,),
    "logs": (Unit.LOGS,),
    "s3": (Unit.OBJECT_WRITES,),
    "lambda": (Unit.FUNCTION_REQUESTS, Unit.FUNCTION_GB_SECONDS, Unit.SNAPSHOT_RESTORES),
    "states": (Unit.TRANSITIONS,),
    "bedrock": (Unit.INPUT_TOKENS, Unit.OUTPUT_TOKENS),
    "cognito-idp": (),
}


@dataclass(frozen=True)
class OrderFacts:
    """What the stage itself holds of an order.

    Attributes:
        progress: its execution; None once Step Functions has forgotten it.
        seconds_followed: how long its customer's app was connected: to its last change.
        input_tokens, output_tokens: what the model read and wrote for it.
    """

    order_id: str
    progress: Progress | None
    seconds_followed: float
    input_tokens: int = 0
    output_tokens: int = 0


def usage_by_order(
    orders: Iterable[OrderFacts],
    requests: Iterable[Request],
    invoked: Iterable[Invocation],
) -> tuple[dict[str, Usage], Usage]:
    """The usage of each order, by its id, and what was used for none of them.

    What serves several orders at once, such as a batch of a stream, is divided among them.
    """
    facts = {each.order_id: each for each in orders}
    known = frozenset(facts)
    found = {order_id: _of_execution(each) for order_id, each in facts.items()}
    rest = Usage()
    listed = [each for each in requests if _is_ours(each)]
    runs = {each.request_id: each for each in invoked}
    for request, ids in zip(listed, orders_of(listed, known), strict=True):
        run = runs.pop(request.requestId, None) if request.service == "lambda" else None
        _share(found, rest, ids, _of_invocation(run) if run else _of_request(request))
    for run in runs.values():
        ids = frozenset(order_id for order_id in known if order_id in run.text)
        _share(found, rest, ids, _of_invocation(run))
    return found, rest


def calls_for(orders: frozenset[str], requests: Iterable[Request]) -> dict[str, float]:
    """How many requests an order needs on average, by ``service:operation``."""
    listed = [each for each in requests if _is_ours(each)]
    found: Counter[str] = Counter()
    for request, ids in zip(listed, orders_of(listed, orders), strict=True):
        if ids:
            found[f"{request.service}:{request.operation}"] += 1
    return {name: number / max(1, len(orders)) for name, number in sorted(found.items())}


def _is_ours(request: Request) -> bool:
    """Whether functions, the workflow or customers' apps sent it, and not the command line."""
    return request.by != "client" or request.service in {"appsync", "lambda"}


def _share(found: Mapping[str, Usage], rest: Usage, ids: frozenset[str], used: Usage) -> None:
    for unit, detail, amount in used:
        if not ids:
            rest.add(unit, amount, detail)
        for order_id in ids:
            found[order_id].add(unit, amount / len(ids), detail)


def _of_execution(facts: OrderFacts) -> Usage:
    used = Usage()
    visits = facts.progress.visits if facts.progress else []
    for visit in visits:
        used.add(Unit.TRANSITIONS, 1 + visit.retries, visit.name)
        if visit.name == "ScheduleRecovery":
            used.add(Unit.QUEUE_REQUESTS, visit.attempts, "parked orders")
        used.add(Unit.READS, _BREAKERS_READ.get(visit.name, 0) * visit.attempts, "breakers")
    used.add(Unit.TRACES, SAMPLED, "execution")
    used.add(Unit.API_CONNECTIONS, facts.seconds_followed / 60)
    # An app opens a connection and starts a subscription; both pass the firewall.
    used.add(Unit.API_MESSAGES, 2, "connect, subscribe")
    used.add(Unit.FIREWALL_REQUESTS, 1, "subscription")
    used.add(Unit.INPUT_TOKENS, facts.input_tokens)
    used.add(Unit.OUTPUT_TOKENS, facts.output_tokens)
    return used


def _of_invocation(run: Invocation) -> Usage:
    used = Usage()
    used.add(Unit.FUNCTION_REQUESTS, 1, run.function)
    used.add(Unit.FUNCTION_GB_SECONDS, run.gb_seconds, run.function)
    used.add(Unit.LOGS, run.log_bytes / _GB, run.function)
    if run.is_restored:
        used.add(Unit.SNAPSHOT_RESTORES, run.memory_mb / 1024, run.function)
    return used


def _of_request(request: Request) -> Usage:
    count = _COUNTED.get(request.service)
    return count(request) if count else Usage()


def _of_dynamodb(request: Request) -> Usage:
    used = Usage()
    if request.by == "workflow" and request.operation in {"GetItem", "BatchGetItem"}:
        return used  # breakers, counted by the execution's history
    for name, units in request.reads.items():
        used.add(Unit.READS, units, table_name(name))
    for name, units in request.writes.items():
        used.add(Unit.WRITES, units, table_name(name))
    return used


def _of_appsync(request: Request) -> Usage:
    used = Usage()
    used.add(Unit.API_OPERATIONS, 1, request.operation)
    used.add(Unit.FIREWALL_REQUESTS, 1, request.operation)
    if request.operation == PUBLISH:
        used.add(Unit.API_MESSAGES, 1, "updates")
    else:
        used.add(Unit.TRACES, SAMPLED, "api")
    return used


def _of_simple(request: Request) -> Usage:
    used = Usage({(_SIMPLE[request.service], ""): 1})
    if request.service in {"sns", "secretsmanager"}:
        used.add(Unit.KEY_REQUESTS, _KEY_REQUESTS, request.service)
    return used


_COUNTED: Final[Mapping[str, Callable[[Request], Usage]]] = {
    **dict.fromkeys(_SIMPLE, _of_simple),
    "dynamodb": _of_dynamodb,
    "appsync": _of_appsync,
    "ses": lambda _: Usage({(Unit.EMAILS, ""): 1}),
    "logs": lambda request: Usage({(Unit.LOGS, "audit"): request.bytes / _GB}),
    "s3": lambda _: Usage({(Unit.OBJECT_WRITES, "audit"): 1}),
}


def table_name(resource: str) -> str:
    """``orders/byCustomerKeys`` for the name that CloudFormation gave a table, and its index."""
    table, _, index = resource.partition("/")
    own = table.rpartition("-data-")[2]
    short = next((name for prefix, name in _TABLES.items() if own.startswith(prefix)), table)
    return f"{short}/{index}" if index else short


_TABLES: Final[Mapping[str, str]] = {
    "Orders": "orders",
    "Catalog": "catalog",
    "Breakers": "breakers",
    "EmailAddresses": "addresses",
    "ReturnLimits": "return limits",
    "Submissions": "submissions",
}
