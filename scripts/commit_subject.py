"""Checks the subject of a commit message: a hook of pre-commit (stage commit-msg)."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

MAX_CHARACTERS: Final = 72

#: Other forms of verbs: "Adds", "Added", "Adding".
_INFLECTED: Final = re.compile(r"\w{2,}([^s]s|ed|ing)")

#: Verbs that only look like one of these forms.
_IMPERATIVES: Final = frozenset({"bring", "embed", "exceed", "feed", "need", "seed"})

_NO_VERBS: Final = frozenset({"a", "an", "every", "it", "no", "one", "some", "the", "this", "we"})


def problems(message: str) -> list[str]:
    """What is wrong with the message's subject, in words; nothing when it is fine."""
    subject, *rest = _written(message).split("\n")
    first = subject.partition(" ")[0].rstrip(",:").lower()
    inflected = _INFLECTED.fullmatch(first) and first not in _IMPERATIVES
    checks = {
        "is empty": not subject.strip(),
        f"has {len(subject)} characters: at most {MAX_CHARACTERS}": len(subject) > MAX_CHARACTERS,
        "begins with a small letter": subject[:1].islower(),
        "ends with a full stop": subject.endswith("."),
        f'begins with "{first}": begin with an imperative, such as "Add"': bool(
            inflected or first in _NO_VERBS
        ),
        "is not followed by an empty line": any(rest[:1]),
    }
    return [problem for problem, found in checks.items() if found]


def _written(message: str) -> str:
    """The message without git's comments and its mark of commits to fold into others."""
    lines = [line.rstrip() for line in message.split("\n") if not line.startswith("#")]
    return re.sub(r"^((fixup|squash|amend)! )+", "", "\n".join(lines).strip())


def main(path: Path) -> int:
    """Print the problems of the message in this file; 1 when there are any."""
    found = problems(path.read_text(encoding="utf-8"))
    for problem in found:
        sys.stderr.write(f"The commit's subject {problem}.\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
