"""Environment, tunables and PayStack's key: read, refused with a reason, not leaked."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from orderflow.errors import ConfigurationError, StoreUnavailable
from orderflow.matching.tunables import Tunables, load_tunables
from orderflow.payments.settings import load_paystack_key
from orderflow.platform import aws
from orderflow.platform.environment import (
    OrdersEnvironment,
    PaystackApiEnvironment,
    SenderEnvironment,
    WorkflowEnvironment,
    load_environment,
)
from tests.unit.conftest import forget_parameters

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

PARAMETER = "/grocery/test/tunables"
SECRET = "grocery/test/paystack"


class _Needs(OrdersEnvironment, PaystackApiEnvironment):
    """A function's environment."""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("ORDERS_TABLE", "orders")
    monkeypatch.setenv("ORDERS_INDEX_SHARDS", "4")
    monkeypatch.setenv("PAYSTACK_SECRET_NAME", SECRET)
    monkeypatch.setenv("PAYSTACK_BASE_URL", "https://api.paystack.co")
    monkeypatch.setenv("PAYMENT_CALLBACK_URL", "")
    return monkeypatch


class TestEnvironment:
    @pytest.mark.usefixtures("environment")
    def test_composed_models_read_all_they_need(self) -> None:
        needs = load_environment(_Needs)

        assert (needs.orders_table, needs.paystack_secret_name, needs.paystack_base_url) == (
            "orders",
            SECRET,
            "https://api.paystack.co",
        )
        assert not needs.payment_callback_url

    def test_an_optional_variable_can_be_absent(self, environment: pytest.MonkeyPatch) -> None:
        environment.delenv("PAYMENT_CALLBACK_URL")

        assert load_environment(_Needs).payment_callback_url is None

    def test_every_missing_or_malformed_variable_is_named(
        self, environment: pytest.MonkeyPatch
    ) -> None:
        environment.delenv("ORDERS_TABLE")
        environment.setenv("PAYSTACK_BASE_URL", "ftp://api.paystack.co")

        with pytest.raises(ConfigurationError) as refusal:
            load_environment(_Needs)

        assert "ORDERS_TABLE" in str(refusal.value)
        assert "PAYSTACK_BASE_URL" in str(refusal.value)
        assert "PAYSTACK_SECRET_NAME" not in str(refusal.value)

    def test_an_empty_variable_counts_as_missing(self, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("ORDERS_TABLE", "")

        with pytest.raises(ConfigurationError, match="ORDERS_TABLE"):
            load_environment(OrdersEnvironment)

    def test_the_message_does_not_hold_other_variables(
        self, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setenv("ORDERS_TABLE", "")
        environment.setenv("AWS_SESSION_TOKEN", "a-session-token")

        with pytest.raises(ConfigurationError) as refusal:
            load_environment(OrdersEnvironment)

        assert "a-session-token" not in f"{refusal.value}{refusal.value.__cause__}"

    @pytest.mark.parametrize(
        ("model", "name", "value"),
        [
            (WorkflowEnvironment, "STATE_MACHINE_ARN", "grocery-orders"),
            (SenderEnvironment, "SENDER_EMAIL", "orders"),
        ],
    )
    def test_malformed_values_are_refused(
        self,
        monkeypatch: pytest.MonkeyPatch,
        model: type[WorkflowEnvironment | SenderEnvironment],
        name: str,
        value: str,
    ) -> None:
        monkeypatch.setenv(name, value)

        with pytest.raises(ConfigurationError, match=name):
            load_environment(model)


@cache
def ssm() -> SSMClient:
    return boto3.client("ssm")


@cache
def secrets_manager() -> SecretsManagerClient:
    return boto3.client("secretsmanager")


def put_parameter(value: str) -> None:
    ssm().put_parameter(Name=PARAMETER, Value=value, Type="String", Overwrite=True)


@pytest.mark.usefixtures("account", "fresh_parameters")
class TestTunables:
    def test_all_tunables_but_the_model_have_defaults(self) -> None:
        put_parameter('{"modelId": "a.model-v1"}')

        tunables = load_tunables(PARAMETER)

        assert tunables == Tunables(model_id="a.model-v1")
        assert (tunables.max_candidates, tunables.minimum_score) == (8, 0.72)
        assert (tunables.alias_days, tunables.catalog_max_age_seconds) == (90, 60)

    def test_names_are_camel_case_in_the_parameter(self) -> None:
        put_parameter(
            json.dumps(
                {
                    "modelId": "a.model-v1",
                    "guardrailId": "g1",
                    "guardrailVersion": "2",
                    "maxCandidates": 5,
                    "minimumScore": 0.9,
                    "aliasDays": 30,
                    "catalogMaxAgeSeconds": 0,
                }
            )
        )

        assert load_tunables(PARAMETER) == Tunables(
            model_id="a.model-v1",
            guardrail_id="g1",
            guardrail_version="2",
            max_candidates=5,
            minimum_score=0.9,
            alias_days=30,
            catalog_max_age_seconds=0,
        )

    @pytest.mark.parametrize(
        ("value", "named"),
        [
            ("not json", "content"),
            ("{}", "modelId"),
            ('{"modelId": ""}', "modelId"),
            ('{"modelId": "m", "minimumScore": 1.5}', "minimumScore"),
            ('{"modelId": "m", "maxCandidates": 0}', "maxCandidates"),
            ('{"modelId": "m", "aliasDays": 0}', "aliasDays"),
            ('{"modelId": "m", "minimumScor": 0.5}', "minimumScor"),
        ],
    )
    def test_the_error_names_the_problem_and_the_parameter(self, value: str, named: str) -> None:
        put_parameter(value)

        with pytest.raises(ConfigurationError, match=named) as refusal:
            load_tunables(PARAMETER)

        assert PARAMETER in str(refusal.value)

    def test_a_change_reaches_a_function_when_its_copy_expires(self) -> None:
        put_parameter('{"modelId": "old"}')
        load_tunables(PARAMETER)
        put_parameter('{"modelId": "new"}')

        assert load_tunables(PARAMETER).model_id == "old"
        forget_parameters()
        assert load_tunables(PARAMETER).model_id == "new"


def put_secret(value: str) -> None:
    secrets_manager().create_secret(Name=SECRET, SecretString=value)


@pytest.mark.usefixtures("account", "fresh_parameters")
class TestPaystackKey:
    def test_it_is_read_and_hidden_from_logs(self) -> None:
        put_secret('{"secretKey": "sk_test_0123456789"}')

        key = load_paystack_key(SECRET)

        assert key.get_secret_value() == "sk_test_0123456789"
        assert "0123456789" not in f"{key}{key!r}"

    @pytest.mark.parametrize(
        "value",
        [
            "sk_test_0123456789",
            '{"secret_key": "sk_test_0123456789"}',
            '{"secretKey": "sk_t"}',
            '{"secretKey": ["sk_test_0123456789"]}',
        ],
    )
    def test_a_malformed_secret_is_refused_without_showing_it(self, value: str) -> None:
        put_secret(value)

        with pytest.raises(ConfigurationError, match=SECRET) as refusal:
            load_paystack_key(SECRET)

        assert "sk_t" not in f"{refusal.value}{refusal.value.__cause__}"


@pytest.mark.usefixtures("account", "fresh_parameters")
class TestStoresUnavailable:
    def _fail(self, provider: Any, method: str, code: str, status: int) -> Stubber:
        stubber = Stubber(provider.client)
        stubber.add_client_error(method, code, http_status_code=status)
        stubber.activate()
        return stubber

    def test_an_outage_of_parameter_store_is_retried(self) -> None:
        with (
            self._fail(aws.ssm_parameters(), "get_parameter", "InternalServerError", 500),
            pytest.raises(StoreUnavailable),
        ):
            load_tunables(PARAMETER)

    def test_an_outage_of_secrets_manager_is_retried(self) -> None:
        with (
            self._fail(aws.secrets(), "get_secret_value", "ThrottlingException", 400),
            pytest.raises(StoreUnavailable),
        ):
            load_paystack_key(SECRET)

    def test_a_refused_permission_is_raised_unchanged(self) -> None:
        with (
            self._fail(aws.secrets(), "get_secret_value", "AccessDeniedException", 400),
            pytest.raises(ClientError, match="AccessDenied"),
        ):
            load_paystack_key(SECRET)
