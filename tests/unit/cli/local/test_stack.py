"""``orders local``, ``orders demo`` and ``orders faults``, on a fake stack."""

from __future__ import annotations

import json
import shlex
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
import typer.main
from botocore.exceptions import ClientError

from scripts.cli import main
from scripts.cli.console import CommandError, ExitCode, PlainSeconds
from scripts.cli.local import faults
from scripts.cli.local import stack as local
from scripts.local.stack.health import Component, Condition, Status
from scripts.local.stack.logs import LogEvent
from scripts.local.stack.state import DemoCustomer, Home, LocalState, Process
from tests.support.paths import PROJECT
from tests.support.waiting import wait_for
from tests.unit.cli.conftest import URLS, Orders

STATE = LocalState(
    name="here",
    created_at=datetime(2026, 1, 31, tzinfo=UTC),
    supervisor=Process(pid=1, created=0),
    ministack=Process(pid=2, created=0),
    urls=URLS,
    outputs={},
    customer=DemoCustomer(email="demo@x.example", password="p", totp_secret="s"),
    paystack_secret_key="sk_test_x",
)


class FakeStack:
    """Records whether it is up."""

    def __init__(self) -> None:
        self.is_up = False
        self.name: str | None = None
        self.keeps = False

    def up(self, name: str | None, **options: Any) -> LocalState:
        self.name = name
        self.keeps = options["keep_data"]
        progress = options["on_progress"]
        progress("Deploy the CDK app", None)
        progress("Deploy the CDK app", 12.34)
        self.is_up = True
        return STATE

    def keeps_data(self, _: str | None = None) -> bool:
        return self.keeps

    def down(self, _: str | None = None, *, forget: bool = False) -> bool:  # noqa: ARG002
        existed, self.is_up = self.is_up, False
        return existed

    def status(self, _: str | None = None) -> Status:
        parts = (Component("aws", URLS.aws, 2, healthy=True),) if self.is_up else ()
        return Status("here", Condition.UP if self.is_up else Condition.DOWN, parts)

    def read(self, _: str | None = None) -> LocalState:
        return STATE


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> FakeStack:
    fake = FakeStack()
    monkeypatch.setattr(local, "stack", fake)
    monkeypatch.setattr(faults, "stack", fake)
    return fake


def test_up_prints_steps_to_standard_error_and_the_address_to_standard_output(
    orders: Orders, stack: FakeStack
) -> None:
    result = orders("local", "up", "--name", "here")

    assert stack.name == "here"
    assert result.stderr == "✓ Deploy the CDK app (12.3 s)\n"
    address, following = result.stdout.splitlines()
    assert address == f"The local stack here is up: {URLS.graphql}"
    assert following.startswith("Next: ORDERS_LOCAL_NAME=here orders submit ")


def test_up_as_json_prints_only_the_addresses(orders: Orders, stack: FakeStack) -> None:
    answer = json.loads(orders("local", "up", "--json").stdout)

    assert answer == {
        "name": "here",
        "urls": {
            "aws": URLS.aws,
            "paystack": URLS.paystack,
            "bedrock": URLS.bedrock,
            "frontDoor": URLS.front_door,
            "dynamodb": URLS.dynamodb,
            "cognito": URLS.cognito,
            "xray": URLS.xray,
        },
    }


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_an_invalid_port_is_refused(orders: Orders, stack: FakeStack, port: str) -> None:
    result = orders("local", "up", "--port", port)

    assert (result.exit_code, stack.is_up) == (2, False)


def test_down_reports_whether_there_was_a_stack(orders: Orders, stack: FakeStack) -> None:
    stack.is_up = True

    assert orders("local", "down").stdout == "The local stack is down.\n"
    assert orders("local", "down").stdout == "There was no local stack.\n"
    assert json.loads(orders("local", "down", "--json").stdout) == {
        "existed": False,
        "keptData": False,
    }


def test_a_stack_that_keeps_its_data_says_so_when_it_goes_down(
    orders: Orders, stack: FakeStack
) -> None:
    orders("local", "up", "--keep-data")

    kept = orders("local", "down")
    orders("local", "up", "--keep-data")
    forgotten = orders("local", "down", "--forget")

    assert "Its data is kept: `orders local up --keep-data` goes on with it." in kept.stderr
    assert forgotten.stderr == ""


def test_the_environment_points_tools_at_the_stack(orders: Orders, stack: FakeStack) -> None:
    lines = orders("local", "env").stdout.splitlines()

    assert lines[0] == "unset AWS_PROFILE AWS_SESSION_TOKEN"
    assert f"export AWS_ENDPOINT_URL={URLS.aws}" in lines
    assert json.loads(orders("local", "env", "--json").stdout) == dict(
        line.removeprefix("export ").split("=", 1) for line in lines[1:]
    )


def test_status_is_0_only_for_a_stack_that_is_up(orders: Orders, stack: FakeStack) -> None:
    down = orders("local", "status")
    stack.is_up = True
    up = orders("local", "status")

    assert (down.exit_code, down.stdout) == (3, "The local stack here is down.\n")
    assert up.exit_code == 0
    assert "answers" in up.stdout


def test_status_of_a_broken_stack_names_the_dead_part_and_the_remedy(
    orders: Orders, stack: FakeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = (Component("aws", URLS.aws, 2, healthy=False),)
    broken = Status("here", Condition.BROKEN, parts)
    monkeypatch.setattr(stack, "status", lambda _: broken)

    shown = orders("local", "status")
    answer = orders("local", "status", "--json")

    assert shown.exit_code == answer.exit_code == 3
    assert "does not answer" in shown.stdout
    assert "`orders local up` cleans up" in shown.stderr
    assert json.loads(answer.stdout) == {
        "name": "here",
        "condition": "broken",
        "components": [{"name": "aws", "url": URLS.aws, "pid": 2, "healthy": False}],
    }


LOGGED = (
    LogEvent(datetime(2026, 1, 31, 12, tzinfo=UTC), "/grocery/local/api", "[bold]first\x1b[2J"),
    LogEvent(datetime(2026, 1, 31, 12, tzinfo=UTC), "/grocery/local/api", "a second"),
)


@pytest.fixture
def logs(stack: FakeStack, monkeypatch: pytest.MonkeyPatch) -> None:
    tails = {"ministack.log": "[red]started"}
    monkeypatch.setattr("scripts.local.stack.logs.process_tail", lambda _: tails)
    monkeypatch.setattr("scripts.local.stack.logs.events", lambda *_: iter(LOGGED))


def test_logs_are_shown_in_order_and_without_markup(orders: Orders, logs: None) -> None:
    result = orders("local", "logs")

    assert result.stdout == (
        "12:00:00.000000 /grocery/local/api [bold]first[2J\n"
        "12:00:00.000000 /grocery/local/api a second\n"
    )
    assert "[red]started\n" in result.stderr


def test_logs_as_json_are_one_object_per_line(orders: Orders, logs: None) -> None:
    result = orders("local", "logs", "--json")

    assert [json.loads(line)["message"] for line in result.stdout.splitlines()] == [
        event.message for event in LOGGED
    ]
    assert json.loads(result.stdout.splitlines()[0])["at"] == "2026-01-31T12:00:00+00:00"
    assert result.stderr == ""


Outcome = Callable[[], ExitCode]
#: Sets the outcome of the demo's order; returns what will be submitted.
DemoEnds = Callable[[Outcome], list[dict[str, Any]]]


@pytest.fixture
def demo_ends(monkeypatch: pytest.MonkeyPatch) -> DemoEnds:
    """``demo_ends(how)`` sets the outcome of the demo's order; returns the submissions' options."""

    def set_outcome(how: Outcome) -> list[dict[str, Any]]:
        submissions: list[dict[str, Any]] = []
        monkeypatch.setattr(local, "connect", lambda *_: None)
        monkeypatch.setattr(local, "Submission", lambda *_, **__: _Run(how, submissions))
        return submissions

    return set_outcome


class _Run:
    def __init__(self, how: Outcome, submissions: list[dict[str, Any]]) -> None:
        self._how = how
        self._submissions = submissions

    def run(self, fields: dict[str, Any], **options: Any) -> ExitCode:
        self._submissions.append(fields | options)
        return self._how()


def succeed() -> ExitCode:
    return ExitCode.OK


def fail() -> ExitCode:
    return ExitCode.FAILED


def refuse() -> ExitCode:
    raise CommandError("It takes too long.", ExitCode.FAILED)


def press_ctrl_c() -> ExitCode:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("how", "code"), [(succeed, 0), (fail, 1), (refuse, 1), (press_ctrl_c, 130)]
)
def test_the_demo_stops_its_stack_after_every_outcome(
    orders: Orders,
    stack: FakeStack,
    demo_ends: DemoEnds,
    how: Outcome,
    code: int,
) -> None:
    demo_ends(how)

    result = orders("demo")

    assert (result.exit_code, stack.is_up) == (code, False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_demo_stops_its_stack_after_a_signal(
    stack: FakeStack,
    demo_ends: DemoEnds,
    monkeypatch: pytest.MonkeyPatch,
    restored_signals: None,
    number: signal.Signals,
) -> None:
    def receive_signal() -> ExitCode:
        signal.raise_signal(number)
        raise AssertionError("it went on")

    demo_ends(receive_signal)
    monkeypatch.setattr("sys.argv", ["orders", "demo"])

    with pytest.raises(SystemExit) as e:
        main.run()

    assert (e.value.code, stack.is_up) == (128 + number, False)


@pytest.fixture
def restored_signals() -> Iterator[None]:
    """Sets the default handlers, also under nohup, and restores the previous ones afterwards."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_DFL) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_command_under_nohup_ignores_sighup(
    stack: FakeStack, monkeypatch: pytest.MonkeyPatch, restored_signals: None
) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    monkeypatch.setattr("sys.argv", ["orders", "local", "down"])

    with pytest.raises(SystemExit):
        main.run()

    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_the_demo_pays_its_order(orders: Orders, stack: FakeStack, demo_ends: DemoEnds) -> None:
    submissions = demo_ends(succeed)

    result = orders("demo")

    assert submissions == [{"groceryList": local.DEMO_LIST, "pay": True}]
    assert f'orders submit "{local.DEMO_LIST}" --pay\n' in result.stderr


def test_the_demo_keeps_a_stack_that_was_up_before(
    orders: Orders, stack: FakeStack, demo_ends: DemoEnds
) -> None:
    demo_ends(succeed)
    stack.is_up = True

    result = orders("demo")

    assert stack.is_up
    assert "`orders local down` stops it" in result.stderr
    assert "is stopped" not in result.stderr


def test_the_demo_reports_that_its_stack_is_stopped_and_how_to_keep_it(
    orders: Orders, stack: FakeStack, demo_ends: DemoEnds
) -> None:
    demo_ends(succeed)

    result = orders("demo")

    assert "The local stack is stopped." in result.stderr
    assert "`make demo KEEP=1`" in result.stderr
    assert next_commands(result.stderr)[0] == "orders local up"
    assert "http" not in result.output, "no address of a stack that is gone"


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("is_kept", [False, True])
@pytest.mark.parametrize(
    ("called", "name", "command"),
    [
        (".venv/bin/orders", None, ".venv/bin/orders "),
        ("/home/kemi/a b/.venv/bin/orders", None, "orders "),
        ("/usr/bin/pytest", "my shop", "ORDERS_LOCAL_NAME='my shop' orders "),
    ],
    ids=["by make", "by PATH", "named"],
)
def test_the_demos_next_commands_work_as_printed(
    orders: Orders,
    demo_ends: DemoEnds,
    monkeypatch: pytest.MonkeyPatch,
    called: str,
    name: str | None,
    command: str,
    is_kept: bool,
) -> None:
    demo_ends(succeed)
    monkeypatch.setattr("sys.argv", [called])

    result = orders("demo", *(["--keep"] if is_kept else []), *(["--name", name] if name else []))

    commands = next_commands(result.stderr)
    assert len(commands) >= 3
    for each in commands:
        assert each.startswith(command)
        assert_is_understood(each.removeprefix(command))


def test_the_readmes_sample_ends_as_the_demo_does(
    orders: Orders,
    stack: FakeStack,
    demo_ends: DemoEnds,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    demo_ends(succeed)
    monkeypatch.setattr("sys.argv", [".venv/bin/orders"])
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    sample = readme.partition("$ make demo\n")[2].partition("```")[0]

    ending = orders("demo").stderr.partition("The local stack")[2]

    assert sample.endswith(ending)
    assert "Status: PAYMENT_COMPLETED\n" in sample


def next_commands(shown: str) -> list[str]:
    """The indented lines after "Next:"."""
    lines = shown.partition("Next:\n")[2].splitlines()
    return [line.strip() for line in lines if line.startswith("  ")]


def assert_is_understood(arguments: str) -> None:
    """The command line knows the command and its options (it is not run)."""
    command, words = typer.main.get_command(main.app), shlex.split(arguments)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context("orders", words)


def test_the_demo_keeps_its_stack_with_keep(
    orders: Orders, stack: FakeStack, demo_ends: DemoEnds
) -> None:
    demo_ends(succeed)

    orders("demo", "--keep")

    assert stack.is_up


@pytest.fixture
def admin(stack: FakeStack, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The calls of the stand-ins' admin API."""
    calls: list[tuple[Any, ...]] = []
    stats = {"calls": 2, "byOutcome": {"ok": 2}, "byOperation": {}, "fault": None}

    def request(method: str, url: str, **options: Any) -> httpx.Response:
        calls.append((method, url, options["json"]))
        return httpx.Response(200, json=stats)

    monkeypatch.setattr("httpx.request", request)
    return calls


def test_the_options_of_a_fault_are_sent(orders: Orders, admin: list[tuple[Any, ...]]) -> None:
    orders("faults", "set", "paystack", "--mode", "slow", "--rate", "0.5", "--for", "30")
    orders("faults", "set", "bedrock", "--times", "2")
    orders("faults", "set", "paystack", "--answer", "html_400")
    orders("faults", "clear", "paystack")
    orders("faults", "set", "email", "--mode", "outage")

    assert admin == [
        (
            "PUT",
            f"{URLS.paystack}/_admin/faults",
            {"mode": "slow", "rate": 0.5, "forSeconds": 30.0},
        ),
        ("PUT", f"{URLS.bedrock}/_admin/faults", {"mode": "outage", "rate": 1.0, "times": 2}),
        (
            "PUT",
            f"{URLS.paystack}/_admin/faults",
            {"mode": "answer", "rate": 1.0, "answer": "html_400"},
        ),
        ("DELETE", f"{URLS.paystack}/_admin/faults", None),
        ("PUT", f"{URLS.email}/_admin/faults", {"mode": "outage", "rate": 1.0}),
    ]


def test_stats_are_shown_as_text(orders: Orders, admin: list[tuple[Any, ...]]) -> None:
    shown = [line.split() for line in orders("faults", "stats", "bedrock").stdout.splitlines()]

    assert shown == [
        ["calls", "2"],
        ["byOutcome", "ok:", "2"],
        ["byOperation", "none"],
        ["fault", "none"],
    ]
    assert json.loads(orders("faults", "stats", "bedrock", "--json").stdout)["calls"] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["set", "stripe"],
        ["set", "paystack", "--mode", "unknown"],
        ["set", "paystack", "--rate", "1.5"],
        ["set", "paystack", "--for", "0"],
        ["set", "paystack", "--for", "86401"],
        ["set", "paystack", "--times", "0"],
    ],
    ids=" ".join,
)
def test_an_invalid_fault_is_refused(
    orders: Orders, admin: list[tuple[Any, ...]], arguments: list[str]
) -> None:
    assert orders("faults", *arguments).exit_code == 2
    assert admin == []


def test_the_refusal_of_a_stand_in_is_quoted(
    orders: Orders, stack: FakeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = httpx.Response(400, text="No such mode.")
    monkeypatch.setattr("httpx.request", lambda *_, **__: answer)

    result = orders("faults", "set", "paystack")

    assert result.exit_code == 2
    assert result.stderr == "error: The stand-in refuses this: No such mode.\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '{"status": false, "message": "Transaction has not been paid"}',
            "Transaction has not been",
        ),
        ('{"errors": []}', '{"errors": []}'),
        ("[]", "[]"),
    ],
)
def test_the_refusal_of_paystacks_stand_in_is_quoted_in_its_words(
    orders: Orders, stack: FakeStack, monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    monkeypatch.setattr("httpx.request", lambda *_, **__: httpx.Response(400, text=text))

    result = orders("faults", "set", "paystack")

    assert result.stderr.startswith(f"error: The stand-in refuses this: {words}")
    assert ("{" in result.stderr) is ("{" in words)


def test_an_unreachable_stand_in_is_reported(orders: Orders, stack: FakeStack) -> None:
    result = orders("faults", "stats", "paystack")

    assert result.exit_code == 3
    assert "`orders local status` says what is wrong" in result.stderr


def test_a_long_step_says_how_long_it_has_taken_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seconds = PlainSeconds("Deploy the CDK app", every=0.001)

    seconds.start()
    wait_for(lambda: capsys.readouterr().err, lambda seen: "  Deploy the CDK app ... 0 s\n" in seen)
    seconds.stop()
    capsys.readouterr()

    assert not seconds._thread.is_alive()


def test_a_step_shows_running_seconds_until_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[str] = []

    class Running:
        def __init__(self, text: str) -> None:
            self.text = text

        def start(self) -> None:
            running.append(self.text)

        def stop(self) -> None:
            running.remove(self.text)

    monkeypatch.setattr(local, "PlainSeconds", Running)
    steps = local.Steps()
    steps("Load the catalog", None)
    assert running == ["Load the catalog"]
    steps("Load the catalog", 1.0)
    assert running == []


BUSY = ClientError(
    {"Error": {"Code": "ServiceUnavailableException", "Message": "The emulator is busy."}}, "Call"
)


@pytest.mark.parametrize("command", [["local", "up"], ["demo"]], ids=" ".join)
def test_a_start_that_fails_keeps_its_logs_names_them_and_says_what_to_do(
    orders: Orders, stack: FakeStack, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    stopped: list[str | None] = []
    monkeypatch.setattr(stack, "up", Mock(side_effect=BUSY))
    monkeypatch.setattr(stack, "down", stopped.append)

    result = orders(*command)

    assert result.exit_code == 3
    words = " ".join(result.stderr.split())
    assert "The emulator is busy. On a busy machine, try again; the logs are in" in words
    assert str(Home().logs) in "".join(result.stderr.split())
    assert stopped == [], "stopping removes the logs"
