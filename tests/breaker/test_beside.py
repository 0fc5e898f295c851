"""What docs/breaker.md says of our circuit breaker and of Powertools' ("What others do")."""

from __future__ import annotations

from tests.breaker.beside import Measured, Ours, Powertools, measure
from tests.breaker.conftest import Emulator


def test_ours_lets_one_probe_through_forgets_what_is_late_and_loses_no_count(
    emulator: Emulator,
) -> None:
    assert measure(Ours, emulator.endpoint) == Measured(
        probes=1,
        after_late_success="OPEN",
        after_late_failure="HALF_OPEN",
        after_failures="OPEN",
        reads=100,
        writes=0,
    )


def test_powertools_reads_less_and_counts_in_each_environment_for_itself(
    emulator: Emulator,
) -> None:
    assert measure(Powertools, emulator.endpoint) == Measured(
        probes=1,
        after_late_success="CLOSED",
        after_late_failure="OPEN",
        after_failures="CLOSED",
        reads=1,
        writes=0,
    )
