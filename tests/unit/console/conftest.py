"""The fixtures of the command line's stage in memory, whose functions the console calls."""

from __future__ import annotations

from tests.unit.cli.conftest import (  # noqa: F401 - fixtures
    audited,
    breakers_table,
    connected,
    deployment,
    make_deployment,
    operated,
    step_functions,
)
