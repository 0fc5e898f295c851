"""The shorter functions of moto answer as its own, which another copy of its module still has."""

from __future__ import annotations

import copy
import importlib.util
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import dynamo_type

_PLAIN_NAME = "moto.dynamodb.models.as_it_comes"  # as its relative imports need
_NAMES = st.sampled_from(["a", "b", "c", "été"])
_TEXTS = st.text(max_size=5)
_NUMBERS = st.integers(-(10**9), 10**9).map(str)
_LEAVES = st.one_of(
    st.builds(lambda text: {"S": text}, _TEXTS),
    st.builds(lambda number: {"N": number}, _NUMBERS),
    st.builds(lambda truth: {"BOOL": truth}, st.booleans()),
    st.builds(lambda texts: {"SS": texts}, st.lists(_TEXTS, min_size=1, max_size=3, unique=True)),
    st.builds(
        lambda numbers: {"NS": numbers}, st.lists(_NUMBERS, min_size=1, max_size=3, unique=True)
    ),
    st.just({"NULL": True}),
    st.just({"B": "aGFsbG8="}),
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda each: {"L": each}, st.lists(inner, max_size=3)),
        st.builds(lambda each: {"M": each}, st.dictionaries(_NAMES, inner, max_size=3)),
    ),
    max_leaves=8,
)
_ITEMS = st.dictionaries(_NAMES, _VALUES, min_size=1, max_size=4)


def _moto_as_it_comes() -> ModuleType:
    """Another copy of moto's module, in which nothing is replaced."""
    spec = importlib.util.spec_from_file_location(_PLAIN_NAME, dynamo_type.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PLAIN = _moto_as_it_comes()


def _item(module: ModuleType, attributes: dict[str, Any]) -> Any:
    return module.Item(module.DynamoType({"S": "key"}), None, attributes)


def test_functions_are_replaced_in_one_of_the_modules_alone() -> None:
    assert dynamo_type.Item.project.__module__ == "tests.support.quick_moto"
    assert PLAIN.Item.project.__module__ == _PLAIN_NAME


@given(_VALUES)
def test_values_are_measured_written_and_copied_as_by_moto(value: dict[str, Any]) -> None:
    ours, theirs = dynamo_type.DynamoType(value), PLAIN.DynamoType(value)

    assert ours.size() == theirs.size()
    assert ours.to_regular_json() == theirs.to_regular_json()
    assert copy.deepcopy(ours).to_regular_json() == copy.deepcopy(theirs).to_regular_json()


@given(_VALUES)
def test_a_copy_shares_no_list_and_no_map(value: dict[str, Any]) -> None:
    original = dynamo_type.DynamoType({"M": {"held": value}})
    before = original.to_regular_json()
    copied = copy.deepcopy(original)
    copied.value["held"].value = "changed"
    copied.value["more"] = copied

    assert original.to_regular_json() == before


@given(_ITEMS, st.lists(st.lists(_NAMES, min_size=1, max_size=1), min_size=1, max_size=3))
def test_items_are_begun_and_projected_as_by_moto(
    attributes: dict[str, Any], wanted: list[list[str]]
) -> None:
    ours, theirs = _item(dynamo_type, attributes), _item(PLAIN, attributes)

    assert ours.to_regular_json() == theirs.to_regular_json()
    assert ours.project(wanted).to_regular_json() == theirs.project(wanted).to_regular_json()


@pytest.mark.parametrize("module", [dynamo_type, PLAIN])
def test_an_item_that_is_too_large_is_refused(module: ModuleType) -> None:
    attributes = {name: {"S": "x" * 150_000} for name in "abc"}

    with pytest.raises(ItemSizeTooLarge):
        _item(module, attributes)
