"""``make release-report``: what was measured and tested of a release, on one page to sign.

Gathers pages that other targets write, and a checklist from the names of tests. It measures nothing
itself: a page that is not there is named with the target that writes it, and of each other page the
report says how many commits have changed the product since it was written.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
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
        pages: the files that show it.
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
    Part("Load", ("docs/performance/load.md",), "load", ()),
    Part("Chaos", (), "chaos", ("tests/chaos",)),
    Part("Conformance", ("docs/conformance.md",), "conformance", ("tests/engines",)),
    Part("Mutants", ("docs/mutants.md",), "mutate", ()),
    Part(
        "Release and roll-back",
        ("docs/rehearsal.md",),
        "rehearse",
        ("tests/releases", "tests/infrastructure/test_releases.py"),
    ),
    Part(
        "Disaster recovery",
        ("docs/recovery/objectives.md",),
        "recovery",
        ("tests/infrastructure/test_backup.py",),
    ),
    Part("Smoke", (), "smoke", ("tests/smoke",)),
    Part(
        "Cost and capacity",
        ("docs/performance/cost.md", "docs/performance/capacity.md"),
        "cost",
        (),
    ),
)

#: What a release is made of: a change of it may change what the pages say.
PRODUCT: Final = ("functions", "cdk", "workflows")


@dataclass(frozen=True)
class Written:
    """When a page was written, and how many commits have changed the product since."""

    at: datetime
    changes: int


#: What pages say that no run has written yet.
_NOTHING: Final = "is recorded yet"

#: Looks a page up; None where it is not kept in the history.
History = Callable[[str], Written | None]


def report(root: Path, release: str, commit: str, now: datetime, history: History) -> str:
    """The page, in Markdown."""
    sections = (_section(root, part, history) for part in PARTS)
    head = f"# Release {release}\n\nCommit {commit}, gathered {now:%Y-%m-%d %H:%M} UTC.\n"
    return "\n".join([head, *sections, _SIGN_OFF])


_SIGN_OFF: Final = """## Sign-off

| role | name | date |
|---|---|---|
| engineering | | |
| operations | | |
| security | | |
"""


def _section(root: Path, part: Part, history: History) -> str:
    lines = [f"## {part.title}", ""]
    lines += [_evidence(root, part, name, history) for name in part.pages]
    lines += [] if part.pages else [f"`make {part.target}` runs these:", ""]
    lines += [f"- [ ] {each}" for each in checks(root, part.tests)]
    return "\n".join(lines) + "\n"


def _evidence(root: Path, part: Part, name: str, history: History) -> str:
    path = root / name
    if not path.exists() or _NOTHING in path.read_text(encoding="utf-8"):
        return f"- [ ] **Missing**: {name}; `make {part.target}` writes it."
    written = history(name) or Written(datetime.fromtimestamp(path.stat().st_mtime, UTC), 0)
    since = {0: "", 1: "; one commit has changed the product since"}.get(
        written.changes, f"; {written.changes} commits have changed the product since"
    )
    return (
        f"- [ ] [{name}](../{name}), of {written.at:%Y-%m-%d %H:%M} UTC "
        f"(`make {part.target}`){since}"
    )


def checks(root: Path, tests: tuple[str, ...]) -> Iterator[str]:
    """What the tests say, in words: their names are sentences."""
    for name in tests:
        path = root / name
        files = sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
        for file in files:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    yield node.name.removeprefix("test_").replace("_", " ")


def history_of(page: str) -> Written | None:
    """When a page was last committed."""
    found = _git("log", "-1", "--format=%H %cI", "--", page).split()
    if not found:
        return None
    commit, at = found
    changes = _git("rev-list", "--count", f"{commit}..HEAD", "--", *PRODUCT)
    return Written(datetime.fromisoformat(at).astimezone(UTC), int(changes))


def _git(*arguments: str) -> str:
    """Its output; empty where there is no repository."""
    return subprocess.run(  # noqa: S603  # nosec B603 B607 # our own commands
        ["git", *arguments],  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip


def main() -> None:
    """Writes the report and prints where it is."""
    commit = _git("rev-parse", "--short=12", "HEAD") or "unknown"
    release = version("grocery-order-orchestration")
    text = report(ROOT, release, commit, datetime.now(UTC), history_of)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
    missing = text.count("**Missing**")
    if missing:
        sys.stdout.write(f"{missing} pages are missing; the report names their targets.\n")


if __name__ == "__main__":
    main()
