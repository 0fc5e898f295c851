"""A deployed stage: the addresses of its parts and clients for them, on this machine or on AWS."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import boto3
import typer
from botocore.config import Config
from botocore.exceptions import ClientError

from cdk.settings import Settings
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.catalog.store import CatalogStore
from orderflow.orders.store import OrderStore
from orderflow.workflow.executions import parse_arn, unsuccessful
from scripts.auth import UserPool
from scripts.cli.console import CommandError, ExitCode
from scripts.inspection.order_ids import full_id
from scripts.local.stack import aws
from scripts.local.stack import lifecycle as stack
from scripts.local.stack.state import Home, Urls

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

LOCAL: Final = "local"
#: Where acts come from, in the audit log.
COMMAND_LINE: Final = "command line"
CONSOLE: Final = "console"
_STACKS: Final = ("data", "orders")
#: So many failed executions are looked at for an abbreviated id, the newest of each kind.
_FAILED_LOOKED_AT: Final = 200


@dataclass(frozen=True)
class Credentials:
    """The credentials of a customer."""

    email: str
    password: str
    totp_secret: str | None


@dataclass(frozen=True)
class Deployment:
    """One stage.

    ``urls`` are the local stand-ins; None on AWS. ``acts_from`` is the source of acts in the audit
    log, ``signature`` is added to the details of each.
    """

    stage: str
    region: str
    outputs: dict[str, str]
    graphql_url: str
    demo_customer: Credentials | None
    token_cache: Path | None
    urls: Urls | None = None
    acts_from: str = COMMAND_LINE
    signature: dict[str, str] = field(default_factory=dict)

    #: How services are called; None is boto3's way.
    _calls: ClassVar[Config | None] = None

    def client(self, service: str) -> Any:
        """A boto3 client for this stage."""
        return self._client(service, self._calls)

    def patient_client(self, service: str, seconds: float) -> Any:
        """One for calls that take so many seconds; it does not repeat them."""
        config = Config(read_timeout=seconds + 10, retries={"total_max_attempts": 1})
        return self._client(service, config)

    def _client(self, service: str, config: Config | None) -> Any:
        if self.urls:
            return aws.client(service, self.urls.of(service), config)
        return self._session.client(service, config=config)  # type: ignore[call-overload]

    def output(self, name: str) -> str:
        """An output of the stage's stacks.

        Raises:
            CommandError: if there is none, because the stage was deployed from older sources.
        """
        if name not in self.outputs:
            again = "`orders local up --redeploy`" if self.urls else "Deploying it again"
            raise CommandError(
                f"Stage {self.stage} was deployed before it had {name}. {again} brings that.",
                ExitCode.UNAVAILABLE,
            )
        return self.outputs[name]

    def _table(self, output: str) -> Any:
        return self.table(self.output(output))

    def table(self, name: str) -> Any:
        """A table by its name on AWS (boto3)."""
        if self.urls:
            return aws.resource("dynamodb", self.urls.aws, self._calls).Table(name)
        return self._session.resource("dynamodb", config=self._calls).Table(name)

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session(region_name=self.region)

    @cached_property
    def orders(self) -> OrderStore:
        """The store of orders."""
        return OrderStore(self.orders_table, by="orders CLI", shards=self.index_shards)

    def full_id(self, text: str) -> str:
        """The id of the order that a text means, as :func:`full_id` finds it.

        An order that the database never got has its failed execution's name.
        """
        return full_id(self.orders, text, self._ids_of_failed_executions)

    def _ids_of_failed_executions(self) -> Iterator[str]:
        machine = self.output("LiveStateMachineArn")
        for each in unsuccessful(self.client("stepfunctions"), machine, _FAILED_LOOKED_AT):
            yield parse_arn(each.arn)[0]

    @cached_property
    def orders_table(self) -> Any:
        """The table of orders (boto3)."""
        return self._table("OrdersTable")

    @cached_property
    def submissions_table(self) -> Any:
        """The table of the submissions of each customer (boto3)."""
        return self._table("SubmissionsTable")

    @property
    def index_shards(self) -> int:
        """The number of partitions of each status in the indexes of orders."""
        return int(self.output("OrdersIndexShards"))

    @cached_property
    def catalog_table(self) -> Any:
        """The table of products and of remembered names (boto3)."""
        return self._table("CatalogTable")

    @cached_property
    def catalog(self) -> CatalogStore:
        """The store of products."""
        return CatalogStore(self.catalog_table)

    @cached_property
    def breakers_table(self) -> Any:
        """The table of circuit breakers (boto3)."""
        return self._table("BreakersTable")

    @cached_property
    def breakers(self) -> DynamoBreakerStore:
        """The store of circuit breakers."""
        return DynamoBreakerStore(self.breakers_table)

    @property
    def user_pool(self) -> UserPool:
        """The user pool of the customers."""
        return UserPool(
            self.region,
            self.outputs["UserPoolId"],
            self.outputs["UserPoolClientId"],
            self.urls.cognito if self.urls else None,
        )

    @cached_property
    def customer(self) -> Credentials:
        """The customer: locally the demo customer; on AWS from ORDERS_* variables or prompts."""
        if self.demo_customer:
            return self.demo_customer
        return Credentials(
            os.environ.get("ORDERS_EMAIL") or typer.prompt("E-mail", err=True),
            os.environ.get("ORDERS_PASSWORD")
            or typer.prompt("Password", hide_input=True, err=True),
            os.environ.get("ORDERS_TOTP_SECRET")
            or typer.prompt("Authenticator secret (base32)", hide_input=True, err=True),
        )


def connect(stage: str, local_name: str | None = None) -> Deployment:
    """Find a stage's parts; ``local_name`` selects a local stack.

    Raises:
        SettingsError: if there is no such stage.
        CommandError: if the stage is not deployed or does not run.
        LocalStackError: if the local stack is not up.
    """
    return _local(local_name) if stage == LOCAL else _on_aws(Settings.for_stage(stage))


def _local(name: str | None) -> Deployment:
    state = stack.read(name)
    if not state.ministack.is_running:
        raise CommandError(
            f"AWS of the local stack {state.name!r} has died. "
            "`orders local up` cleans up and starts afresh.",
            ExitCode.UNAVAILABLE,
        )
    customer = state.customer
    return Deployment(
        stage=LOCAL,
        region=state.region,
        outputs=state.outputs,
        graphql_url=state.urls.graphql,
        demo_customer=Credentials(customer.email, customer.password, customer.totp_secret),
        token_cache=Home(name).tokens,
        urls=state.urls,
    )


def _on_aws(settings: Settings) -> Deployment:
    cloudformation = boto3.Session(region_name=settings.region).client("cloudformation")
    outputs: dict[str, str] = {}
    for part in _STACKS:
        outputs |= _stack_outputs(cloudformation, f"{settings.prefix}-{part}")
    return Deployment(
        stage=settings.stage,
        region=settings.region,
        outputs=outputs,
        graphql_url=outputs["GraphqlApiUrl"],
        demo_customer=None,
        token_cache=None,
    )


def _stack_outputs(cloudformation: CloudFormationClient, name: str) -> dict[str, str]:
    try:
        description = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise CommandError(
            f"There is no stack {name} in {cloudformation.meta.region_name}. "
            "Deploy the stage first, or name another with --stage.",
            ExitCode.NOT_FOUND,
        ) from error
    return {each["OutputKey"]: each["OutputValue"] for each in description.get("Outputs", [])}
