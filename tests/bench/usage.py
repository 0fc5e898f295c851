"""What the processes of a stack have used: processor time and memory."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from scripts.local.snapshots.stems import STEM
from scripts.local.stack.state import LocalState


@dataclass(frozen=True)
class Usage:
    """At one moment.

    Attributes:
        at: the moment (monotonic seconds).
        processor_seconds: used by each process that lives, by its id and start.
        workers: the ids of the processes that run functions.
        templates: the ids of the processes that these are forked from, directly or not.
        pss_mb: the sum of all processes' proportional set sizes, in MB.
        emulator_pss_mb: the emulator's own part of it.
        workers_pss_mb: of those that run functions, and of those that they were forked from.
    """

    at: float
    processor_seconds: dict[tuple[int, float], float]
    workers: frozenset[int]
    templates: frozenset[int]
    pss_mb: float
    emulator_pss_mb: float
    workers_pss_mb: float

    @classmethod
    def of(cls, state: LocalState) -> Self:
        """Now; what ends between two looks goes unseen."""
        root = psutil.Process(state.supervisor.pid)
        seconds: dict[tuple[int, float], float] = {}
        workers: dict[int, float] = {}
        templates: dict[int, float] = {}
        parents: dict[int, int] = {}
        # Of templates; that of an earlier build's is the emulator.
        above = {state.ministack.pid}
        total = emulator = 0.0
        for process in [root, *root.children(recursive=True)]:
            try:
                used, command = process.cpu_times(), " ".join(process.cmdline())
                seconds[process.pid, process.create_time()] = used.user + used.system
                pss, parent = _pss_mb(process.pid), process.ppid()
            except (psutil.Error, OSError):
                continue
            total += pss
            parents[process.pid] = parent
            if process.pid == state.ministack.pid:
                emulator = pss
            if "template.py" in command and STEM in command:
                above.add(process.pid)
            if "template.py" in command and parent in above:
                templates[process.pid] = pss
            elif "template.py" in command or "awslambdaric" in command:
                workers[process.pid] = pss
        used_templates = {parents[pid] for pid in workers}
        used_templates |= {parents[pid] for pid in used_templates if pid in parents}
        of_templates = sum(pss for pid, pss in templates.items() if pid in used_templates)
        return cls(
            time.monotonic(),
            seconds,
            frozenset(workers),
            frozenset(templates),
            total,
            emulator,
            sum(workers.values()) + of_templates,
        )


class Processors:
    """Sums processor time by part, also of processes that have ended since the last look."""

    def __init__(self, state: LocalState) -> None:
        self._state = state
        self._first: dict[tuple[int, float], float] = {}
        self._last: dict[tuple[int, float], tuple[str, float]] = {}

    def look(self, usage: Usage) -> None:
        """Takes a look in."""
        is_first = not self._last
        for process, seconds in usage.processor_seconds.items():
            # What began since the first look has used all of its time since then.
            self._first.setdefault(process, seconds if is_first else 0.0)
            self._last[process] = (self._part(process[0], usage), seconds)

    def _part(self, pid: int, usage: Usage) -> str:
        if pid == self._state.ministack.pid:
            return "emulator"
        if pid in usage.workers | usage.templates:
            return "functions"
        return "front door and stand-ins"

    @property
    def by_part(self) -> dict[str, float]:
        """Seconds since the first look."""
        found: dict[str, float] = {}
        for process, (part, seconds) in self._last.items():
            found[part] = found.get(part, 0.0) + seconds - self._first[process]
        return found


def _pss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
