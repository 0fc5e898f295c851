"""One deployed stage, ``$SMOKE_STAGE`` (local by default), and a customer of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.local.stack import lifecycle
from scripts.local.stack.health import Condition
from tests.smoke.customer import SmokeCustomer

STAGE = os.environ.get("SMOKE_STAGE") or LOCAL

#: Stages whose PayStack account moves money: no link is created there.
LIVE = {"prod"}


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    """The stage. A local stack that is not up is started, and stopped again."""
    with ExitStack() as stack:
        if STAGE == LOCAL and lifecycle.status().condition is not Condition.UP:
            stack.enter_context(lifecycle.LocalStack())
        yield connect(STAGE)


@pytest.fixture(scope="session")
def customer(deployment: Deployment) -> Iterator[SmokeCustomer]:
    """Signs in with a fresh code; at the end no order of the suite is left under way."""
    customer = SmokeCustomer(deployment)
    yield customer
    customer.clean_up()


@pytest.fixture
def _pays() -> None:
    """Skips a test that asks PayStack for a link where that is for real money."""
    if STAGE in LIVE:
        pytest.skip(f"{STAGE} has a live PayStack account: no link and no payment")
