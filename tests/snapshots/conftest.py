"""The emulator's Lambda service, with its workers forked from snapshots, or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.snapshots.emulated_lambda import EmulatedLambda


@pytest.fixture
def snapshots(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[EmulatedLambda]:
    lambda_service = EmulatedLambda(monkeypatch, tmp_path, snapshots=True)
    yield lambda_service
    lambda_service.close()


@pytest.fixture(params=[True, False], ids=["snapshots", "fresh processes"])
def either(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[EmulatedLambda]:
    """What holds with snapshots as it does without."""
    lambda_service = EmulatedLambda(monkeypatch, tmp_path, snapshots=request.param)
    yield lambda_service
    lambda_service.close()
