"""The environment of the functions, and the context that Lambda hands them.

Whatever a test lets a function do: its logs hold no personal data and no key.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.orders.store import SHARDS
from orderflow.platform.observability import logger
from tests.support.factories import CUSTOMER_NAME
from tests.unit.conftest import ADDRESSES_TABLE, BREAKERS_TABLE, CATALOG_TABLE, ORDERS_TABLE, SENDER

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SECRET = "grocery/test/paystack"
SECRET_KEY = "sk_test_0123456789"


#: What no log holds: any e-mail address, the customer's name, PayStack's key.
PERSONAL = re.compile(rf"[\w.+-]+@[\w-]+\.\w+|{CUSTOMER_NAME}|{SECRET_KEY}")


@pytest.fixture(autouse=True)
def _logs_hold_no_personal_data() -> Iterator[None]:
    written = io.StringIO()
    listener = logging.StreamHandler(written)
    listener.setFormatter(logger.registered_formatter)
    logger.addHandler(listener)
    yield
    logger._logger.removeHandler(listener)
    assert PERSONAL.findall(written.getvalue()) == []


@dataclass(frozen=True)
class _Context:
    function_name: str = "a-function"
    function_version: str = "7"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:a-function:7"
    aws_request_id: str = "f9d0c7d0-5b7c-4a53-8a58-3f3c1f6f5a11"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


@pytest.fixture
def context() -> LambdaContext:
    return cast(LambdaContext, _Context())


@pytest.fixture
def environment(
    monkeypatch: pytest.MonkeyPatch, account: None, fresh_parameters: None
) -> pytest.MonkeyPatch:
    """Names of things that the functions use; tests add those that only theirs does."""
    monkeypatch.setenv("ORDERS_TABLE", ORDERS_TABLE)
    monkeypatch.setenv("ORDERS_INDEX_SHARDS", str(SHARDS))
    monkeypatch.setenv("CATALOG_TABLE", CATALOG_TABLE)
    monkeypatch.setenv("BREAKERS_TABLE", BREAKERS_TABLE)
    monkeypatch.setenv("BREAKER_PARAMETER", "/grocery/test/breakers/a-provider")
    monkeypatch.setenv("SENDER_EMAIL", SENDER)
    monkeypatch.setenv("OWN_RECEIPTS", "false")
    monkeypatch.setenv("REVIEW_BEFORE_PAYMENT", "false")
    monkeypatch.setenv("EMAIL_ADDRESSES_TABLE", ADDRESSES_TABLE)
    monkeypatch.setenv("PAYSTACK_SECRET_NAME", SECRET)
    monkeypatch.setenv("REVERSAL_CHECK_AFTER_SECONDS", "3600")
    monkeypatch.setenv("DISPUTE_REMINDER_SECONDS", "86400")
    monkeypatch.setenv("LINK_VALIDITY_SECONDS", "86400")
    monkeypatch.setenv("LINK_REUSE_MARGIN_SECONDS", "300")
    monkeypatch.setenv("LINK_CHECK_AFTER_SECONDS", "900")
    monkeypatch.setenv("LINK_CHECKED_AFTER_END_SECONDS", "259200")
    monkeypatch.setenv("SESSION_CHECK_SECONDS", "21600")
    return monkeypatch


@pytest.fixture
def paystack_secret(environment: pytest.MonkeyPatch) -> str:
    """PayStack's secret key, kept where the functions look for it."""
    secrets_manager().create_secret(Name=SECRET, SecretString=f'{{"secretKey": "{SECRET_KEY}"}}')
    return SECRET_KEY


@cache
def secrets_manager() -> SecretsManagerClient:
    """AWS Secrets Manager."""
    return boto3.client("secretsmanager")
