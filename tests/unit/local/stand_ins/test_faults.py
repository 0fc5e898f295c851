"""Fault injection: affected calls, effects and duration."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message

from scripts.local.stand_ins.faults import (
    Fault,
    FaultInjector,
    FaultMiddleware,
    Mode,
    admin_routes,
    by_path,
)


class Clock:
    """A clock that advances only when it is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def provider(injector: FaultInjector, work: list[str]) -> Starlette:
    async def buy(_: Request) -> Response:
        work.append("done")
        return JSONResponse({"bought": True})

    paths = ("/buy", "/browse", "/page")
    app = Starlette(routes=[*(Route(path, buy) for path in paths), *admin_routes(injector)])
    app.add_middleware(
        FaultMiddleware,
        injector=injector,
        operation_of=by_path({"/buy": "buy", "/browse": "browse"}),
        error_answer=lambda fault: JSONResponse({"mode": fault.mode}, 599),
    )
    return app


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def injector(clock: Clock) -> FaultInjector:
    return FaultInjector(clock)


@pytest.fixture
def work() -> list[str]:
    return []


@pytest.fixture
def client(injector: FaultInjector, work: list[str]) -> Iterator[TestClient]:
    with TestClient(provider(injector, work)) as client:
        yield client


def test_a_healthy_provider_answers_and_its_calls_are_counted(client: TestClient) -> None:
    assert client.get("/buy").json() == {"bought": True}
    assert client.get("/_admin/stats").json() == {
        "calls": 1,
        "byOperation": {"buy": 1},
        "byOutcome": {"ok": 1},
        "fault": None,
    }


@pytest.mark.parametrize("mode", ["outage", "error", "throttle", "bad_request"])
def test_error_modes_answer_with_the_providers_error_and_run_no_operation(
    client: TestClient, work: list[str], mode: str
) -> None:
    assert client.put("/_admin/faults", json={"mode": mode}).status_code == 200

    answer = client.get("/buy")

    assert (answer.status_code, answer.json()) == (599, {"mode": mode})
    assert work == []
    assert client.get("/_admin/stats").json()["byOutcome"] == {mode: 1}


def test_a_slow_provider_gives_the_correct_answer(client: TestClient, work: list[str]) -> None:
    client.put("/_admin/faults", json={"mode": "slow", "latencySeconds": 0.001})
    assert client.get("/buy").json() == {"bought": True}
    assert work == ["done"]


def test_garbage_is_a_success_with_an_invalid_body(client: TestClient) -> None:
    client.put("/_admin/faults", json={"mode": "garbage"})
    answer = client.get("/buy")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"utf-8|Expecting"):
        answer.json()


def test_a_lost_answer_runs_the_operation_and_disconnects(
    client: TestClient, work: list[str]
) -> None:
    client.put("/_admin/faults", json={"mode": "lost"})
    answer = client.get("/buy")
    assert work == ["done"]
    assert len(answer.content) < int(answer.headers["content-length"])


def test_a_timeout_ends_when_the_caller_disconnects() -> None:
    injector = FaultInjector()
    injector.set(Fault(mode=Mode.TIMEOUT, latency_seconds=300))
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/buy", "headers": [], "query_string": b""}
    asyncio.run(asyncio.wait_for(provider(injector, [])(scope, receive, send), 5))
    assert sent[0]["status"] == 599


def test_a_timeout_answers_after_its_latency(client: TestClient) -> None:
    client.put("/_admin/faults", json={"mode": "timeout", "latencySeconds": 0.001})
    assert client.get("/buy").json() == {"mode": "timeout"}


def test_other_paths_are_not_affected_or_counted(client: TestClient) -> None:
    client.put("/_admin/faults", json={"mode": "outage"})
    assert client.get("/page").status_code == 200
    assert client.get("/_admin/stats").json()["calls"] == 0


def test_a_fault_affects_only_the_operations_that_it_names(client: TestClient) -> None:
    client.put("/_admin/faults", json={"mode": "error", "times": 1, "operations": ["buy"]})
    statuses = [client.get(path).status_code for path in ("/browse", "/buy", "/buy")]
    assert statuses == [200, 599, 200]
    stats = client.get("/_admin/stats").json()
    assert stats["byOperation"] == {"browse": 1, "buy": 2}
    assert stats["byOutcome"] == {"ok": 2, "error": 1}


def test_a_fault_without_operations_affects_the_default_ones() -> None:
    injector = FaultInjector(default_operations={"buy"})
    injector.set(Fault(mode=Mode.ERROR))
    assert injector.on_call("browse") is None
    assert injector.on_call("buy") is not None
    injector.set(Fault(mode=Mode.ERROR, operations=("browse",)))
    assert injector.on_call("browse") is not None
    assert injector.on_call("buy") is None


def test_a_fault_ends_after_its_number_of_calls(client: TestClient) -> None:
    client.put("/_admin/faults", json={"mode": "error", "times": 2})
    assert [client.get("/buy").status_code for _ in range(4)] == [599, 599, 200, 200]
    assert client.get("/_admin/stats").json()["fault"] is None


def test_a_fault_ends_after_its_time(client: TestClient, clock: Clock) -> None:
    client.put("/_admin/faults", json={"mode": "error", "forSeconds": 60})
    clock.now += 59.9
    assert client.get("/buy").status_code == 599
    clock.now += 0.1
    assert client.get("/buy").status_code == 200


def test_a_cleared_fault_affects_no_calls(client: TestClient) -> None:
    client.put("/_admin/faults", json={"mode": "outage"})
    assert client.delete("/_admin/faults").json()["fault"] is None
    assert client.get("/buy").status_code == 200


@given(rate=st.floats(0, 1), seed=st.integers(0, 2**32))
def test_the_same_seed_affects_the_same_calls(rate: float, seed: int) -> None:
    def hits() -> list[bool]:
        injector = FaultInjector()
        injector.set(Fault(mode=Mode.ERROR, rate=rate, seed=seed))
        return [injector.on_call("buy") is not None for _ in range(50)]

    assert hits() == hits()


@given(seed=st.integers(0, 2**32))
def test_rate_0_affects_no_call_and_rate_1_affects_all(seed: int) -> None:
    for rate, expected in ((0.0, {None}), (1.0, {Mode.ERROR})):
        injector = FaultInjector()
        injector.set(Fault(mode=Mode.ERROR, rate=rate, seed=seed))
        struck = (injector.on_call("buy") for _ in range(30))
        assert {fault and fault.mode for fault in struck} == expected


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"mode": "meltdown"}, "mode"),
        ({"mode": "error", "rate": 1.5}, "rate"),
        ({"mode": "error", "forSeconds": -1}, "forSeconds"),
        ({"mode": "error", "times": 0}, "times"),
        ({"mode": "error", "operations": []}, "operations"),
        ({"mode": "error", "volume": 11}, "volume"),
        ({}, "mode"),
    ],
)
def test_a_malformed_fault_is_refused_by_field(
    client: TestClient, body: dict[str, object], field: str
) -> None:
    answer = client.put("/_admin/faults", json=body)
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["problems"]] == [field]


def test_a_fault_that_is_not_json_is_refused(client: TestClient) -> None:
    answer = client.put("/_admin/faults", content=b"{")
    assert answer.status_code == 400
    assert answer.json()["problems"][0]["field"] == "body"
