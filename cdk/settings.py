"""The settings of each stage, validated. No other module distinguishes stages by name."""

import os
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from importlib.metadata import version
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cdk.durations import Durations
from cdk.guard_settings import BLOCKING, COUNTING_FIRST, LOCAL, GuardSettings
from cdk.local_stage import Emulator
from cdk.on_call import NOBODY, OnCall
from cdk.orders_indexes import CURRENT_INDEXES, OrdersIndex
from orderflow.orders.store import SHARDS

_PROJECT = "grocery-order-orchestration"

EmailAddress = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
BaseUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]+$")]
PageUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]+/\S*$")]


class SettingsError(Exception):
    """The stage does not exist, or the local environment is incomplete."""


class Stage(StrEnum):
    """All stages."""

    LOCAL = "local"
    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


class Frozen(BaseModel):
    """Base of the models here: immutable, and without unknown names."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class Settings(Frozen):
    """One stage.

    Attributes:
        account: twelve digits; None deploys to the account of the credentials.
        log_retention_days: for every log group.
        audit_retention_days: for the archives of the audit and of CloudTrail.
        retain_data: tables, key, users and secrets outlive their stack, and stacks refuse deletion.
        sender_email: the sender of customers' e-mails; SES sends it a verification link.
        account_emails_domain: a domain that SES has verified before the first deployment and that
            ``sender_email`` belongs to; Cognito sends its e-mails from there. "" for Cognito's own
            mailer, which sends 50 a day.
        paystack_base_url: PayStack's API, without a trailing slash; the local stage has a stand-in.
        shop_page_url: the shop's page with the customer's orders, where customers get to after
            PayStack's checkout; the local stage has the demo shop.
        own_receipts: each payment gets an e-mail of ours, too. PayStack sends a receipt of its own,
            unless its dashboard's "Transaction Receipts" are off.
        return_concurrency: so many customers at once come back from the checkout. The function
            reserves them from the account's concurrency.
        durations: how long orders wait for customers, providers and banks.
        review_before_payment: customers confirm the products before a payment link is made, unless
            a submission says otherwise.
        submission_capacity: how many lists one customer may send at once, see the next.
        submission_refill_seconds: one customer may send one more list after each so long.
        index_shards: the partitions of each status in the orders' indexes, for 1,000 changes of
            status a second each. It may only grow: a smaller number hides orders.
        orders_indexes: the indexes of the orders table. CloudFormation creates or deletes one of
            them in a deployment: a stage of an earlier release goes from its indexes to these step
            by step (DEPLOYMENT.md).
        model_id: a Bedrock model, or a cross-region inference profile (``eu.`` and the model).
        input_token_price: US dollars for a million tokens that the model reads, as Bedrock's price
            list states it for the region; `orders show` alone uses it.
        output_token_price: the same for tokens that the model writes.
        guardrail_id: a Bedrock guardrail to apply; "" for none. Needs ``guardrail_version``.
        release: what is deployed, for people: the version, and the commit where it is known.
        backup_region: another region, to which AWS Backup copies the tables; "" for no copies.
        canary_minutes: how long a new version gets a tenth of new orders and calls, before all.
        canary_stops_before_link: the synthetic customer's orders end in their review, without one.
        trace_rate: the part of requests and executions whose traces are recorded (AWS X-Ray),
            beyond one a second, which always is.
        guard: what the web ACLs and the webhook let through.
        on_call: who is alerted, and how.
        emulator: set on the local stage alone.
    """

    stage: Stage
    account: Annotated[str, Field(pattern=r"^\d{12}$")] | None = None
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")] = "eu-west-1"
    log_retention_days: Literal[7, 30, 365]
    audit_retention_days: Annotated[int, Field(ge=1)] = 90
    log_level: Literal["DEBUG", "INFO", "WARNING"] = "INFO"
    retain_data: bool
    sender_email: EmailAddress
    account_emails_domain: Annotated[str, Field(pattern=r"^([a-z0-9-]+(\.[a-z0-9-]+)+)?$")] = ""
    paystack_base_url: BaseUrl = "https://api.paystack.co"
    shop_page_url: PageUrl = ""
    own_receipts: bool = False
    return_concurrency: Annotated[int, Field(ge=1, le=100)] = 20
    durations: Durations = Durations()
    review_before_payment: bool = False
    submission_capacity: Annotated[int, Field(ge=1)] = 10
    submission_refill_seconds: Annotated[int, Field(ge=1)] = 360
    index_shards: Annotated[int, Field(ge=1, le=64)] = SHARDS
    orders_indexes: tuple[OrdersIndex, ...] = CURRENT_INDEXES
    model_id: Annotated[str, Field(pattern=r"^[a-z0-9.:-]+$")] = "eu.amazon.nova-lite-v1:0"
    input_token_price: Annotated[Decimal, Field(ge=0)] = Decimal("0.06")
    output_token_price: Annotated[Decimal, Field(ge=0)] = Decimal("0.24")
    guardrail_id: Annotated[str, Field(pattern=r"^[a-z0-9]*$")] = ""
    guardrail_version: Annotated[str, Field(pattern=r"^(\d+|DRAFT)?$")] = ""
    release: Annotated[str, Field(pattern=r"^[A-Za-z0-9.+_-]{1,60}$")] = version(_PROJECT)
    backup_region: Annotated[str, Field(pattern=r"^([a-z]{2}(-[a-z]+)+-\d)?$")] = ""
    canary_minutes: Literal[5, 10, 15, 30] = 5
    canary_stops_before_link: bool = False
    trace_rate: Annotated[float, Field(ge=0, le=1)] = 0.05
    guard: GuardSettings = BLOCKING
    on_call: OnCall = NOBODY
    emulator: Emulator | None = None

    @model_validator(mode="after")
    def _local_and_only_local_is_emulated(self) -> Self:
        if (self.stage is Stage.LOCAL) != (self.emulator is not None):
            raise ValueError("the local stage, and no other, has an emulator")
        return self

    @model_validator(mode="after")
    def _others_are_reached_over_tls(self) -> Self:
        urls = (self.paystack_base_url, self.shop_page_url)
        if self.emulator is None and not all(url.startswith("https://") for url in urls):
            raise ValueError("paystack_base_url and shop_page_url must be https, except locally")
        return self

    @model_validator(mode="after")
    def _services_take_the_durations(self) -> Self:
        if self.emulator is None and not self.durations.are_whole:
            raise ValueError(
                "outside the local stage link_validity, parked, parking_delay and review must be "
                "whole seconds, and reconciliation whole minutes"
            )
        return self

    @model_validator(mode="after")
    def _backups_lie_elsewhere(self) -> Self:
        if self.backup_region == self.region:
            raise ValueError("backup_region must be another region than region")
        return self

    @model_validator(mode="after")
    def _guardrail_has_a_version(self) -> Self:
        if bool(self.guardrail_id) != bool(self.guardrail_version):
            raise ValueError("guardrail_id and guardrail_version belong together")
        return self

    @model_validator(mode="after")
    def _sender_belongs_to_the_domain(self) -> Self:
        domain = self.account_emails_domain
        if domain and not self.sender_email.endswith(f"@{domain}"):
            raise ValueError("sender_email must belong to account_emails_domain")
        return self

    @property
    def prefix(self) -> str:
        """Start of every name of this stage: ``grocery-<stage>``."""
        return f"grocery-{self.stage}"

    @property
    def speaks_tls(self) -> bool:
        """Whether the stage's services use TLS; the emulator's do not."""
        return self.emulator is None

    @property
    def path(self) -> str:
        """Start of every path-like name of this stage (parameters, log groups)."""
        return f"/grocery/{self.stage}"

    @classmethod
    def for_stage(cls, name: str, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings of the stage called ``name``.

        Args:
            environment: holds the ``ORDERS_LOCAL_*`` variables of the local stage, and may hold the
                ``ORDERS_COMMIT`` that is deployed. ``{}`` where nothing is deployed: a shell may
                export an emulator's address without the others.

        Raises:
            SettingsError: the stage does not exist, or the local environment is incomplete.
        """
        if name == Stage.LOCAL:
            return cls._local(environment)
        if name in _AWS_STAGES:
            return cls(stage=Stage(name), **_AWS_STAGES[Stage(name)], **_release(environment))
        raise SettingsError(f"There is no stage {name!r}; the stages are {', '.join(Stage)}.")

    @classmethod
    def _local(cls, environment: Mapping[str, str]) -> Self:
        given = _local_environment(environment)
        try:
            choices = _LocalChoices.model_validate(_given(environment, _LOCAL_CHOICES))
            return cls(
                stage=Stage.LOCAL,
                log_retention_days=7,
                log_level="DEBUG",
                retain_data=False,
                sender_email="orders@grocery.example.com",
                own_receipts=choices.own_receipts,
                # One customer sends the load of a whole shop here.
                submission_capacity=10_000,
                submission_refill_seconds=3600,
                model_id="amazon.nova-lite-v1:0",
                guard=LOCAL,
                emulator=Emulator.model_validate(given),
                durations=Durations().divided_by(choices.factor),
                **_release(environment),
            )
        except ValidationError as error:
            raise SettingsError(f"A local setting is malformed: {_summary(error)}") from None


_AWS_STAGES: Mapping[Stage, Mapping[str, Any]] = {
    Stage.DEV: {
        "log_retention_days": 30,
        "log_level": "DEBUG",
        "retain_data": False,
        "submission_capacity": 100,
        "submission_refill_seconds": 36,
        "trace_rate": 1.0,
        "sender_email": "orders@dev.grocery.example.com",
        "shop_page_url": "https://dev.grocery.example.com/orders",
    },
    Stage.STAGING: {
        "log_retention_days": 30,
        "retain_data": True,
        "sender_email": "orders@staging.grocery.example.com",
        "shop_page_url": "https://staging.grocery.example.com/orders",
        "account_emails_domain": "staging.grocery.example.com",
        "guard": COUNTING_FIRST,
    },
    Stage.PROD: {
        "log_retention_days": 365,
        "audit_retention_days": 1100,  # three years, and some days to look after them
        "retain_data": True,
        "sender_email": "orders@grocery.example.com",
        "shop_page_url": "https://grocery.example.com/orders",
        "account_emails_domain": "grocery.example.com",
        "canary_minutes": 15,
        "canary_stops_before_link": True,
        "backup_region": "eu-central-1",
        "guard": COUNTING_FIRST,
    },
}

_LOCAL_VARIABLES = {"ORDERS_LOCAL_PYTHON": "python", "ORDERS_LOCAL_RUNTIME_DIR": "runtime_dir"}
_LOCAL_CHOICES = {
    "ORDERS_LOCAL_TIME_FACTOR": "factor",
    "ORDERS_LOCAL_OWN_RECEIPTS": "own_receipts",
}


def _release(environment: Mapping[str, str]) -> dict[str, str]:
    """The release with its commit, where the pipeline names that."""
    commit = environment.get("ORDERS_COMMIT")
    return {"release": f"{version(_PROJECT)}+{commit[:12]}"} if commit else {}


class _LocalChoices(Frozen):
    """What its user may choose of the local stage: what durations are divided by, and receipts."""

    factor: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1
    own_receipts: bool = False


def _local_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """The local variables by their setting's name: all of them, or none for a synthesis alone.

    A deployment to an emulator (``AWS_ENDPOINT_URL`` is set) needs all of them.
    """
    given = _given(environment, _LOCAL_VARIABLES)
    missing = [name for name, setting in _LOCAL_VARIABLES.items() if setting not in given]
    if missing and (given or environment.get("AWS_ENDPOINT_URL")):
        raise SettingsError(
            f"The local stage needs {', '.join(missing)} as well; `orders local up` sets them."
        )
    return given


def _given(environment: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, Any]:
    """The variables that are set, by their setting's name."""
    return {
        setting: environment[name] for name, setting in variables.items() if environment.get(name)
    }


def _summary(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
        for fault in error.errors()
    )
