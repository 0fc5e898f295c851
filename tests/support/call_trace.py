"""What of the project's functions runs: each call, and where it comes from."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from tests.support.paths import FUNCTIONS


@dataclass(frozen=True)
class Call:
    """A function that was entered; ``caller`` is the module of the nearest one that called it."""

    path: Path
    name: str
    caller: Path | None

    @property
    def package(self) -> str | None:
        """The package of the library that was entered; None for a handler or a single module."""
        return package_of(self.path)


@dataclass
class CallTrace:
    """All calls, in their sequence."""

    calls: list[Call] = field(default_factory=list)

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record what runs meanwhile, beside any profiler that is at work."""
        before = sys.getprofile()
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(before)

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and (path := _project_file(frame)):
            caller = frame.f_back
            while caller is not None and _project_file(caller) is None:
                caller = caller.f_back
            self.calls.append(
                Call(path, frame.f_code.co_qualname, caller and _project_file(caller))
            )


def _project_file(frame: FrameType) -> Path | None:
    name = frame.f_code.co_filename
    return Path(name) if name.startswith(f"{FUNCTIONS}/") else None


def package_of(path: Path) -> str | None:
    """The package of the library that holds the file; None for a handler or a single module."""
    parts = path.relative_to(FUNCTIONS).parts
    return parts[1] if parts[0] == "orderflow" and len(parts) > len(("orderflow", "x.py")) else None
