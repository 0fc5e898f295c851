"""Each event source mapping of the emulator reads its stream by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import dynamodb, lambda_svc  # type: ignore[import-untyped]

from scripts.local.stream_readers import (
    REST_SECONDS,
    Readers,
    again,
    by_key,
    failed_records,
    in_lanes,
)

ARN = "arn:aws:dynamodb:eu-west-1:000000000000:table/{}/stream/2026-11-29T00:00:00.000"
PATIENCE_SECONDS = 30

Record = dict[str, Any]


def record(key: str, number: int = 0) -> Record:
    return {"dynamodb": {"Keys": {"orderId": {"S": key}}, "SequenceNumber": str(number)}}


RECORDS = st.lists(st.sampled_from("abcdefgh")).map(
    lambda keys: [record(key, number) for number, key in enumerate(keys)]
)


@given(records=RECORDS, lanes=st.integers(min_value=1, max_value=4))
def test_the_changes_of_one_item_stay_in_sequence(records: list[Record], lanes: int) -> None:
    divided = by_key(records, lanes)

    assert len(divided) <= lanes
    assert sorted(chain.from_iterable(divided), key=records.index) == records
    for key in "abcdefgh":
        of_key = [
            [each for each in part if each["dynamodb"]["Keys"]["orderId"]["S"] == key]
            for part in divided
        ]
        assert sum(map(bool, of_key)) <= 1
        assert all(part == sorted(part, key=records.index) for part in of_key)


@given(records=RECORDS.filter(bool), lanes=st.integers(min_value=1, max_value=4))
def test_no_batch_is_larger_than_the_mapping_says(records: list[Record], lanes: int) -> None:
    batches: list[list[Record]] = []

    def execute(_: Any, event: dict[str, Any]) -> dict[str, Any]:
        batches.append(event["Records"])
        return {}

    in_lanes(execute, 3, lanes)(None, {"Records": records})

    assert all(0 < len(batch) <= 3 for batch in batches)
    assert sorted(chain.from_iterable(batches), key=records.index) == records


def test_what_fits_one_batch_is_one_batch() -> None:
    events: list[Any] = []
    whole = {"Records": [record("a"), record("b")]}

    in_lanes(lambda _, event: events.append(event) or {}, 2, 2)(None, whole)

    assert events == [whole]


def test_a_batch_that_fails_fails_the_whole() -> None:
    def execute(_: Any, event: dict[str, Any]) -> dict[str, Any]:
        return {"error": True} if record("a") in event["Records"] else {"body": None}

    records = [record(each) for each in "abcdefgh"]

    assert in_lanes(execute, 1, 4)(None, {"Records": records}) == {"error": True}
    assert in_lanes(execute, 1, 4)(None, {"Records": records[1:]}) == {"body": None}


@pytest.fixture
def mappings(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, dict[str, Any]]]:
    """Mappings of two streams, each with something to read."""
    sources = {
        name: {"UUID": name, "EventSourceArn": ARN.format(name), "BatchSize": 1}
        for name in ("slow", "quick")
    }
    monkeypatch.setattr(lambda_svc, "_esm_inflight", {})
    monkeypatch.setattr(lambda_svc, "_dynamodb_stream_positions", {})
    monkeypatch.setattr(dynamodb, "stream_end_position", lambda _: 1)
    monkeypatch.setattr(
        lambda_svc,
        "_iter_all_esms",
        lambda: [("000000000000", "eu-west-1", each) for each in sources.values()],
    )
    return sources


def polling(read: Callable[[str], bool]) -> Callable[[], bool]:
    """MiniStack's poll, of which ``read`` reads the stream of one mapping."""

    def poll() -> bool:
        # The readers give this function another value of the name.
        return any(read(source["UUID"]) for _, _, source in _iter_all_esms())

    return poll


def _iter_all_esms() -> list[tuple[str, str, dict[str, Any]]]:
    raise AssertionError("the readers say which mapping is read")


def wait_until_idle() -> None:
    deadline = threading.Event()
    for _ in range(PATIENCE_SECONDS * 100):
        if not lambda_svc._esm_inflight:
            return
        deadline.wait(0.01)
    raise AssertionError("readers still read")


def test_a_slow_function_holds_up_no_other(mappings: dict[str, Any]) -> None:
    quick, released = threading.Event(), threading.Event()
    seen: list[str] = []

    def read(name: str) -> bool:
        seen.append(name)
        if name == "slow":
            released.wait(PATIENCE_SECONDS)
        else:
            quick.set()
        return False

    Readers(polling(read)).start()

    assert quick.wait(PATIENCE_SECONDS)
    assert lambda_svc._esm_inflight.get("slow") == 1
    released.set()
    wait_until_idle()
    assert sorted(seen) == ["quick", "slow"]


def test_a_reader_goes_on_while_there_is_something(mappings: dict[str, Any]) -> None:
    del mappings["slow"]
    left = 3

    def read(_: str) -> bool:
        nonlocal left
        left -= 1
        return left > 0

    Readers(polling(read)).start()
    wait_until_idle()

    assert left == 0


def test_one_mapping_has_one_reader(mappings: dict[str, Any]) -> None:
    seen: list[str] = []
    lambda_svc._esm_inflight["slow"] = 1

    Readers(polling(lambda name: bool(seen.append(name)))).start()
    del lambda_svc._esm_inflight["slow"]
    wait_until_idle()

    assert seen == ["quick"]


def test_a_mapping_that_could_not_be_read_rests(
    mappings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("scripts.local.stream_readers.time.monotonic", lambda: now)
    del mappings["slow"]
    seen: list[str] = []
    readers = Readers(polling(lambda name: bool(seen.append(name))))
    for _ in range(2):
        readers.start()
        while lambda_svc._esm_inflight:
            threading.Event().wait(0.01)

    assert seen == ["quick"]
    now += REST_SECONDS
    readers.start()
    while lambda_svc._esm_inflight:
        threading.Event().wait(0.01)
    assert seen == ["quick", "quick"]


@pytest.mark.parametrize(
    "change",
    [
        {"Enabled": False},
        {"EventSourceArn": "arn:aws:sqs:eu-west-1:000000000000:parked"},
        {"EventSourceArn": ""},
    ],
)
def test_other_mappings_are_left_alone(mappings: dict[str, Any], change: dict[str, Any]) -> None:
    for each in mappings.values():
        each.update(change)
    seen: list[str] = []

    Readers(polling(lambda name: bool(seen.append(name)))).start()
    wait_until_idle()

    assert seen == []


def test_what_was_read_already_needs_no_reader(mappings: dict[str, Any]) -> None:
    lambda_svc._dynamodb_stream_positions.update(slow=1, quick=1)
    seen: list[str] = []

    Readers(polling(lambda name: bool(seen.append(name)))).start()
    wait_until_idle()

    assert seen == []


PARTIAL = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumRetryAttempts": 2}


def numbered(*numbers: int) -> list[Record]:
    return [record("a", number) for number in numbers]


def failing(*numbers: int) -> dict[str, Any]:
    return {"body": {"batchItemFailures": [{"itemIdentifier": str(each)} for each in numbers]}}


@pytest.mark.parametrize(
    ("result", "failed"),
    [
        ({"body": {"batchItemFailures": []}}, []),
        ({"body": None}, []),
        (failing(3), [3]),
        (failing(3, 2), [2, 3]),
        (failing(9), [1, 2, 3]),  # unknown: the whole batch has failed, as on AWS
        (failing(2) | {"error": True}, []),  # MiniStack repeats the batch itself
    ],
)
def test_records_from_the_first_failed_one_on_have_failed(
    result: dict[str, Any], failed: list[int]
) -> None:
    assert failed_records(numbered(1, 2, 3), result) == numbered(*failed)


def test_what_has_failed_is_delivered_again() -> None:
    results = iter([failing(2), failing(3), {"body": {"batchItemFailures": []}}])
    delivered: list[list[Record]] = []

    def execute(_: Any, event: dict[str, Any]) -> dict[str, Any]:
        delivered.append(event["Records"])
        return next(results)

    again(execute, PARTIAL, pytest.fail, pause=0)(None, {"Records": numbered(1, 2, 3)})

    assert delivered == [numbered(1, 2, 3), numbered(2, 3), numbered(3)]


def test_what_fails_to_the_end_is_given_up() -> None:
    given_up: list[Any] = []
    delivered: list[Any] = []

    def execute(_: Any, event: dict[str, Any]) -> dict[str, Any]:
        delivered.append(event)
        return failing(2)

    handed_on = again(execute, PARTIAL, lambda *all_of_it: given_up.append(all_of_it), pause=0)
    handed_on("function", {"Records": numbered(1, 2)})

    assert len(delivered) == 1 + PARTIAL["MaximumRetryAttempts"]
    assert given_up == [("function", numbered(2), failing(2))]


def test_a_mapping_without_partial_failures_has_none() -> None:
    def execute(*_: Any) -> dict[str, Any]:
        return failing(1)

    assert again(execute, {}, pytest.fail) is execute
