"""Local stacks for faults.

Short by default, in divided time; ``CHAOS=full`` (``make chaos``) runs more orders, against the
real delays of the workflow and the breakers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.chaos.scale import FULL, SCALE
from tests.support.shop import Shop
from tests.support.stacks import make_healthy, running_shop

Report = Callable[[str], None]


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    """Figures for readers, printed also if the tests pass."""

    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n    {text}", end="", flush=True)

    return say


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("stacks")
    workers = {} if SCALE.workers is None else {"LAMBDA_ACCOUNT_CONCURRENCY": str(SCALE.workers)}
    with running_shop(
        folder, "chaos", time_factor=SCALE.time_factor, waits=SCALE.waits, **workers
    ) as shop:
        # Before any function has read it.
        shop.set_recovery(**SCALE.recovery)
        if not FULL:
            shop.stop_reconciling()  # in divided time it helps where it would hardly run
        shop.awaiting_payment("2 packs of spagetti")  # one worker of each function is warm
        yield shop


@pytest.fixture(autouse=True)
def healthy_again(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test of the stack starts with healthy providers and closed breakers."""
    yield
    if "shop" in request.fixturenames:
        make_healthy(request.getfixturevalue("shop"))
