"""Renders tables for a terminal of a given width."""

from __future__ import annotations

import io

from rich.console import Console, RenderableType


def rendered(what: RenderableType, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    console.print(what)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()
