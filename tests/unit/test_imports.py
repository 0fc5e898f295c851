"""Parser and index stay light: they need the standard library and rapidfuzz, nothing else."""

from __future__ import annotations

import subprocess
import sys

from tests.support.paths import FUNCTIONS

LOADED = """
import sys
before = set(sys.modules)
import {module}
names = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(*sorted(names - sys.stdlib_module_names))
"""


def _loaded_by(module: str) -> set[str]:
    code = LOADED.format(module=module)
    # Isolated, and from the functions' folder: nothing of the tests is loaded yet.
    run = [
        sys.executable,
        "-I",
        "-c",
        f"import sys; sys.path.insert(0, {str(FUNCTIONS)!r})\n{code}",
    ]
    return set(subprocess.run(run, capture_output=True, check=True, text=True).stdout.split())


def test_the_parser_needs_the_standard_library_alone() -> None:
    assert _loaded_by("orderflow.grocery_list.parser") == {"orderflow"}


def test_the_index_needs_rapidfuzz_beside_it() -> None:
    assert {name for name in _loaded_by("orderflow.catalog.search") if "cython" not in name} == {
        "orderflow",
        "rapidfuzz",
    }
