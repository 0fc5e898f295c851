"""Every attempt of the table is refused, reveals nothing and changes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from starlette.testclient import TestClient

from orderflow.orders.store import OrderStore
from orderflow.payments.settings import WebhookSettings
from scripts.local.appsync.front_door import FrontDoor
from scripts.local.appsync.resolver_runner import ResolverRunner
from tests.support.appsync_scene import Connected, api
from tests.support.attempts.attempt import Facts, Risk, problems, read_return
from tests.support.attempts.memory_scene import (
    ATTACKER,
    ATTACKER_EMAIL,
    RESOLVERS,
    Api,
    MemoryScene,
    issue,
    public_key,
)
from tests.support.attempts.table import attempts
from tests.support.factories import CUSTOMER_EMAIL, CUSTOMER_ID, LINK, an_order, stored
from tests.support.paths import SCHEMA
from tests.support.paystack_api import PaystackApi, verified
from tests.unit.conftest import REGION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

ATTEMPTS = attempts(issue)
PAGE = "https://shop.example/orders"
LIMIT, WEBHOOK = "/grocery/test/submissions", "/grocery/test/webhook"


@pytest.fixture(scope="module")
def resolvers() -> Iterator[ResolverRunner]:
    """One Node for all attempts."""
    runner = ResolverRunner()
    yield runner
    runner.close()


@pytest.fixture
def scene(  # noqa: PLR0917 - fixtures
    environment: pytest.MonkeyPatch,
    context: LambdaContext,
    store: OrderStore,
    submissions_table: Table,
    state_machine_arn: str,
    topic_arn: str,
    paystack_secret: str,
    breakers_table: Table,
    limits_table: Table,
    paystack_api: PaystackApi,
    node: None,
    resolvers: ResolverRunner,
) -> Iterator[MemoryScene]:
    environment.setenv("STATE_MACHINE_ARN", state_machine_arn)
    environment.setenv("SUBMISSIONS_TABLE", submissions_table.name)
    environment.setenv("SUBMISSION_LIMIT_PARAMETER", LIMIT)
    environment.setenv("USER_POOL_ID", "eu-west-1_EXAMPLE00")
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)
    environment.setenv("WEBHOOK_PARAMETER", WEBHOOK)
    environment.setenv("PAYSTACK_BASE_URL", paystack_api.url)
    environment.setenv("RETURN_LIMITS_TABLE", limits_table.name)
    environment.setenv("SHOP_PAGE_URL", PAGE)
    put_parameter(LIMIT, "{}")
    put_parameter(WEBHOOK, WebhookSettings().model_dump_json(by_alias=True))
    order = stored(store, an_order())
    paystack_api.always(verified(str(order.payment_reference), status="abandoned"))
    facts = Facts(
        order=order.order_id,
        reference=str(order.payment_reference),
        kobo=order.total_kobo,
        victim_sub=CUSTOMER_ID,
        victim_email=CUSTOMER_EMAIL,
        attacker_sub=ATTACKER,
        attacker_email=ATTACKER_EMAIL,
        token=issue(),
        public_key=public_key(),
        key_id="k1",
        webhook_key=paystack_secret,
    )
    door = FrontDoor(Connected(Api(resolvers, context)))
    code = {"onOrderUpdated": (RESOLVERS / "on_order_updated.js").read_text()}
    with TestClient(door.app()) as client:
        set_up = client.put("/_admin/api", json=api(SCHEMA.read_text(), subscriptionCode=code))
        set_up.raise_for_status()
        emails = lambda: ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_message_count  # noqa: E731
        yield MemoryScene(facts, client, store, state_machine_arn, context, emails, PAGE)


def put_parameter(name: str, value: str) -> None:
    boto3.client("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


@pytest.mark.parametrize("risk", Risk, ids=lambda risk: risk.split()[0])
def test_every_attempt_is_refused(scene: MemoryScene, risk: Risk) -> None:
    secrets = (LINK, scene.facts.webhook_key, "Traceback", "site-packages")

    found = problems(scene, [each for each in ATTEMPTS if each.risk is risk], secrets)

    assert found == []


def test_the_owner_gets_what_the_attempts_are_refused(scene: MemoryScene) -> None:
    """Else a scene that refuses everything would pass."""
    owner = issue(sub=CUSTOMER_ID, email=CUSTOMER_EMAIL)
    staff = issue(groups=["ops"])
    get, submit, orders = (
        next(each for each in ATTEMPTS if each.name == name)
        for name in (
            "getOrder of another customer's order",
            "one list more than the limit",
            "all customers' orders",
        )
    )
    for attempt, bearer in ((get, owner), (submit, owner), (orders, staff)):
        request = attempt.build(scene.facts)
        answer = scene.send(
            type(request)(request.channel, request.content, {"authorization": bearer})
        )
        assert answer.is_granted, answer.text
        assert not answer.refusals


@pytest.mark.parametrize(
    ("headers", "is_granted"),
    [
        ({"location": PAGE}, False),
        ({"location": "https://attacker.example"}, True),
        ({"Location": PAGE, "Set-Cookie": "session=1"}, True),
        ({}, True),
    ],
)
def test_a_return_that_leads_elsewhere_would_be_noticed(
    headers: dict[str, str], is_granted: bool
) -> None:
    assert read_return(303, headers, "", PAGE).is_granted is is_granted


def test_the_table_covers_all_risks_by_different_requests(scene: MemoryScene) -> None:
    per_risk = Counter(attempt.risk for attempt in ATTEMPTS)
    requests = [attempt.build(scene.facts) for attempt in ATTEMPTS]
    told_apart = {
        (each.channel, each.method, each.path, each.content, json.dumps(dict(each.headers)))
        for each in requests
    }

    assert per_risk.keys() == {*Risk}
    assert min(per_risk.values()) >= 9
    assert len(ATTEMPTS) >= 120
    assert len({*map(str, ATTEMPTS)}) == len(ATTEMPTS)
    assert len(told_apart) == len(ATTEMPTS)
