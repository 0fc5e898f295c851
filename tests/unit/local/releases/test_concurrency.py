"""Reserved concurrency of a function, for calls of its versions."""

from __future__ import annotations

from typing import Any

import pytest
from ministack.services import lambda_svc

from scripts.local.releases.concurrency import of_all_versions


@pytest.mark.parametrize(
    ("function", "version", "expected"),
    [
        ({"concurrency": 0}, {}, 0),
        ({"concurrency": 20}, {}, 20),
        ({}, {}, None),
        ({"concurrency": 20}, {"concurrency": 5}, 5),
    ],
)
def test_a_version_draws_on_what_its_function_reserves(
    monkeypatch: pytest.MonkeyPatch,
    function: dict[str, Any],
    version: dict[str, Any],
    expected: int | None,
) -> None:
    monkeypatch.setattr(lambda_svc, "_functions", {"a-function": function})
    reserved = of_all_versions(lambda_svc._reserved_concurrency)

    assert reserved(version, {"FunctionName": "a-function", "Version": "3"}) == expected
