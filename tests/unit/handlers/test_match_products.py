"""MatchProducts and MatchByName, from the state machine's payload to its result."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.stub import ANY, Stubber

import match_products.handler as match_products
from orderflow.catalog.product import Product
from orderflow.catalog.store import CatalogStore
from orderflow.errors import BedrockUnavailable
from orderflow.orders.lines import MatchedBy
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.wiring.matching import index_cache
from tests.support.events import load_event
from tests.support.factories import (
    CUSTOMER_EMAIL,
    a_new_order,
    client_error,
    requested_line,
    stored,
)
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_ssm import SSMClient

PARAMETER = "/grocery/test/tunables"
TUNABLES = {"modelId": "a.model-v1"}
GUARDED = TUNABLES | {"guardrailId": "guard1", "guardrailVersion": "3"}

ORDER_ID = load_event("match_products")["orderId"]


@cache
def ssm() -> SSMClient:
    return boto3.client("ssm")


def tune(values: dict[str, str]) -> None:
    ssm().put_parameter(Name=PARAMETER, Value=json.dumps(values), Type="String", Overwrite=True)


@pytest.fixture(autouse=True)
def _needs(
    environment: pytest.MonkeyPatch,
    store: OrderStore,
    catalog_table: Table,
    breakers_table: Table,
    topic_arn: str,
) -> None:
    """Its environment, a shop that sells oil, and an order for rice that it does not call so."""
    environment.setenv("TUNABLES_PARAMETER", PARAMETER)
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)
    tune(TUNABLES)
    index_cache.cache_clear()
    CatalogStore(catalog_table).put_products(
        [
            Product(
                id="oil-1l",
                name="Groundnut Oil",
                pack_quantity=Decimal(1),
                pack_unit="liter",
                price_kobo=250_000,
            )
        ]
    )
    want(store, "groundnut oil")


def want(store: OrderStore, name: str, order_id: str = ORDER_ID) -> None:
    line = requested_line(name, text=f"2 l {name}", unit="liter")
    stored(store, a_new_order(order_id=order_id, requested=[line]))


@pytest.fixture
def bedrock() -> Iterator[Stubber]:
    with Stubber(aws.bedrock_runtime()) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def chosen(product_id: str) -> dict[str, Any]:
    """What Bedrock's Converse answers to a forced tool call."""
    tool = {
        "toolUseId": "tooluse_example",
        "name": "choose_products",
        "input": {"choices": [{"line": 0, "productId": product_id, "confidence": 0.9}]},
    }
    return {
        "output": {"message": {"role": "assistant", "content": [{"toolUse": tool}]}},
        "stopReason": "tool_use",
        "usage": {"inputTokens": 321, "outputTokens": 54, "totalTokens": 375},
        "metrics": {"latencyMs": 800},
    }


def asked(**extra: Any) -> dict[str, Any]:
    """The parameters of the call, as far as this function decides on them."""
    return {
        "modelId": "a.model-v1",
        "system": ANY,
        "messages": ANY,
        "inferenceConfig": ANY,
        "toolConfig": ANY,
        **extra,
    }


def test_clear_names_are_matched_without_the_model(
    context: LambdaContext, store: OrderStore, bedrock: Stubber
) -> None:
    answer = match_products.lambda_handler(load_event("match_products"), context)

    assert answer == {
        "orderId": ORDER_ID,
        "matchedCount": 1,
        "unmatchedCount": 0,
        "totalKobo": 500_000,
        "pending": None,
        "toReview": False,
    }
    order = store.get(ORDER_ID)
    assert order.status is OrderStatus.MATCHED
    assert order.history[-1].by == "MatchProducts"


def test_the_model_chooses_where_names_leave_a_doubt(
    context: LambdaContext,
    store: OrderStore,
    bedrock: Stubber,
    capsys: pytest.CaptureFixture[str],
) -> None:
    want(store, "frying oil")
    bedrock.add_response("converse", chosen("oil-1l"), asked())

    answer = match_products.lambda_handler(load_event("match_products"), context)

    assert answer["matchedCount"] == 1
    assert store.get(ORDER_ID).lines[0].matched_by is MatchedBy.MODEL
    metrics = json.loads(capsys.readouterr().out)
    assert (metrics["ModelInputTokens"], metrics["ModelOutputTokens"]) == ([321.0], [54.0])


def test_the_guardrail_applies_where_one_is_set(
    context: LambdaContext, store: OrderStore, bedrock: Stubber
) -> None:
    tune(GUARDED)
    want(store, "frying oil")
    guardrail = {"guardrailIdentifier": "guard1", "guardrailVersion": "3"}
    bedrock.add_response("converse", chosen("oil-1l"), asked(guardrailConfig=guardrail))

    match_products.lambda_handler(load_event("match_products"), context)


def test_an_outage_of_bedrock_leaves_under_the_name_that_the_workflow_catches(
    context: LambdaContext, store: OrderStore, bedrock: Stubber
) -> None:
    want(store, "frying oil")
    bedrock.add_client_error("converse", "ThrottlingException", http_status_code=429)

    with pytest.raises(BedrockUnavailable):
        match_products.lambda_handler(load_event("match_products"), context)

    assert store.get(ORDER_ID).status is OrderStatus.PENDING_MATCHING


def test_by_name_the_model_is_not_asked(
    context: LambdaContext, store: OrderStore, bedrock: Stubber
) -> None:
    want(store, "frying oil")

    event = load_event("match_products", useModel=False)

    answer = match_products.lambda_handler(event, context)
    assert (answer["matchedCount"], answer["pending"]) == (0, "unavailable")
    assert store.get(ORDER_ID).status is OrderStatus.PENDING_MATCHING


def misbehaves(choices: Any, stop_reason: str = "tool_use") -> dict[str, Any]:
    """An answer of the model that can't be read."""
    answer = chosen("oil-1l")
    answer["output"]["message"]["content"][0]["toolUse"]["input"] = {"choices": choices}
    return answer | {"stopReason": stop_reason}


def test_a_list_that_makes_the_model_misbehave_leaves_the_breaker_closed_for_others(
    context: LambdaContext, store: OrderStore, bedrock: Stubber, breakers_table: Table
) -> None:
    want(store, "frying oil")
    for answer in (
        misbehaves("oil-1l, I would say"),
        misbehaves([{"line": 0, "productId": "oil-1l", "confidence": "high"}]),
        misbehaves([], "malformed_tool_use"),
        misbehaves([], "max_tokens"),
        misbehaves([{"line": "none"}]),
    ):
        bedrock.add_response("converse", answer, asked())
    bedrock.add_client_error("converse", "ModelErrorException", http_status_code=424)

    for _ in range(6):
        answer = match_products.lambda_handler(load_event("match_products"), context)
        assert (answer["matchedCount"], answer["pending"]) == (0, "not-understood")

    assert breakers_table.scan()["Items"] == []
    assert store.get(ORDER_ID).status is OrderStatus.PENDING_MATCHING
    want(store, "frying oil", order_id="another-customers")
    bedrock.add_response("converse", chosen("oil-1l"), asked())
    event = load_event("match_products", orderId="another-customers")
    assert match_products.lambda_handler(event, context)["matchedCount"] == 1
    assert store.get("another-customers").lines[0].matched_by is MatchedBy.MODEL


@pytest.mark.parametrize("name", ["frying oil", "groundnut"])
def test_a_refusal_of_the_model_alerts_operations_once_and_the_order_goes_on_by_name(
    context: LambdaContext,
    store: OrderStore,
    bedrock: Stubber,
    breakers_table: Table,
    record_calls: RecordCalls,
    name: str,
) -> None:
    alerts = record_calls(aws.sns(), "Publish")
    want(store, name)
    for _ in range(2):
        bedrock.add_client_error("converse", "AccessDeniedException", http_status_code=403)
        answer = match_products.lambda_handler(load_event("match_products"), context)
        assert answer["pending"] == "unavailable"

    (alert,) = alerts
    assert alert["Subject"] == "Grocery orders: Amazon Bedrock refuses our requests"
    assert "AccessDeniedException" in alert["Message"]
    (breaker,) = breakers_table.scan()["Items"]
    assert (breaker["state"], breaker["failures"]) == ("CLOSED", 0)


def test_an_order_goes_on_though_operations_can_not_be_alerted(
    context: LambdaContext, store: OrderStore, bedrock: Stubber, fail_calls: FailCalls
) -> None:
    fail_calls(aws.sns(), "Publish", client_error("InternalFailure", 500))
    want(store, "frying oil")
    bedrock.add_client_error("converse", "ResourceNotFoundException", http_status_code=404)

    answer = match_products.lambda_handler(load_event("match_products"), context)

    assert answer["pending"] == "unavailable"


@pytest.mark.parametrize(
    ("stop_reason", "metric"),
    [("guardrail_intervened", "ModelLinesBlocked"), ("end_turn", "ModelLinesNotUnderstood")],
)
def test_what_the_model_left_open_is_measured_by_its_reason(
    context: LambdaContext,
    store: OrderStore,
    bedrock: Stubber,
    capsys: pytest.CaptureFixture[str],
    stop_reason: str,
    metric: str,
) -> None:
    want(store, "frying oil")
    bedrock.add_response("converse", misbehaves([], stop_reason), asked())

    answer = match_products.lambda_handler(load_event("match_products"), context)

    assert json.loads(capsys.readouterr().out)[metric] == [1.0]
    assert answer["pending"] == (None if metric == "ModelLinesBlocked" else "not-understood")


def test_nothing_matched_is_counted_not_failed(context: LambdaContext, store: OrderStore) -> None:
    want(store, "unicorn")

    answer = match_products.lambda_handler(load_event("match_products"), context)

    assert (answer["matchedCount"], answer["unmatchedCount"], answer["totalKobo"]) == (0, 1, 0)


def test_the_index_is_kept_by_a_warm_function(
    context: LambdaContext, store: OrderStore, catalog_table: Table, record_calls: RecordCalls
) -> None:
    loads = record_calls(catalog_table.meta.client, "Query")

    for name in ("groundnut oil", "unicorn"):
        want(store, name)
        match_products.lambda_handler(load_event("match_products"), context)

    assert len(loads) == 1


def test_logs_tell_of_no_customer(
    context: LambdaContext, log_output: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    match_products.lambda_handler(load_event("match_products"), context)

    output = log_output.getvalue() + "".join(capsys.readouterr())
    assert CUSTOMER_EMAIL not in output
    assert "groundnut" not in output.lower()
