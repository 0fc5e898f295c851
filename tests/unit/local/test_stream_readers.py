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

from scripts.local.stream_readers import REST_SECONDS, Readers, by_key, in_lanes

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
