"""Every mutation has its audit line; so has what is refused, and what operators look at."""

from __future__ import annotations

import io
import json
from typing import Any, cast

import pytest
from aws_lambda_powertools.event_handler import AppSyncResolver
from graphql import ObjectTypeDefinitionNode, parse

from cdk.constructs.api import CUSTOMERS_FIELDS, LOCAL_FIELDS, OPERATIONS_FIELDS, SCHEMA
from orderflow.api.audited import resolve
from tests.support.events import load_event

ORDER = "0d0f0a1e-6f0f-4c5e-9a50-3f0f6a1f0c11"
RESOLVED = (*CUSTOMERS_FIELDS, *OPERATIONS_FIELDS)
REFUSED = {"refusal": {"errorType": "OrderNotFound", "errorMessage": "You have no such order."}}


class App:
    """A resolver with one answer."""

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self._answer = answer

    def resolve(self, *_: Any) -> dict[str, Any]:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def event(parent: str, field: str, *groups: str) -> dict[str, Any]:
    found = load_event("api_get_order")
    found["info"] = {"parentTypeName": parent, "fieldName": field}
    found["identity"] |= {"sub": "customer-1", "groups": [*groups], "sourceIp": ["203.0.113.7"]}
    found["arguments"] = {"orderId": ORDER}
    return found


def run(
    answer: dict[str, Any] | Exception, request: dict[str, Any], **options: Any
) -> dict[str, Any]:
    return resolve(cast("AppSyncResolver", App(answer)), request, cast("Any", None), **options)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line)["audit"] for line in log.getvalue().splitlines()]


def mutations() -> set[str]:
    (found,) = (
        definition
        for definition in parse(SCHEMA.read_text()).definitions
        if isinstance(definition, ObjectTypeDefinitionNode) and definition.name.value == "Mutation"
    )
    return {field.name.value for field in found.fields}


def test_every_mutation_of_the_schema_is_resolved_by_an_audited_function() -> None:
    ours = {field for parent, field in RESOLVED if parent == "Mutation"}
    without_function = {field for parent, field, _ in LOCAL_FIELDS if parent == "Mutation"}

    assert ours | without_function == mutations()


@pytest.mark.parametrize("field", sorted(mutations()))
def test_a_mutation_has_its_line(field: str, log_output: io.StringIO) -> None:
    run({"orderId": ORDER}, event("Mutation", field))

    (line,) = lines(log_output)
    assert (line["action"], line["actor"], line["subject"], line["source"], line["outcome"]) == (
        f"Mutation.{field}",
        "customer-1",
        ORDER,
        "203.0.113.7",
        "succeeded",
    )


@pytest.mark.parametrize(("parent", "field"), RESOLVED)
def test_what_is_refused_has_its_line(parent: str, field: str, log_output: io.StringIO) -> None:
    run(REFUSED, event(parent, field))

    (line,) = lines(log_output)
    assert (line["outcome"], line["reason"], line["subject"]) == ("refused", "OrderNotFound", ORDER)


def test_what_fails_has_its_line(log_output: io.StringIO) -> None:
    with pytest.raises(KeyError):
        run(KeyError("x"), event("Mutation", "cancelOrder"))

    (line,) = lines(log_output)
    assert (line["outcome"], line["reason"]) == ("failed", "KeyError")


def test_what_operators_look_at_has_its_line(log_output: io.StringIO) -> None:
    run({"orders": []}, event("Query", "orders", "ops"))

    (line,) = lines(log_output)
    assert (line["action"], line["details"]) == ("Query.orders", {"role": "operator"})


def test_what_customers_look_at_has_none(log_output: io.StringIO) -> None:
    run({"orderId": ORDER}, event("Query", "getOrder"))

    assert log_output.getvalue() == ""


@pytest.mark.parametrize("asked", ["x" * 300, "an order", 7, None])
def test_what_is_no_order_id_is_not_repeated(asked: object, log_output: io.StringIO) -> None:
    request = event("Query", "getOrder")
    request["arguments"] = {"orderId": asked}

    run(REFUSED, request)

    (line,) = lines(log_output)
    assert line["subject"] == "-"


def test_requests_for_hidden_orders_are_noted_with_their_caller(log_output: io.StringIO) -> None:
    noted: list[str] = []
    other = {"refusal": {"errorType": "Busy", "errorMessage": "Try again."}}

    for answer in (REFUSED, other, {"orderId": ORDER}):
        run(answer, event("Query", "getOrder"), on_hidden_order=noted.append)

    assert noted == ["customer-1"]
