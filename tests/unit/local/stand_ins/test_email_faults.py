"""The emulator's SES, as functions call it, changes nothing unless a fault is set."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from urllib3 import HTTPResponse

from orderflow.emails.mailer import Email, Mailer
from orderflow.errors import NotificationRefused, NotificationUnavailable
from scripts.local.stand_ins.email_faults import PREFIX, EmailFaults
from tests.support.mail import Addresses
from tests.unit.cli.conftest import URLS

EMAIL = Email("Subject", "text", "<p>html</p>")


@pytest.fixture
def client() -> Iterator[TestClient]:
    async def answer(_: Request) -> Response:
        return JSONResponse({"MessageId": "1"})

    emulator = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST", "PUT"])])
    with TestClient(EmailFaults(emulator)) as client:
        yield client


@pytest.fixture
def mailer(client: TestClient) -> Mailer:
    """Sends through boto3 to the app."""
    ses = boto3.client(
        "sesv2",
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )

    def send(request: Any, **_: Any) -> Any:
        answer = client.request(
            request.method, request.url.partition(".com")[2], content=request.body
        )
        raw = HTTPResponse(body=BytesIO(answer.content), preload_content=False)
        return AWSResponse(request.url, answer.status_code, answer.headers, raw)

    ses.meta.events.register("before-send.sesv2.SendEmail", send)
    return Mailer(ses, "orders@shop.example", Addresses(), lambda _: None)


def set_fault(client: TestClient, **fault: Any) -> None:
    assert client.put(f"{PREFIX}/_admin/faults", json=fault).status_code == 200


def test_without_a_fault_emails_are_sent_and_counted(client: TestClient, mailer: Mailer) -> None:
    mailer.send(EMAIL, "ada@mail.example")

    stats = client.get(f"{PREFIX}/_admin/stats").json()
    assert (stats["byOperation"], stats["byOutcome"]) == ({"SendEmail": 1}, {"ok": 1})


@pytest.mark.parametrize("mode", ["outage", "error", "throttle"])
def test_an_outage_is_one_to_the_mailer_until_it_is_cleared(
    client: TestClient, mailer: Mailer, mode: str
) -> None:
    set_fault(client, mode=mode)

    with pytest.raises(NotificationUnavailable):
        mailer.send(EMAIL, "ada@mail.example")
    assert client.delete(f"{PREFIX}/_admin/faults").json()["byOutcome"] == {mode: 1}
    mailer.send(EMAIL, "ada@mail.example")


def test_a_bad_request_refuses_the_message(client: TestClient, mailer: Mailer) -> None:
    set_fault(client, mode="bad_request")

    with pytest.raises(NotificationRefused):
        mailer.send(EMAIL, "ada@mail.example")


def test_other_requests_meet_no_fault(client: TestClient) -> None:
    set_fault(client, mode="outage")

    assert client.get("/v2/email/account").status_code == 200
    assert client.post("/").status_code == 200


def test_the_command_line_finds_the_admin_api_below_the_emulator() -> None:
    assert URLS.email == f"{URLS.aws}{PREFIX}"
