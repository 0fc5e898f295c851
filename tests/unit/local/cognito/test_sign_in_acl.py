"""The web ACL before the user pool: refuses as Cognito does what it blocks."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from botocore.parsers import create_parser
from botocore.session import get_session
from starlette.testclient import TestClient

from scripts.local.cognito.proxy import CognitoProxy
from scripts.local.waf.guard import Guard
from scripts.local.waf.web_acl import Action
from tests.support.emulated_cognito import EMULATOR, emulator_app
from tests.unit.local.waf.test_guard import setting
from tests.unit.local.waf.test_web_acl import contains, rate, rule

LIMIT = 3
WINDOW_SECONDS = 300


class Time:
    """The clock of rates, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def guard(clock: Time) -> Guard:
    return Guard(clock=clock)


@contextmanager
def client_at(guard: Guard, address: str) -> Iterator[TestClient]:
    proxy = CognitoProxy(EMULATOR, transport=httpx.ASGITransport(emulator_app()), guard=guard)
    with TestClient(proxy.app(), client=(address, 50_000)) as client:
        yield client


@pytest.fixture
def client(guard: Guard) -> Iterator[TestClient]:
    with client_at(guard, "192.0.2.7") as made:
        yield made


def sign_in(client: TestClient) -> httpx.Response:
    """An attempt at an app client that does not exist, which Cognito refuses."""
    return client.post(
        "/",
        content=json.dumps({"ClientId": "none", "AuthFlow": "USER_PASSWORD_AUTH"}),
        headers={"x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth"},
    )


def test_an_address_passes_below_the_rate_and_is_refused_above_it(client: TestClient) -> None:
    client.put("/_admin/waf", json=setting(rule("r", rate(LIMIT))))

    statuses = [sign_in(client).status_code for _ in range(LIMIT + 2)]

    assert statuses == [400, 400, 400, 403, 403]


def test_another_address_and_a_later_time_pass(
    client: TestClient, guard: Guard, clock: Time
) -> None:
    client.put("/_admin/waf", json=setting(rule("r", rate(LIMIT))))
    for _ in range(LIMIT + 1):
        sign_in(client)

    with client_at(guard, "192.0.2.8") as other:
        assert sign_in(other).status_code == 400
    clock.now = WINDOW_SECONDS + 1
    assert sign_in(client).status_code == 400


def test_the_refusal_is_cognitos_in_the_eyes_of_its_clients(client: TestClient) -> None:
    client.put("/_admin/waf", json=setting(rule("r", rate(0))))

    answer = sign_in(client)

    model = get_session().get_service_model("cognito-idp").operation_model("InitiateAuth")
    response = {
        "status_code": answer.status_code,
        "headers": answer.headers,
        "body": answer.content,
    }
    parsed = create_parser("json").parse(response, model.output_shape)
    assert parsed["Error"]["Code"] == "ForbiddenException"
    assert "ForbiddenException" in {each.name for each in model.error_shapes}
    assert parsed["Error"]["Message"] == "Request not allowed due to WAF block."


def test_operations_that_the_proxy_passes_on_are_judged_too(client: TestClient) -> None:
    client.put("/_admin/waf", json=setting(rule("r", rate(0))))
    target = {"x-amz-target": "AWSCognitoIdentityProviderService.ForgotPassword"}
    assert client.post("/", json={}, headers=target).status_code == 403


def test_the_web_acl_does_not_see_the_body(client: TestClient) -> None:
    client.put("/_admin/waf", json=setting(rule("r", contains("USER_PASSWORD_AUTH"))))
    assert sign_in(client).status_code == 400


def test_without_a_web_acl_every_attempt_passes(client: TestClient) -> None:
    assert client.get("/_admin/waf").json() is None
    assert {sign_in(client).status_code for _ in range(LIMIT + 2)} == {400}


def test_blocked_attempts_are_published() -> None:
    published: Counter[tuple[Action, str]] = Counter()
    arrived = threading.Event()

    def publish(_: str, counts: Counter[tuple[Action, str]]) -> None:
        published.update(counts)
        if published[Action.BLOCK, "r"]:
            arrived.set()

    with client_at(Guard(publish, publish_seconds=0.001), "192.0.2.7") as client:
        client.put("/_admin/waf", json=setting(rule("r", rate(0))))
        sign_in(client)
        assert arrived.wait(10)
    assert published == {(Action.BLOCK, "r"): 1}
