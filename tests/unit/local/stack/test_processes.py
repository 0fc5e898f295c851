"""Tools: their output, failures and timeouts."""

import os
import sys
from pathlib import Path

import pytest

from scripts.local.errors import LocalStackError
from scripts.local.stack import processes
from scripts.local.stack.processes import STACK_VARIABLE, environment


def run(folder: Path, code: str, timeout_seconds: float = 30) -> None:
    processes.run_tool(
        [sys.executable, "-c", code],
        folder=folder,
        environment=dict(os.environ),
        output=folder / "tool.log",
        timeout_seconds=timeout_seconds,
    )


def test_output_goes_to_the_log(tmp_path: Path) -> None:
    run(tmp_path, "print('hello')")
    assert (tmp_path / "tool.log").read_text() == "hello\n"


def test_a_failure_quotes_the_end_of_the_log(tmp_path: Path) -> None:
    code = "import sys; [print('line', n) for n in range(50)]; sys.exit(3)"
    with pytest.raises(LocalStackError, match=r"failed \(3\)") as failure:
        run(tmp_path, code)
    assert "line 49" in str(failure.value)
    assert "line 10\n" not in str(failure.value)


def test_a_tool_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match="took more than"):
        run(tmp_path, "import signal; signal.pause()", timeout_seconds=0.2)


def test_a_missing_tool_is_reported_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match=r"cdk is not installed.*make setup"):
        processes.require_tool(tmp_path / "cdk")


def test_a_log_that_does_not_exist_yet_has_no_tail(tmp_path: Path) -> None:
    assert processes.tail(tmp_path / "none.log") == ""


def test_a_stacks_processes_do_not_inherit_the_users_aws_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    settings = environment(tmp_path, {"EXTRA": "1"})
    assert "AWS_PROFILE" not in settings
    assert "AWS_SESSION_TOKEN" not in settings
    assert settings["AWS_ACCESS_KEY_ID"] == "test"
    assert settings[STACK_VARIABLE] == str(tmp_path)
    assert settings["EXTRA"] == "1"
