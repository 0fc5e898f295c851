"""What customers see, compared with the API's schema in both directions."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    graphql_sync,
    is_object_type,
)

from orderflow.api.views import order_view
from orderflow.clock import utc_now
from orderflow.orders.lines import Alternative, MatchedBy
from orderflow.orders.model import MAX_TOTAL_KOBO, CancelRequest, Order
from orderflow.orders.money_records import RefundStatus
from orderflow.orders.reversals import RefundState
from orderflow.orders.status import OrderStatus
from orderflow.orders.submission import Accepted, Submission
from scripts.local.appsync.field_rules import FieldRules
from tests.support.factories import (
    a_new_order,
    a_payment,
    a_refund,
    an_order,
    matched_line,
    unmatched_line,
)
from tests.support.paths import SCHEMA


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return FieldRules(SCHEMA.read_text(encoding="utf-8")).schema


ALTERNATIVE = Alternative(product_id="yam", name="Yam", similarity=Decimal("0.41"))


def a_full_order() -> Order:
    """An order that has something in every field."""
    order = an_order(
        lines=[matched_line(notes=["ripe"], alternatives=[ALTERNATIVE])],
        unmatched=[unmatched_line()],
        status_reason="because",
        task_token="a-task-token",
        notified_reference="a-reference",
        payment=a_payment(),
        refunds=[a_refund(RefundStatus.PENDING)],
    )
    order.history[0].reason = "because"
    return order


def fields_of(schema: GraphQLSchema, name: str) -> set[str]:
    type_ = schema.type_map[name]
    assert isinstance(type_, GraphQLObjectType | GraphQLInputObjectType)
    return set(type_.fields)


def values_of(schema: GraphQLSchema, name: str) -> set[str]:
    type_ = schema.type_map[name]
    assert isinstance(type_, GraphQLEnumType)
    return set(type_.values)


def selection(type_: GraphQLObjectType) -> str:
    """Everything that can be asked of a type."""
    asked = [
        f"{name} {selection(named)}"
        if is_object_type(named := get_named_type(field.type))
        else name
        for name, field in type_.fields.items()
    ]
    return "{" + " ".join(asked) + "}"


def asked_of_graphql(schema: GraphQLSchema, view: dict[str, Any]) -> dict[str, Any]:
    """The view as GraphQL serves it to a query for all fields."""
    order_type = schema.type_map["Order"]
    assert isinstance(order_type, GraphQLObjectType)
    answer = graphql_sync(
        schema, f'{{ getOrder(orderId: "o") {selection(order_type)} }}', {"getOrder": view}
    )
    assert answer.errors is None
    assert answer.data is not None
    served: dict[str, Any] = answer.data["getOrder"]
    return served


class TestContract:
    @pytest.mark.parametrize(
        ("name", "path"),
        [
            ("Order", []),
            ("OrderLine", ["lines", 0]),
            ("UnmatchedLine", ["unmatched", 0]),
            ("Alternative", ["lines", 0, "alternatives", 0]),
            ("StatusChange", ["history", 0]),
        ],
    )
    def test_the_schemas_fields_are_those_of_the_view(
        self, schema: GraphQLSchema, name: str, path: list[str | int]
    ) -> None:
        view: Any = order_view(a_full_order())
        for step in path:
            view = view[step]

        assert view.keys() == fields_of(schema, name)

    def test_what_is_submitted_is_what_the_schema_takes(self, schema: GraphQLSchema) -> None:
        aliases = {str(field.alias) for field in Submission.model_fields.values()}

        # The customer's id comes from their sign-in.
        assert aliases - {"customerId"} == fields_of(schema, "SubmitGroceryListInput")

    def test_what_is_accepted_is_what_the_schema_answers(self, schema: GraphQLSchema) -> None:
        aliases = {str(field.alias) for field in Accepted.model_fields.values()}

        assert aliases == fields_of(schema, "SubmittedOrder")

    def test_statuses_are_the_schemas(self, schema: GraphQLSchema) -> None:
        assert values_of(schema, "OrderStatus") == set(OrderStatus)

    def test_refund_states_are_the_schemas(self, schema: GraphQLSchema) -> None:
        assert values_of(schema, "RefundState") == set(RefundState)

    def test_ways_of_matching_are_the_schemas(self, schema: GraphQLSchema) -> None:
        assert values_of(schema, "MatchedBy") == set(MatchedBy)

    @pytest.mark.parametrize(
        "order", [a_full_order(), a_new_order(customer_name=None)], ids=["full", "new"]
    )
    def test_graphql_serves_the_whole_view(self, schema: GraphQLSchema, order: Order) -> None:
        view = order_view(order)

        assert asked_of_graphql(schema, view) == view

    def test_the_highest_total_fits_into_graphqls_integers(self, schema: GraphQLSchema) -> None:
        view = order_view(an_order(total_kobo=MAX_TOTAL_KOBO))

        assert asked_of_graphql(schema, view)["totalKobo"] == MAX_TOTAL_KOBO


class TestView:
    def test_internals_stay_inside(self) -> None:
        order = a_full_order()
        shown = json.dumps(order_view(order))

        for internal in (
            "a-task-token",
            "a-reference",
            str(order.ttl),
            str(order.payment_reference),
            order.customer_id,
        ):
            assert internal not in shown

    def test_it_is_json(self) -> None:
        view = order_view(a_full_order())

        assert json.loads(json.dumps(view)) == view

    def test_amounts_are_numbers(self) -> None:
        line = matched_line(quantity=Decimal("0.3333"), confidence=Decimal("0.95"))

        (shown,) = order_view(an_order(lines=[line]))["lines"]

        assert (shown["quantity"], shown["confidence"]) == (0.3333, 0.95)
        assert (shown["packs"], shown["unitPriceKobo"], shown["lineTotalKobo"]) == (
            2,
            120_050,
            240_100,
        )

    def test_a_paid_order_tells_when(self) -> None:
        view = order_view(an_order(payment=a_payment()))

        assert view["paidAt"] == "2026-01-31T12:00:00.000Z"

    def test_an_unpaid_order_tells_that_too(self) -> None:
        assert order_view(an_order())["paidAt"] is None


@pytest.mark.parametrize(
    ("changes", "is_shown"),
    [
        ({}, True),
        ({"payment": a_payment()}, False),
        ({"cancel_requested": CancelRequest(at=utc_now(), by="customer", reason="")}, False),
    ],
    ids=["to be paid", "paid", "being cancelled"],
)
def test_the_link_goes_once_it_is_not_to_be_paid(changes: dict[str, Any], is_shown: bool) -> None:
    order = an_order(**changes)

    assert (order_view(order)["paymentLink"] is not None) is is_shown
