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
from pathlib import Path

import pytest

from scripts.local.stack.lifecycle import down
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
    """The commands that the demo's last lines name."""
    after = output.rpartition("Next:\n")[2]
    return [line.strip() for line in after.splitlines() if line.startswith("  ")]


def test_what_the_demos_last_lines_say_of_a_stopped_stack_is_true(home: Home) -> None:
    demo = run(shlex.quote(str(ORDERS)) + " demo")

    assert "Status: PAYMENT_COMPLETED" in demo.stdout
    assert "The local stack is stopped." in demo.stderr
    assert find_all(home.path) == []
    assert not home.path.exists()
    # Nothing that it prints leads to the stack that is gone.
    assert not re.search(r"https?://", demo.stdout + demo.stderr)
    up, submit, shop, stop = next_commands(demo.stderr)
    run(up)
    assert "Status: PAYMENT_COMPLETED" in run(submit).stdout
    with subprocess.Popen(
        f"exec env {shop} --no-open",
        shell=True,
        cwd=PROJECT,
        env=path_with_orders(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        assert serving.stdout.readline().startswith("Shop: http://127.0.0.1:")
        serving.send_signal(signal.SIGINT)
    run(stop)
    assert find_all(home.path) == []


def test_a_kept_stack_is_there_for_the_commands_that_the_demo_names(home: Home) -> None:
    demo = run(shlex.quote(str(ORDERS)) + " demo --keep")

    assert "The local stack stays up" in demo.stderr
    submit, listing, _ = next_commands(demo.stderr)
    assert "Status: PAYMENT_COMPLETED" in run(submit).stdout
    assert run(listing).stdout.count("PAYMENT_COMPLETED") == 2


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
            if "Prepare the Lambda runtime" in line:
                break
        demo.kill()

    wait_for(lambda: find_all(home.path), lambda found: not found)
    left = {path.name for path in (tmp_path / "scratch").iterdir()}
    assert {name for name in left if name.startswith(("jsii", "tmp", "orders"))} == set()
