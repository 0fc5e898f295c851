"""Providers behind their breakers, as functions call them: from the event down to the wire."""

from __future__ import annotations

import io
import socket
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn
from unittest.mock import Mock

import boto3
import pytest
import urllib3
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from pydantic import SecretStr

from orderflow.breakers.breaker import Breaker
from orderflow.breakers.factory import breaker_for, load_breaker_policy, policy_for
from orderflow.breakers.providers import CallOutcome, Provider
from orderflow.breakers.settings import LEASE_MARGIN_SECONDS, BreakerPolicy
from orderflow.breakers.state import BreakerItem, Mode, State
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.errors import (
    BedrockUnavailable,
    BreakerOpen,
    OrderflowError,
    PaystackUnavailable,
)
from orderflow.matching.chooser import Answer, Chooser, Question
from orderflow.matching.guarded import BEDROCK, guarded_chooser
from orderflow.payments.guarded import PAYSTACK, GuardedPaystack
from orderflow.payments.paystack import PaystackClient, Transaction
from orderflow.platform import aws
from orderflow.platform.aws_errors import outages_as
from orderflow.platform.environment import BreakerEnvironment
from tests.breaker.memory_store import MemoryStore
from tests.breaker.silence import Silence
from tests.support.factories import client_error
from tests.support.paystack_api import PaystackApi, Reply, refused
from tests.unit.conftest import (
    BREAKERS_TABLE,
    REGION,
    FailCalls,
    RecordCalls,
    forget_parameters,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_ssm import SSMClient

PARAMETER = "/grocery/test/breakers/paystack"
ENVIRONMENT = BreakerEnvironment(BREAKERS_TABLE=BREAKERS_TABLE, BREAKER_PARAMETER=PARAMETER)
TRANSACTION = Transaction(
    email="ada.buyer@mail.example",
    amount_kobo=240_100,
    currency="NGN",
    reference="order-1-1",
    metadata={},
)
OPEN = {
    "provider": {"S": "paystack"},
    "state": {"S": "OPEN"},
    "epoch": {"N": "1"},
    "retryAt": {"N": "9999999999999"},
}


@cache
def ssm() -> SSMClient:
    """One for all tests, as making a client takes as long as several of them."""
    return boto3.client("ssm", region_name=REGION)


def put_policy(value: str) -> None:
    ssm().put_parameter(Name=PARAMETER, Value=value, Type="String", Overwrite=True)


@pytest.fixture
def policy(account: None, fresh_parameters: None) -> None:
    put_policy(BreakerPolicy(threshold=2).model_dump_json(by_alias=True))


@pytest.fixture
def breakers(breakers_table: Table, policy: None) -> DynamoBreakerStore:
    return DynamoBreakerStore(breakers_table)


def breaker(seen: Any, retries: int = 0, provider: Provider = PAYSTACK) -> Breaker:
    event = {"orderId": "order-1", "breaker": seen, "retryCount": retries}
    return breaker_for(provider, event, ENVIRONMENT, by="CreatePaymentLink")


def link_maker(api_url: str, guard: Breaker) -> GuardedPaystack:
    client = PaystackClient(api_url, SecretStr("sk_test_0123456789"), urllib3.PoolManager())
    return GuardedPaystack(client, guard, Mock(), Mock())


class FailedOnce:
    """A provider's breaker, in memory, which has counted one failure."""

    def __init__(self, provider: Provider) -> None:
        self._key = provider.key
        self._store = MemoryStore({"state": "CLOSED", "epoch": 0, "failures": 1})
        self.breaker = Breaker(
            provider,
            self._store,
            BreakerPolicy,
            snapshot=self._store.item(provider.key),
            by="tests",
            events=Silence(),
        )

    @property
    def says(self) -> CallOutcome:
        """What it has been told by the one call since."""
        failures = self._store.item(self._key).failures
        return {0: CallOutcome.HEALTHY, 1: CallOutcome.UNKNOWN, 2: CallOutcome.FAILURE}[failures]


class TestPaystack:
    """Which answers count against PayStack: told by the breaker that a real client's calls go
    through."""

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(500),
            Reply(502, b"<html>"),
            Reply(503, headers={"Retry-After": "90"}),
            Reply(429),
            Reply(408),
            Reply(302, headers={"Location": "https://elsewhere.example"}),
            Reply(200, b"not JSON"),
            Reply(200, {"status": False, "data": {}}),
            Reply(200, b"\xff"),
            Reply(400, b"<html>"),
            refused(401, "Invalid key"),
            refused(403, "Not allowed"),
            refused(404, "No such integration"),
        ],
        ids=lambda reply: f"{reply.status}-{reply.body!r}",
    )
    def test_an_answer_that_is_none_counts(self, paystack_api: PaystackApi, reply: Reply) -> None:
        paystack_api.always(reply)

        once = FailedOnce(PAYSTACK)
        with pytest.raises(PaystackUnavailable):
            link_maker(paystack_api.url, once.breaker).initialize(TRANSACTION)

        assert once.says is CallOutcome.FAILURE

    def test_silence_counts(
        self, paystack_api: PaystackApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("orderflow.payments.paystack.READ_TIMEOUT", 0.05)
        paystack_api.stay_silent()

        once = FailedOnce(PAYSTACK)
        with pytest.raises(PaystackUnavailable):
            link_maker(paystack_api.url, once.breaker).initialize(TRANSACTION)

        assert once.says is CallOutcome.FAILURE

    def test_a_refused_connection_counts(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]

        once = FailedOnce(PAYSTACK)
        with pytest.raises(PaystackUnavailable):
            link_maker(f"http://127.0.0.1:{port}", once.breaker).initialize(TRANSACTION)

        assert once.says is CallOutcome.FAILURE

    @pytest.mark.parametrize(
        "reply",
        [
            refused(400, "Invalid Amount Sent"),
            refused(422, "Invalid Email", "invalid_email_address"),
            refused(400, "Duplicate Transaction Reference", "duplicate_reference"),
        ],
        ids=lambda reply: f"{reply.status}",
    )
    def test_a_refusal_of_our_request_is_a_sign_of_health(
        self, paystack_api: PaystackApi, reply: Reply
    ) -> None:
        paystack_api.always(reply)

        once = FailedOnce(PAYSTACK)
        with pytest.raises(OrderflowError):
            link_maker(paystack_api.url, once.breaker).initialize(TRANSACTION)

        assert once.says is CallOutcome.HEALTHY

    @pytest.mark.parametrize("error", [KeyError("bug"), TypeError("bug"), ValueError("bug")])
    def test_a_bug_says_nothing(self, error: Exception) -> None:
        assert PAYSTACK.classify(error) is CallOutcome.UNKNOWN

    def test_a_link_is_made_and_nothing_is_written(
        self, breakers: DynamoBreakerStore, paystack_api: PaystackApi
    ) -> None:
        link = link_maker(paystack_api.url, breaker({})).initialize(TRANSACTION)

        assert link.reference == TRANSACTION.reference
        assert breakers.read("paystack") == BreakerItem(provider="paystack")

    def test_the_wait_that_it_asks_for_is_kept(
        self, breakers: DynamoBreakerStore, paystack_api: PaystackApi
    ) -> None:
        paystack_api.always(Reply(429, headers={"Retry-After": "1800"}))
        maker = link_maker(paystack_api.url, breaker({}))
        for _ in range(2):
            with pytest.raises(PaystackUnavailable):
                maker.initialize(TRANSACTION)

        opened = breakers.read("paystack")

        assert opened.state is State.OPEN
        assert (opened.retry_at or 0) - (opened.opened_at or 0) >= 1_800_000 - 1_000

    @pytest.mark.usefixtures("breakers")
    def test_it_is_not_called_while_the_breaker_is_open(self, paystack_api: PaystackApi) -> None:
        with pytest.raises(BreakerOpen):
            link_maker(paystack_api.url, breaker(OPEN)).initialize(TRANSACTION)

        assert paystack_api.requests == []


def asking_raises(error: Exception) -> Chooser:
    """A chooser as Bedrock's, whose client raises this."""

    def ask(questions: Sequence[Question]) -> NoReturn:
        with outages_as(BedrockUnavailable, "Bedrock"):
            raise error

    return ask


class TestBedrock:
    @pytest.mark.parametrize(
        ("error", "outcome"),
        [
            (client_error("ThrottlingException", 429), CallOutcome.FAILURE),
            (client_error("ModelTimeoutException", 408), CallOutcome.FAILURE),
            (client_error("InternalServerException", 500), CallOutcome.FAILURE),
            (client_error("ServiceUnavailableException", 503), CallOutcome.FAILURE),
            (ConnectTimeoutError(endpoint_url="https://bedrock.example"), CallOutcome.FAILURE),
            (ReadTimeoutError(endpoint_url="https://bedrock.example"), CallOutcome.FAILURE),
            (BedrockUnavailable("unreadable"), CallOutcome.FAILURE),
            (KeyError("bug"), CallOutcome.UNKNOWN),
        ],
        ids=lambda one: one if isinstance(one, CallOutcome) else type(one).__name__,
    )
    def test_what_errors_say_of_it(self, error: Exception, outcome: CallOutcome) -> None:
        once = FailedOnce(BEDROCK)
        with pytest.raises((BedrockUnavailable, KeyError)):
            guarded_chooser(asking_raises(error), once.breaker)([])

        assert once.says is outcome

    def test_answers_come_through_and_failures_are_counted(
        self, breakers: DynamoBreakerStore
    ) -> None:
        assert guarded_chooser(lambda _: Answer(), breaker({}, provider=BEDROCK))([]) == Answer()

        asking = asking_raises(BedrockUnavailable("no answer"))
        with pytest.raises(BedrockUnavailable):
            guarded_chooser(asking, breaker({}, provider=BEDROCK))([])
        assert breakers.read("bedrock").failures == 1

    @pytest.mark.usefixtures("breakers")
    def test_the_model_is_not_asked_while_the_breaker_is_open(self) -> None:
        asked: list[Any] = []

        def choose(questions: Any) -> Answer:
            asked.append(questions)
            return Answer()

        question: list[Question] = []
        with pytest.raises(BreakerOpen):
            guarded_chooser(choose, breaker(OPEN, provider=BEDROCK))(question)
        assert asked == []


@pytest.fixture
def calls(breakers: DynamoBreakerStore, record_calls: RecordCalls) -> dict[str, Any]:
    """Whatever goes to DynamoDB or Parameter Store."""
    dynamodb = aws.table(BREAKERS_TABLE).meta.client
    recorded: dict[str, Any] = {
        operation: record_calls(dynamodb, operation) for operation in ("GetItem", "UpdateItem")
    }
    recorded["GetParameter"] = record_calls(aws.ssm_parameters().client, "GetParameter")
    return recorded


def numbers(calls: dict[str, Any]) -> dict[str, int]:
    return {operation: len(made) for operation, made in calls.items() if made}


class TestBreakerFor:
    @pytest.mark.parametrize("seen", [{}, {"state": {"S": "CLOSED"}, "epoch": {"N": "6"}}])
    def test_a_healthy_call_costs_no_read_no_write_and_no_setting(
        self, calls: dict[str, Any], seen: Any
    ) -> None:
        with breaker(seen).call():
            pass

        assert numbers(calls) == {}

    def test_a_refused_call_costs_nothing_either(self, calls: dict[str, Any]) -> None:
        with pytest.raises(BreakerOpen), breaker(OPEN).call():
            pass

        assert numbers(calls) == {}

    @pytest.mark.parametrize(
        ("seen", "retries"), [({}, 1), (OPEN, 2), (None, 0), (None, 1)], ids=str
    )
    def test_it_is_read_with_strong_consistency_on_a_retry_and_where_it_was_not_read(
        self, calls: dict[str, Any], seen: Any, retries: int
    ) -> None:
        with breaker(seen, retries).call():
            pass

        assert numbers(calls) == {"GetItem": 1}
        assert calls["GetItem"][0]["ConsistentRead"] is True

    @pytest.mark.usefixtures("breakers")
    def test_an_orders_own_retries_stop_once_the_breaker_opens(self) -> None:
        for retry in range(2):
            with pytest.raises(PaystackUnavailable), breaker({}, retry).call():
                raise PaystackUnavailable("down")

        with pytest.raises(BreakerOpen), breaker({}, 2).call():
            pytest.fail("called")

    def test_the_policy_is_the_parameters(self, breakers: DynamoBreakerStore) -> None:
        put_policy('{"threshold": 1}')
        with pytest.raises(PaystackUnavailable), breaker({}).call():
            raise PaystackUnavailable("down")

        assert breakers.read("paystack").state is State.OPEN
        assert breakers.read("paystack").updated_by == "CreatePaymentLink"

    @pytest.mark.usefixtures("breakers")
    def test_where_dynamodb_is_down_the_call_is_made_and_the_metric_says_so(
        self,
        fail_calls: FailCalls,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        for operation in ("GetItem", "UpdateItem"):
            fail_calls(
                aws.table(BREAKERS_TABLE).meta.client,
                operation,
                ReadTimeoutError(endpoint_url="https://dynamodb.example"),
            )

        with breaker(None).call():
            pass
        with pytest.raises(PaystackUnavailable), breaker({}).call():
            raise PaystackUnavailable("down")

        assert capsys.readouterr().out.count('"BreakerStoreUnavailable":[1.0]') == 2

    @pytest.mark.usefixtures("breakers")
    def test_operators_decisions_are_in_the_snapshot(self) -> None:
        forced = {**OPEN, "mode": {"S": str(Mode.FORCED_CLOSED)}}

        with breaker(forced).call():
            pass


class TestPolicy:
    @pytest.mark.usefixtures("policy")
    def test_what_is_not_set_is_the_default(self) -> None:
        put_policy('{"cooldownSeconds": 5}')

        assert load_breaker_policy(PARAMETER) == BreakerPolicy(cooldown_seconds=5)

    @pytest.mark.parametrize("content", ["not JSON", '{"threshold": 0}', '{"unknown": 1}', "[]"])
    @pytest.mark.usefixtures("policy")
    def test_an_unreadable_one_falls_back_to_the_defaults_and_says_so(
        self, log_output: io.StringIO, content: str
    ) -> None:
        put_policy(content)

        assert load_breaker_policy(PARAMETER) == BreakerPolicy()
        assert "breaker policy unreadable" in log_output.getvalue()

    @pytest.mark.usefixtures("account", "fresh_parameters")
    def test_a_missing_one_falls_back_to_the_defaults(self) -> None:
        assert load_breaker_policy("/grocery/test/nothing-there") == BreakerPolicy()

    @pytest.mark.parametrize(
        "error",
        [
            client_error("AccessDeniedException"),
            client_error("ThrottlingException"),
            ConnectTimeoutError(endpoint_url="https://ssm.example"),
        ],
        ids=["refused", "throttled", "unreachable"],
    )
    @pytest.mark.usefixtures("policy")
    def test_where_parameter_store_does_not_answer_it_is_the_defaults(
        self, fail_calls: FailCalls, error: Exception
    ) -> None:
        fail_calls(aws.ssm_parameters().client, "GetParameter", error)
        forget_parameters()

        assert load_breaker_policy(PARAMETER) == BreakerPolicy()

    @pytest.mark.parametrize("provider", [PAYSTACK, BEDROCK], ids=lambda one: one.key)
    def test_calls_fit_into_the_default_lease(self, provider: Provider) -> None:
        assert BreakerPolicy().lease_seconds > provider.call_seconds + LEASE_MARGIN_SECONDS

    @pytest.mark.parametrize("provider", [PAYSTACK, BEDROCK], ids=lambda one: one.key)
    @pytest.mark.usefixtures("policy")
    def test_a_lease_that_they_do_not_fit_into_is_stretched_and_complained_of(
        self, log_output: io.StringIO, provider: Provider
    ) -> None:
        put_policy('{"leaseSeconds": 3}')

        stretched = policy_for(provider, PARAMETER)

        assert stretched.lease_seconds > provider.call_seconds + LEASE_MARGIN_SECONDS
        assert "lease too short" in log_output.getvalue()

    @pytest.mark.usefixtures("policy")
    def test_a_lease_that_is_long_enough_is_kept(self) -> None:
        put_policy('{"leaseSeconds": 90}')

        assert policy_for(BEDROCK, PARAMETER).lease_seconds == 90
