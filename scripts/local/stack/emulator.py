"""Runs MiniStack as ``python -m ministack`` does, with less work for each request.

- Its Lambda Runtime API writes an answer's head and body separately. By default the body waits
  until the worker acknowledges the head, which takes 40 ms at every invocation: Nagle's algorithm
  (RFC 896) meets delayed acknowledgements (RFC 1122, 4.2.3.2).
- Resolvers' JavaScript takes less work (:mod:`scripts.local.javascript.resolver_processes`).
- It parses and validates each GraphQL query again, though clients send the same few.
- It drops the ``errorInfo`` of resolvers' errors, which AppSync passes on to clients.
- Its HTTP server is written in Python throughout; uvicorn's parser and loop are not. What it sends
  goes out in one piece (:mod:`scripts.local.joined_answers`).
- Its workers are forks of snapshots (:mod:`scripts.local.snapshots`).
- It parses policies and expressions at each use (:mod:`scripts.local.parsed_once`).
- Its answers have the headers that AWS's have (:mod:`scripts.local.lean_answers`).
- Lists are accepted before orders go on (:mod:`scripts.local.turns`).
- Each event source mapping reads its stream by itself (:mod:`scripts.local.stream_readers`).
- Its DynamoDB has a second port, where functions may meet faults
  (:mod:`scripts.local.stand_ins.dynamodb_faults`).
- Its executions run the newest definition, whatever version they are started with
  (:mod:`scripts.local.releases`).

Its log events become metrics and deliveries (:mod:`scripts.local.cloudwatch.log_ingestion`), its
queues and executions are measured, its alarms are evaluated as CloudWatch does, and it records the
calls that it serves, as CloudTrail does, and with the units that AWS bills
(:mod:`scripts.local.cloudwatch.request_log`). It hands traces on (:mod:`scripts.local.traces`).

And in scaled time (:mod:`scripts.local.time_factor`): EventBridge's rates have whole minutes at
least, so its emulation divides them by the factor.
"""

import asyncio
import gc
import os
import runpy
from collections.abc import Sequence
from functools import lru_cache
from socketserver import StreamRequestHandler
from typing import Any

import hypercorn.asyncio
import uvicorn
import uvloop
from graphql import DocumentNode, GraphQLError, GraphQLSchema
from ministack.core import appsync_graphql  # type: ignore[import-untyped]
from ministack.services import eventbridge  # type: ignore[import-untyped]

from scripts.local import (
    lean_answers,
    parsed_once,
    releases,
    ses_sending,
    stream_readers,
    turns,
)
from scripts.local.cloudwatch import (
    alarms,
    call_record,
    log_ingestion,
    request_log,
    service_metrics,
)
from scripts.local.dynamodb import deleted_tables, expressions
from scripts.local.javascript import resolver_processes
from scripts.local.joined_answers import JoiningProtocol
from scripts.local.servers import Server
from scripts.local.snapshots import emulated as snapshots
from scripts.local.stand_ins.dynamodb_faults import PORT_VARIABLE, DynamodbFaults
from scripts.local.stand_ins.email_faults import EmailFaults
from scripts.local.time_factor import time_factor
from scripts.local.traces import emulated as traces

#: GraphQL queries that are kept parsed.
QUERIES = 256

#: The emulator looks this often at least for scheduled rules that are due.
SHORTEST_RATE_SECONDS = 1.0

_KEEP_ALIVE_SECONDS = 75

#: Requests make thousands of objects that are soon forgotten; Python looks for cycles among them
#: after each 700.
OBJECTS_BETWEEN_COLLECTIONS = 50_000

#: Workers hold requests open; data that is kept is saved after this time.
_GRACE_SECONDS = 2


def main() -> None:
    """Serves until a signal stops it."""
    StreamRequestHandler.disable_nagle_algorithm = True
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    resolver_processes.install()
    appsync_graphql.parse = lru_cache(QUERIES)(appsync_graphql.parse)
    appsync_graphql.validate = remembering(appsync_graphql.validate)
    appsync_graphql._as_appsync_errors = with_error_info(  # noqa: SLF001 - it has no public name
        appsync_graphql._as_appsync_errors  # noqa: SLF001
    )
    hypercorn.asyncio.serve = serve  # type: ignore[assignment]
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    snapshots.install()
    alarms.install()
    log_ingestion.install()
    service_metrics.install()
    call_record.install()
    releases.install()
    expressions.install()
    deleted_tables.install()
    ses_sending.install()
    stream_readers.install()
    parsed_once.install()
    turns.install()
    lean_answers.install()
    request_log.install()
    traces.install()
    divide_rates(time_factor())
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)


async def serve(app: Any, config: Any) -> None:
    """Serves MiniStack's ASGI app where hypercorn would, and its DynamoDB on a port of its own."""
    host, _, port = config.bind[0].rpartition(":")
    emulator = uvicorn.Server(_config(EmailFaults(app), host, int(port)))
    if PORT_VARIABLE not in os.environ:
        await emulator.serve()
        return
    faulty = _config(DynamodbFaults(app), host, int(os.environ[PORT_VARIABLE]))
    faulty.lifespan = "off"  # the emulator's own server has started it
    beside = asyncio.create_task(Server(faulty).serve())
    try:
        await emulator.serve()
    finally:
        beside.cancel()


def _config(app: Any, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        http=JoiningProtocol,
        log_config=None,
        access_log=False,
        date_header=False,  # MiniStack writes its own
        server_header=False,
    )


def divide_rates(factor: float) -> None:
    """Lets scheduled rules fire so many times as often, once a second at most."""
    seconds_of = eventbridge._parse_rate_seconds  # noqa: SLF001 - it has no setting

    def divided(expression: str) -> float | None:
        seconds: int | None = seconds_of(expression)
        return None if seconds is None else max(seconds / factor, SHORTEST_RATE_SECONDS)

    eventbridge._parse_rate_seconds = divided  # noqa: SLF001
    tick = eventbridge._SCHEDULER_TICK_INTERVAL  # noqa: SLF001
    eventbridge._SCHEDULER_TICK_INTERVAL = max(tick / factor, SHORTEST_RATE_SECONDS)  # noqa: SLF001


def remembering(validate: Any) -> Any:
    """``validate``, which looks at each parsed document once for each schema."""
    seen: dict[tuple[int, int], tuple[GraphQLSchema, DocumentNode, Any]] = {}

    def validate_once(schema: GraphQLSchema, document: DocumentNode) -> Any:
        key = (id(schema), id(document))
        if key not in seen:
            if len(seen) >= QUERIES:
                seen.clear()
            # Both are kept, or others could come to have their ids.
            seen[key] = (schema, document, validate(schema, document))
        return seen[key][2]

    return validate_once


def with_error_info(as_appsync_errors: Any) -> Any:
    """``as_appsync_errors``, whose entries have the ``errorInfo`` of ``util.error``."""

    def as_errors_with_info(errors: Sequence[GraphQLError] | None) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = as_appsync_errors(errors)
        for error, entry in zip(errors or (), entries, strict=True):
            info = getattr(error.original_error, "error_info", None)
            if info is not None:
                entry["errorInfo"] = info
        return entries

    return as_errors_with_info


if __name__ == "__main__":
    main()
