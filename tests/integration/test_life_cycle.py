"""The life cycle of a local stack; no process and no file remains.

Everything is real but the deployment, which these tests leave out.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import pytest

from scripts.local.errors import LocalStackError
from scripts.local.stack import aws
from scripts.local.stack import lifecycle as stack
from scripts.local.stack.health import Condition
from scripts.local.stack.processes import STACK_VARIABLE, find_all
from scripts.local.stack.provision import Emulator, Steps
from scripts.local.stack.state import REGION, DemoCustomer, Home, LocalState
from tests.support.waiting import PATIENCE_SECONDS, wait_for

pytestmark = pytest.mark.long

NAME = "life-cycle"

#: Starts a stack in another process, which then waits to be killed.
STARTER = """
import sys, time
from pathlib import Path
from scripts.local.stack import lifecycle

def wait_to_be_killed(home, emulator, step, before):
    emulator.ready()
    Path(sys.argv[1]).touch()
    time.sleep(60)

lifecycle.up("life-cycle", provision=wait_to_be_killed)
"""


def bare(home: Home, emulator: Emulator, step: Steps, before: LocalState | None) -> LocalState:
    """A stack without a deployment."""
    supervised = emulator.ready()
    return LocalState(
        name=home.name,
        created_at=datetime.now(UTC),
        supervisor=supervised.supervisor,
        ministack=supervised.ministack,
        urls=supervised.urls,
        outputs={"Deployments": str(int(before.outputs["Deployments"]) + 1 if before else 1)},
        customer=DemoCustomer(email="a@example.com", password="p", totp_secret="s"),
        paystack_secret_key="sk_test_1",
        keeps_data=supervised.keeps_data,
    )


def up(**options: object) -> LocalState:
    return stack.up(NAME, provision=bare, **options)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("ORDERS_LOCAL_DIR", str(tmp_path))
    home = Home(NAME)
    yield home
    stack.down(NAME)
    assert find_all(home.path) == []


@pytest.fixture
def healthy_providers() -> None:
    """Overrides the shared stack's fixture: these tests start their own stacks."""


def test_a_stack_is_started_found_again_and_stopped(home: Home, tmp_path: Path) -> None:
    steps: list[str] = []

    state = up(on_progress=lambda name, seconds: steps.append(name) if seconds else None)

    assert steps == ["Start AWS on this machine"]
    assert stack.status(NAME).condition is Condition.UP
    assert stack.read(NAME) == state
    assert home.state.stat().st_mode & 0o777 == 0o600
    assert httpx.get(f"{state.urls.aws}/_ministack/health").json()["auth"] == "enabled"
    for url in (state.urls.paystack, state.urls.bedrock):
        assert httpx.get(f"{url}/_admin/stats").json()["calls"] == 0

    assert up() == state
    assert up(redeploy=True).outputs == {"Deployments": "2"}

    assert stack.down(NAME) is True
    assert find_all(home.path) == []
    assert list(tmp_path.iterdir()) == []
    assert stack.status(NAME).condition is Condition.DOWN
    assert stack.down(NAME) is False


def test_a_stack_listens_on_this_machine_alone(home: Home) -> None:
    up()

    addresses = {
        connection.laddr.ip
        for each in find_all(home.path)
        for connection in each.net_connections("inet")
        if connection.status in (psutil.CONN_LISTEN, psutil.CONN_NONE) and not connection.raddr
    }

    assert addresses == {"127.0.0.1"}


def test_kept_data_survive_a_restart_until_they_are_forgotten(home: Home) -> None:
    state = up(keep_data=True)
    logs = aws.client("logs", state.urls.aws)
    logs.create_log_group(logGroupName="/grocery/local/api")
    table = aws.client("dynamodb", state.urls.aws)
    table.create_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "orderId", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "orderId", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"orderId": {"S": "o"}, "totalKobo": {"N": "240100"}}
    table.put_item(TableName="orders", Item=item)
    bucket = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    aws.client("s3", state.urls.aws).create_bucket(Bucket="archive", **bucket)
    aws.client("s3", state.urls.aws).put_object(Bucket="archive", Key="audit", Body=b"line")

    stack.down(NAME)
    assert find_all(home.path) == []
    assert not home.path.exists()
    again = up(keep_data=True)

    assert again.outputs == {"Deployments": "2"}  # what the last stack left is handed on
    assert again.urls == state.urls  # published functions name them
    table = aws.client("dynamodb", again.urls.aws)
    assert table.get_item(TableName="orders", Key={"orderId": {"S": "o"}})["Item"] == item
    stored = aws.client("s3", again.urls.aws).get_object(Bucket="archive", Key="audit")
    assert stored["Body"].read() == b"line"
    groups = aws.client("logs", again.urls.aws).describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["/grocery/local/api"]

    stack.down(NAME)
    assert aws.client("dynamodb", up().urls.aws).list_tables()["TableNames"] == []
    stack.down(NAME, forget=True)
    assert not home.data.exists()


def test_the_with_block_stops_the_stack(home: Home) -> None:
    with stack.LocalStack(NAME, provision=bare) as state:
        assert state.supervisor.is_running
    assert find_all(home.path) == []


def test_stacks_run_side_by_side(home: Home) -> None:
    with stack.LocalStack("neighbour", provision=bare) as neighbour:
        state = up()
        assert state.urls.aws != neighbour.urls.aws
        stack.down(NAME)
        assert stack.status("neighbour").condition is Condition.UP


def test_two_concurrent_starts_make_one_stack() -> None:
    states: list[LocalState] = []
    threads = [threading.Thread(target=lambda: states.append(up())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(states) == 2
    assert states[0] == states[1]


def test_a_failed_deployment_leaves_only_logs(home: Home) -> None:
    def fail(*_: object) -> LocalState:
        raise LocalStackError("the deployment failed")

    with pytest.raises(LocalStackError, match="the deployment failed"):
        stack.up(NAME, provision=fail)

    assert find_all(home.path) == []
    assert [entry.name for entry in home.path.iterdir()] == ["logs"]
    assert up().supervisor.is_running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_killed_starter_leaves_no_process(
    home: Home, tmp_path: Path, number: signal.Signals
) -> None:
    marker = tmp_path / "waiting"
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(marker)], stderr=subprocess.DEVNULL
    )
    wait_for(marker.exists, bool)
    assert find_all(home.path)

    starter.send_signal(number)
    starter.wait(PATIENCE_SECONDS)

    wait_for(lambda: find_all(home.path), [].__eq__)
    assert up().supervisor.is_running


def test_a_killed_supervisor_ends_the_emulator(home: Home) -> None:
    state = up()
    psutil.Process(state.supervisor.pid).kill()

    wait_for(lambda: not state.ministack.is_running, bool)
    assert stack.status(NAME).condition is Condition.BROKEN
    with pytest.raises(LocalStackError, match="is not up"):
        stack.read(NAME)
    assert up().supervisor != state.supervisor


def test_a_dead_emulator_ends_the_stack(home: Home) -> None:
    state = up()
    psutil.Process(state.ministack.pid).kill()

    wait_for(lambda: not state.supervisor.is_running, bool)
    assert "MiniStack ended by itself" in (home.logs / "supervisor.log").read_text()
    assert stack.status(NAME).condition is Condition.BROKEN
    assert up().ministack != state.ministack


def test_the_emulators_children_end_with_it(home: Home) -> None:
    up()
    worker = subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.pause()"],
        env={**os.environ, STACK_VARIABLE: str(home.path)},
        start_new_session=True,
    )
    wait_for(lambda: worker.pid in {one.pid for one in find_all(home.path)}, bool)
    stack.down(NAME)
    assert not psutil.pid_exists(worker.pid)


def test_a_damaged_state_file_is_reported_and_replaced(home: Home) -> None:
    up()
    home.state.write_text('{"name": 1}')

    with pytest.raises(LocalStackError, match="is damaged"):
        stack.status(NAME)
    assert up().name == NAME


def test_a_requested_port_is_used() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert up(port=port).urls.aws == f"http://127.0.0.1:{port}"


def test_a_port_in_use_is_reported(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("ORDERS_LOCAL_PORT", str(taken.getsockname()[1]))
        with pytest.raises(LocalStackError, match=r"Port \d+ can't be used: Address already in"):
            up()
    assert find_all(home.path) == []


@pytest.mark.parametrize("port", ["eighty", "0", "70000", "-1"])
def test_a_port_that_is_none_is_reported(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_LOCAL_PORT", port)
    with pytest.raises(LocalStackError, match="should be a port number"):
        up()
