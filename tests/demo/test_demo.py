"""`orders demo` from its start to what its last lines promise: `make test-demo`."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from scripts.local.stack.health import Condition
from scripts.local.stack.lifecycle import down, status
from scripts.local.stack.processes import find_all
from scripts.local.stack.state import PROJECT, Home
from tests.support.waiting import wait_for

ORDERS = Path(sys.executable).with_name("orders")
PATIENCE_SECONDS = 400


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A stack's folder, and a folder for all temporary files of its processes."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("ORDERS_LOCAL_DIR", str(tmp_path / "local stacks"))
    monkeypatch.setenv("ORDERS_LOCAL_NAME", f"demo-{uuid.uuid4().hex[:8]}")
    monkeypatch.setenv("TMPDIR", str(scratch))
    yield Home()
    down()


def run(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of the user's shell, which must succeed."""
    done = subprocess.run(
        command,
        shell=True,
        cwd=PROJECT,
        env=path_with_orders() | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def path_with_orders() -> Mapping[str, str]:
    return {**os.environ, "PATH": f"{ORDERS.parent}{os.pathsep}{os.environ['PATH']}"}


def next_commands(output: str) -> list[str]:
    """The commands that the demo's last lines name, in their order."""
    _, _, after = output.rpartition("Next:\n")
    below = [line.strip() for line in after.splitlines() if line.startswith("  ")]
    return [*below, *re.findall(r"^`([^`]+)` stops it", after, re.MULTILINE)]


def follow(command: str) -> str:
    """Does what the last lines say, and returns what it shows."""
    return serve(command) if command.endswith("demo-shop") else run(command).stdout


def serve(command: str) -> str:
    """Opens the shop, and looks at its page."""
    with subprocess.Popen(
        f"exec env {command} --no-open",
        shell=True,
        cwd=PROJECT,
        env=path_with_orders(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        line = serving.stdout.readline()
        url = line.removeprefix("Shop: ").strip()
        page = httpx.get(url, trust_env=False, timeout=PATIENCE_SECONDS, follow_redirects=True)
        serving.send_signal(signal.SIGINT)
    assert page.is_success
    return line


def test_what_the_demos_last_lines_say_of_a_stopped_stack_is_true(home: Home) -> None:
    demo = run(shlex.quote(str(ORDERS)) + " demo")

    assert "Status: PAYMENT_COMPLETED" in demo.stdout
    assert "The local stack is stopped." in demo.stderr
    assert find_all(home.path) == []
    assert not home.path.exists()
    # Nothing that it prints leads to the stack that is gone.
    assert not re.search(r"https?://", demo.stdout + demo.stderr)
    up, submit, shop, stop = next_commands(demo.stderr)
    follow(up)
    assert "Status: PAYMENT_COMPLETED" in follow(submit)
    assert follow(shop).startswith("Shop: http://127.0.0.1:")
    follow(stop)
    assert find_all(home.path) == []


def test_a_kept_stack_is_there_for_the_commands_that_the_demo_names(home: Home) -> None:
    with subprocess.Popen(
        [ORDERS, "demo", "--keep"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as demo:
        output, last_lines = demo.communicate(timeout=PATIENCE_SECONDS)
    # As where its terminal is closed.
    with suppress(ProcessLookupError):
        os.killpg(demo.pid, signal.SIGHUP)

    assert demo.returncode == 0
    assert "Status: PAYMENT_COMPLETED" in output
    assert "The local stack stays up" in last_lines
    running = status()
    assert running.condition is Condition.UP
    # Nothing stops it later: it has a session of its own, and runs until it is told to end.
    sessions = {os.getsid(each.pid) for each in running.components}
    assert sessions.isdisjoint({demo.pid, os.getsid(0)})
    submit, listing, shop, stop = next_commands(last_lines)
    assert "Status: PAYMENT_COMPLETED" in follow(submit)
    assert follow(listing).count("PAYMENT_COMPLETED") == 2
    assert follow(shop).startswith("Shop: http://127.0.0.1:")
    follow(stop)
    assert find_all(home.path) == []


def test_a_killed_demo_leaves_neither_processes_nor_temporary_folders(
    home: Home, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [ORDERS, "demo"],
        env=path_with_orders(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stderr is not None
        for line in demo.stderr:
            if "Start AWS on this machine" in line:
                break
        demo.kill()

    wait_for(lambda: find_all(home.path), lambda found: not found)
    left = {path.name for path in (tmp_path / "scratch").iterdir()}
    assert {name for name in left if name.startswith(("jsii", "tmp", "orders"))} == set()
