"""A local stack to send nonsense to.

A few hundred inputs by default; ``FUZZ=full`` (``make fuzz``) sends thousands.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from scripts.local.stack import LocalStack
from tests.integration.shop import Shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORDERS_LOCAL_DIR", str(tmp_path_factory.mktemp("stacks")))
        patch.setenv("ORDERS_LOCAL_NAME", f"fuzz-{uuid.uuid4().hex[:8]}")
        patch.setenv("SFN_WAIT_SCALE", os.environ.get("SFN_WAIT_SCALE", "0.01"))
        with LocalStack() as state:
            yield Shop(state)
