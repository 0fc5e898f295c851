"""Each shell step of each workflow runs here; make checks its target without running it.

`make rehearse` runs what those targets do, against the local stack.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pipelines.workflows import FOLDER, VALUES, Step, load, run, steps

ALL = list(steps())
SHELL = [step for step in ALL if step.script is not None]

#: Steps that no test runs, and why.
NOT_RUN = {
    "actions/checkout": "GitHub's runner has the repository; here it is checked out.",
    "actions/download-artifact": "Artefacts are GitHub's; `make check-artefact` is run here.",
    "actions/setup-python": "Installs a Python; tests run on the one that is there.",
    "actions/upload-artifact": "Artefacts are GitHub's.",
    "aws-actions/configure-aws-credentials": "Trades GitHub's token for AWS's; needs both.",
    "github/codeql-action/analyze": "Sends findings to GitHub.",
    "github/codeql-action/init": "Downloads CodeQL from GitHub.",
}

_PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


@pytest.mark.parametrize("step", SHELL, ids=str)
def test_a_shell_step_runs(step: Step, tmp_path: Path) -> None:
    outcome = run(step, tmp_path)

    assert outcome.code == 0, outcome.output
    assert outcome.calls or "diff.md" in str(step.script)


@pytest.mark.parametrize("step", SHELL, ids=str)
def test_no_value_of_github_becomes_a_part_of_a_script(step: Step) -> None:
    """Values reach scripts by variables, which the shell does not run."""
    assert "${{" not in str(step.script)


def test_every_step_is_run_or_listed_with_its_reason() -> None:
    used = {str(step.content["uses"]).partition("@")[0] for step in ALL if step.script is None}

    assert used == set(NOT_RUN)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_actions_are_pinned_by_their_commit(path: Path) -> None:
    uses = [line.strip() for line in path.read_text().splitlines() if "uses:" in line]

    assert [line for line in uses if not _PINNED.search(line)] == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_workflows_may_only_read_unless_a_job_says_why(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}

    for name, job in workflow["jobs"].items():
        writing = [each for each, right in job.get("permissions", {}).items() if right == "write"]
        for right in writing:
            assert re.search(rf"^ +{right}: write # \w", path.read_text(), re.MULTILINE), name


def test_the_diff_is_commented_where_the_commit_has_a_pull_request(tmp_path: Path) -> None:
    (step,) = [each for each in SHELL if "gh pr comment" in str(each.script)]
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()

    assert any("[7]" in call for call in run(step, tmp_path / "with").calls)
    outcome = run(step, tmp_path / "without", pull_request="")
    assert outcome.code == 0
    assert not any("comment" in call for call in outcome.calls)


def test_a_reason_is_one_argument_whatever_it_says(tmp_path: Path) -> None:
    (step,) = [each for each in SHELL if each.workflow == "rollback" and "REASON" in each.variables]

    (call,) = run(step, tmp_path).calls

    assert call == f"make [roll-back] [REASON={VALUES['inputs.reason']}]"


@pytest.mark.parametrize("workflow", ["deploy", "promote"])
def test_nothing_is_deployed_before_its_digest_is_checked(workflow: str) -> None:
    jobs: dict[str, list[str]] = {}
    for step in SHELL:
        if step.workflow == workflow:
            jobs.setdefault(step.job, []).append(str(step.script))

    for scripts in jobs.values():
        if "make deploy" in scripts:
            (check,) = [n for n, script in enumerate(scripts) if "make check-artefact" in script]
            assert check < scripts.index("make histories") < scripts.index("make deploy")
            assert scripts.index("make deploy") < scripts.index("make smoke")
