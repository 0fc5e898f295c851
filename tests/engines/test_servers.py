"""The engines that run as servers."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.engines import DYNALITE, MINISTACK, run_server


@pytest.mark.parametrize("engine", [MINISTACK, DYNALITE])
def test_a_server_ends_with_its_tests(engine: str, tmp_path: Path) -> None:
    with run_server(engine, tmp_path) as endpoint:
        httpx.get(endpoint)

    with pytest.raises(httpx.ConnectError):
        httpx.get(endpoint)
