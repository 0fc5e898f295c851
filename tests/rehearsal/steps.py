"""The pipelines' steps, run as they run them: by make."""

from __future__ import annotations

import subprocess

from tests.support.paths import PROJECT

PATIENCE_SECONDS = 600


def step(target: str, **variables: str) -> str:
    """Runs a make target; the last line of its output.

    Raises:
        StepError: it failed; the message is the end of its output.
    """
    command = ["make", "--no-print-directory", target]
    command += [f"{name}={value}" for name, value in variables.items()]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    if done.returncode:
        raise StepError(f"make {target}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout.strip().splitlines()[-1].strip("= ")


class StepError(Exception):
    """A step failed."""
