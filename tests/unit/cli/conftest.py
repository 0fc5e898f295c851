"""The command line against a stage that is made of pieces in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from scripts.cli import main
from scripts.cli.deployment import Credentials, Deployment
from scripts.local.state import Urls
from tests.unit.conftest import CATALOG_TABLE, ORDERS_TABLE, REGION

URLS = Urls(
    aws="http://127.0.0.1:1",
    paystack="http://127.0.0.1:2",
    bedrock="http://127.0.0.1:3",
    front_door="http://127.0.0.1:4",
)
DEMO = Credentials("ada.buyer@mail.example", "password", "JBSWY3DPEHPK3PXP")

Orders = Callable[..., Result]
MakeDeployment = Callable[..., Deployment]


@pytest.fixture
def make_deployment(tmp_path: Path) -> MakeDeployment:
    """A stage on AWS, with whatever a test cares about overridden."""

    def make(**changes: Any) -> Deployment:
        fields: dict[str, Any] = {
            "stage": "dev",
            "region": REGION,
            "outputs": {
                "OrdersTable": ORDERS_TABLE,
                "CatalogTable": CATALOG_TABLE,
                "UserPoolId": "eu-west-1_abc",
                "UserPoolClientId": "client1",
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


@pytest.fixture
def orders() -> Orders:
    """``orders("list", "--json")`` runs the command."""
    runner = CliRunner()

    def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return runner.invoke(main.app, arguments, input=stdin, catch_exceptions=False)

    return run


@pytest.fixture
def connected(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """The stage that commands find, whatever its name."""
    monkeypatch.setattr(main, "connect", lambda _: deployment)
    return deployment
