"""Few invocations of a kind run at a time, in their sequence; resolvers go before the workflow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from scripts.local.turns import Turns
from tests.support.waiting import wait_for

FOR_LONG = 3600.0
AT_ONCE = 0.0


class Invocations:
    """Invocations that run until they are ended, each in a thread of its own."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self._ends: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []

    def start(self, turns: Turns, *names: str) -> None:
        """Invocations of one kind, which arrive one after the other."""
        for name in names:
            self._ends[name] = threading.Event()
            thread = threading.Thread(target=turns.taking(self._run), args=(name,), daemon=True)
            self._threads.append(thread)
            arrived = len(turns._waiting) + len(turns._running)
            thread.start()
            wait_for(
                lambda: len(turns._waiting) + len(turns._running),
                lambda number, arrived=arrived: number > arrived,
            )

    def end(self, *names: str) -> None:
        for name in names:
            self._ends[name].set()

    def close(self) -> None:
        self.end(*self._ends)
        for thread in self._threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in self._threads), "all invocations go on"

    def _run(self, name: str) -> None:
        self.begun.append(name)
        self._ends[name].wait(30)


@pytest.fixture
def invocations() -> Iterator[Invocations]:
    found = Invocations()
    yield found
    found.close()


def begun(invocations: Invocations, *names: str) -> None:
    """Waits until these have begun, and no others."""
    wait_for(lambda: sorted(invocations.begun), lambda seen: seen == sorted(names))


def kinds(yielded: float = FOR_LONG, counted: float = FOR_LONG) -> tuple[Turns, Turns]:
    resolvers = Turns(1, counted=counted)
    return resolvers, Turns(1, first=resolvers, counted=counted, yielded=yielded)


def test_those_beyond_the_limit_begin_in_the_sequence_of_their_arrival(
    invocations: Invocations,
) -> None:
    turns = Turns(2, counted=FOR_LONG)
    invocations.start(turns, *"abcd")
    begun(invocations, "a", "b")

    invocations.end("b")
    begun(invocations, "a", "b", "c")
    invocations.end("a")

    begun(invocations, "a", "b", "c", "d")


def test_one_that_takes_long_counts_no_more(invocations: Invocations) -> None:
    invocations.start(Turns(1, counted=AT_ONCE), *"abc")

    begun(invocations, "a", "b", "c")


def test_the_workflow_yields_to_resolvers_that_wait(invocations: Invocations) -> None:
    resolvers, workflow = kinds()
    invocations.start(resolvers, "first", "second")
    invocations.start(workflow, "task")
    begun(invocations, "first")
    assert len(workflow._waiting) == 1

    invocations.end("first")

    begun(invocations, "first", "second", "task")


def test_the_workflow_goes_on_beside_resolvers_that_run(invocations: Invocations) -> None:
    resolvers, workflow = kinds()
    invocations.start(resolvers, "resolver")
    invocations.start(workflow, "task")

    begun(invocations, "resolver", "task")


def test_the_workflow_yields_for_some_time_alone(invocations: Invocations) -> None:
    resolvers, workflow = kinds(yielded=AT_ONCE)
    invocations.start(resolvers, "first", "second")
    invocations.start(workflow, "task")

    begun(invocations, "first", "task")


def test_resolvers_do_not_wait_for_the_workflow(invocations: Invocations) -> None:
    resolvers, workflow = kinds()
    invocations.start(workflow, "task", "next")
    invocations.start(resolvers, "resolver")

    begun(invocations, "task", "resolver")


@pytest.mark.parametrize("kind", [0, 1])
def test_an_invocation_that_fails_ends_its_turn(kind: int) -> None:
    turns = kinds()[kind]

    def fail() -> None:
        raise ValueError("failed")

    invoke: Callable[[], None] = turns.taking(fail)
    for _ in range(2):
        with pytest.raises(ValueError, match="failed"):
            invoke()
