"""Reviews before paying, from AppSync's event to the answer."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from api.handler import lambda_handler
from orderflow.catalog.product import Product
from orderflow.catalog.store import CatalogStore
from orderflow.clock import iso, utc_now
from orderflow.orders.lines import MatchedBy
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from orderflow.wiring import api as wiring
from tests.support.factories import a_matched_order, client_error, stored, unmatched_line
from tests.unit.conftest import FailCalls
from tests.unit.handlers.test_api import (
    _api,  # noqa: F401 - its fixture is used by all tests here, too
    executions,
    mutation,
    query,
    submission,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

PRODUCTS = [
    Product(id="salt", name="Salt", price_kobo=30_000),
    Product(
        id="rice-5kg", name="Rice", pack_quantity=Decimal(5), pack_unit="kilogram", price_kobo=9
    ),
]


@pytest.fixture(autouse=True)
def _catalog(catalog_table: Table) -> None:
    CatalogStore(catalog_table).put_products(PRODUCTS)
    wiring.product_search.cache_clear()


@pytest.fixture
def order(store: OrderStore) -> Order:
    return stored(store, in_review())


def in_review(**changes: Any) -> Order:
    fields = {
        "status": OrderStatus.AWAITING_REVIEW,
        "review": True,
        "review_token": "token",
        "review_ends_at": utc_now(),
        "unmatched": [unmatched_line()],
    }
    return a_matched_order(**fields | changes)


def edit(field: str, order: Order, **arguments: Any) -> dict[str, Any]:
    fields = {"orderId": order.order_id, "version": order.version, **arguments}
    return mutation(field, input=fields)


def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The task tokens that are answered from now on."""
    answered: list[str] = []
    monkeypatch.setattr(
        aws.step_functions(),
        "send_task_success",
        lambda *, taskToken, output: answered.append(taskToken),  # noqa: ARG005, N803
    )
    return answered


def test_lines_are_changed_added_and_removed_and_the_total_follows(
    context: LambdaContext, order: Order
) -> None:
    changed = lambda_handler(edit("updateOrderLine", order, line=0, packs=3), context)
    assert (changed["totalKobo"], changed["version"]) == (360_150, order.version + 1)

    seen = order.model_copy(update={"version": changed["version"]})
    added = lambda_handler(edit("addOrderLine", seen, productId="salt", unmatched=0), context)
    assert (added["totalKobo"], added["unmatched"]) == (390_150, [])
    assert added["lines"][1]["matchedBy"] == MatchedBy.CUSTOMER

    seen = order.model_copy(update={"version": added["version"]})
    left = lambda_handler(edit("removeOrderLine", seen, line=0), context)
    assert [line["name"] for line in left["lines"]] == ["Salt"]
    assert (left["totalKobo"], left["status"]) == (30_000, "AWAITING_REVIEW")


def test_the_products_price_comes_from_the_catalog(context: LambdaContext, order: Order) -> None:
    changed = lambda_handler(edit("updateOrderLine", order, line=0, productId="rice-5kg"), context)

    assert (changed["lines"][0]["unitPriceKobo"], changed["totalKobo"]) == (9, 9)


def test_the_same_request_again_has_the_same_answer(context: LambdaContext, order: Order) -> None:
    request = edit("addOrderLine", order, productId="salt")

    assert lambda_handler(request, context) == lambda_handler(request, context)


def test_a_confirmed_order_goes_on(
    context: LambdaContext, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = answers(monkeypatch)

    confirmed = lambda_handler(
        mutation("confirmOrder", orderId=order.order_id, version=order.version), context
    )

    assert (confirmed["status"], confirmed["reviewEndsAt"]) == ("MATCHED", None)
    assert answered == ["token"]


def test_the_end_of_the_review_is_shown(context: LambdaContext, order: Order) -> None:
    shown = lambda_handler(query("getOrder", orderId=order.order_id), context)

    assert order.review_ends_at is not None
    assert shown["reviewEndsAt"] == iso(order.review_ends_at)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"line": 7, "packs": 1}, "InvalidOrder", "no such line"),
        ({"line": 0, "packs": 0}, "InvalidOrder", "packs"),
        ({"line": 0}, "InvalidOrder", "productId, packs, or both"),
        ({"line": 0, "productId": "gold"}, "InvalidOrder", "no such product"),
        ({"line": 0, "packs": 1, "version": 99}, "OrderChanged", "look at it again"),
        ({"line": 0, "packs": 1, "orderId": "no-such-order"}, "OrderNotFound", "no such order"),
    ],
)
def test_a_refusal_says_what_to_do(
    context: LambdaContext, order: Order, arguments: dict[str, Any], kind: str, words: str
) -> None:
    refusal = lambda_handler(edit("updateOrderLine", order, **arguments), context)["refusal"]

    assert refusal["errorType"] == kind
    assert words in refusal["errorMessage"]


def test_another_customers_order_is_hidden_also_from_staff(
    context: LambdaContext, store: OrderStore
) -> None:
    order = stored(store, in_review(customer_id="another-customer"))
    request = mutation("confirmOrder", "ops", orderId=order.order_id, version=order.version)

    assert lambda_handler(request, context)["refusal"]["errorType"] == "OrderNotFound"


def test_an_order_that_is_not_reviewed_is_not_changed(
    context: LambdaContext, store: OrderStore
) -> None:
    order = stored(store, a_matched_order())

    refusal = lambda_handler(edit("removeOrderLine", order, line=0), context)["refusal"]

    assert refusal["errorType"] == "OrderNotInReview"


@pytest.mark.parametrize(
    ("by_default", "asked", "reviewed"),
    [
        ("false", None, False),
        ("false", True, True),
        ("true", None, True),
        ("true", False, False),
    ],
)
def test_a_submission_or_else_the_stage_asks_for_the_review(
    context: LambdaContext,
    environment: pytest.MonkeyPatch,
    state_machine_arn: str,
    by_default: str,
    asked: bool | None,
    reviewed: bool,
) -> None:
    environment.setenv("REVIEW_BEFORE_PAYMENT", by_default)
    fields = {} if asked is None else {"review": asked}

    lambda_handler(submission(**fields), context)

    (execution,) = executions(state_machine_arn)
    described = aws.step_functions().describe_execution(executionArn=execution["executionArn"])
    assert json.loads(described["input"]).get("review", False) is reviewed


def test_products_are_found_to_add(context: LambdaContext) -> None:
    assert lambda_handler(query("products", text="sal"), context) == {
        "items": [
            {"productId": "salt", "name": "Salt", "packSize": "each", "unitPriceKobo": 30_000}
        ]
    }
    refused = lambda_handler(query("products", text="sal", limit=21), context)
    assert refused["refusal"]["errorType"] == "InvalidOrder"
    refused = lambda_handler(query("products", text="x" * 101), context)
    assert refused["refusal"]["errorType"] == "InvalidOrder"


def test_while_the_catalog_throttles_the_caller_is_asked_to_try_again(
    context: LambdaContext, order: Order, catalog_table: Table, fail_calls: FailCalls
) -> None:
    fail_calls(aws.dynamodb().meta.client, "BatchGetItem", client_error("ThrottlingException"))

    refused = lambda_handler(edit("addOrderLine", order, productId="salt"), context)

    assert refused["refusal"]["errorType"] == "Busy"
