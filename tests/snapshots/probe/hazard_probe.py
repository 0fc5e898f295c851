"""Looks for what must not be in a snapshot, from inside: it runs with a function, in its processes.

The handler that the runtime client imports is this module's; it imports the function's own, whose
name is in ``$PROBED``. Nothing else is on the path than what the function has, and this folder.
A worker prints one line of JSON, a report, and ends:

- ``clocks``: clocks that were read before the snapshot, and by which line;
- ``draws``: random numbers that were drawn before it;
- ``open``: sockets and files that were open at it;
- ``expiring``: fetched values with a time to live that are in it;
- ``generators``: of each random number generator in it, its state after the restore;
- ``sent``: what the handler sent in one invocation (see :mod:`invocation`), or ``problem``.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import os
import random
import sys
import sysconfig
import time
import traceback
import weakref
from pathlib import Path
from types import FrameType
from typing import Any

from snapshot_restore_py import register_after_restore, register_before_snapshot

CLOCKS = {
    getattr(time, name)
    for name in (
        *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"),
        *("process_time", "localtime", "gmtime"),
    )
}
DATES = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
DRAWS = {os.urandom, os.getrandom}
METHODS = {"Random.random", "Random.getrandbits"}

STANDARD_LIBRARY = sysconfig.get_path("stdlib")
STANDARD_STREAMS = 3

report: dict[str, Any] = {"clocks": [], "draws": [], "open": [], "expiring": []}
states: list[tuple[weakref.ref[random.Random], Any]] = []


# The first hook registered runs first after the restore, and last before the snapshot.
@register_after_restore
def take_generators_back() -> None:
    """On AWS a generator comes out of the snapshot as it went in; Python seeds it after a fork."""
    for reference, state in states:
        generator = reference()
        if generator:
            generator.setstate(state)


@register_before_snapshot
def look_around() -> None:
    """Notes what is open, and what is there."""
    sys.setprofile(None)
    report["open"] = sorted(_open_files())
    for each in gc.get_objects():
        if isinstance(each, random.Random) and not isinstance(each, random.SystemRandom):
            states.append((weakref.ref(each), each.getstate()))
        elif type(each).__name__ == "ExpirableValue":
            report["expiring"].append(f"{type(each).__module__}.ExpirableValue")


def _watch(frame: FrameType, event: str, called: Any) -> None:
    if event != "c_call":
        return
    name = getattr(called, "__qualname__", "")
    if name in DATES or _is_one_of(called, CLOCKS):
        report["clocks"].append(f"{_responsible(frame)}: {name}")
    elif name in METHODS or _is_one_of(called, DRAWS):
        report["draws"].append(f"{_responsible(frame)}: {name}")


def _is_one_of(called: Any, functions: set[Any]) -> bool:
    return any(called is each for each in functions)  # some callables can't be hashed


def _responsible(frame: FrameType | None) -> str:
    """The innermost line that is not Python's own."""
    while frame and (frame.f_code.co_filename.startswith(("<", STANDARD_LIBRARY))):
        frame = frame.f_back
    if frame is None:
        return "Python"
    return f"{_short(frame.f_code.co_filename)}:{frame.f_lineno} in {frame.f_code.co_name}"


def _short(file: str) -> str:
    for folder in sorted(sys.path, key=len, reverse=True):
        if folder and file.startswith(f"{folder}/"):
            return file.removeprefix(f"{folder}/")
    return file


def _open_files() -> list[str]:
    control = sys.argv[1]  # the template's own
    return [
        str(each.readlink())
        for each in Path("/proc/self/fd").iterdir()
        if each.exists() and int(each.name) >= STANDARD_STREAMS and each.name != control
    ]


sys.setprofile(_watch)
module, _, attribute = os.environ["PROBED"].rpartition(".")
handler = getattr(importlib.import_module(module), attribute)


@register_after_restore
def tell() -> None:
    """After all hooks of the function."""
    left = [generator for reference, _ in states if (generator := reference())]
    report["generators"] = [
        hashlib.sha256(repr(each.getstate()).encode()).hexdigest() for each in left
    ]
    try:
        report["sent"] = importlib.import_module("invocation").run(handler)
    except Exception:
        report["problem"] = traceback.format_exc()
    sys.stdout.write(f"\nREPORT {json.dumps(report)}\n")
    sys.stdout.flush()
    os._exit(0)


def lambda_handler(event: Any, context: Any) -> None:
    """Never called: the worker ends before its first invocation."""
