"""Fixtures of the local stack's tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.local.appsync.resolver_runner import ResolverRunner


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver runner with the virtual environment's Node."""
    folder = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}")


@pytest.fixture
def resolvers(node: None) -> Iterator[ResolverRunner]:
    runner = ResolverRunner()
    yield runner
    runner.close()
