"""Finds a stage's parts: on AWS by its stacks' outputs, locally by the state file."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.stub import Stubber

from scripts.cli.console import CommandError, ExitCode
from scripts.cli.deployment import Credentials, connect
from scripts.local.errors import LocalStackError
from scripts.local.stack.state import PROJECT, DemoCustomer, Home, LocalState, Process
from tests.unit.cli.conftest import URLS, MakeDeployment
from tests.unit.conftest import REGION

DATA = {
    "OrdersTable": "orders-1",
    "OrdersIndexShards": "8",
    "CatalogTable": "catalog-1",
    "UserPoolId": "pool",
}
ORDERS = {"GraphqlApiUrl": "https://api.example/graphql", "StateMachineArn": "arn"}


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("cloudformation", region_name=REGION)
    with Stubber(client) as stub:
        monkeypatch.setattr(boto3.Session, "client", lambda *_: client)
        yield stub
        stub.assert_no_pending_responses()


def stack(name: str, outputs: dict[str, str]) -> dict[str, Any]:
    described = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    return {
        "Stacks": [
            {
                "StackName": name,
                "StackStatus": "CREATE_COMPLETE",
                "CreationTime": datetime(2026, 1, 31, tzinfo=UTC),
                "Outputs": described,
            }
        ]
    }


def test_a_stage_on_aws_is_found_by_the_outputs_of_its_stacks(cloudformation: Stubber) -> None:
    for part, outputs in (("data", DATA), ("orders", ORDERS)):
        name = f"grocery-dev-{part}"
        cloudformation.add_response("describe_stacks", stack(name, outputs), {"StackName": name})

    found = connect("dev")

    assert (found.stage, found.region, found.urls) == ("dev", REGION, None)
    assert found.outputs == DATA | ORDERS
    assert found.graphql_url == ORDERS["GraphqlApiUrl"]
    assert found.token_cache is None


def test_a_stage_that_is_not_deployed_is_named_with_its_region(cloudformation: Stubber) -> None:
    cloudformation.add_client_error(
        "describe_stacks", "ValidationError", "Stack with id grocery-prod-data does not exist"
    )

    with pytest.raises(CommandError, match="There is no stack grocery-prod-data in eu-west-1") as e:
        connect("prod")

    assert e.value.code is ExitCode.NOT_FOUND


def test_on_aws_the_customer_is_taken_from_the_environment_once(
    make_deployment: MakeDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("EMAIL", "a@b.example"), ("PASSWORD", "p"), ("TOTP_SECRET", "s")):
        monkeypatch.setenv(f"ORDERS_{name}", value)

    assert make_deployment(demo_customer=None).customer == Credentials("a@b.example", "p", "s")


def test_on_aws_missing_credentials_are_prompted_for_once(
    make_deployment: MakeDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bool]] = []

    def answer(question: str, *, hide_input: bool = False, err: bool) -> str:
        assert err, "questions must stay out of standard output"
        asked.append((question, hide_input))
        return "typed"

    for name in ("EMAIL", "PASSWORD", "TOTP_SECRET"):
        monkeypatch.delenv(f"ORDERS_{name}", raising=False)
    monkeypatch.setattr("typer.prompt", answer)
    deployment = make_deployment(demo_customer=None)

    assert deployment.customer is deployment.customer

    assert [hidden for _, hidden in asked] == [False, True, True]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    monkeypatch.setenv("ORDERS_LOCAL_DIR", str(tmp_path))
    home = Home("here")
    home.path.mkdir()
    return home


def save_state(home: Home, **changes: Any) -> None:
    alive = Process.of(os.getpid())
    fields = {
        "name": home.name,
        "created_at": datetime.now(UTC),
        "supervisor": alive,
        "ministack": alive,
        "urls": URLS,
        "outputs": DATA | ORDERS,
        "customer": DemoCustomer(email="demo@x.example", password="p", totp_secret="s"),
        "paystack_secret_key": "sk_test_x",
    }
    LocalState(**fields | changes).save(home.state)


def ended_process() -> Process:
    """A process that this machine does not run."""
    return Process(pid=os.getpid(), created=psutil.boot_time() - 1)


def test_the_local_stage_is_found_by_its_state_file(home: Home) -> None:
    save_state(home)

    found = connect("local", "here")

    assert (found.stage, found.urls) == ("local", URLS)
    assert found.graphql_url == "http://127.0.0.1:4/graphql"
    assert found.customer == Credentials("demo@x.example", "p", "s")


def test_the_users_aws_settings_do_not_affect_the_local_stage(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://elsewhere.example")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    save_state(home)
    found = connect("local", "here")

    client = found.client("dynamodb")

    assert client.meta.endpoint_url == URLS.aws
    assert client.meta.region_name == REGION
    assert found.orders is found.orders
    assert found.index_shards == 8
    assert found.catalog is found.catalog


def test_a_stack_without_its_supervisor_is_not_up(home: Home) -> None:
    save_state(home, supervisor=ended_process())

    with pytest.raises(LocalStackError, match="is not up"):
        connect("local", "here")


def test_a_stack_whose_emulator_has_died_is_reported_with_a_remedy(home: Home) -> None:
    save_state(home, ministack=ended_process())

    with pytest.raises(CommandError, match=r"'here' has died\. `orders local up` cleans up") as e:
        connect("local", "here")

    assert e.value.code is ExitCode.UNAVAILABLE


def test_a_damaged_state_file_is_reported_with_a_remedy(home: Home) -> None:
    home.state.write_text("{")

    with pytest.raises(LocalStackError, match="`orders local down` cleans up"):
        connect("local", "here")


def test_no_command_takes_a_stages_settings_from_the_shell() -> None:
    """A shell with the exports of `orders local env` has some of a deployment's, and not all."""
    calls = [
        (path.relative_to(PROJECT), node)
        for path in (PROJECT / "scripts").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "for_stage"
    ]

    assert calls
    assert [f"{path}:{node.lineno}" for path, node in calls if len(node.args) != 2] == []
