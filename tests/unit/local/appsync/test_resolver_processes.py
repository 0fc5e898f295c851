"""Processes that run resolvers' JavaScript: an answer, none in time, and an end."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator

import pytest
from ministack.core import appsync_js, node_pool

from scripts.local.javascript import resolver_processes
from scripts.local.javascript.resolver_processes import Resolvers, read_line

#: Answers each line with itself; a line with "silence" never.
ECHO = """
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  if (line.includes("end")) process.exit(0);
  if (!line.includes("silence")) process.stdout.write(line + "\\n");
});
"""


@pytest.fixture
def process() -> Iterator[Resolvers]:
    pool = node_pool.NodeWorkerPool(
        ECHO, log_prefix="echo", logger=logging.getLogger("echo"), timeout=30
    )
    found = Resolvers(pool)
    yield found
    found.shutdown()


def test_an_answer_of_any_length_is_read_whole(process: Resolvers) -> None:
    request = {"ctx": "ẹyin " * 50_000}
    assert process.call(request, 60) == request
    assert process.call({"second": 1}, 60) == {"second": 1}


def test_a_resolver_that_does_not_end_is_ended_and_the_next_call_starts_another(
    process: Resolvers,
) -> None:
    with pytest.raises(node_pool.NodeWorkerTimeout):
        process.call("silence", 0.01)
    assert process.call("next", 60) == "next"


def test_a_process_that_ends_without_an_answer_is_an_error(process: Resolvers) -> None:
    with pytest.raises(node_pool.NodeWorkerError) as caught:
        process.call("end", 60)
    assert caught.value.reason == "closed"
    assert process.call("next", 60) == "next"


def test_a_missing_node_is_named(process: Resolvers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_pool, "_NODE_BINARY", "no-such-program")
    with pytest.raises(node_pool.NodeWorkerError) as caught:
        process.call("x", 60)
    assert caught.value.reason == "missing_node"


def test_a_line_is_read_in_whatever_parts_it_comes() -> None:
    reading, writing = os.pipe()

    def write() -> None:
        for part in (b'{"a"', b": 1", b"}\n"):
            os.write(writing, part)

    writer = threading.Thread(target=write)
    writer.start()
    assert read_line(reading, 60) == b'{"a": 1}\n'
    writer.join()
    os.close(writing)
    assert read_line(reading, 60) == b""
    os.close(reading)


def test_processes_are_kept_after_a_burst_of_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = appsync_js._pool
    for module, name, value in (
        (pool, "max_idle", 2),
        (pool, "recycle_after", 1),
        (pool, "_workers", []),
        (node_pool, "_Worker", node_pool._Worker),
    ):
        monkeypatch.setattr(module, name, value)
    resolver_processes.install()

    burst = [pool._acquire() for _ in range(resolver_processes.IDLE)]
    for worker in burst:
        pool._release(worker)

    assert [pool._acquire() for _ in burst] == burst
    assert all(isinstance(each, Resolvers) for each in burst)
