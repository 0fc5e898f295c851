"""The engines, each with the tables `orders` and `catalog`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from orderflow.platform.aws_errors import error_code
from tests.engines.refused_requests import FAILS, PASSES, REFUSES, RefusedRequest
from tests.support.engines import ENGINES, MOTO, on, run_server
from tests.support.tables import CATALOG, ORDERS, TableDefinition

AN_ORDER: dict[str, Any] = {
    "orderId": {"S": "o-1"},
    "version": {"N": "1"},
    "note": {"S": "x"},
    "history": {"L": []},
}
#: DynamoDB reports a refused request by one of these.
_REFUSALS = {"ValidationException", "SerializationException"}


@pytest.fixture(autouse=True)
def aws_takes_each_request() -> None:
    """Replaces the guard of all suites: the requests here are meant to be refused."""


@dataclass(frozen=True)
class Tried:
    """An engine that requests are tried on."""

    name: str
    client: Any

    def outcome(self, refused: RefusedRequest) -> str:
        """Whether it refuses the request, lets it pass, or fails."""
        self.client.put_item(TableName="orders", Item=AN_ORDER)
        try:
            self.client._make_api_call(refused.operation, refused.request)
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return PASSES  # it was evaluated
            return REFUSES if _is_refusal(error) else FAILS
        except Exception:  # of moto, which runs in this process
            return FAILS
        return PASSES


def _is_refusal(error: ClientError) -> bool:
    """A transaction is refused as a whole, or cancelled for the reason of one of its parts."""
    reasons: Any = error.response.get("CancellationReasons", [])
    return error_code(error) in _REFUSALS or any(
        reason.get("Code") == "ValidationError" for reason in reasons
    )


@contextmanager
def running(engine: str, home: Path) -> Iterator[dict[str, Any]]:
    """Runs an engine; yields the options of a client for it."""
    with mock_aws() if engine == MOTO else run_server(engine, home) as endpoint:
        yield {
            "region_name": "eu-west-1",
            "endpoint_url": endpoint if engine != MOTO else None,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        }


def create_tables(client: Any, *definitions: TableDefinition) -> None:
    """Create the tables, and wait until they are there."""
    for definition in definitions:
        client.create_table(**definition.creation())
        client.get_waiter("table_exists").wait(
            TableName=definition.name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
        )


@pytest.fixture(scope="session", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tried]:
    # botocore would refuse some of the requests itself.
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    with running(request.param, tmp_path_factory.mktemp(request.param)) as options:
        client = boto3.client("dynamodb", config=config, **options)
        create_tables(client, on(request.param, ORDERS), CATALOG)
        yield Tried(request.param, client)
