"""The demo shop's page, published from its sources."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

from scripts.local.hotswap.errors import SaveError
from scripts.local.stack.processes import NODE

_TIMEOUT_SECONDS: Final = 30.0


class Page:
    """A copy of the page's folder, which a server serves.

    Args:
        sources: the folder that is edited.
        folder: the copy; it is made.
    """

    def __init__(self, sources: Path, folder: Path) -> None:
        self._sources = sources
        self.folder = folder
        shutil.copytree(sources, folder)

    def sync(self) -> list[str]:
        """Publishes the files that differ from the copy's, and returns their names.

        Raises:
            SaveError: a script can't be parsed; nothing is changed.
        """
        saved, published = _files(self._sources), _files(self.folder)
        changed = sorted(name for name, text in saved.items() if published.get(name) != text)
        for name in changed:
            if name.endswith(".js"):
                _check_script(self._sources / name)
        for name in changed:
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}")
            draft.write_bytes(saved[name])
            draft.replace(target)
        gone = sorted(published.keys() - saved.keys())
        for name in gone:
            (self.folder / name).unlink()
        return changed + gone


def _files(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.startswith(".")
    }


def _check_script(file: Path) -> None:
    """Parses a module; what it does when it runs is the browser's to say."""
    ran = subprocess.run(  # noqa: S603  # nosec B603 # our own command
        [str(NODE), "--input-type=module", "--check", "-"],
        input=file.read_text("utf-8"),
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    if ran.returncode:
        problem = ran.stderr.replace("[stdin]", file.name).strip().partition("\n\nNode.js")[0]
        raise SaveError(problem.partition("\n    at ")[0])
