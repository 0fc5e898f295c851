"""What the stand-ins' tests share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.local.appsync.resolver_code import ResolverRunner


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Node, as it came with the virtual environment."""
    folder = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}")


@pytest.fixture
def resolvers(node: None) -> Iterator[ResolverRunner]:
    runner = ResolverRunner()
    yield runner
    runner.close()
