"""Expected errors end with a message and an exit code."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    ReadTimeoutError,
)

from cdk.settings import SettingsError
from orderflow.catalog.csv_file import CatalogFileError, RowProblem
from orderflow.errors import StoreUnavailable
from orderflow.orders.model import Order
from scripts.auth import SignInError
from scripts.cli import main
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.errors import explain
from scripts.cli.orders import listing
from scripts.local.errors import LocalStackError
from tests.support.factories import client_error
from tests.unit.cli.conftest import Orders

URL = "http://127.0.0.1:9"


def a_validation_error() -> Exception:
    try:
        Order.model_validate({"orderId": "7e1c", "status": "SECRET", "totalKobo": "x"})
    except ValueError as error:
        return error
    raise AssertionError("valid")


EXPECTED = [
    (CommandError("No such thing.", ExitCode.NOT_FOUND), 4, "No such thing."),
    (CatalogFileError([RowProblem(2, "id", "is invalid")]), 2, "line 2, id: is invalid"),
    (SettingsError("There is no stage 'x'."), 2, "There is no stage 'x'."),
    (LocalStackError("It is not up."), 3, "It is not up."),
    (SignInError("Sign-in refused."), 3, "Sign-in refused."),
    (StoreUnavailable("DynamoDB did not answer"), 3, "DynamoDB did not answer."),
    (EndpointConnectionError(endpoint_url=URL), 3, "orders local status"),
    (ConnectTimeoutError(endpoint_url=URL), 3, "orders local status"),
    (ReadTimeoutError(endpoint_url=URL), 3, "orders local status"),
    (httpx.ConnectError("Connection refused"), 3, "Connection refused. If this is the local"),
    (httpx.ReadTimeout(""), 3, "ReadTimeout. If this is the local"),
    (NoCredentialsError(), 3, "Unable to locate credentials."),
    (NoRegionError(), 3, "You must specify a region."),
    (ProfileNotFound(profile="nobody"), 3, "The config profile (nobody) could not be found."),
    (client_error("AccessDenied"), 3, "An error occurred (AccessDenied)"),
    (PermissionError(13, "Permission denied", "state.json"), 3, "Permission denied: 'state.json'"),
    (KeyboardInterrupt(), 130, "Interrupted."),
    (a_validation_error(), 1, "A stored Order can't be read; look at its customerId"),
]


@pytest.mark.parametrize(
    ("error", "code", "message"), EXPECTED, ids=lambda value: type(value).__name__
)
def test_every_family_of_errors_has_its_message_and_exit_code(
    orders: Orders,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    message: str,
) -> None:
    def fail(_: str) -> Any:
        raise error

    monkeypatch.setattr(listing, "connect", fail)

    result = orders("list")
    as_json = orders("list", "--json")

    assert result.exit_code == as_json.exit_code == code
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert (result.stdout, as_json.stdout) == ("", "")
    assert "Traceback" not in result.output
    shown = json.loads(as_json.stderr)["error"]
    assert (shown["exitCode"], shown["code"]) == (code, ExitCode(code).name)
    assert message in shown["message"]


def test_a_missing_answer_is_found_as_the_cause_of_an_error() -> None:
    error = SignInError("Sign-in failed.")
    error.__cause__ = EndpointConnectionError(endpoint_url=URL)

    assert "`orders local status`" in str(explain(error))
    assert "`orders local status`" not in str(explain(SignInError("Wrong password.")))


def test_a_record_that_cannot_be_read_is_reported_without_its_content() -> None:
    explained = explain(a_validation_error())

    assert explained is not None
    assert "SECRET" not in str(explained)


def test_an_unexpected_error_keeps_its_trace(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(listing, "connect", fail)

    with pytest.raises(ZeroDivisionError):
        orders("list")


@pytest.mark.parametrize("text", ["[/]", "[bold", "\x1b[2J", "[/red] x"])
def test_markup_in_a_message_is_not_interpreted(
    orders: Orders, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    def fail(_: str) -> Any:
        raise CommandError(f"There is no order {text}.", ExitCode.NOT_FOUND)

    monkeypatch.setattr(main, "connect", fail)

    result = orders("show", text)

    assert result.stderr == f"error: There is no order {text.replace(chr(27), '')}.\n"


def test_a_broken_pipe_is_not_reported() -> None:
    assert explain(BrokenPipeError()) is None


@pytest.mark.parametrize("stage", ["dve", "production", ""])
def test_an_unknown_stage_is_refused_with_the_known_ones(orders: Orders, stage: str) -> None:
    result = orders("list", "--stage", stage)

    assert result.exit_code == 2
    assert "the stages are local, dev, staging, prod" in result.stderr


def test_unreachable_aws_is_reported(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{_closed_port()}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    result = orders("list", "--stage", "dev")

    assert result.exit_code == 3
    assert "Could not connect to the endpoint URL" in result.stderr


def test_missing_aws_credentials_are_reported(
    orders: Orders, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    result = orders("list", "--stage", "dev")

    assert result.exit_code == 3
    assert result.stderr == "error: Unable to locate credentials.\n"


def test_a_missing_local_stack_is_reported_with_the_remedy(
    orders: Orders, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ORDERS_LOCAL_DIR", str(tmp_path))

    result = orders("list")

    assert result.exit_code == 3
    assert "is not up. Start it with `orders local up`." in result.stderr


def test_an_invalid_stack_name_is_refused(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_LOCAL_NAME", "../elsewhere")

    result = orders("list")

    assert result.exit_code == 3
    assert "is no name for a stack" in result.stderr


def _closed_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
    return port
