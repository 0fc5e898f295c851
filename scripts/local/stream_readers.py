"""Lambda's readers of DynamoDB's streams, for MiniStack, which reads all of them in one thread.

There each function waits until each other function's batch is over. Here, as on AWS, each event
source mapping reads by itself. What is more than one batch is divided by the changed items' keys,
into as many batches at once as ``ParallelizationFactor`` allows, and a few at most; the changes of
one item stay in sequence.

MiniStack takes no notice of ``batchItemFailures``, by which a function has records delivered again.
Here a batch begins again with the first of them, until ``MaximumRetryAttempts`` are used up:
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from __future__ import annotations

import json
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from itertools import count
from typing import Any, Final

from ministack.core.responses import request_scope  # type: ignore[import-untyped]
from ministack.services import dynamodb, lambda_svc  # type: ignore[import-untyped]

from scripts.local.cloudwatch.rebinding import with_names
from scripts.local.time_factor import time_factor

#: A mapping whose reader could hand nothing on, though there is something, rests so long.
REST_SECONDS: Final = 1.0

#: More batches of one mapping at once would start more workers than a machine has processors for.
MOST_BATCHES: Final = 2

#: The poller looks again this soon after a wake-up that found nothing.
_GAP_SECONDS: Final = 0.01

#: ``MaximumRetryAttempts`` without a limit.
_FOR_EVER: Final = -1

_LAST_RESULT: Final = "LastProcessingResult"

#: An event source mapping, as MiniStack keeps it.
EventSource = dict[str, Any]
Record = dict[str, Any]
#: Invokes a function with an event.
Execute = Callable[[Any, dict[str, Any]], dict[str, Any]]


def install() -> None:
    """Replaces the part of MiniStack's poller that reads DynamoDB's streams."""
    lambda_svc._ESM_IDLE_WAKE_GAP_SECONDS = _GAP_SECONDS
    lambda_svc._poll_dynamodb_streams = Readers(lambda_svc._poll_dynamodb_streams).start


class Readers:
    """One reader for each mapping, while it has something to read.

    Args:
        poll: MiniStack's function, which reads one batch of each mapping.
        most: how many batches of one mapping are handled at once.
    """

    def __init__(self, poll: Callable[[], bool], most: int = MOST_BATCHES) -> None:
        self._poll = poll
        self._most = most
        self._resting: dict[str, float] = {}

    def start(self) -> bool:
        """Starts a reader for each mapping that has something to read and none yet."""
        for account, region, mapping in lambda_svc._iter_all_esms():
            with request_scope(account, region):
                if self._has_work(mapping):
                    lambda_svc._dispatch_esm_batch(
                        mapping["UUID"], self._read, account, region, mapping
                    )
        return False  # MiniStack waits until a reader ends or something is written

    def _has_work(self, mapping: EventSource) -> bool:
        table, uuid = _table_of(mapping), mapping["UUID"]
        if table is None or lambda_svc._esm_inflight.get(uuid):
            return False
        if self._resting.get(uuid, 0) > time.monotonic():
            return False
        position = lambda_svc._dynamodb_stream_positions.get(uuid)
        return position is None or position < dynamodb.stream_end_position(table)

    def _read(self, account: str, region: str, mapping: EventSource) -> None:
        """Hands all that there is to the mapping's function."""
        size = mapping.get("BatchSize", 100)
        lanes = min(mapping.get("ParallelizationFactor") or 1, self._most)
        alone = {**mapping, "BatchSize": size * lanes}
        read = with_names(
            self._poll,
            _iter_all_esms=lambda: [(account, region, alone)],
            _execute_function=in_lanes(
                again(
                    lambda_svc._execute_function,
                    mapping,
                    partial(_give_up, mapping),
                    REST_SECONDS / time_factor(),
                ),
                size,
                lanes,
            ),
        )
        has_read = read()
        if not has_read:
            self._resting[mapping["UUID"]] = time.monotonic() + REST_SECONDS
        while has_read:
            has_read = read()
        if _LAST_RESULT in alone:
            mapping[_LAST_RESULT] = alone[_LAST_RESULT]


def again(
    execute: Execute,
    mapping: EventSource,
    give_up: Callable[[Any, list[Record], dict[str, Any]], None],
    pause: float = REST_SECONDS,
) -> Execute:
    """``execute``, which delivers again what the function says has failed.

    Args:
        execute: invokes the function.
        mapping: says whether, and how often.
        give_up: takes the function, the records that fail to the end, and the last result.
        pause: between two attempts, in seconds.
    """
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or ()):
        return execute
    attempts = mapping.get("MaximumRetryAttempts", _FOR_EVER)

    def execute_again(function: Any, event: dict[str, Any]) -> dict[str, Any]:
        for attempt in count():
            result = execute(function, event)
            failed = failed_records(event["Records"], result)
            if not failed:
                return result
            if attempt == attempts:
                break
            event = {"Records": failed}
            time.sleep(pause)
        give_up(function, failed, result)
        return result

    return execute_again


def failed_records(records: Sequence[Record], result: dict[str, Any]) -> list[Record]:
    """The records from the first one on that the function says has failed; none without one."""
    body = result.get("body")
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    if result.get("error") or not failures:
        return []
    named = {str(each.get("itemIdentifier")) for each in failures}
    numbers = [str(each["dynamodb"]["SequenceNumber"]) for each in records]
    first = min((numbers.index(each) for each in named if each in numbers), default=0)
    return [*records[first:]]


def _give_up(mapping: EventSource, function: Any, failed: list[Record], result: Any) -> None:
    lambda_svc._send_ddb_stream_failure_record(
        mapping, function, failed, mapping["EventSourceArn"], result, "RetryAttemptsExhausted"
    )


def in_lanes(execute: Execute, size: int, lanes: int) -> Execute:
    """``execute``, which hands more than ``size`` records on in several batches at once."""

    def execute_in_lanes(function: Any, event: dict[str, Any]) -> dict[str, Any]:
        records = event["Records"]
        if len(records) <= size:
            return execute(function, event)

        def follow(lane: Sequence[Record]) -> list[dict[str, Any]]:
            batches = (lane[start : start + size] for start in range(0, len(lane), size))
            return [execute(function, {"Records": [*batch]}) for batch in batches]

        divided = by_key(records, lanes)
        with ThreadPoolExecutor(len(divided)) as pool:
            # MiniStack keeps the account and region of a request in its context.
            running = [pool.submit(copy_context().run, follow, lane) for lane in divided]
        results = [result for each in running for result in each.result()]
        return next((each for each in results if each.get("error")), results[-1])

    return execute_in_lanes


def by_key(records: Sequence[Record], lanes: int) -> list[list[Record]]:
    """The records in so many parts at most; those of one item in one part, in their sequence."""
    divided: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        key = json.dumps(record["dynamodb"]["Keys"], sort_keys=True)
        divided[zlib.crc32(key.encode()) % lanes].append(record)
    return [*divided.values()]


def _table_of(mapping: EventSource) -> str | None:
    """The table whose stream an enabled mapping reads; None where it reads none."""
    _, is_table, rest = mapping.get("EventSourceArn", "").partition(":table/")
    table, is_stream, _ = rest.partition("/stream/")
    return table if is_table and is_stream and mapping.get("Enabled", True) else None
