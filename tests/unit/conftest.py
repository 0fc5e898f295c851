"""Unit tests: AWS in memory (moto), no network beyond this process, no sleeping.

``ENGINE=ministack`` or ``ENGINE=dynalite`` runs those that use tables with another DynamoDB
(``make test-engines``); the rest of AWS stays moto's.
"""

from __future__ import annotations

import functools
import gc
import io
import logging
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import hypothesis
import pytest
from botocore.handlers import BUILTIN_HANDLERS
from moto import mock_aws

# Powertools reads these when a handler is imported, so they can't wait for a fixture.
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "orders")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "GroceryOrders")

from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.platform.observability import logger
from tests.engines import deviations
from tests.support.engines import (
    DYNALITE,
    MOTO,
    Engine,
    Moto,
    Server,
    run_server,
    skip_without_index,
)
from tests.support.paystack_api import PaystackApi, run_paystack_api
from tests.support.policies import recorder
from tests.support.quick_moto import quick_moto
from tests.support.tables import ADDRESSES, BREAKERS, CATALOG, ORDERS, RETURN_LIMITS, SUBMISSIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

# Time never decides a test: this machine may be busy.
hypothesis.settings.register_profile("without deadline", deadline=None)
hypothesis.settings.load_profile("without deadline")

pytest.register_assert_rewrite("tests.support.orders_behaviour")

REGION = "eu-west-1"
ACCOUNT = "123456789012"
ORDERS_TABLE = ORDERS.name
CATALOG_TABLE = CATALOG.name
BREAKERS_TABLE = BREAKERS.name
ADDRESSES_TABLE = ADDRESSES.name
LIMITS_TABLE = RETURN_LIMITS.name
SUBMISSIONS_TABLE = SUBMISSIONS.name
SENDER = "orders@shop.example"

#: The engine that stands in for DynamoDB.
ENGINE = os.environ.get("ENGINE", MOTO)

FailCalls = Callable[[Any, str, Exception], None]
RecordCalls = Callable[[Any, str], list[dict[str, Any]]]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """No search for garbage among what tests import, neither meanwhile nor in any test."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Another engine than moto runs the tests that use tables, and no others."""
    if ENGINE == MOTO:
        return
    if ENGINE == DYNALITE:
        BUILTIN_HANDLERS.append(("provide-client-params.dynamodb.Query", skip_without_index))
    chosen = [item for item in items if _uses_tables(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen
    for item in items:
        deviations.mark(ENGINE, item)


def _uses_tables(item: pytest.Item) -> bool:
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return "engine" in getattr(item, "fixturenames", ()) and "memory" not in [*parameters]


@pytest.fixture(scope="session", autouse=True)
def _functions_calls_are_recorded(request: pytest.FixtureRequest) -> Iterator[None]:
    """Which calls to AWS each function makes, for the proofs of its role."""
    calls: recorder.Calls = set()
    with recorder.recording(calls):
        yield
    recorder.hand_over(request.config, calls)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of pytest-xdist has ended."""
    recorder.take_over(node)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails a run in which a function makes other calls than its table lists."""
    recorder.finish(session)


@pytest.fixture(scope="session", autouse=True)
def _one_reader_of_service_models() -> Iterator[None]:
    """Each session of boto3 starts anew; megabytes of JSON need not be read again."""
    with pytest.MonkeyPatch.context() as patch:
        remembering = functools.cache(botocore.session.create_loader)
        patch.setattr(botocore.session, "create_loader", remembering)
        yield


@pytest.fixture(scope="session", autouse=True)
def _moto_is_quick() -> Iterator[None]:
    with quick_moto():
        yield


@pytest.fixture(scope="session", autouse=True)
def _clients_are_made_once() -> Iterator[None]:
    """Tests share what they make without options: a client takes as long as ten requests."""
    make = boto3.client

    @functools.cache
    def made(service: Any, _settings: frozenset[tuple[str, str]]) -> Any:
        return make(service)

    def client(service: Any, **options: Any) -> Any:
        if options:
            return make(service, **options)
        settings = (item for item in os.environ.items() if item[0].startswith("AWS_"))
        return made(service, frozenset(settings))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "client", client)
        yield


@pytest.fixture(autouse=True)
def _aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test can reach an account by mistake."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.fixture
def account() -> Iterator[None]:
    """An empty AWS account in memory."""
    with mock_aws():
        yield


@pytest.fixture
def fresh_parameters() -> Iterator[None]:
    """No parameters or secrets kept from earlier tests, nor for later ones."""
    forget_parameters()
    yield
    forget_parameters()


def forget_parameters() -> None:
    """As time does in a warm function: values go, clients stay."""
    aws.ssm_parameters().clear_cache()
    aws.secrets().clear_cache()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """What stands in for DynamoDB."""
    if ENGINE == MOTO:
        yield Moto(ACCOUNT, REGION)
        return
    with (
        run_server(ENGINE, tmp_path_factory.mktemp(ENGINE)) as endpoint,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
        yield Server(ENGINE)


@pytest.fixture
def orders_table(account: None, engine: Engine) -> Table:
    """The ``orders`` table as it is deployed."""
    return engine.empty(aws.dynamodb(), ORDERS)


@pytest.fixture
def catalog_table(account: None, engine: Engine) -> Table:
    """The ``catalog`` table as it is deployed."""
    return engine.empty(aws.dynamodb(), CATALOG)


@pytest.fixture
def breakers_table(account: None, engine: Engine) -> Table:
    """The ``breakers`` table as it is deployed."""
    return engine.empty(aws.dynamodb(), BREAKERS)


@pytest.fixture
def addresses_table(account: None, engine: Engine) -> Table:
    """The ``addresses`` table as it is deployed."""
    return engine.empty(aws.dynamodb(), ADDRESSES)


@pytest.fixture
def limits_table(account: None, engine: Engine) -> Table:
    """The table of return limits as it is deployed."""
    return engine.empty(aws.dynamodb(), RETURN_LIMITS)


@pytest.fixture
def submissions_table(account: None, engine: Engine) -> Table:
    """The ``submissions`` table as it is deployed."""
    return engine.empty(aws.dynamodb(), SUBMISSIONS)


@pytest.fixture
def store(orders_table: Table) -> OrderStore:
    """Orders, changed by ``tests``."""
    return OrderStore(orders_table, by="tests")


@pytest.fixture
def state_machine_arn(account: None) -> str:
    """A state machine that takes executions and runs none of their states."""
    answer = aws.step_functions().create_state_machine(
        name="grocery-orders",
        definition='{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}',
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/workflow",
    )
    return answer["stateMachineArn"]


@pytest.fixture
def topic_arn(account: None) -> str:
    """Where operations staff are told."""
    return aws.sns().create_topic(Name="operations")["TopicArn"]


@pytest.fixture
def sender(account: None) -> str:
    """An address that SES lets us send from."""
    aws.ses().create_email_identity(EmailIdentity=SENDER)
    return SENDER


@pytest.fixture
def record_calls() -> Iterator[RecordCalls]:
    """``record_calls(client, "Operation")``: the parameters of each such call, as they come in."""
    undo: list[Callable[[], None]] = []

    def record(client: Any, operation: str) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = []

        def listen(params: dict[str, Any], **_: Any) -> None:
            calls.append(dict(params))

        undo.append(_hook(client, f"provide-client-params.*.{operation}", listen))
        return calls

    yield record
    for step in undo:
        step()


@pytest.fixture
def fail_calls() -> Iterator[FailCalls]:
    """``fail_calls(client, "Operation", error)``: each such call raises it until the test ends."""
    undo: list[Callable[[], None]] = []

    def fail(client: Any, operation: str, error: Exception) -> None:
        def refuse(**_: Any) -> None:
            raise error

        undo.append(_hook(client, f"before-call.*.{operation}", refuse))

    yield fail
    for step in undo:
        step()


@pytest.fixture
def log_output() -> Iterator[io.StringIO]:
    """What the functions log, at its most talkative."""
    output = io.StringIO()
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    level, stream = logger.log_level, handler.setStream(output)
    logger.setLevel("DEBUG")
    yield output
    logger.setLevel(level)
    handler.setStream(stream)


@pytest.fixture(scope="module")
def paystack_server() -> Iterator[PaystackApi]:
    with run_paystack_api() as api:
        yield api


@pytest.fixture
def paystack_api(paystack_server: PaystackApi) -> PaystackApi:
    """An HTTP server that answers as the test says; by default as PayStack does on success."""
    paystack_server.reset()
    return paystack_server


def _hook(client: Any, event: str, listener: Callable[..., Any]) -> Callable[[], None]:
    client.meta.events.register(event, listener)
    return lambda: client.meta.events.unregister(event, listener)
