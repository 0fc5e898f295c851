"""The scene of refunds and disputes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orderflow.platform.observability import metrics
from tests.support.reversals_scene import ReversalsScene


@pytest.fixture
def scene() -> Iterator[ReversalsScene]:
    yield ReversalsScene()
    metrics.clear_metrics()
