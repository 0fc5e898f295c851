"""What a developer reads where a function can't be deployed."""

from __future__ import annotations

from pathlib import Path

from scripts.local.hotswap.functions import in_sources


def test_a_traceback_names_the_sources_and_not_the_copies_in_packages(tmp_path: Path) -> None:
    package, shared = tmp_path / "parse_order-1a2b", tmp_path / "dependencies-3c4d"
    for folder in (package / "parse_order", shared / "pydantic"):
        folder.mkdir(parents=True)
    traceback = f'File "{package}/parse_order/handler.py"\nFile "{shared}/pydantic/main.py"'

    assert in_sources(traceback, [package, shared]) == (
        f'File "functions/parse_order/handler.py"\nFile "{shared}/pydantic/main.py"'
    )
