"""What an order would use of AWS in other designs: the measured order, changed by the design.

Each assumption is a constant here, and docs/performance/cost.md says it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scripts.cost.usage import Unit, Usage

#: The longest that an order takes to its link, and from its payment to its end, in seconds.
_EXPRESS_SECONDS: Final = 3.0
_EXPRESS_GB: Final = 64 / 1024
#: A durable function's start, a step for each Task, and the callback that waits for the payment.
_DURABLE_OPERATIONS: Final = 11
_DURABLE_KB: Final = 30
_DURABLE_INVOCATIONS: Final = 3
#: The functions that a durable function would call as code of its own.
_IN_WORKFLOW: Final = frozenset(
    {"parse-order", "match-products", "create-payment-link", "send-payment-link", "verify-payment"}
)
_QUEUE_REQUESTS: Final = 3  # sent, received, deleted
_PEER_FUNCTIONS: Final = 8
_PEER_LINES: Final = 3
_PEER_PRODUCT_BYTES: Final = 300
#: The sizes of catalogs for which the peer is priced: this project's, and a real shop's.
PEER_CATALOGS: Final = (431, 27_554)


@dataclass(frozen=True)
class Design:
    """A way to handle orders, and what one of them uses."""

    name: str
    usage: Usage
    assumptions: str


def alternatives(measured: Usage) -> list[Design]:
    """The other designs, for an order that uses this much here."""
    return [
        *(peer(measured, products) for products in PEER_CATALOGS),
        express(measured),
        durable(measured),
        without_api_function(measured),
    ]


def peer(measured: Usage, products: int) -> Design:
    """The public peer: eight functions, queues between them, and a scan for each line.

    Step Functions calls its functions; what surrounds them (the API, e-mails, the table's writes) is
    counted as here, without the audit and without indexes.
    """
    scanned = products * _PEER_PRODUCT_BYTES / 4096 / 2
    used = Usage()
    used.add(Unit.TRANSITIONS, _PEER_FUNCTIONS + 2, "a state for each function, start and end")
    used.add(Unit.FUNCTION_REQUESTS, _PEER_FUNCTIONS, "functions")
    mean = measured.of(Unit.FUNCTION_GB_SECONDS) / measured.of(Unit.FUNCTION_REQUESTS)
    used.add(Unit.FUNCTION_GB_SECONDS, _PEER_FUNCTIONS * mean, "functions")
    used.add(Unit.QUEUE_REQUESTS, _QUEUE_REQUESTS * _PEER_FUNCTIONS, "queues")
    used.add(Unit.READS, _PEER_LINES * scanned, "scans of the catalog")
    used.add(Unit.WRITES, measured.by_detail(Unit.WRITES).get("orders", 0.0), "orders")
    for unit in (Unit.API_OPERATIONS, Unit.API_MESSAGES, Unit.API_CONNECTIONS, Unit.EMAILS):
        used.add(unit, measured.of(unit))
    logs = measured.of(Unit.LOGS) / measured.of(Unit.FUNCTION_REQUESTS)
    used.add(Unit.LOGS, _PEER_FUNCTIONS * logs)
    return Design(
        f"public peer, {products:,} products",
        used,
        f"Eight functions of the mean duration and log of ours, {_PEER_FUNCTIONS + 2} transitions, "
        f"{_QUEUE_REQUESTS} requests to a queue for each function, a scan of {products:,} products of "
        f"{_PEER_PRODUCT_BYTES} bytes for each of {_PEER_LINES} lines, our API, e-mails and writes "
        "of orders without indexes, no audit. Counted from its description; it was not run.",
    )


def express(measured: Usage) -> Design:
    """Two Express executions: to the link, and from the payment on."""
    used = _without(measured, Unit.TRANSITIONS)
    used.add(Unit.EXPRESS_REQUESTS, 2)
    used.add(Unit.EXPRESS_GB_SECONDS, 2 * _EXPRESS_SECONDS * _EXPRESS_GB)
    return Design(
        "Express workflows",
        used,
        f"Two executions of {_EXPRESS_SECONDS:g} s and 64 MB each. An execution may take five minutes: "
        "waiting for the payment, parking and their task tokens would have to be built anew, there is "
        "no redrive, no history in the console, and a state may run twice.",
    )


def durable(measured: Usage) -> Design:
    """One durable function, which calls the steps as its own code."""
    used = Usage()
    for unit, detail, amount in measured:
        if unit is Unit.TRANSITIONS:
            continue
        if unit is Unit.FUNCTION_REQUESTS and detail in _IN_WORKFLOW:
            continue
        used.add(unit, amount, detail)
    used.add(Unit.FUNCTION_REQUESTS, _DURABLE_INVOCATIONS, "durable function")
    used.add(Unit.DURABLE_OPERATIONS, _DURABLE_OPERATIONS)
    used.add(Unit.DURABLE_BYTES, _DURABLE_KB / 1024 / 1024)
    return Design(
        "Lambda durable functions",
        used,
        f"{_DURABLE_OPERATIONS} operations, {_DURABLE_KB} KB of checkpoints, "
        f"{_DURABLE_INVOCATIONS} invocations instead of five, the same durations. Direct calls of "
        "services become code, one role has all permissions, there is no redrive from a state, and "
        "no definition that a console shows.",
    )


def without_api_function(measured: Usage) -> Design:
    """AppSync starts the execution by an HTTP data source."""
    api = measured.by_detail(Unit.FUNCTION_REQUESTS).get("api", 0.0)
    used = Usage()
    for unit, detail, amount in measured:
        is_api = detail == "api" and unit.value.startswith(("lambda.", "logs."))
        used.add(unit, amount * (api - 1) / api if is_api else amount, detail)
    return Design(
        "AppSync starts the execution",
        used,
        "One invocation of the API's function less. The list's checks, the customer's limit (two "
        "conditional writes) and the audit would be resolvers in APPSYNC_JS.",
    )


def _without(usage: Usage, left_out: Unit) -> Usage:
    return Usage({(unit, detail): amount for unit, detail, amount in usage if unit is not left_out})
