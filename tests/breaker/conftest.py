"""One emulator with DynamoDB, and a table of breakers for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from scripts.local.stack.processes import EMULATOR_ROOT, environment
from scripts.local.stack.state import REGION
from tests.breaker.provider_server import ProviderServer, run_provider
from tests.support.engines import run_ministack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource, Table

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Emulator:
    """Its endpoint, and the environment of a process that uses it."""

    endpoint: str
    environment: dict[str, str]

    def dynamodb(self) -> DynamoDBServiceResource:
        return boto3.resource(
            "dynamodb",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=EMULATOR_ROOT,
            aws_secret_access_key=EMULATOR_ROOT,
            config=Config(
                max_pool_connections=120,
                retries={"total_max_attempts": 1},
                read_timeout=60,
            ),
        )


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    home = tmp_path_factory.mktemp("emulator")
    with run_ministack(home) as endpoint:
        yield Emulator(endpoint, environment(home, {"AWS_ENDPOINT_URL": endpoint}))


@pytest.fixture
def table(emulator: Emulator) -> Table:
    """The ``breakers`` table as it is deployed."""
    return emulator.dynamodb().create_table(
        TableName=f"breakers-{next(_numbers)}",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "provider", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "provider", "AttributeType": "S"}],
    )


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    with run_provider() as server:
        yield server
