"""PayStack's secret key, and the addresses that may call the webhook."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from pydantic import Field, SecretStr

from orderflow.platform import aws
from orderflow.platform.parameters import (
    PARAMETER_MAX_AGE,
    load_parameter,
    parameter_outages,
    read_secret,
)
from orderflow.records import Model, Record


class WebhookSettings(Record, extra="forbid"):
    """The addresses that may call the webhook (one SSM parameter, JSON).

    ``allowed_sources`` are networks such as ``52.31.139.75/32``; with none of them every address
    may, as the signature decides. PayStack names its own addresses at
    https://paystack.com/docs/payments/webhooks/#ip-whitelisting.
    """

    allowed_sources: list[IPv4Network | IPv6Network] = Field(default_factory=list)


def load_webhook_settings(parameter_name: str) -> WebhookSettings:
    """The webhook's settings; see :func:`load_parameter`."""
    return load_parameter(parameter_name, WebhookSettings)


class _PaystackSecret(Model):
    secret_key: SecretStr = Field(alias="secretKey", min_length=8)


def load_paystack_key(secret_name: str) -> SecretStr:
    """PayStack's secret key, at most :data:`PARAMETER_MAX_AGE` seconds old.

    Raises:
        ConfigurationError: the secret is not ``{"secretKey": "sk_..."}``.
        StoreUnavailable: Secrets Manager throttled, failed or could not be reached.
    """
    with parameter_outages():
        raw = aws.secrets().get(secret_name, max_age=PARAMETER_MAX_AGE)
    return read_paystack_key(secret_name, str(raw))


def read_paystack_key(secret_name: str, raw: str) -> SecretStr:
    """The key in a secret's text.

    Raises:
        ConfigurationError: it is not ``{"secretKey": "sk_..."}``.
    """
    return read_secret(secret_name, raw, _PaystackSecret).secret_key
