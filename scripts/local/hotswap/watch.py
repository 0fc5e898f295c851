"""Deploys each save into a running local stack."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from httpx import HTTPError

from scripts.demo_shop.app import PAGE
from scripts.local.hotswap.definition import Definition
from scripts.local.hotswap.errors import SaveError
from scripts.local.hotswap.functions import Functions
from scripts.local.hotswap.page import Page
from scripts.local.stack.state import PROJECT

FUNCTIONS: Final = PROJECT / "functions"
DEFINITION: Final = PROJECT / "workflows"

_LIBRARY: Final = "orderflow"
_OF_THE_APP: Final = frozenset({".graphql", ".js"})
_NOT_SOURCES: Final = frozenset({"__pycache__", "node_modules", "cdk.out"})
#: The last two are watched to say that only a deployment takes them over.
WATCHED: Final = (
    FUNCTIONS,
    DEFINITION,
    PAGE,
    PROJECT / "cdk" / "constructs",
    PROJECT / "cdk" / "stacks",
)


@dataclass(frozen=True)
class Report:
    """What one save led to.

    Attributes:
        files: the saved files, below the project.
        done: a phrase for each part that was deployed.
        problem: why nothing was deployed of a part; None if there was none.
        hint: what else is to be done; None if nothing is.
        seconds: from the save of the last file until all of it was deployed.
    """

    files: tuple[str, ...]
    done: tuple[str, ...]
    problem: str | None
    hint: str | None
    seconds: float


@dataclass
class Pending:
    """What has been saved since it was last deployed."""

    functions: set[str] = field(default_factory=set)
    definition: bool = False
    page: bool = False

    def add(self, file: Path, deployed: Iterable[str]) -> bool:
        """Whether a saved file is of a part that can be deployed alone; it is then pending."""
        if file.is_relative_to(PAGE):
            self.page = True
        elif file.is_relative_to(DEFINITION):
            self.definition = True
        elif file.is_relative_to(FUNCTIONS) and file.suffix not in _OF_THE_APP:
            folder = file.relative_to(FUNCTIONS).parts[0]
            wanted = {*deployed} if folder == _LIBRARY else {folder} & {*deployed}
            self.functions |= wanted
            return bool(wanted)
        else:
            return False
        return True


class Hotswap:
    """Deploys saved files; what fails is tried again with the next save.

    Args:
        functions: the deployed functions.
        definition: the deployed definition.
        page: the published page.
    """

    def __init__(self, functions: Functions, definition: Definition, page: Page) -> None:
        self._functions = functions
        self._definition = definition
        self._page = page
        self._pending = Pending()

    def catch_up(self, deployed_at: float, watched: Iterable[Path] = WATCHED) -> Report:
        """Deploys what was saved since the last deployment.

        Args:
            deployed_at: when that was (epoch seconds): what only a deployment takes over is named
                if it was saved later.
            watched: the folders to look through.
        """
        known = self._functions.folders
        later = (file for file in _files(watched) if file.stat().st_mtime > deployed_at)
        left = [file for file in later if not Pending().add(file, known)]
        self._pending = Pending({*known}, definition=True, page=True)
        return self._deploy((), time.time(), _hint(left))

    def save(self, files: Iterable[Path]) -> Report:
        """Deploys these files, and what was pending."""
        known = self._functions.folders
        left = [file for file in files if not self._pending.add(file, known)]
        names = tuple(sorted(str(file.relative_to(PROJECT)) for file in files))
        return self._deploy(names, min(map(_saved_at, files)), _hint(left))

    def _deploy(self, files: tuple[str, ...], began: float, hint: str | None) -> Report:
        done: list[str] = []
        problems: list[str] = []
        for part in (self._sync_functions, self._sync_definition, self._sync_page):
            try:
                done.extend(part())
            except (SaveError, BotoCoreError, ClientError, HTTPError, OSError) as error:
                problems.append(str(error))
        problem = "\n".join(problems) or None
        return Report(files, tuple(done), problem, hint, time.time() - began)

    def _sync_functions(self) -> Iterator[str]:
        if self._pending.functions:
            published = self._functions.sync(self._pending.functions)
            self._pending.functions.clear()
            # The definition names the versions of the functions that it calls.
            self._pending.definition |= bool(published)
            yield from (f"{each.function} is version {each.version}" for each in published)

    def _sync_definition(self) -> Iterator[str]:
        if self._pending.definition:
            version = self._definition.sync()
            self._pending.definition = False
            if version:
                yield f"new orders run version {version} of the workflow"

    def _sync_page(self) -> Iterator[str]:
        if self._pending.page:
            changed = self._page.sync()
            self._pending.page = False
            if changed:
                yield f"the page has {', '.join(changed)}"


def _saved_at(file: Path) -> float:
    """When a file was saved; now, if that can't be said (epoch seconds)."""
    try:
        return min(file.stat().st_mtime, time.time())
    except OSError:
        return time.time()


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file() and not _NOT_SOURCES & {*file.parts}:
                yield file


def _hint(files: Sequence[Path]) -> str | None:
    if not files:
        return None
    return f"{_names(files)}: only `orders local up --redeploy` takes this over."


def _names(files: Iterable[Path]) -> str:
    return ", ".join(sorted(str(file.relative_to(PROJECT)) for file in files))
