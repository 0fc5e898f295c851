"""The state of a local stack and its files."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scripts.local.errors import LocalStackError
from scripts.local.stack.state import DemoCustomer, Home, LocalState, Process, Urls

STATE = LocalState(
    name="default",
    created_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
    supervisor=Process(pid=1, created=1.5),
    ministack=Process(pid=2, created=2.5),
    urls=Urls(
        aws="http://127.0.0.1:4566",
        paystack="http://127.0.0.1:1",
        bedrock="http://127.0.0.1:2",
        front_door="http://127.0.0.1:3",
        dynamodb="http://127.0.0.1:4",
        cognito="http://127.0.0.1:6",
        xray="http://127.0.0.1:7",
    ),
    outputs={"WebhookUrl": "https://abc123.lambda-url.eu-west-1.on.aws/"},
    customer=DemoCustomer(email="a@example.com", password="p", totp_secret="s"),
    paystack_secret_key="sk_test_1",
)


def test_a_stack_of_an_earlier_build_has_no_proxy_of_cognito() -> None:
    content = STATE.urls.model_dump(by_alias=True)
    del content["cognito"]
    assert Urls.model_validate(content).cognito == STATE.urls.aws


def test_a_saved_state_is_loaded_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    STATE.save(path)
    assert LocalState.load(path) == STATE
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]


def test_a_missing_file_has_no_state(tmp_path: Path) -> None:
    assert LocalState.load(tmp_path / "state.json") is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": "default"}', "\x00"])
def test_a_damaged_file_is_reported_with_the_remedy(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    with pytest.raises(LocalStackError, match=r"damaged.*orders local down"):
        LocalState.load(path)


def test_urls_have_the_addresses_of_this_machine() -> None:
    assert STATE.urls.graphql == "http://127.0.0.1:3/graphql"
    assert STATE.webhook_url == "http://127.0.0.1:4566/_aws/lambda-url/abc123/"


def test_a_process_differs_from_a_later_one_with_the_same_number() -> None:
    mine = Process.of(os.getpid())
    assert mine.is_running
    assert not Process(pid=mine.pid, created=mine.created - 1).is_running


def test_an_ended_process_is_not_running() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = Process.of(child.pid)
    assert process.is_running
    child.kill()
    child.wait()
    assert not process.is_running


def test_the_environment_names_the_stack_and_its_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ORDERS_LOCAL_DIR", str(tmp_path))
    monkeypatch.setenv("ORDERS_LOCAL_NAME", "mine")
    assert Home().path == tmp_path / "mine"
    assert Home("other").path == tmp_path / "other"
    monkeypatch.delenv("ORDERS_LOCAL_NAME")
    assert Home().name == "default"


@pytest.mark.parametrize("name", ["..", "a/b", "-x", "a b", "x" * 42])
def test_a_name_that_is_not_a_folder_name_is_refused(name: str) -> None:
    with pytest.raises(LocalStackError, match="is no name for a stack"):
        Home(name)
