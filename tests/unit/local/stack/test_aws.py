"""Clients of the emulated AWS."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest
from botocore.loaders import Loader

from scripts.local.stack import aws


def test_clients_of_a_service_read_its_description_once(monkeypatch: pytest.MonkeyPatch) -> None:
    aws._loader.cache_clear()
    load = MagicMock(wraps=Loader().file_loader.load_file)
    monkeypatch.setattr("botocore.loaders.JSONFileLoader.load_file", lambda _, path: load(path))

    first = aws.client("sqs", "http://127.0.0.1:1")
    reads = load.call_count
    second = aws.client("sqs", "http://127.0.0.1:1")

    assert first is not second
    assert reads > 0
    assert load.call_count == reads
