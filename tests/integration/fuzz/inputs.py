"""The number of malformed inputs: 600 by default, 20,000 with ``FUZZ=full`` (``make fuzz``)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings

#: Inputs of all tests of one target: the GraphQL API or the webhook. The web ACL gets twice that.
INPUTS = 5_000 if os.environ.get("FUZZ") == "full" else 150


def examples(share: float) -> Callable[[Any], Any]:
    """Hypothesis' settings for a test that gets this share of the inputs."""
    return settings(
        max_examples=round(share * INPUTS),
        deadline=None,  # no result depends on the speed of this machine
        database=None,
        print_blob=True,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
        ],
    )
