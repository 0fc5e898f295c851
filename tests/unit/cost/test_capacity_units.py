"""DynamoDB's units, computed by hand from AWS's rules."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.capacity.capacity_units import (
    index_write_units,
    item_bytes,
    read_units,
    value_bytes,
    write_units,
)

BY_CUSTOMER = {
    "IndexName": "byCustomer",
    "KeySchema": [{"AttributeName": "customerId"}, {"AttributeName": "createdAt"}],
    "Projection": {"ProjectionType": "ALL"},
    "TableKey": ["orderId"],
}
BY_STATUS = {
    "IndexName": "byStatus",
    "KeySchema": [{"AttributeName": "status"}, {"AttributeName": "createdAt"}],
    "Projection": {"ProjectionType": "KEYS_ONLY"},
    "TableKey": ["orderId"],
}


def order(status: str, **more: dict[str, str]) -> dict[str, dict[str, str]]:
    return {
        "orderId": {"S": "o1"},
        "customerId": {"S": "c1"},
        "createdAt": {"S": "2026"},
        "status": {"S": status},
        **more,
    }


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "naïve"}, 6),
        ({"N": "12345"}, 4),  # three bytes for five digits, and one
        ({"N": "-12345"}, 5),
        ({"N": "100"}, 2),  # zeros at the end take no room
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"S": "c"}]}, 3 + 1 + 2 + 1 + 1),
        ({"M": {"ab": {"S": "c"}}}, 3 + 1 + 2 + 1),
        ({"B": "AAAA"}, 3),
        ({"SS": ["ab", "c"]}, 3),
    ],
)
def test_a_value_has_the_size_of_aws_rules(value: dict[str, object], size: int) -> None:
    assert value_bytes(value) == size


def test_an_item_has_the_size_of_its_names_and_values() -> None:
    assert item_bytes({"id": {"S": "abc"}, "n": {"N": "7"}}) == 2 + 3 + 1 + 2


def test_a_write_costs_the_larger_image_in_kilobytes() -> None:
    small, large = {"a": {"S": "x" * 1000}}, {"a": {"S": "x" * 3000}}
    assert (write_units(small, large), write_units(large, small)) == (3, 3)
    assert (write_units(None, small), write_units(large, None)) == (1, 3)
    assert write_units(None, None) == 1


@pytest.mark.parametrize(
    ("size", "consistent", "units"),
    [(0, False, 0.5), (4096, False, 0.5), (4097, False, 1), (4096, True, 1), (9000, True, 3)],
)
def test_a_read_costs_units_of_four_kilobytes(size: int, consistent: bool, units: float) -> None:
    assert read_units(size, consistent=consistent) == units


def test_a_change_outside_the_projection_writes_nothing_to_an_index() -> None:
    before, after = order("MATCHED"), order("MATCHED", note={"S": "x"})
    assert index_write_units(before, after, BY_STATUS) == 0
    assert index_write_units(before, after, BY_CUSTOMER) == 1


def test_a_changed_key_of_an_index_costs_a_removal_and_an_addition() -> None:
    assert index_write_units(order("MATCHED"), order("REJECTED"), BY_STATUS) == 2


def test_an_item_without_the_key_is_not_in_the_index() -> None:
    sparse = {**BY_STATUS, "KeySchema": [{"AttributeName": "refundState"}]}
    assert index_write_units(order("MATCHED"), order("REJECTED"), sparse) == 0
    due = order("REJECTED", refundState={"S": "DUE"})
    assert index_write_units(order("REJECTED"), due, sparse) == 1
    assert index_write_units(due, order("REJECTED"), sparse) == 1


@given(st.text(max_size=6000), st.text(max_size=6000))
def test_a_write_costs_no_less_than_either_image_alone(before: str, after: str) -> None:
    old, new = {"a": {"S": before}}, {"a": {"S": after}}
    assert write_units(old, new) == max(write_units(old, None), write_units(None, new))


VALUES = st.recursive(
    st.one_of(
        st.text().map(lambda text: {"S": text}),
        st.decimals(allow_nan=False, allow_infinity=False).map(lambda each: {"N": str(each)}),
        st.binary().map(lambda each: {"B": base64.b64encode(each).decode()}),
        st.lists(st.text(), min_size=1, unique=True).map(lambda texts: {"SS": texts}),
        st.booleans().map(lambda each: {"BOOL": each}),
        st.just({"NULL": True}),
    ),
    lambda values: st.one_of(
        st.lists(values).map(lambda each: {"L": each}),
        st.dictionaries(st.text(), values).map(lambda each: {"M": each}),
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1), VALUES, min_size=1))
def test_an_item_is_never_longer_than_its_json(item: dict[str, dict[str, object]]) -> None:
    """So an answer that one read unit covers needs not be counted."""
    wire = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    assert item_bytes(item) <= len(wire.encode())
