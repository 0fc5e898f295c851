"""One emulator for the workflow tests, without waits and with mocked functions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engines import run_ministack
from tests.workflow.engine import STATE_MACHINE, Engine
from tests.workflow.mocks import mock_config

RECORDER = Path(__file__).parent / "recording_emulator.py"


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    home = tmp_path_factory.mktemp("emulator")
    mocks = home / "mocks.json"
    mocks.write_text(json.dumps(mock_config(STATE_MACHINE)))
    settings = {"SFN_MOCK_CONFIG": str(mocks), "SFN_WAIT_SCALE": "0"}
    recordings = home / "recordings.jsonl"
    with run_ministack(home, settings, [RECORDER, recordings]) as endpoint:
        yield Engine(endpoint, recordings)
