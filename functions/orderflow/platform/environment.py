"""The environment variables of the functions.

Each handler composes its environment from the models below. A missing variable stops the function
at its first invocation with a message that names it.
"""

from __future__ import annotations

import os
from typing import TypeVar

from pydantic import ConfigDict, Field, ValidationError

from orderflow.errors import ConfigurationError
from orderflow.records import Model
from orderflow.validation import problems_in_words


class _Environment(Model):
    model_config = ConfigDict(extra="ignore", frozen=True)


class OrdersEnvironment(_Environment):
    """Read or write the ``orders`` table."""

    orders_table: str = Field(alias="ORDERS_TABLE", min_length=1)
    index_shards: int = Field(alias="ORDERS_INDEX_SHARDS", ge=1)


class CatalogTableEnvironment(_Environment):
    """Read the catalog."""

    catalog_table: str = Field(alias="CATALOG_TABLE", min_length=1)


class CatalogEnvironment(CatalogTableEnvironment):
    """Read the catalog and the settings of the matcher."""

    tunables_parameter: str = Field(alias="TUNABLES_PARAMETER", min_length=1)


class ReviewsEnvironment(CatalogTableEnvironment):
    """Let customers review their orders."""

    review_before_payment: bool = Field(alias="REVIEW_BEFORE_PAYMENT")


class PaystackEnvironment(_Environment):
    """Call PayStack, or check what it signed."""

    paystack_secret_name: str = Field(alias="PAYSTACK_SECRET_NAME", min_length=1)


class PaystackApiEnvironment(PaystackEnvironment):
    """Call PayStack's API."""

    paystack_base_url: str = Field(alias="PAYSTACK_BASE_URL", pattern=r"^https?://")
    payment_callback_url: str | None = Field(default=None, alias="PAYMENT_CALLBACK_URL")


class ReversalsEnvironment(_Environment):
    """Look after refunds and disputes."""

    check_after_seconds: float = Field(alias="REVERSAL_CHECK_AFTER_SECONDS", gt=0)
    remind_before_seconds: float = Field(alias="DISPUTE_REMINDER_SECONDS", gt=0)


class WebhookEnvironment(OrdersEnvironment, PaystackEnvironment):
    """Receive PayStack's events."""

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


class SubmissionsEnvironment(_Environment):
    """Count the lists that customers send."""

    submissions_table: str = Field(alias="SUBMISSIONS_TABLE", min_length=1)
    submission_limit_parameter: str = Field(alias="SUBMISSION_LIMIT_PARAMETER", min_length=1)


class AccountsEnvironment(_Environment):
    """Look up customers' accounts."""

    user_pool_id: str = Field(alias="USER_POOL_ID", min_length=1)


class OperationsEnvironment(_Environment):
    """Alert operations staff."""

    operations_topic_arn: str = Field(alias="OPERATIONS_TOPIC_ARN", pattern=r"^arn:")


class RecoveryEnvironment(OperationsEnvironment):
    """Resume parked orders."""

    parked_orders_queue_url: str = Field(alias="PARKED_ORDERS_QUEUE_URL", pattern=r"^https?://")
    recovery_parameter: str = Field(alias="RECOVERY_PARAMETER", min_length=1)


class DeadLettersEnvironment(_Environment):
    """Try dead letters again, or keep them."""

    parked_orders_queue_url: str = Field(alias="PARKED_ORDERS_QUEUE_URL", pattern=r"^https?://")
    kept_letters_queue_url: str = Field(alias="KEPT_LETTERS_QUEUE_URL", pattern=r"^https?://")
    delay_seconds: float = Field(alias="DEAD_LETTER_DELAY_SECONDS", gt=0)


class AuditEnvironment(_Environment):
    """Store audit lines."""

    audit_log_group: str = Field(alias="AUDIT_LOG_GROUP", min_length=1)
    audit_archive: str = Field(alias="AUDIT_ARCHIVE", min_length=1)


class SenderEnvironment(_Environment):
    """Send e-mail to customers."""

    sender_email: str = Field(alias="SENDER_EMAIL", pattern=r".+@.+")


class ReceiptsEnvironment(_Environment):
    """Know whether each payment gets an e-mail of ours, beside PayStack's receipt."""

    own_receipts: bool = Field(alias="OWN_RECEIPTS")


class AddressesEnvironment(_Environment):
    """Read or mark the e-mail addresses that get no mail."""

    addresses_table: str = Field(alias="EMAIL_ADDRESSES_TABLE", min_length=1)


class ApiCallerEnvironment(_Environment):
    """Call our own GraphQL API.

    ``api_host`` is the API's host name on AWS, if ``api_url`` reaches it under another one.
    """

    api_url: str = Field(alias="GRAPHQL_API_URL", pattern=r"^https?://")
    api_host: str | None = Field(default=None, alias="GRAPHQL_API_HOST", min_length=1)
    region: str = Field(alias="AWS_REGION", min_length=1)


class CanaryEnvironment(_Environment):
    """Order as a customer does."""

    secret_name: str = Field(alias="CANARY_SECRET_NAME", min_length=1)
    user_pool_id: str = Field(alias="USER_POOL_ID", min_length=1)
    user_pool_client_id: str = Field(alias="USER_POOL_CLIENT_ID", min_length=1)
    api_url: str = Field(alias="GRAPHQL_API_URL", pattern=r"^https?://")
    realtime_url: str = Field(alias="GRAPHQL_REALTIME_URL", pattern=r"^wss?://")
    grocery_list: str = Field(alias="CANARY_LIST", min_length=1)
    stops_before_link: bool = Field(alias="CANARY_STOPS_BEFORE_LINK")
    patience_seconds: float = Field(alias="CANARY_PATIENCE_SECONDS", gt=0)


E = TypeVar("E", bound=_Environment)


def load_environment(model: type[E]) -> E:
    """Validate this process's environment variables as ``model``.

    Raises:
        ConfigurationError: naming every variable that is missing or malformed.
    """
    try:
        return model.model_validate(dict(os.environ))
    except ValidationError as error:
        raise ConfigurationError(f"Environment: {problems_in_words(error)}") from error
