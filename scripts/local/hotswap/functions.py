"""The functions of a running local stack."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from cdk.constructs.functions.bundling import Bundle, BundlingError, bundle, local_target
from cdk.definition import LIVE
from scripts.local.deployment.cloudformation import packed
from scripts.local.hotswap.errors import SaveError
from scripts.local.stack import aws
from scripts.local.stack.deploy import PREFIX
from scripts.local.stack.state import PROJECT, REGION, Urls

_SOURCES: Final = PROJECT / "functions"
_AT_ONCE: Final = 4
_IMPORT_TIMEOUT_SECONDS: Final = 30.0
_IMPORT: Final = (
    "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(f'{name}.handler')"
)


@dataclass(frozen=True)
class Published:
    """A function whose alias leads to a new version."""

    function: str
    version: str


class Functions:
    """The deployed functions, by their folders below ``functions/``.

    Args:
        urls: the stack's addresses.
        runtime: the folder with the Lambda runtime.
    """

    def __init__(self, urls: Urls, runtime: Path) -> None:
        self._client = aws.client("lambda", urls.aws)
        self._runtime = runtime
        #: The digests of packages that run, by folder, as far as they are known.
        self._running: dict[str, str] = {}
        pages = self._client.get_paginator("list_functions").paginate()
        self._names: dict[str, str] = {
            each["Handler"].partition(".")[0]: each["FunctionName"]
            for page in pages
            for each in page["Functions"]
            if each["FunctionName"].startswith(PREFIX)
        }

    @property
    def folders(self) -> frozenset[str]:
        """The folders of all deployed functions."""
        return frozenset(self._names)

    def sync(self, folders: Iterable[str]) -> list[Published]:
        """Publishes those of the functions whose packages differ from what runs.

        Raises:
            SaveError: a package can't be built, or a handler can't be imported; nothing is changed.
        """
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            packages = dict(pool.map(_package, sorted(folders)))
            is_new = pool.map(self._differs, packages, packages.values())
            changed = [folder for folder, new in zip(packages, is_new, strict=True) if new]
            self._check({folder: packages[folder] for folder in changed})
            published = [*pool.map(self._publish, changed, (packages[each] for each in changed))]
        self._running |= {folder: package.digest for folder, package in packages.items()}
        return published

    def live_version(self, function_name: str) -> str:
        """The ARN of the version that a function's alias leads to."""
        alias = self._client.get_alias(FunctionName=function_name, Name=LIVE)
        return f"{alias['AliasArn'].removesuffix(LIVE)}{alias['FunctionVersion']}"

    def _differs(self, folder: str, package: Bundle) -> bool:
        if folder in self._running:
            return self._running[folder] != package.digest
        location = self._client.get_function(FunctionName=self._names[folder])["Code"]["Location"]
        deployed = httpx.get(location, trust_env=False).raise_for_status().content
        return contents(deployed) != contents(packed(package.path))

    def _check(self, packages: Mapping[str, Bundle]) -> None:
        """Imports all of these handlers, in one process."""
        if not packages:
            return
        folders = [folder for each in packages.values() for folder in (each.path, *each.shared)]
        path = dict.fromkeys([*folders, self._runtime])
        ran = subprocess.run(  # noqa: S603  # nosec B603 # our own command
            [sys.executable, "-S", "-c", _IMPORT, *packages],
            env={
                "PYTHONPATH": os.pathsep.join(map(str, path)),
                "AWS_REGION": REGION,
            },
            capture_output=True,
            text=True,
            timeout=_IMPORT_TIMEOUT_SECONDS,
            check=False,
        )
        if ran.returncode:
            raise SaveError(in_sources(ran.stderr.strip(), folders))

    def _publish(self, folder: str, package: Bundle) -> Published:
        name = self._names[folder]
        self._client.update_function_code(FunctionName=name, ZipFile=packed(package.path))
        version: str = self._client.publish_version(FunctionName=name)["Version"]
        self._client.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=version)
        return Published(name.removeprefix(PREFIX), version)


def in_sources(traceback: str, folders: Iterable[Path]) -> str:
    """A traceback whose files in packages are named as their sources, which are open to edit."""
    for folder in folders:
        for copy in folder.iterdir():
            if (_SOURCES / copy.name).is_dir():
                traceback = traceback.replace(f"{copy}{os.sep}", f"functions/{copy.name}/")
    return traceback


def contents(package: bytes) -> dict[str, int]:
    """The checksums of a zip file's files."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {each.filename: each.CRC for each in archive.infolist() if not each.is_dir()}


def _package(folder: str) -> tuple[str, Bundle]:
    try:
        return folder, bundle(folder, local_target())
    except BundlingError as error:
        raise SaveError(str(error)) from error
