"""One synthesized artefact for all stages, which is built once and deployed unchanged.

Its digest covers every file. A stage deploys the artefact only if it has the digest that the build
reported.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

DIGEST_FILE: Final = "digest.txt"
STAGES: Final = ("dev", "staging", "prod")
_CHUNK: Final = 1 << 20


class ArtefactError(Exception):
    """The artefact is incomplete, or not the one that was built; the message says which."""


def build(folder: Path, synthesize: Callable[[str, Path], None]) -> str:
    """Synthesizes all stages into the folder; writes and returns the digest.

    Args:
        folder: is created; must not exist, because leftovers would become a part of it.
        synthesize: writes one stage's assembly into a folder.

    Raises:
        ArtefactError: the folder exists.
    """
    if folder.exists():
        raise ArtefactError(f"{folder} exists: remove it first.")
    for stage in STAGES:
        synthesize(stage, folder / stage)
    digest = digest_of(folder)
    (folder / DIGEST_FILE).write_text(f"{digest}\n", encoding="utf-8")
    return digest


def check(folder: Path, expected: str) -> None:
    """Checks that the artefact is the one that was built.

    Args:
        folder: the artefact's.
        expected: the digest that the build reported (hex).

    Raises:
        ArtefactError: it is not, or a stage is missing.
    """
    for stage in STAGES:
        if not (folder / stage / "manifest.json").is_file():
            raise ArtefactError(f"{folder} has no assembly of {stage}: is it an artefact?")
    found = digest_of(folder)
    if not hmac.compare_digest(found.encode(), expected.strip().lower().encode()):
        raise ArtefactError(
            f"The artefact's digest is {found}, and {expected} was built. It is not deployed: "
            "download the artefact of that build again, or build anew."
        )


def digest_of(folder: Path) -> str:
    """Of all files, by name and content (SHA-256, hex)."""
    digest = hashlib.sha256()
    for path in sorted(_files(folder)):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(_digest_of_file(path))
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    own = folder / DIGEST_FILE
    return (path for path in folder.rglob("*") if path.is_file() and path != own)


def _digest_of_file(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.digest()


def release_of(folder: Path, stage: str) -> str:
    """The release that the artefact deploys to a stage, as its template records it.

    Raises:
        ArtefactError: the template has no record.
    """
    template = folder / stage / f"grocery-{stage}-orders.template.json"
    resources = json.loads(template.read_bytes())["Resources"].values()
    for each in resources:
        text = json.dumps(each.get("Properties", {}).get("Value", ""))
        if each["Type"] == "AWS::SSM::Parameter" and '\\"release\\"' in text:
            return text.split('\\"release\\":\\"', 1)[1].split('\\"', 1)[0]
    raise ArtefactError(f"{template} records no release.")
