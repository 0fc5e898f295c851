"""Each shell step of each workflow runs here; make checks its target without running it.

What a target does is run elsewhere: :data:`RUN_BY`.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.pipelines.workflows import FOLDER, VALUES, Step, load, run, steps
from tests.support.paths import TESTS

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

REHEARSAL = "make rehearse, on a local stack"
NIGHTLY = "Runs alike on any machine; it takes too long for each commit, or asks the network."
NIGHTLY_TARGETS = load(FOLDER / "nightly.yml")["jobs"]["nightly"]["strategy"]["matrix"]["target"]

#: What runs each target that the workflows call, or why nothing here does.
RUN_BY = {
    "artefact": REHEARSAL,
    "check-artefact": REHEARSAL,
    "histories": REHEARSAL,
    "smoke": REHEARSAL,
    "soak": REHEARSAL,
    "roll-back": REHEARSAL,
    "diff": "Compares with what an account of AWS runs; only the command line is checked here.",
    "deploy": "Deploys to an account of AWS; the rehearsal deploys the local stage by the CDK.",
    "test": "It runs this test.",
    "lint": "It reads code and templates, and changes nothing; each change runs it.",
    "security": NIGHTLY,
    "test-long": NIGHTLY,
    **dict.fromkeys(NIGHTLY_TARGETS, NIGHTLY),
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


def test_every_target_that_a_step_calls_is_run_somewhere_or_listed_with_its_reason() -> None:
    lines = [line for each in SHELL for line in str(each.script).splitlines()]
    words = [shlex.split(line)[1:] for line in lines if line.startswith("make ")]
    called = {word for line in words for word in line if "=" not in word}

    assert called | {*NIGHTLY_TARGETS} == {*RUN_BY, "$TARGET"}


def test_the_rehearsal_runs_the_targets_that_it_is_said_to_run() -> None:
    played = (TESTS / "rehearsal" / "__main__.py").read_text(encoding="utf-8")

    assert {*re.findall(r"""step\(["']([a-z-]+)["']""", played)} == {
        target for target, reason in RUN_BY.items() if reason == REHEARSAL
    }


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
