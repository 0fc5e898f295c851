"""The synthesized CDK app of the ``local`` stage, kept until its sources change.

All local stacks of a checkout share the assembly: their addresses are parameters of the template
(:mod:`cdk.constructs.functions.local_addresses`). Synthesis takes longer than all else that a
deployment into the emulator does.
"""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from cdk.build_cache import built
from cdk.constructs.functions.bundling import bundle, local_target
from cdk.settings import Settings
from scripts.local.stack import processes
from scripts.local.stack.state import PROJECT, Home

_CDK_JSON: Final = PROJECT / "cdk" / "cdk.json"

_KEPT: Final = PROJECT / ".build" / "assemblies"
# More than the settings of the stacks that tests start at once: one may be deployed from it.
_MOST_KEPT: Final = 8
_SOURCES: Final = ("cdk", "functions", "workflows", "pyproject.toml", "uv.lock")
_NOT_SOURCES: Final = {"node_modules", "cdk.out", "__pycache__"}
_TIMEOUT_SECONDS: Final = 300.0


def assembly(home: Home, settings: Mapping[str, str]) -> Path:
    """The folder of the assembly for these settings; synthesizes it unless it is kept.

    Args:
        home: its log receives the output of a synthesis.
        settings: the ``ORDERS_LOCAL_*`` variables, beside this process's environment.

    Raises:
        LocalStackError: the synthesis fails.
        SettingsError: a setting is malformed.
    """
    environment = processes.environment(home.path, settings)
    folder = _KEPT / _digest(Settings.for_stage("local", environment))
    built(folder, lambda draft: _synthesize(draft, home, environment))
    os.utime(folder)
    _forget_the_oldest()
    return folder


def _digest(settings: Settings) -> str:
    """Of all that the assembly is made from, and where."""
    digest = hashlib.sha256(f"{sys.version} {settings.model_dump_json()}".encode())
    for path in _sources():
        digest.update(f"{path.relative_to(PROJECT)} ".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:20]


def _sources() -> Iterator[Path]:
    for name in _SOURCES:
        root = PROJECT / name
        if root.is_file():
            yield root
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(set(folders) - _NOT_SOURCES)
            yield from (Path(folder) / file for file in sorted(files))


def _synthesize(folder: Path, home: Home, environment: Mapping[str, str]) -> None:
    context = {**json.loads(_CDK_JSON.read_bytes())["context"], "stage": "local"}
    # jsii leaves its temporary folders where it is killed; these go with the next synthesis.
    scratch = folder.parent / "tmp"
    scratch.mkdir()
    for_app = {
        "CDK_OUTDIR": str(folder),
        "CDK_CONTEXT_JSON": json.dumps(context),
        "TMPDIR": str(scratch),
        # `make lint` and the tests validate the templates.
        "CDK_VALIDATION": "false",
    }
    with ThreadPoolExecutor(1) as beside:
        # The app, which takes seconds to load, finds the packages built, or waits for them.
        beside.submit(_bundle_all)
        processes.run_tool(
            # -O: the CDK looks into the types of all arguments otherwise, for a third of the time.
            [sys.executable, "-P", "-O", "-m", "cdk.app"],
            folder=PROJECT,
            environment={**environment, **for_app},
            output=home.logs / "deploy.log",
            timeout_seconds=_TIMEOUT_SECONDS,
        )


def _bundle_all() -> None:
    """Builds the functions' packages. An error is the app's to report: it builds them, too."""
    target = local_target()
    for handler in sorted((PROJECT / "functions").glob("*/handler.py")):
        bundle(handler.parent.name, target)


def _forget_the_oldest() -> None:
    kept = sorted(_KEPT.glob("[!.]*"), key=lambda each: each.stat().st_mtime, reverse=True)
    for folder in kept[_MOST_KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)
