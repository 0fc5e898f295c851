"""Local functions start from snapshots, by SnapStart's contract; and end as they did before."""

from __future__ import annotations

import json
import logging
import os
import queue
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from ministack.services import lambda_svc

from scripts.local.snapshots import emulated
from scripts.local.snapshots.host import Templates
from scripts.local.snapshots.support import SWITCH, why_not
from scripts.local.stack.state import PROJECT
from tests.snapshots.emulated_lambda import (
    ARN,
    RUNTIME,
    EmulatedLambda,
    InvocationError,
    function_record,
)
from tests.support.waiting import wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are no snapshots here")


def test_init_runs_once_for_all_workers_of_a_version(snapshots: EmulatedLambda) -> None:
    code = """
        import os, uuid
        INIT = str(uuid.uuid4())
        def lambda_handler(event, context): return [os.getpid(), INIT]
    """
    first, second = (snapshots.worker(code).invoke() for _ in range(2))

    assert first[0] != second[0]
    assert first[1] == second[1]


def test_each_worker_sends_segments_of_its_own(snapshots: EmulatedLambda) -> None:
    code = f"""
        import os, sys
        sys.path.insert(0, {str(PROJECT / "functions")!r})
        from orderflow.platform.tracing import traced
        @traced
        def lambda_handler(event, context): return os.environ["_X_AMZN_TRACE_ID"]
    """
    headers = [f"Root=1-6b0c4e64-{number:024x};Parent={number:016x};Sampled=1" for number in (1, 2)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(60)
        address = f"127.0.0.1:{daemon.getsockname()[1]}"
        for header in headers:
            worker = snapshots.worker(code, environment={"AWS_XRAY_DAEMON_ADDRESS": address})
            assert worker.invoke(trace=header) == header
        sent = [json.loads(daemon.recv(65_535).partition(b"\n")[2]) for _ in headers]
        daemon.settimeout(0)
        with pytest.raises(BlockingIOError):  # each sent one
            daemon.recv(65_535)

    assert len({each["id"] for each in sent}) == len(headers)
    assert [(each["trace_id"], each["parent_id"]) for each in sent] == [
        (f"1-6b0c4e64-{number:024x}", f"{number:016x}") for number in (1, 2)
    ]


def test_fresh_processes_run_init_each_for_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code = """
        import uuid
        INIT = str(uuid.uuid4())
        def lambda_handler(event, context): return INIT
    """
    fresh = EmulatedLambda(monkeypatch, tmp_path, snapshots=False)
    try:
        first, second = (fresh.worker(code).invoke() for _ in range(2))
    finally:
        fresh.close()

    assert first != second


def test_another_environment_is_another_version(snapshots: EmulatedLambda) -> None:
    code = """
        import os
        AT_INIT = os.environ["COLOUR"]
        def lambda_handler(event, context): return [AT_INIT, os.environ["COLOUR"]]
    """
    for colour in ("red", "green"):
        worker = snapshots.worker(code, environment={"COLOUR": colour})
        assert worker.invoke() == [colour, colour]


def test_a_worker_keeps_its_state_between_invocations(either: EmulatedLambda) -> None:
    code = """
        COUNT = 0
        def lambda_handler(event, context):
            global COUNT
            COUNT += 1
            return COUNT
    """
    worker, other = either.worker(code), either.worker(code)

    assert [worker.invoke(), worker.invoke(), other.invoke()] == [1, 2, 1]


def test_hooks_run_once_before_the_snapshot_and_in_each_worker_after_it(
    snapshots: EmulatedLambda,
) -> None:
    code = """
        import os
        from snapshot_restore_py import register_after_restore, register_before_snapshot
        RAN = []
        @register_before_snapshot
        def second(): RAN.append(["before, registered first", os.getpid()])
        @register_before_snapshot
        def first(): RAN.append(["before, registered second", os.getpid()])
        @register_after_restore
        def restore(): RAN.append(["after", os.getpid()])
        def lambda_handler(event, context): return RAN
    """
    runs = [snapshots.worker(code).invoke() for _ in range(2)]

    for ran in runs:
        assert [name for name, _ in ran] == [
            "before, registered second",
            "before, registered first",
            "after",
        ]
    (before, _, after), (others_before, _, others_after) = runs
    assert before == others_before
    assert after[1] != others_after[1]


def test_a_worker_has_its_own_credentials_even_in_clients_made_before_the_snapshot(
    snapshots: EmulatedLambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Under AUTH the emulator derives a role's session from the ARN that was invoked.
    monkeypatch.setattr("ministack.app.AUTH", True)
    code = """
        import os, boto3
        CLIENT = boto3.client("sqs", region_name="eu-west-1")
        AT_INIT = CLIENT._request_signer._credentials.get_frozen_credentials().access_key
        def lambda_handler(event, context):
            frozen = CLIENT._request_signer._credentials.get_frozen_credentials()
            return [frozen.access_key, os.environ["AWS_ACCESS_KEY_ID"], AT_INIT]
    """
    first = snapshots.worker(code, arn=f"{ARN}:1").invoke()
    second = snapshots.worker(code, arn=f"{ARN}:live").invoke()

    assert first[0] == first[1]
    assert second[0] == second[1]
    assert first[0] != second[0]
    assert first[2] == second[2] == first[0], "the version is initialized once, with credentials"


def test_workers_share_no_randomness(snapshots: EmulatedLambda) -> None:
    code = """
        import random, secrets, tempfile, uuid
        random.seed(4)
        tempfile.mktemp()
        def lambda_handler(event, context):
            return [
                random.random(), secrets.token_hex(), str(uuid.uuid4()), str(uuid.uuid1()),
                tempfile.mktemp(),
            ]
    """
    first, second = (snapshots.worker(code).invoke() for _ in range(2))

    assert all(one != other for one, other in zip(first, second, strict=True))


def test_what_was_opened_before_the_snapshot_is_unusable_after_it_and_named(
    snapshots: EmulatedLambda, capfd: pytest.CaptureFixture[str]
) -> None:
    code = """
        import os, socket
        OPENED = open(__file__)
        SERVER = socket.create_server(("127.0.0.1", 0))
        CLIENT = socket.create_connection(SERVER.getsockname())
        def lambda_handler(event, context):
            try:
                sent = CLIENT.send(b"hello")
            except OSError as error:
                sent = type(error).__name__
            return [sent, os.read(OPENED.fileno(), 9).decode()]
    """
    assert snapshots.worker(code).invoke() == ["BrokenPipeError", ""]

    named = capfd.readouterr().err
    assert named.count("opened before the snapshot") == 3
    assert "tested.py" in named


def test_a_workers_output_is_its_own_log(either: EmulatedLambda) -> None:
    code = """
        import logging, os, sys
        print("init")
        def lambda_handler(event, context):
            print(event)
            print(event, file=sys.stderr)
            os.write(1, event.encode() + b"\\n")
            logging.getLogger().warning(event)
    """
    first, second = either.worker(code), either.worker(code)
    first.invoke("one"), second.invoke("two"), first.invoke("three")

    assert "two" not in first.log
    assert first.log.count("three") == 4
    assert second.log.count("two") == 4


def test_the_request_of_an_invocation_reaches_the_handlers_context(either: EmulatedLambda) -> None:
    code = """
        import os
        def lambda_handler(event, context):
            return [context.aws_request_id, context.invoked_function_arn, os.getcwd(), __file__]
    """
    request, arn, folder, file = either.worker(code).invoke()

    assert (request, arn) == ("1", ARN)
    assert Path(file).parent == Path(folder)


def test_memory_is_shared_until_it_is_written(snapshots: EmulatedLambda) -> None:
    code = """
        DATA = [bytes(range(256)) * 16 + bytes([number % 256]) for number in range(10_000)]
        def lambda_handler(event, context):
            with open("/proc/self/smaps_rollup") as rollup:
                lines = [line.split() for line in rollup]
            return sum(int(line[1]) for line in lines if line[0].startswith("Private_"))
    """
    assert snapshots.worker(code).invoke() < 10_000, "kB, of 41,000 that init filled"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import no_such_module", "Runtime.ImportModuleError"),
        ("x = (", "Runtime.UserCodeSyntaxError"),
        ("def another(event, context): ...", "Runtime.HandlerNotFound"),
        ("raise LookupError('not there')", "LookupError"),
        ("import sys; sys.exit(3)", "Runtime.ExitError"),
        ("import os; os.kill(os.getpid(), 9)", "Runtime.ExitError"),
    ],
)
def test_a_failed_init_arrives_by_the_name_that_aws_gives_it(
    either: EmulatedLambda, code: str, error: str
) -> None:
    worker = either.worker(code)
    for _ in range(2):
        with pytest.raises(InvocationError) as failed:
            worker.invoke()
        assert failed.value.name == error


def test_after_a_failed_init_the_next_worker_tries_again(
    either: EmulatedLambda, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.json"
    code = f"""
        KNOWN = open({str(missing)!r}).read()
        def lambda_handler(event, context): return KNOWN
    """
    with pytest.raises(InvocationError, match=r"missing\.json") as failed:
        either.worker(code).invoke()
    missing.write_text("found")

    assert failed.value.name == "FileNotFoundError"
    assert either.worker(code).invoke() == "found"


@pytest.mark.parametrize("hook", ["register_before_snapshot", "register_after_restore"])
def test_a_failed_hook_fails_the_invocation(snapshots: EmulatedLambda, hook: str) -> None:
    code = f"""
        import snapshot_restore_py
        @snapshot_restore_py.{hook}
        def fail(): raise LookupError("hook")
        def lambda_handler(event, context): ...
    """
    with pytest.raises(InvocationError, match="hook") as failed:
        snapshots.worker(code).invoke()

    assert failed.value.name == "LookupError"


def test_an_error_in_the_handler_leaves_the_worker_as_it_is(either: EmulatedLambda) -> None:
    code = """
        import os
        def lambda_handler(event, context): return os.getpid() if event else {}["key"]
    """
    worker = either.worker(code)
    before = worker.invoke(True)
    with pytest.raises(InvocationError) as failed:
        worker.invoke(False)

    assert failed.value.name == "KeyError"
    assert "KeyError" in worker.log
    assert worker.invoke(True) == before


@pytest.mark.parametrize(
    "end",
    [
        "os._exit(4)",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "os.kill(os.getpid(), signal.SIGSEGV)",
        "sys.exit(1)",
    ],
)
def test_a_worker_that_dies_fails_its_invocation_alone(either: EmulatedLambda, end: str) -> None:
    code = f"""
        import os, signal, sys
        def lambda_handler(event, context):
            if event: {end}
            return os.getpid()
    """
    worker, other = either.worker(code), either.worker(code)
    before, others = worker.invoke(), other.invoke()
    with pytest.raises(InvocationError) as failed:
        worker.invoke("die")

    assert failed.value.name == "Runtime.ExitError"
    assert worker.invoke() not in {before, others}, "a new process"
    assert other.invoke() == others


def test_a_worker_that_exhausts_its_memory_says_so(either: EmulatedLambda) -> None:
    code = """
        import resource
        def lambda_handler(event, context):
            resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))
            return len(bytearray(1 << 29))
    """
    with pytest.raises(InvocationError) as failed:
        either.worker(code).invoke()

    assert failed.value.name == "MemoryError"


def test_a_worker_that_takes_too_long_is_ended(either: EmulatedLambda) -> None:
    code = """
        import os, threading
        def lambda_handler(event, context):
            print("pid", os.getpid(), flush=True)
            threading.Event().wait()
    """
    worker = either.worker(code, timeout=1)
    with pytest.raises(InvocationError) as failed:
        worker.invoke()

    assert failed.value.name == "Sandbox.Timedout"
    assert not psutil.pid_exists(int(worker.log.split()[1]))


@pytest.mark.parametrize("method", ["terminate", "kill"])
def test_the_emulator_ends_its_workers(either: EmulatedLambda, method: str) -> None:
    code = "import os\ndef lambda_handler(event, context): return os.getpid()"
    worker = either.worker(code)
    pid = worker.invoke()
    process = worker.emulated._proc
    assert process.poll() is None

    getattr(process, method)()

    assert process.wait(10) == {"terminate": -15, "kill": -9}[method]
    assert process.poll() == process.returncode
    assert not psutil.pid_exists(pid)


def test_an_init_that_hangs_is_given_up_with_its_worker(
    snapshots: EmulatedLambda, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    code = f"""
        import pathlib, threading
        if not pathlib.Path({str(started)!r}).exists():
            pathlib.Path({str(started)!r}).touch()
            threading.Event().wait()
        def lambda_handler(event, context): return event
    """
    hanging = snapshots.worker(code)
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(hanging.invoke)
        wait_for(started.exists, bool, 10)
        hanging.emulated._proc.kill()  # as the emulator does when init has taken too long
        with pytest.raises(InvocationError, match="exited during init"):
            starting.result()

    assert snapshots.worker(code).invoke("again") == "again"


def test_workers_end_with_their_template_and_it_starts_again(snapshots: EmulatedLambda) -> None:
    code = "import os\ndef lambda_handler(event, context): return [os.getpid(), os.getppid()]"
    worker = snapshots.worker(code)
    pid, template = worker.invoke()

    os.kill(template, 9)

    wait_for(lambda: psutil.pid_exists(pid), lambda exists: not exists, 10)
    assert worker.invoke()[1] != template


def test_functions_are_forks_of_one_process_and_listed_by_their_names(
    snapshots: EmulatedLambda,
) -> None:
    code = "import os\ndef lambda_handler(event, context): return [os.getpid(), os.getppid()]"
    other = code.replace("lambda_handler(event", "lambda_handler(_event")
    (first, template), (second, others) = (
        snapshots.worker(each).invoke() for each in (code, other)
    )

    assert template != others
    assert psutil.Process(template).ppid() == psutil.Process(others).ppid()
    for pid in (first, template, second, others):
        assert psutil.Process(pid).cmdline()[-1].split()[0] == "tested"


def test_functions_end_with_the_process_that_they_have_in_common_and_start_again(
    snapshots: EmulatedLambda,
) -> None:
    code = "import os\ndef lambda_handler(event, context): return [os.getpid(), os.getppid()]"
    worker = snapshots.worker(code)
    pid, template = worker.invoke()

    os.kill(psutil.Process(template).ppid(), 9)

    wait_for(lambda: psutil.pid_exists(pid), lambda exists: not exists, 10)
    assert worker.invoke()[1] != template


HOST = """
import sys
from scripts.local.snapshots.emulated import worker_environment
from scripts.local.snapshots.host import Templates

environment = {
    "LAMBDA_TASK_ROOT": sys.argv[1],
    "ORDERS_LOCAL_PYTHON": sys.executable,
    "ORDERS_LOCAL_RUNTIME_DIR": sys.argv[2],
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
    "_HANDLER": "tested.lambda_handler",
}
worker = Templates().start_worker(worker_environment(environment), sys.argv[1])
print(worker.stdout.readline().decode(), flush=True)
sys.stdin.read()
"""

HANGING = """
import os, threading
from snapshot_restore_py import register_after_restore

@register_after_restore
def hang():
    print(os.getpid(), os.getppid())
    threading.Event().wait()

def lambda_handler(event, context): ...
"""


def test_nothing_is_left_after_the_emulator_was_killed(tmp_path: Path) -> None:
    (tmp_path / "tested.py").write_text(HANGING)
    with subprocess.Popen(
        [sys.executable, "-c", HOST, str(tmp_path), str(RUNTIME)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    ) as host:
        assert host.stdout
        worker, template = map(int, host.stdout.readline().split())
        assert psutil.pid_exists(worker)
        host.kill()

    for pid in (worker, template):
        wait_for(partial(psutil.pid_exists, pid), lambda exists: not exists, 10)


def test_publishing_a_version_initializes_it(snapshots: EmulatedLambda, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = f"open({str(ready)!r}, 'w')\ndef lambda_handler(event, context): ..."
    record = function_record(code, 5, ARN, {})
    lambda_svc._functions["tested"] = {**record, "versions": {}, "next_version": 1}
    try:
        status, _, body = lambda_svc._publish_version("tested", {})
    finally:
        del lambda_svc._functions["tested"]

    assert (status, json.loads(body)["Version"]) == (201, "1")
    wait_for(ready.exists, bool, 10)


def test_functions_that_orders_seldom_reach_are_initialized_when_they_are_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    initialized: queue.Queue[str] = queue.Queue()
    versions = {
        name: {"versions": {"1": {"config": {"Handler": f"{name}.handler.lambda_handler"}}}}
        for name in ("run_canary", "parse_order")
    }
    monkeypatch.setattr(lambda_svc, "_functions", versions)
    starter = emulated.Starter(Templates())
    monkeypatch.setattr(
        starter, "_initialize", lambda version: initialized.put(version["config"]["Handler"])
    )
    publish = starter.initializing(lambda *_: (201, {}, '{"Version": "1"}'))

    for name in versions:
        publish(name, {})

    # One after another, so that the first to come would have been the canary.
    assert initialized.get(timeout=10) == "parse_order.handler.lambda_handler"


def test_what_is_initialized_when_it_is_called_are_functions_of_ours() -> None:
    handlers = {each.parent.name for each in (PROJECT / "functions").glob("*/handler.py")}
    assert handlers >= emulated.INITIALIZED_WHEN_CALLED


@pytest.mark.parametrize(
    ("platform", "pidfd", "switch", "reason"),
    [
        ("linux", True, "off", "ORDERS_LOCAL_SNAPSHOTS is off"),
        ("darwin", True, "on", "safe on Linux only"),
        ("linux", False, "on", "no pidfd_open"),
        ("linux", True, "on", None),
    ],
)
def test_where_there_are_no_snapshots_the_log_says_why(
    platform: str,
    pidfd: bool,
    switch: str,
    reason: str | None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def unknown(_pid: int) -> Any:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv(SWITCH, switch)
    if not pidfd:
        monkeypatch.setattr(os, "pidfd_open", unknown)

    why = why_not()

    assert why is None if reason is None else reason in str(why)
    if reason:
        with caplog.at_level(logging.WARNING):
            assert emulated.install() is None
        assert reason in caplog.text
