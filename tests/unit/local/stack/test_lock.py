"""The lock has one holder at a time and leaves no file."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scripts.local.errors import LocalStackError
from scripts.local.stack.lifecycle import exclusive

_HOLD = """
import sys
from pathlib import Path
from scripts.local.stack.lifecycle import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_when_its_patience_ends(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with (
        exclusive(path),
        pytest.raises(LocalStackError, match="Another"),
        exclusive(path, patience_seconds=0),
    ):
        raise AssertionError("held twice")


def test_it_can_be_held_again_and_leaves_no_file(tmp_path: Path) -> None:
    for _ in range(2):
        with exclusive(tmp_path / "x.lock"):
            pass
    assert list(tmp_path.iterdir()) == []


def test_an_error_releases_it(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), exclusive(tmp_path / "x.lock"):
        _ = 1 / 0
    with exclusive(tmp_path / "x.lock", patience_seconds=0):
        pass


def test_one_of_many_waiting_threads_holds_it_at_a_time(tmp_path: Path) -> None:
    inside = 0
    most = 0

    def work() -> None:
        nonlocal inside, most
        with exclusive(tmp_path / "x.lock", patience_seconds=30):
            inside += 1
            most = max(most, inside)
            inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (inside, most) == (0, 1)


def test_the_death_of_its_holder_releases_it(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LocalStackError, match="Another"), exclusive(path, patience_seconds=0):
            pass

        holder.kill()
        holder.wait(30)

    with exclusive(path, patience_seconds=0):
        pass
