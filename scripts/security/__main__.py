"""``make security``: makes all checks, writes the report, and fails if one of them is red."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from orderflow.clock import iso, utc_now
from scripts.security import advisories, runs, sboms, scanners, stage
from scripts.security.checkpoints import CHECKPOINTS
from scripts.security.report import markdown
from scripts.security.row import ROOT

FOLDER: Final = ROOT / ".build" / "security"


def main(arguments: list[str] | None = None) -> int:
    """Makes the report; 1 if a row is red."""
    parser = argparse.ArgumentParser(prog="python -m scripts.security", description=__doc__)
    parser.add_argument("--stage", default="local", help="a deployed stage that is asked, too")
    name = parser.parse_args(arguments).stage
    ran = runs.run_tests(CHECKPOINTS, FOLDER)
    rows = [
        *(runs.row(checkpoint, ran) for checkpoint in CHECKPOINTS),
        *stage.rows(name),
        *scanners.rows(),
        *advisories.rows(),
        *sboms.rows(),
    ]
    path = FOLDER / "report.md"
    path.write_text(markdown(rows, name, iso(utc_now())), encoding="utf-8")
    for row in rows:
        sys.stdout.write(f"{row.result:14} {row.part}: {row.check} ({row.reason})\n")
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return int(any(row.is_bad for row in rows))


if __name__ == "__main__":
    sys.exit(main())
