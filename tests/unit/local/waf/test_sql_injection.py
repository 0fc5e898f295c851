"""SQL injection is found in any value of a request, also beside values that were seen before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scripts.local.waf import sql_injection

INJECTION = "1' OR '1'='1"

pytestmark = pytest.mark.skipif(
    not sql_injection.AVAILABLE, reason="libinjection is not there for this system"
)


@pytest.fixture(autouse=True)
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The values that libinjection is asked about, of a process that has seen none."""
    asked: list[str] = []
    is_denied = sql_injection._is_denied

    def look(values: Sequence[str]) -> bool:
        asked.extend(values)
        return is_denied(values)

    monkeypatch.setattr(sql_injection, "_HARMLESS", set())
    monkeypatch.setattr(sql_injection, "_is_denied", look)
    return asked


def test_harmless_values_are_looked_at_once(looked_at: list[str]) -> None:
    assert not sql_injection.finds_injection(["orderId", "2 kg rice", "orderId"])
    assert not sql_injection.finds_injection(["orderId", "2 kg rice", "3 eggs"])
    assert looked_at == ["orderId", "2 kg rice", "3 eggs"]


def test_an_injection_is_found_each_time() -> None:
    for values in ([INJECTION], ["orderId", INJECTION], [INJECTION]):
        assert sql_injection.finds_injection(values)


def test_what_stands_beside_an_injection_is_not_taken_for_harmless() -> None:
    assert sql_injection.finds_injection(["orderId", INJECTION])
    assert not sql_injection.finds_injection(["orderId"])
    assert sql_injection.finds_injection([INJECTION])


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_injection, "_KEPT", 3)
    for number in range(20):
        sql_injection.finds_injection([f"value {number}"])
    sql_injection.finds_injection(["x" * 2_000])
    assert len(sql_injection._HARMLESS) <= 4
    assert all(len(each) < 2_000 for each in sql_injection._HARMLESS)
