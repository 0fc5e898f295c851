"""Makes the emulator of an earlier build record its requests as this build's does.

Python imports it at its start where this folder is on ``PYTHONPATH``. It loads this checkout's
modules by their files, because ``scripts`` is the earlier build's there.
"""

import importlib.util
import sys
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[3]


def _load(name: str) -> object:
    path = _PROJECT / f"{name.replace('.', '/')}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


#: Its module, here and in earlier builds.
_EMULATORS = {"scripts.local.stack.emulator", "scripts.local.emulator"}

if _EMULATORS & {*sys.orig_argv}:
    _load("scripts.capacity.capacity_units")
    _load("scripts.local.cloudwatch.request_lines")
    _load("scripts.local.cloudwatch.request_names")
    _load("scripts.local.cloudwatch.request_log").install()  # type: ignore[attr-defined]
