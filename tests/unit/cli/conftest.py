"""Runs the command line against a stage in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import typer.testing
from typer.testing import CliRunner, Result

from orderflow.breakers.providers import ProviderName
from orderflow.breakers.settings import BreakerPolicy
from orderflow.orders.store import SHARDS
from scripts.cli import main
from scripts.cli.deployment import Credentials, Deployment
from scripts.cli.money import refund_creation, refunds
from scripts.cli.operations import (
    audit,
    backfill,
    breakers,
    cancel,
    failed,
    reconcile,
    replay,
    resume,
)
from scripts.cli.orders import catalog_search, listing, logs, messages, trace
from scripts.cli.planning import feedback
from scripts.cli.security import forget, stories
from scripts.local.stack.state import Urls
from tests.support.factories import STATE_MACHINE_ARN
from tests.support.step_functions import StepFunctions
from tests.unit.conftest import (
    ACCOUNT,
    BREAKERS_TABLE,
    CATALOG_TABLE,
    ORDERS_TABLE,
    REGION,
    SUBMISSIONS_TABLE,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

URLS = Urls(
    aws="http://127.0.0.1:1",
    paystack="http://127.0.0.1:2",
    bedrock="http://127.0.0.1:3",
    dynamodb="http://127.0.0.1:5",
    front_door="http://127.0.0.1:4",
    cognito="http://127.0.0.1:6",
    xray="http://127.0.0.1:7",
)
AUDIT_LOG_GROUP = "/grocery/dev/audit"
BREAKER_PREFIX = "/grocery/dev/breakers/"
RECOVERY_PARAMETER = "/grocery/dev/recovery"
TUNABLES_PARAMETER = "/grocery/dev/tunables"
OPERATIONS_TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:operations"
REFUND_FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:grocery-dev-refund-payment:live"
ACTOR = "arn:aws:sts::123456789012:assumed-role/operators/kemi"
DEMO = Credentials("ada.buyer@mail.example", "password", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")

Orders = Callable[..., Result]
MakeDeployment = Callable[..., Deployment]
Audited = Callable[[], list[tuple[str, str, str]]]


@pytest.fixture
def make_deployment(tmp_path: Path) -> MakeDeployment:
    """A stage on AWS, with some fields overridden."""

    def make(**changes: Any) -> Deployment:
        fields: dict[str, Any] = {
            "stage": "dev",
            "region": REGION,
            "outputs": {
                "OrdersTable": ORDERS_TABLE,
                "OrdersIndexShards": str(SHARDS),
                "CatalogTable": CATALOG_TABLE,
                "SubmissionsTable": SUBMISSIONS_TABLE,
                "UserPoolId": "eu-west-1_abc",
                "UserPoolClientId": "client1",
                "BreakersTable": BREAKERS_TABLE,
                "StateMachineArn": STATE_MACHINE_ARN,
                "LiveStateMachineArn": f"{STATE_MACHINE_ARN}:live",
                "AuditLogGroup": AUDIT_LOG_GROUP,
                "BreakerParameterPrefix": BREAKER_PREFIX,
                "RecoveryParameter": RECOVERY_PARAMETER,
                "OperationsTopicArn": OPERATIONS_TOPIC_ARN,
                "RefundFunction": REFUND_FUNCTION,
                "LinkValiditySeconds": "86400",
                "LogGroupPrefix": "/grocery/dev/",
                "TunablesParameter": TUNABLES_PARAMETER,
            },
            "graphql_url": "https://api.example/graphql",
            "demo_customer": DEMO,
            "token_cache": tmp_path / "tokens.json",
        }
        return Deployment(**fields | changes)

    return make


@pytest.fixture
def deployment(make_deployment: MakeDeployment) -> Deployment:
    return make_deployment()


@pytest.fixture(scope="session", autouse=True)
def _commands_are_made_once() -> Iterator[None]:
    """A runner makes all commands from the functions' signatures anew for each call."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", cache(typer.testing._get_command))
        yield


@pytest.fixture
def orders() -> Orders:
    """``orders("list", "--json")`` runs the command."""
    runner = CliRunner()

    def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return runner.invoke(main.app, arguments, input=stdin, catch_exceptions=False)

    return run


@pytest.fixture
def connected(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """The stage that commands find under every name."""
    commands = (
        main, catalog_search, listing, logs, messages, stories, forget, backfill, breakers, cancel,
        failed, feedback, reconcile, refund_creation, refunds, replay, resume,
        trace,
    )  # fmt: skip
    for module in commands:
        monkeypatch.setattr(module, "connect", lambda _: deployment)
    return deployment


@pytest.fixture
def step_functions() -> StepFunctions:
    return StepFunctions()


@pytest.fixture
def breakers_table(breakers_table: Table) -> Table:
    """The deployed ``breakers`` table and the breakers' settings."""
    ssm = boto3.client("ssm")
    for provider in ProviderName:
        ssm.put_parameter(
            Name=f"{BREAKER_PREFIX}{provider}",
            Type="String",
            Value=BreakerPolicy().model_dump_json(by_alias=True),
        )
    return breakers_table


@pytest.fixture
def operated(
    connected: Deployment,
    step_functions: StepFunctions,
    orders_table: Table,
    breakers_table: Table,
    monkeypatch: pytest.MonkeyPatch,
) -> Deployment:
    """The stage with everything that operators' commands use."""
    boto3.client("logs").create_log_group(logGroupName=AUDIT_LOG_GROUP)

    def client(deployment: Deployment, service: str) -> Any:
        return step_functions.client if service == "stepfunctions" else boto3.client(service)  # type: ignore[call-overload]

    monkeypatch.setattr(Deployment, "client", client)
    monkeypatch.setattr(audit.AuditTrail, "actor", ACTOR)
    return connected


@pytest.fixture
def audited(operated: Deployment) -> Audited:
    """``audited()``: action, subject and reason of the lines in the audit log."""

    def lines() -> list[tuple[str, str, str]]:
        entries = audit.AuditTrail(operated).entries(datetime.now(UTC) - timedelta(hours=1))
        return [(entry.action, entry.subject, entry.reason) for entry in entries]

    return lines
