"""What a local stack uses while customers are at it: processor, memory, workers, queues."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import psutil

from scripts.local.stack import aws
from scripts.local.stack.state import LocalState
from tests.bench.usage import Processors, Usage

#: Between two looks, which cost processor time themselves.
PAUSE_SECONDS: Final = 10


@dataclass(frozen=True)
class Sample:
    """One look.

    Attributes:
        at: epoch seconds.
        memory_mb: the sum of proportional set sizes.
        emulator_mb: the emulator's part of it, which holds what it keeps of each execution.
        workers: processes that run functions.
        descriptors: open files of all processes.
        parked: messages in the queue of parked orders, waiting or delayed.
    """

    at: float
    memory_mb: float
    emulator_mb: float
    workers: int
    descriptors: int
    parked: int

    @property
    def other_mb(self) -> float:
        """The memory of all processes but the emulator's."""
        return self.memory_mb - self.emulator_mb


@dataclass
class Watch:
    """All looks, and the processor seconds of each part of the stack."""

    samples: list[Sample] = field(default_factory=list)
    processor: dict[str, float] = field(default_factory=dict)


@contextmanager
def watching(state: LocalState, pause: float = PAUSE_SECONDS) -> Iterator[Watch]:
    """Looks again and again during a ``with`` block, and once at its end."""
    found, done = Watch(), threading.Event()
    processors = Processors(state)
    sqs = aws.client("sqs", state.urls.aws)

    def look() -> None:
        usage = Usage.of(state)
        processors.look(usage)
        found.samples.append(
            Sample(
                time.time(),
                usage.pss_mb,
                usage.emulator_pss_mb,
                len(usage.workers),
                _descriptors(state),
                _parked(sqs, state),
            )
        )

    def watch() -> None:
        while not done.wait(pause):
            look()

    look()
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()
        look()
        found.processor = processors.by_part


def _descriptors(state: LocalState) -> int:
    root = psutil.Process(state.supervisor.pid)
    total = 0
    for process in [root, *root.children(recursive=True)]:
        with suppress(psutil.Error, OSError):
            total += process.num_fds()
    return total


def _parked(sqs: object, state: LocalState) -> int:
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")
    answer = sqs.get_queue_attributes(  # type: ignore[attr-defined]
        QueueUrl=state.outputs["ParkedOrdersQueueUrl"], AttributeNames=[*names]
    )
    return sum(int(answer["Attributes"].get(name, 0)) for name in names)
