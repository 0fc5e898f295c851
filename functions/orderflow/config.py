"""What a function is told from outside: its environment, the tunables, PayStack's secret key.

Each handler names the environment it needs by composing the models below, so that a missing
variable stops the function at its first invocation with a message that says which.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from ipaddress import IPv4Network, IPv6Network
from typing import Final, TypeVar

from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.alias_generators import to_camel

from orderflow import aws
from orderflow.aws_errors import outages_as
from orderflow.breaker import BreakerPolicy
from orderflow.errors import ConfigurationError, StoreUnavailable
from orderflow.observability import logger
from orderflow.rules import Rules

#: How long a function keeps a secret or a tunable before it asks again, in seconds. Changes reach
#: warm functions within this time, without a deployment.
PARAMETER_MAX_AGE = 60

_MILLION: Final = 1_000_000
_MILLIONTH: Final = Decimal("0.000001")


class _Environment(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class OrdersEnvironment(_Environment):
    """Read or write the ``orders`` table."""

    orders_table: str = Field(alias="ORDERS_TABLE", min_length=1)


class CatalogEnvironment(_Environment):
    """Read the catalog and the settings of the matcher."""

    catalog_table: str = Field(alias="CATALOG_TABLE", min_length=1)
    tunables_parameter: str = Field(alias="TUNABLES_PARAMETER", min_length=1)


class PaystackEnvironment(_Environment):
    """Call PayStack, or check what it signed."""

    paystack_secret_name: str = Field(alias="PAYSTACK_SECRET_NAME", min_length=1)


class PaystackApiEnvironment(PaystackEnvironment):
    """Call PayStack's API."""

    paystack_base_url: str = Field(alias="PAYSTACK_BASE_URL", pattern=r"^https?://")
    payment_callback_url: str | None = Field(default=None, alias="PAYMENT_CALLBACK_URL")


class WebhookEnvironment(OrdersEnvironment, PaystackEnvironment):
    """Take what PayStack reports."""

    webhook_parameter: str = Field(alias="WEBHOOK_PARAMETER", min_length=1)


class BreakersEnvironment(_Environment):
    """Read the circuit breakers."""

    breakers_table: str = Field(alias="BREAKERS_TABLE", min_length=1)


class BreakerEnvironment(BreakersEnvironment):
    """Call a provider behind its circuit breaker."""

    breaker_parameter: str = Field(alias="BREAKER_PARAMETER", min_length=1)


class WorkflowEnvironment(_Environment):
    """Start executions of the order workflow."""

    state_machine_arn: str = Field(alias="STATE_MACHINE_ARN", pattern=r"^arn:")


class OperationsEnvironment(_Environment):
    """Tell operations staff."""

    operations_topic_arn: str = Field(alias="OPERATIONS_TOPIC_ARN", pattern=r"^arn:")


class RecoveryEnvironment(OperationsEnvironment):
    """Look after parked orders."""

    parked_orders_queue_url: str = Field(alias="PARKED_ORDERS_QUEUE_URL", pattern=r"^https?://")
    recovery_parameter: str = Field(alias="RECOVERY_PARAMETER", min_length=1)


class SenderEnvironment(_Environment):
    """Send e-mail to customers."""

    sender_email: str = Field(alias="SENDER_EMAIL", pattern=r".+@.+")


class ApiCallerEnvironment(_Environment):
    """Call our own GraphQL API.

    ``api_host`` is the API's name at AWS, where ``api_url`` leads there by another one.
    """

    api_url: str = Field(alias="GRAPHQL_API_URL", pattern=r"^https?://")
    api_host: str | None = Field(default=None, alias="GRAPHQL_API_HOST", min_length=1)
    region: str = Field(alias="AWS_REGION", min_length=1)


E = TypeVar("E", bound=_Environment)
M = TypeVar("M", bound=BaseModel)


def load_environment(model: type[E]) -> E:
    """Validate this process's environment variables as ``model``.

    Raises:
        ConfigurationError: naming every variable that is missing or malformed.
    """
    try:
        return model.model_validate(dict(os.environ))
    except ValidationError as error:
        raise ConfigurationError(f"Environment: {_problems(error)}") from error


class Tunables(BaseModel):
    """Settings that operations may change while the system runs (one SSM parameter, JSON).

    ``minimum_score`` is the similarity (0 to 1) that a match by name needs; with ``clear_score``,
    and ``clear_lead`` ahead of the next, the model is not asked. ``alias_days`` is how long the
    catalog remembers what the model resolved. Prices are US dollars for a million tokens.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    model_id: str = Field(min_length=1)
    guardrail_id: str = ""
    guardrail_version: str = ""
    max_candidates: int = Field(default=8, ge=1, le=50)
    minimum_score: float = Field(default=0.72, ge=0, le=1)
    clear_score: float = Field(default=0.85, ge=0, le=1)
    clear_lead: float = Field(default=0.1, ge=0, le=1)
    alias_days: int = Field(default=90, ge=1)
    catalog_max_age_seconds: int = Field(default=60, ge=0, le=60)
    input_token_price: Decimal | None = Field(default=None, ge=0)
    output_token_price: Decimal | None = Field(default=None, ge=0)

    @property
    def rules(self) -> Rules:
        """What the matcher needs of all this."""
        return Rules(
            minimum_score=self.minimum_score,
            clear_score=self.clear_score,
            clear_lead=self.clear_lead,
            max_candidates=self.max_candidates,
        )

    def cost_usd(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """What so many tokens cost, to the millionth of a dollar; None where a price is missing."""
        if self.input_token_price is None or self.output_token_price is None:
            return None
        cost = input_tokens * self.input_token_price + output_tokens * self.output_token_price
        return (cost / _MILLION).quantize(_MILLIONTH, ROUND_HALF_UP)


class RecoverySettings(BaseModel):
    """How parked and stuck orders are looked after (one SSM parameter, JSON).

    ``resume_rate_per_second`` bounds how fast a provider's parked orders go on once it is back;
    ``alert_interval_seconds`` is the shortest time between two alerts about the same provider's
    parked orders; an order that has not moved for ``stuck_after_seconds`` is looked into.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    resume_rate_per_second: float = Field(default=20, gt=0, le=1000)
    alert_interval_seconds: int = Field(default=3600, ge=0)
    stuck_after_seconds: int = Field(default=900, ge=60)


class WebhookSettings(BaseModel):
    """Who may call the webhook (one SSM parameter, JSON).

    ``allowed_sources`` are networks such as ``52.31.139.75/32``; with none of them every address
    may, as the signature decides. PayStack names its own addresses at
    https://paystack.com/docs/payments/webhooks/#ip-whitelisting.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    allowed_sources: list[IPv4Network | IPv6Network] = Field(default_factory=list)


def load_webhook_settings(parameter_name: str) -> WebhookSettings:
    """The webhook's settings; see :func:`load_parameter`."""
    return load_parameter(parameter_name, WebhookSettings)


def load_recovery_settings(parameter_name: str) -> RecoverySettings:
    """The recovery's settings; see :func:`load_parameter`."""
    return load_parameter(parameter_name, RecoverySettings)


def load_tunables(parameter_name: str) -> Tunables:
    """The matcher's tunables; see :func:`load_parameter`."""
    return load_parameter(parameter_name, Tunables)


def load_breaker_policy(parameter_name: str) -> BreakerPolicy:
    """A breaker's policy, or the default one where the parameter can't be read.

    The breaker is there to keep orders going: its own settings must not stop them.
    """
    try:
        return load_parameter(parameter_name, BreakerPolicy)
    except (ConfigurationError, StoreUnavailable, ClientError) as error:
        logger.error("breaker policy unreadable: defaults", extra={"problem": str(error)})
        return BreakerPolicy()


def load_parameter(parameter_name: str, model: type[M]) -> M:
    """A parameter of Parameter Store, at most :data:`PARAMETER_MAX_AGE` seconds old.

    Raises:
        ConfigurationError: the parameter is not the JSON that ``model`` describes.
        StoreUnavailable: Parameter Store throttled, failed or could not be reached.
    """
    with _outages():
        raw = aws.ssm_parameters().get(parameter_name, max_age=PARAMETER_MAX_AGE)
    try:
        return model.model_validate_json(str(raw))
    except ValidationError as error:
        raise ConfigurationError(f"Parameter {parameter_name}: {_problems(error)}") from error


class _PaystackSecret(BaseModel):
    secret_key: SecretStr = Field(alias="secretKey", min_length=8)


def load_paystack_key(secret_name: str) -> SecretStr:
    """PayStack's secret key, at most :data:`PARAMETER_MAX_AGE` seconds old.

    Raises:
        ConfigurationError: the secret is not ``{"secretKey": "sk_..."}``.
        StoreUnavailable: Secrets Manager throttled, failed or could not be reached.
    """
    with _outages():
        raw = aws.secrets().get(secret_name, max_age=PARAMETER_MAX_AGE)
    try:
        return _PaystackSecret.model_validate_json(str(raw)).secret_key
    except ValidationError as error:
        # `from None`: pydantic's error would carry the secret into the log.
        raise ConfigurationError(f"Secret {secret_name}: {_problems(error)}") from None


@contextmanager
def _outages() -> Iterator[None]:
    """Powertools wraps every failure into one error: look at what it wraps."""
    try:
        yield
    except GetParameterError as error:
        with outages_as(StoreUnavailable, "The settings' store"):
            raise error.__context__ or error from None


def _problems(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, problem['loc'])) or 'content'}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_context=False)
    )
