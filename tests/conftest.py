"""For all suites: each request to DynamoDB is one that AWS would take.

The engines that stand in for DynamoDB let some pass that it refuses (docs/conformance.md).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.request_guard import GUARD


@pytest.fixture(autouse=True)
def aws_takes_each_request() -> Iterator[None]:
    """Fails a test that sends DynamoDB a request which AWS would refuse."""
    yield
    assert GUARD.take() == [], "AWS would refuse these requests to DynamoDB"
