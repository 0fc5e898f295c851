"""One order's path from its list to its link, as docs/overview.md shows it."""

from __future__ import annotations

import ast
import importlib
import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.stub import ANY, Stubber

from orderflow.catalog.product import Product
from orderflow.catalog.store import CatalogStore
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from scripts.documentation.order_path import PATH
from scripts.documentation.source import find
from tests.support.call_trace import CallTrace, package_of
from tests.support.events import load_event
from tests.support.paths import FUNCTIONS
from tests.support.paystack_api import PaystackApi

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

#: Packages that the path may enter until the order has its link.
MAX_PACKAGES = 8

#: The handlers' composition root builds what they call; it is no stop of an order.
COMPOSITION_ROOT = "wiring"

OPERATIONS = "arn:aws:sns:eu-west-1:123456789012:operations"
OPERATIONS = "arn:aws:sns:eu-west-1:123456789012:operations"
LIBRARY = FUNCTIONS / "orderflow"

pytestmark = pytest.mark.usefixtures(
    "addresses_table", "breakers_table", "paystack_secret", "sender"
)


@pytest.fixture(autouse=True)
def _submissions(environment: pytest.MonkeyPatch, submissions_table: Table) -> None:
    environment.setenv("SUBMISSIONS_TABLE", submissions_table.name)
    environment.setenv("USER_POOL_ID", "eu-west-1_EXAMPLE00")


@pytest.fixture
def entered(
    context: LambdaContext,
    environment: pytest.MonkeyPatch,
    store: OrderStore,
    catalog_table: Table,
    state_machine_arn: str,
    paystack_api: PaystackApi,
    topic_arn: str,
) -> dict[str, CallTrace]:
    """What each function of the path enters for one order, by the function's folder."""
    # The index of the catalog is read anew, whatever a test before has left in memory.
    tunables = {"modelId": "a.model-v1", "catalogMaxAgeSeconds": 0}
    for name, content in {
        "TUNABLES_PARAMETER": json.dumps(tunables),
        "BREAKER_PARAMETER": "{}",
        "SUBMISSION_LIMIT_PARAMETER": "{}",
    }.items():
        parameter = f"/grocery/test/path/{name}"
        boto3.client("ssm").put_parameter(Name=parameter, Value=content, Type="String")
        environment.setenv(name, parameter)
    environment.setenv("STATE_MACHINE_ARN", state_machine_arn)
    environment.setenv("OPERATIONS_TOPIC_ARN", OPERATIONS)
    environment.setenv("PAYSTACK_BASE_URL", paystack_api.url)
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)
    environment.setenv("LINK_CHECK_AFTER_SECONDS", "900")
    CatalogStore(catalog_table).put_products([_product("rice-1kg", "Rice"), _product("oil", "Oil")])
    with Stubber(aws.bedrock_runtime()) as bedrock:
        bedrock.add_response("converse", _chosen("oil"), dict.fromkeys(_CONVERSE, ANY))
        return _walk(context, store)


_CONVERSE = ("modelId", "system", "messages", "inferenceConfig", "toolConfig")


def _product(product_id: str, name: str) -> Product:
    return Product(
        id=product_id, name=name, pack_quantity=Decimal(1), pack_unit="kilogram", price_kobo=100_000
    )


def _chosen(product_id: str) -> dict[str, Any]:
    choice = {"line": 0, "productId": product_id, "confidence": 0.9}
    tool = {"toolUseId": "t", "name": "choose_products", "input": {"choices": [choice]}}
    return {
        "output": {"message": {"role": "assistant", "content": [{"toolUse": tool}]}},
        "stopReason": "tool_use",
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        "metrics": {"latencyMs": 1},
    }


def _walk(context: LambdaContext, store: OrderStore) -> dict[str, CallTrace]:
    """Run the functions as AppSync and the state machine do."""
    traces: dict[str, CallTrace] = {}

    def invoke(function: str, event: dict[str, Any]) -> Any:
        handler = importlib.import_module(f"{function}.handler").lambda_handler
        traces[function] = CallTrace()
        with traces[function].recording():
            return handler(event, context)

    submission = load_event("api_submit_grocery_list")
    submission["arguments"]["input"]["groceryList"] = "2 kg rice, 1 kg oils of the groundnut"
    accepted = invoke("api", submission)
    order_id = accepted["orderId"]
    started = aws.step_functions().describe_execution(executionArn=accepted["executionArn"])
    first = json.loads(started["input"]) | {"executionArn": accepted["executionArn"]}
    invoke("parse_order", first)
    fresh = {"orderId": order_id, "breaker": {}, "retryCount": 0}
    assert invoke("match_products", fresh | {"useModel": True})["matchedCount"] == 2
    invoke("create_payment_link", fresh)
    invoke("send_payment_link", {"orderId": order_id})
    order = store.get(order_id)
    assert order.status is OrderStatus.PAYMENT_INITIATED
    assert order.notified_reference == order.payment_reference
    return traces


def test_each_function_enters_the_lines_of_the_overview_in_their_sequence(
    entered: dict[str, CallTrace],
) -> None:
    functions = [stop for stop in PATH if stop.enters]
    assert [stop.title for stop in functions] == [*entered]
    for stop in functions:
        calls = iter((call.path, call.name) for call in entered[stop.title].calls)
        for name in stop.enters:
            place = find(name)
            assert (place.path, place.name) in calls, (
                f"{stop.title} does not enter {name} after those before it"
            )


def test_the_path_enters_few_packages(entered: dict[str, CallTrace]) -> None:
    to_the_link = (trace for name, trace in entered.items() if name != "send_payment_link")
    packages = {call.package for trace in to_the_link for call in trace.calls if call.package}

    assert len(packages - {COMPOSITION_ROOT}) <= MAX_PACKAGES, sorted(packages)


def test_calls_between_packages_go_down(entered: dict[str, CallTrace]) -> None:
    for function, trace in entered.items():
        for call in trace.calls:
            above = call.caller and package_of(call.caller)
            below = call.package
            if above and below and above != below:
                assert above not in imported_by(below), f"{function}: {above} -> {below} climbs"


def imported_by(package: str) -> set[str]:
    """The packages that one imports, also by way of others."""
    found: set[str] = set()
    left = {package}
    while left:
        direct = _imports_of_package(left.pop())
        left |= direct - found
        found |= direct
    return found


@cache
def _imports_of_package(package: str) -> set[str]:
    return {name for path in (LIBRARY / package).rglob("*.py") for name in _imports(path)}


def _imports(path: Path) -> set[str]:
    own = path.relative_to(LIBRARY).parts[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    packages = {name.split(".")[1] for name in names if name.startswith("orderflow.")}
    return {name for name in packages if (LIBRARY / name).is_dir()} - {own}
