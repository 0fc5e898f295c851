"""``make release-report``: what was measured and tested of a release, on one page to sign.

Gathers pages that other targets write, and a checklist from the names of tests. It measures nothing
itself: a page that is not there, or is older than the sources, is said to be, with its target.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / ".build" / "release-report.md"


@dataclass(frozen=True)
class Part:
    """One part of the report.

    Attributes:
        title: for people.
        pages: the files that show it; the first that exists is taken.
        target: the make target that writes them.
        tests: the folders or files whose tests are signed for.
    """

    title: str
    pages: tuple[str, ...]
    target: str
    tests: tuple[str, ...]


PARTS: Final = (
    Part(
        "Security",
        (".build/security/report.md",),
        "security",
        ("tests/integration/test_access.py",),
    ),
    Part("Load and capacity", ("docs/performance/load.md", "docs/performance/sla.md"), "load", ()),
    Part("Chaos", (), "chaos", ("tests/chaos",)),
    Part("Conformance", ("docs/conformance.md",), "conformance", ("tests/engines",)),
    Part("Mutants", ("docs/mutants.md",), "mutate", ()),
    Part(
        "Release and recovery",
        ("docs/rehearsal.md",),
        "rehearse",
        (
            "tests/releases",
            "tests/infrastructure/test_releases.py",
            "tests/infrastructure/test_backup.py",
        ),
    ),
    Part("Smoke", (), "smoke", ("tests/smoke",)),
    Part("Cost", ("docs/performance/cost.md", "docs/cost.md"), "cost", ()),
)


def report(root: Path, release: str, commit: str, now: datetime) -> str:
    """The page, in Markdown."""
    sections = (_section(root, part) for part in PARTS)
    head = f"# Release {release}\n\nCommit {commit}, gathered {now:%Y-%m-%d %H:%M} UTC.\n"
    return "\n".join([head, *sections, _SIGN_OFF])


_SIGN_OFF: Final = """## Sign-off

| role | name | date |
|---|---|---|
| engineering | | |
| operations | | |
| security | | |
"""


def _section(root: Path, part: Part) -> str:
    lines = [f"## {part.title}", "", _evidence(root, part), ""]
    lines += [f"- [ ] {each}" for each in checks(root, part.tests)]
    return "\n".join(lines) + "\n"


def _evidence(root: Path, part: Part) -> str:
    for name in part.pages:
        path = root / name
        if path.exists():
            written = f"{datetime.fromtimestamp(path.stat().st_mtime, UTC):%Y-%m-%d %H:%M} UTC"
            return f"[{name}](../{name}), written {written} by `make {part.target}`."
    if part.pages:
        return f"**Missing**: `make {part.target}` writes it."
    return f"`make {part.target}` runs these:"


def checks(root: Path, tests: tuple[str, ...]) -> Iterator[str]:
    """What the tests say, in words: their names are sentences."""
    for name in tests:
        path = root / name
        files = sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
        for file in files:
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    yield node.name.removeprefix("test_").replace("_", " ")


def main() -> None:
    """Writes the report and prints where it is."""
    commit = subprocess.run(  # nosec B603 B607 # a fixed command
        ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    text = report(
        ROOT, version("grocery-order-orchestration"), commit or "unknown", datetime.now(UTC)
    )
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
    missing = text.count("**Missing**")
    if missing:
        sys.stdout.write(f"{missing} parts are missing; the report names their targets.\n")


if __name__ == "__main__":
    main()
