"""A local stack to be rude to: some hundred bad inputs by default, 10,000 with ``FUZZ=full``."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from scripts.local.stack import LocalStack
from tests.integration.shop import Shop

#: Inputs of each target (the GraphQL API, the webhook), all its tests together.
INPUTS = 5_000 if os.environ.get("FUZZ") == "full" else 150


def examples(share: float) -> Callable[[Any], Any]:
    """Hypothesis' settings for a test that gets this share of the inputs."""
    return settings(
        max_examples=round(share * INPUTS),
        deadline=None,  # the speed of this machine decides nothing
        database=None,
        print_blob=True,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
        ],
    )


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORDERS_LOCAL_DIR", str(tmp_path_factory.mktemp("stacks")))
        patch.setenv("ORDERS_LOCAL_NAME", f"fuzz-{uuid.uuid4().hex[:8]}")
        patch.setenv("SFN_WAIT_SCALE", os.environ.get("SFN_WAIT_SCALE", "0.01"))
        with LocalStack() as state:
            yield Shop(state)
