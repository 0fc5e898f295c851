"""One emulator for the workflow tests, without waits and with mocked functions."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from scripts.local.stack.processes import die_with_parent, environment
from scripts.local.stack.supervisor import ministack_settings
from tests.support.http import http
from tests.support.waiting import wait_for
from tests.workflow.engine import STATE_MACHINE, Engine
from tests.workflow.mocks import mock_config

RECORDER = Path(__file__).parent / "recording_emulator.py"
RECORDINGS = "recordings.jsonl"


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    home = tmp_path_factory.mktemp("emulator")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    mocks = home / "mocks.json"
    mocks.write_text(json.dumps(mock_config(STATE_MACHINE)))
    settings = {
        **ministack_settings(port, home),
        "SFN_MOCK_CONFIG": str(mocks),
        "SFN_WAIT_SCALE": "0",
    }
    with (
        (home / "ministack.log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-P", RECORDER, home / RECORDINGS],
            cwd=home,
            env=environment(home, settings),
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads yet
        ) as emulator,
    ):
        try:
            endpoint = f"http://127.0.0.1:{port}"
            wait_for(lambda: _answers(endpoint), bool)
            yield Engine(endpoint, home / RECORDINGS)
        finally:
            emulator.kill()


def _answers(endpoint: str) -> bool:
    try:
        return http.get(f"{endpoint}/_ministack/health").is_success
    except httpx.TransportError:
        return False
