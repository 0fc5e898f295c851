"""The table of the library's packages: what each is for, and its modules."""

from __future__ import annotations

import ast
import os.path
from pathlib import Path

from scripts.documentation.sections import ROOT, listed, table
from scripts.documentation.source import FUNCTIONS, first_sentence

_LIBRARY = FUNCTIONS / "orderflow"


def packages(base: Path = ROOT / "docs") -> str:
    """A table with links for a file in the folder ``base``; modules of no package come last."""
    folders = sorted(path.parent for path in _LIBRARY.glob("*/__init__.py"))
    rows = [[_link(folder, base), _purpose(folder), listed(_modules(folder))] for folder in folders]
    return table(
        ["package", "purpose", "modules"],
        [*rows, [_link(_LIBRARY, base), "what all of them use", listed(_modules(_LIBRARY))]],
    )


def _link(folder: Path, base: Path) -> str:
    return f"[`{folder.name}`]({os.path.relpath(folder, base)})"


def _purpose(folder: Path) -> str:
    return first_sentence(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))


def _modules(folder: Path) -> list[str]:
    """The modules, and the packages below a package as one each."""
    below = folder.glob("*/__init__.py") if folder != _LIBRARY else ()
    names = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in below}
    return sorted(names - {"__init__"})
