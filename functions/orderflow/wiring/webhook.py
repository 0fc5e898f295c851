"""For ``payment_webhook``."""

from __future__ import annotations

from functools import cache

from orderflow.payments.reversals.times import ReversalTimes
from orderflow.payments.settings import WebhookSettings, load_webhook_settings
from orderflow.payments.webhook import WebhookReceiver
from orderflow.payments.webhook_keys import WebhookKeys
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import (
    OperationsEnvironment,
    ReversalsEnvironment,
    WebhookEnvironment,
    load_environment,
)
from orderflow.wiring import common

snapshots.prepare(aws.step_functions, aws.sns, aws.secrets, aws.ssm_parameters)


class _WebhookEnvironment(WebhookEnvironment, OperationsEnvironment, ReversalsEnvironment):
    """What ``payment_webhook`` needs."""


def receiver() -> WebhookReceiver:
    """Handles the events that PayStack signed."""
    environment = load_environment(_WebhookEnvironment)
    return WebhookReceiver(
        common.orders(environment, by="payment_webhook"),
        aws.step_functions(),
        common.alerts(environment),
        times=ReversalTimes.of(environment),
    )


def settings() -> WebhookSettings:
    """Which addresses may call the webhook."""
    return load_webhook_settings(load_environment(_WebhookEnvironment).webhook_parameter)


@cache
def signing_keys() -> WebhookKeys:
    """The keys that sign PayStack's events; a warm function keeps them between calls."""
    environment = load_environment(_WebhookEnvironment)
    return WebhookKeys(aws.secrets().client, environment.paystack_secret_name)
