"""The recorder of functions' calls looks at the main thread from any other."""

from __future__ import annotations

import gc
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import pytest

from tests.support.policies import recorder


def test_no_garbage_is_collected_while_the_threads_are_locked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    collects: list[bool] = []
    frames_of_all = sys._current_frames

    def current_frames() -> dict[int, FrameType]:
        collects.append(gc.isenabled())
        return frames_of_all()

    monkeypatch.setattr(sys, "_current_frames", current_frames)

    with ThreadPoolExecutor(8) as pool:
        frames = [pool.submit(recorder._frame_of_main_thread) for _ in range(64)]

    assert all(frame.result() is not None for frame in frames)
    assert collects == [False] * 64
    assert gc.isenabled()


def test_the_main_thread_looks_at_itself() -> None:
    assert threading.current_thread() is threading.main_thread()
    frame = recorder._frame_of_main_thread()
    assert frame is not None
    assert frame.f_code.co_filename == recorder.__file__
