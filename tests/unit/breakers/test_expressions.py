"""The evaluation of DynamoDB's expressions in memory, on which the breaker's proofs rest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from orderflow.breakers.transitions import TRANSITIONS, Transition
from tests.breaker import expressions
from tests.breaker.cases import cases, in_memory, in_table
from tests.breaker.expressions import ExpressionError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def test_the_expressions_agree_with_moto(breakers_table: Table) -> None:
    """tests/breaker compares more cases with the emulator."""
    met = Counter[str]()
    for case in cases(60):
        outcome = in_memory(case)
        assert outcome == in_table(case, breakers_table), case
        met["error" if outcome.is_error else "applied" if outcome.applied else "refused"] += 1

    assert min(met["applied"], met["refused"]) > 15


@pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda one: one.name)
def test_every_transition_can_be_read(transition: Transition) -> None:
    for epoch in (0, 1):
        expressions.condition(transition.condition_at(epoch))
    expressions.update(transition.update)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("#a = :one", True),
        ("#a <> :one", None),
        ("#a = :one OR #a = :two AND #a = :two", True),
        ("(#a = :one OR #a = :two) AND #a = :two", False),
        ("#missing <= :one", False),
        ("#a = :text", False),
        ("attribute_exists(#a) AND attribute_not_exists(#missing)", True),
        ("#a", None),
        ("#a = :one)", None),
        ("(#a = :one", None),
        ("#a = :one AND", None),
        ("size(#missing) = :one", False),
        ("contains(#a) = :one", None),
        ("a = :one", None),
    ],
)
def test_a_condition_is_evaluated_or_refused(text: str, holds: bool | None) -> None:
    values: dict[str, Any] = {"one": 1, "two": 2, "text": "1"}
    if holds is None:
        with pytest.raises(ExpressionError):
            expressions.condition(text)
    else:
        assert expressions.condition(text)({"a": 1}, values) is holds


def test_all_clauses_of_an_update_read_the_item_before_it() -> None:
    swap = expressions.update("SET #a = #b, #b = #a REMOVE #c")

    assert swap({"a": 1, "b": 2, "c": 3}, {}) == {"a": 2, "b": 1}


@pytest.mark.parametrize("text", ["SET #a = #missing", "SET #a = #missing + :one"])
def test_a_missing_attribute_is_no_value(text: str) -> None:
    with pytest.raises(ExpressionError):
        expressions.update(text)({"a": 1}, {"one": 1})
