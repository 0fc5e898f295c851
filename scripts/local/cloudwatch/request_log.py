"""A record of each request that MiniStack serves, with the units that AWS bills.

One JSON object a line in ``$ORDERS_REQUEST_LOG``; nothing is recorded where that is not set.
``orders cost`` and the load tests read it. A line has:

- ``at``: epoch seconds; ``service``, ``operation``, ``resource``;
- ``by``: the sender: a ``function``, the ``workflow`` itself, or another ``client``;
- ``trace``: the X-Ray trace and segment of the invocation that sent the request;
- ``orders``: the ids in the request or its answer that may be those of orders;
- ``reads``, ``writes``: DynamoDB's request units, by table and by ``table/index``;
- ``bytes``: of the request; ``status``: of the answer.

A function's invocation is a line of the service ``lambda`` with its ``requestId``. Requests that
came over HTTP are recorded where they are dispatched; those that the state machine sends to
DynamoDB inside MiniStack, where DynamoDB handles them.
"""

from __future__ import annotations

import base64
import gzip
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ministack import app  # type: ignore[import-untyped]
from ministack.services import dynamodb, lambda_svc  # type: ignore[import-untyped]

from scripts.capacity.capacity_units import (
    READ_BYTES,
    index_write_units,
    read_units,
    total_bytes,
    write_units,
)
from scripts.local.cloudwatch.request_lines import Lines
from scripts.local.cloudwatch.request_names import name_of, order_ids, resource_of

_VARIABLE: Final = "ORDERS_REQUEST_LOG"
_TRACE: Final = re.compile(r"Root=([^;]+;Parent=[^;]+)")

_HANDLERS: Final = (
    "get_item",
    "put_item",
    "update_item",
    "delete_item",
    "query",
    "scan",
    "batch_get_item",
    "batch_write_item",
    "transact_write_items",
)

Units = dict[str, float]

log = logging.getLogger("requests")


@dataclass
class _Billed:
    """What DynamoDB bills for one request, while it is handled, and what it answers."""

    reads: Units = field(default_factory=dict)
    writes: Units = field(default_factory=dict)
    answer: Any = None

    def add(self, units: Units, name: str, amount: float) -> None:
        if amount:
            units[name] = units.get(name, 0) + amount


_billed: ContextVar[_Billed | None] = ContextVar("billed", default=None)


def install() -> None:
    """Records from now on, if the environment names a file."""
    path = os.environ.get(_VARIABLE)
    if not path:
        return
    log.addHandler(Lines(Path(path)))
    log.setLevel(logging.INFO)
    log.propagate = False
    app._dispatch_service_request = recording(app._dispatch_service_request)
    app._handle_ses_v2_request = recording(app._handle_ses_v2_request)
    for name in _HANDLERS:
        handler = _counting(getattr(dynamodb, f"_{name}"), _operation(name))
        setattr(dynamodb, f"_{name}", handler)
    dynamodb.json_response = keeping(dynamodb.json_response)
    dynamodb._emit_stream_event = _counting_writes(dynamodb._emit_stream_event)
    lambda_svc._execute_function_dispatch = _invoking(lambda_svc._execute_function_dispatch)


def recording(dispatch: Callable[..., Any]) -> Callable[..., Any]:
    """``dispatch``, which also records the requests to services of AWS."""

    async def dispatch_and_record(
        method: str, path: str, headers: Mapping[str, str], body: bytes, *rest: Any, **named: Any
    ) -> Any:
        billed = _Billed()
        token = _billed.set(billed)
        try:
            answer = await dispatch(method, path, headers, body, *rest, **named)
        finally:
            _billed.reset(token)
        if answer is not None and not path.startswith("/_"):
            service, operation = name_of(method, path, headers, body)
            _write(
                service,
                operation,
                resource=resource_of(service, path, body),
                by="function" if _trace_of(headers) else "client",
                trace=_trace_of(headers),
                orders=order_ids(body, answer[2]),
                billed=billed,
                size=len(body),
                status=answer[0],
            )
        return answer

    return dispatch_and_record


def keeping(respond: Callable[..., Any]) -> Callable[..., Any]:
    """``respond``, whose answers need not be parsed again: what they are made of is kept."""

    def respond_and_keep(content: Any, *args: Any, **named: Any) -> Any:
        billed = _billed.get()
        if billed is not None:
            billed.answer = content
        return respond(content, *args, **named)

    return respond_and_keep


def _counting(handle: Callable[[Any], Any], operation: str) -> Callable[[Any], Any]:
    """A handler of DynamoDB's that counts the units of its request."""

    def count(request: Any) -> Any:
        outer = _billed.get()
        billed = outer or _Billed()
        token = _billed.set(billed)
        try:
            answer = handle(request)
        finally:
            _billed.reset(token)
        _count_reads(billed, operation, request, len(answer[2]))
        if outer is None:  # sent by the state machine, not over HTTP
            table = str(request.get("TableName", ""))
            ids = order_ids(json.dumps(request.get("Key", {})).encode(), b"")
            size = len(json.dumps(request))
            _write(
                "dynamodb",
                operation,
                resource=table,
                by="workflow",
                trace="",
                orders=ids,
                billed=billed,
                size=size,
                status=answer[0],
            )
        return answer

    return count


def _count_reads(billed: _Billed, operation: str, request: Any, answered: int) -> None:
    """Count what a request has read; ``answered`` is its answer's length, in bytes."""
    if operation in {"PutItem", "UpdateItem", "DeleteItem"}:
        if not billed.writes:  # a failed condition costs a write, too
            billed.add(billed.writes, str(request["TableName"]), 1)
        return
    if operation not in {"GetItem", "Query", "Scan", "BatchGetItem"}:
        return
    if billed.answer is None:
        return  # an error
    consistent = bool(request.get("ConsistentRead"))
    for table, items in _items_read(operation, request, billed.answer):
        for group in items:
            # JSON is longer than the items in it: most answers need not be counted.
            size = answered if answered <= READ_BYTES else total_bytes(group)
            billed.add(billed.reads, table, read_units(size, consistent=consistent))


def _items_read(
    operation: str, request: Any, content: Any
) -> Iterable[tuple[str, list[list[dict[str, Any]]]]]:
    """Tables or indexes, and the items read of each in groups that are rounded up together."""
    if operation == "BatchGetItem":  # each item is rounded up by itself
        for table, items in (content.get("Responses") or {}).items():
            yield table, [[item] for item in items]
        return
    index = request.get("IndexName")
    name = f"{request['TableName']}/{index}" if index else str(request["TableName"])
    single = [content["Item"]] if content.get("Item") else []
    yield name, [content.get("Items", single)]


def _counting_writes(emit: Callable[..., Any]) -> Callable[..., Any]:
    """MiniStack's step after each write, which knows the item before and after it."""

    def count(
        table_name: str, event_name: str, old_item: Any, new_item: Any, *args: Any, **named: Any
    ) -> Any:
        billed, table = _billed.get(), dynamodb._tables.get(table_name)
        if billed is not None and table:
            billed.add(billed.writes, table_name, write_units(old_item, new_item))
            key = [each["AttributeName"] for each in table["KeySchema"]]
            for index in table.get("GlobalSecondaryIndexes") or ():
                units = index_write_units(old_item, new_item, {**index, "TableKey": key})
                billed.add(billed.writes, f"{table_name}/{index['IndexName']}", units)
        return emit(table_name, event_name, old_item, new_item, *args, **named)

    return count


def _invoking(execute: Callable[..., Any]) -> Callable[..., Any]:
    """MiniStack's execution of a function, which knows its event."""

    def invoke(func: Any, config: Any, event: Any, request_id: str, started: float) -> Any:
        result = execute(func, config, event, request_id, started)
        text = result.get("log", "") if isinstance(result, dict) else ""
        if isinstance(event, dict) and "awslogs" in event:  # a subscription's, compressed
            event = _decompressed(event)
        log.info(
            json.dumps(
                {
                    "at": round(time.time(), 3),
                    "service": "lambda",
                    "operation": "Invoke",
                    "resource": config.get("FunctionName", ""),
                    "requestId": request_id,
                    "seconds": round(time.time() - started, 4),
                    "orders": order_ids(json.dumps(event, default=str).encode(), text.encode()),
                }
            )
        )
        return result

    return invoke


def _decompressed(event: dict[str, Any]) -> Any:
    """What a subscription delivers; the event as it is where that can't be read."""
    try:
        return gzip.decompress(base64.b64decode(event["awslogs"]["data"])).decode()
    except (ValueError, OSError, EOFError, KeyError, TypeError):
        return event


def _write(  # noqa: PLR0913 - the columns of a line
    service: str,
    operation: str,
    *,
    resource: str,
    by: str,
    trace: str,
    orders: list[str],
    billed: _Billed,
    size: int,
    status: int,
) -> None:
    line = {
        "at": round(time.time(), 3),
        "service": service,
        "operation": operation,
        "resource": resource,
        "by": by,
        "trace": trace,
        "orders": orders,
        "bytes": size,
        "status": status,
        "reads": billed.reads,
        "writes": billed.writes,
    }
    log.info(json.dumps({name: value for name, value in line.items() if value not in ({}, [], "")}))


def _trace_of(headers: Mapping[str, str]) -> str:
    found = _TRACE.search(headers.get("x-amzn-trace-id", ""))
    return found.group(1) if found else ""


def _operation(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))
